import { gradientsBy, withOwnTape } from '../tfjs/private';
import { tf, type Tensor } from '../tfjs/tensorflow';

/** A function of each element by itself. */
export interface ElementwiseFunction {
  apply(x: Tensor): Tensor;
  /** Its derivative where it is a simple function of its value. */
  readonly derivativeOfValue?: ((value: Tensor) => Tensor) | undefined;
}

/** The derivative of an elementwise function at `x`, where it has a value. `x` is computed only if it is needed. */
export const derivativeAt = (f: ElementwiseFunction, value: Tensor, x: () => Tensor): Tensor => {
  if (f.derivativeOfValue !== undefined) return f.derivativeOfValue(value);
  const at = x();
  // A clone, since a linear function gives its own argument.
  const [gradient] = withOwnTape(() => gradientsBy(() => f.apply(tf.clone(at)), [at], tf.onesLike(at)));
  return gradient ?? tf.zerosLike(at); // none of a constant function
};

/** The derivatives of functions that have them as functions of their values. */
export const derivativesOfValues: Readonly<Record<string, (value: Tensor) => Tensor>> = {
  sigmoid: (value) => tf.mul(value, tf.sub(1, value)),
  tanh: (value) => tf.sub(1, tf.square(value)),
};
