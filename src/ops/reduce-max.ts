import { tf, type Tensor } from '../tfjs/tensorflow';

/**
 * The largest values along some axes. Where several are the largest, as zeros are after a rectifier, they share the gradient, as in
 * TensorFlow; tfjs gives all of it to each of them.
 */
export const maxAlong = (x: Tensor, axes: number[], keepDims: boolean): Tensor =>
  tf.tidy(() => {
    const largest = tf.customGrad((...args) => {
      const [values, save] = args as unknown as [Tensor, (tensors: Tensor[]) => void]; // tfjs hands `save` last
      const value = tf.max(values, axes, true);
      save([values, value]);
      return {
        value,
        gradFunc: (gradient: Tensor, saved: Tensor[]) => {
          const [before, maximum] = saved as [Tensor, Tensor];
          const isLargest = tf.cast(tf.equal(before, maximum), 'float32');
          return tf.mul(isLargest, tf.div(gradient, tf.sum(isLargest, axes, true)));
        },
      };
    })(x);
    return keepDims ? largest : tf.squeeze(largest, axes);
  });
