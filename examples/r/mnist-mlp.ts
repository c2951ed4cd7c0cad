/** Digits by two dense layers with dropout: 98.4 % of the test digits of MNIST after 30 epochs. */
import {
  compile,
  evaluate,
  fit,
  kerasModelSequential,
  layerDense,
  layerDropout,
  layerFlatten,
  optimizerRmsprop,
  pipe,
  summary,
} from 'keras-pipe';
import { digits, example } from './support';

export const main = example(module, { epochs: 30, quick: 4 }, async (settings) => {
  const { train, test } = await digits(settings, 4000);
  const model = pipe(
    kerasModelSequential({ inputShape: [28, 28] }),
    layerFlatten(),
    layerDense({ units: 256, activation: 'relu' }),
    layerDropout({ rate: 0.4 }),
    layerDense({ units: 128, activation: 'relu' }),
    layerDropout({ rate: 0.3 }),
    layerDense({ units: 10, activation: 'softmax' }),
    compile({
      optimizer: optimizerRmsprop(),
      loss: 'sparse_categorical_crossentropy',
      metrics: ['accuracy'],
    }),
    summary,
  );
  const { epochs, verbose } = settings;
  const history = await fit(model, ...train, { epochs, batchSize: 128, validationSplit: 0.2, verbose });
  const { loss, accuracy = NaN } = await evaluate(model, ...test, { verbose: 0 });
  console.log(String(history));
  console.log(`On the test digits: loss ${loss.toFixed(4)}, accuracy ${accuracy.toFixed(4)}`);
  return { accuracy };
});
