/** What convolutions learn from the digits 0 to 4 serves the digits 5 to 9: they are frozen, and only the dense layers train anew. */
import {
  compile,
  evaluate,
  fit,
  freezeWeights,
  kerasModelSequential,
  layerConv2d,
  layerDense,
} from 'keras-pipe';
import { layerFlatten, layerMaxPooling2d, layerModel, layerReshape, pipe, tf } from 'keras-pipe';
import { digits, example } from './support';

/** The rows whose digit is from `least` to `least` + 4, numbered from 0. */
const five = async ([x, y]: [tf.Tensor, tf.Tensor], least: number): Promise<[tf.Tensor, tf.Tensor]> => {
  const isIn = tf.logicalAnd(tf.greaterEqual(y, least), tf.less(y, least + 5));
  return [await tf.booleanMaskAsync(x, isIn), tf.sub(await tf.booleanMaskAsync(y, isIn), least)];
};

export const main = example(module, { epochs: 5, quick: 2 }, async (settings) => {
  const { train, test } = await digits(settings, 2500);
  const features = pipe(
    kerasModelSequential({ inputShape: [28, 28] }),
    layerReshape({ targetShape: [28, 28, 1] }),
    layerConv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
    layerConv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
    layerMaxPooling2d({ poolSize: 2 }),
    layerFlatten(),
  );
  const accuracies: number[] = [];
  for (const least of [0, 5]) {
    const model = pipe(
      kerasModelSequential(),
      layerModel(features),
      layerDense({ units: 128, activation: 'relu' }),
      layerDense({ units: 5, activation: 'softmax' }),
      compile({ optimizer: 'adam', loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'] }),
    );
    const { epochs, verbose } = settings;
    await fit(model, ...(await five(train, least)), { epochs, batchSize: 128, verbose });
    accuracies.push((await evaluate(model, ...(await five(test, least)), { verbose: 0 })).accuracy ?? NaN);
    freezeWeights(features);
  }
  return { accuracies };
});
