/** What a network dreams of: a picture is changed, by the gradient of what layers see in it, so that they see more of it. */
import {
  callModel,
  compile,
  compiledStep,
  evaluate,
  fit,
  gradientsOf,
  kerasModel,
  layerConv2d,
} from 'keras-pipe';
import { layerDense, layerGlobalAveragePooling2d, layerInput, layerMaxPooling2d, pipe, tf } from 'keras-pipe';
import { digits, example } from './support';

/** How much each layer's activity counts in the dream. */
const WEIGHTS = [0.5, 2];

/** A picture in letters, the darker the denser. */
const draw = (image: number[][][]): string =>
  image
    .map((row) => row.map(([value = 0]) => ' .:*#'[Math.min(4, Math.floor(5 * value))]).join(''))
    .join('\n');

export const main = example(module, { epochs: 12, quick: 3 }, async (settings) => {
  const { train, test } = await digits(settings, 1000);
  const same = { kernelSize: 3, padding: 'same', activation: 'relu' } as const;
  const input = layerInput({ shape: [28, 28, 1] });
  const first = layerConv2d(input, { filters: 16, ...same });
  const second = pipe(first, layerMaxPooling2d({ poolSize: 2 }), layerConv2d({ filters: 32, ...same }));
  const digit = pipe(second, layerGlobalAveragePooling2d(), layerDense({ units: 10, activation: 'softmax' }));
  const classifier = kerasModel(input, digit);
  const { epochs, verbose } = settings;
  pipe(
    classifier,
    compile({ optimizer: 'rmsprop', loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'] }),
  );
  await fit(classifier, tf.expandDims(train[0], -1), train[1], { epochs, batchSize: 32, verbose });
  const { accuracy = NaN } = await evaluate(classifier, tf.expandDims(test[0], -1), test[1], { verbose: 0 });

  const seer = kerasModel(input, [first, second]);
  const image = tf.variable(tf.zeros([1, 28, 28, 1]));
  const step = compiledStep((rate: tf.Tensor) => {
    const { loss, gradients } = gradientsOf(() => {
      const activities = callModel(seer, image).map((activity, index) => {
        const [, height = 0, width = 0] = activity.shape;
        // Not at the border, where the picture ends.
        const inner = activity.slice([0, 2, 2, 0], [1, height - 4, width - 4, -1]);
        return tf.mul(tf.mean(tf.square(inner)), WEIGHTS[index] ?? 0);
      });
      return tf.neg(tf.addN(activities));
    }, image);
    const [gradient] = gradients as [tf.Tensor];
    const scaled = tf.div(gradient, tf.maximum(tf.mean(tf.abs(gradient)), 1e-7));
    image.assign(tf.clipByValue(tf.sub(image, tf.mul(scaled, rate)), 0, 1));
    return tf.neg(loss);
  });
  image.assign(tf.reshape(test[0].slice([0, 0, 0], [1, 28, 28]), [1, 28, 28, 1]));
  const seen = Array.from({ length: 20 }, () => step(tf.scalar(0.02)).dataSync()[0] ?? NaN);
  console.log(draw((image.arraySync() as number[][][][])[0] ?? []));
  return { accuracy, seen, engine: step.engine };
});
