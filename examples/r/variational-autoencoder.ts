/** Digits as points of a plane: an encoder says where a digit may lie, and a decoder draws what lies at a point of it. */
import { compile, fit, gradientsOf, kerasModelSequential, layerDense } from 'keras-pipe';
import {
  layerGaussianNoise,
  layerReshape,
  lossBinaryCrossentropy,
  newModelClass,
  pipe,
  predict,
  tf,
} from 'keras-pipe';
import { digits, example } from './support';

const modelVae = newModelClass({
  classname: 'Vae',
  initialize({ latent, width }: { latent: number; width: number }) {
    const hidden = (inputs: number) =>
      pipe(kerasModelSequential(), layerDense({ units: width, activation: 'relu', inputShape: [inputs] }));
    return {
      encode: this.addLayer(pipe(hidden(784), layerDense({ units: 2 * latent }))),
      decode: this.addLayer(pipe(hidden(latent), layerDense({ units: 784, activation: 'sigmoid' }))),
      noise: this.addLayer(layerGaussianNoise({ stddev: 1 })),
      flat: this.addLayer(layerReshape({ targetShape: [784] })),
    };
  },
  call(x: tf.Tensor) {
    const [mean] = tf.split(this.encode(this.flat(x)), 2, 1);
    return this.decode(mean as tf.Tensor);
  },
  trainStep({ x }) {
    const gradients = gradientsOf(() => {
      const image = this.flat(x);
      const [mean, logVariance] = tf.split(this.encode(image), 2, 1) as [tf.Tensor, tf.Tensor];
      // Where it is drawn: the mean, and as much noise as the variance says.
      const drawn = this.noise(tf.zerosLike(mean), { training: true });
      const output = this.decode(tf.add(mean, tf.mul(tf.exp(tf.mul(logVariance, 0.5)), drawn)));
      const repair = tf.mul(tf.mean(lossBinaryCrossentropy(image, output)), 784);
      const spread = tf.sub(tf.add(logVariance, 1), tf.add(tf.square(mean), tf.exp(logVariance)));
      const divergence = tf.mul(tf.mean(tf.sum(spread, 1)), -0.5);
      return { loss: tf.add(repair, divergence), repair, divergence };
    }, this);
    this.optimizer.apply(gradients);
    return gradients.values;
  },
});

export const main = example(module, { epochs: 50, quick: 6 }, async (settings) => {
  const { train, test } = await digits(settings, 1000);
  const model = pipe(modelVae({ latent: 2, width: 256 }), compile({ optimizer: 'adam', loss: null }));
  const { epochs, verbose } = settings;
  const { metrics, params } = await fit(model, train[0], null, { epochs, batchSize: 100, verbose });
  const repaired = await predict(model, test[0]);
  const corners = tf.tensor2d([[-1, -1], [-1, 1], [1, -1], [1, 1]]); // prettier-ignore
  const drawn = model.decode(corners);
  console.log(`Loss ${metrics.loss.map((loss) => loss.toFixed(1)).join(', ')}, ${params.engine}`);
  return { losses: metrics.loss, engine: params.engine, repaired: repaired.shape, drawn: drawn.shape };
});
