/** Digits by two convolutions: about 99 % of the test digits of MNIST after 12 epochs. */
import {
  compile,
  evaluate,
  fit,
  kerasModelSequential,
  layerConv2d,
  layerDense,
  layerDropout,
  layerFlatten,
  layerMaxPooling2d,
  layerReshape,
  pipe,
} from 'keras-pipe';
import { digits, example } from './support';

export const main = example(module, { epochs: 12, quick: 2 }, async (settings) => {
  const { train, test } = await digits(settings, 1500);
  const model = pipe(
    kerasModelSequential({ inputShape: [28, 28] }),
    layerReshape({ targetShape: [28, 28, 1] }),
    layerConv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
    layerConv2d({ filters: 64, kernelSize: 3, activation: 'relu' }),
    layerMaxPooling2d({ poolSize: 2 }),
    layerDropout({ rate: 0.25 }),
    layerFlatten(),
    layerDense({ units: 128, activation: 'relu' }),
    layerDropout({ rate: 0.5 }),
    layerDense({ units: 10, activation: 'softmax' }),
    compile({ optimizer: 'adam', loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'] }),
  );
  const { epochs, verbose } = settings;
  await fit(model, ...train, { epochs, batchSize: 128, validationSplit: 0.2, verbose });
  const { loss, accuracy = NaN } = await evaluate(model, ...test, { verbose: 0 });
  console.log(`On the test digits: loss ${loss.toFixed(4)}, accuracy ${accuracy.toFixed(4)}`);
  return { accuracy };
});
