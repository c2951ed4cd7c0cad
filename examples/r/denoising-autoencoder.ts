/** Digits out of noise: the network squeezes a noisy digit through a narrow place, and is to put out the clean one. */
import {
  compile,
  fit,
  kerasModelSequential,
  layerConv2d,
  layerConv2dTranspose,
  layerMaxPooling2d,
} from 'keras-pipe';
import { layerReshape, lossMeanSquaredError, pipe, predict, tf } from 'keras-pipe';
import { digits, example } from './support';

const noisy = (x: tf.Tensor): tf.Tensor => tf.clipByValue(tf.add(x, tf.randomNormal(x.shape, 0, 0.4)), 0, 1);

/** A digit in letters, the darker the denser. */
const draw = (image: number[][]): string =>
  image.map((row) => row.map((value) => ' .:*#'[Math.min(4, Math.floor(5 * value))]).join('')).join('\n');

export const main = example(module, { epochs: 50, quick: 12 }, async (settings) => {
  const { train, test } = await digits(settings, 800);
  const same = { kernelSize: 3, padding: 'same', activation: 'relu' } as const;
  const model = pipe(
    kerasModelSequential({ inputShape: [28, 28] }),
    layerReshape({ targetShape: [28, 28, 1] }),
    layerConv2d({ filters: 32, ...same }),
    layerMaxPooling2d({ padding: 'same' }),
    layerConv2d({ filters: 32, ...same }),
    layerMaxPooling2d({ padding: 'same' }),
    layerConv2dTranspose({ filters: 32, strides: 2, ...same }),
    layerConv2dTranspose({ filters: 32, strides: 2, ...same }),
    layerConv2d({ filters: 1, ...same, activation: 'sigmoid' }),
    layerReshape({ targetShape: [28, 28] }),
    compile({ optimizer: 'adam', loss: 'binary_crossentropy' }),
  );
  const [clean, spoiled] = [test[0], noisy(test[0])];
  const { epochs, verbose } = settings;
  const validationData = [spoiled, clean] as const;
  await fit(model, noisy(train[0]), train[0], { epochs, batchSize: 64, validationData, verbose });
  const repaired = await predict(model, spoiled);
  const error = (images: tf.Tensor): number =>
    tf.mean(lossMeanSquaredError(clean, images)).dataSync()[0] ?? NaN;
  for (const images of [spoiled, repaired]) console.log(draw((images.arraySync() as number[][][])[0] ?? []));
  console.log(`Mean squared error: ${error(spoiled).toFixed(4)} before, ${error(repaired).toFixed(4)} after`);
  return { noise: error(spoiled), left: error(repaired) };
});
