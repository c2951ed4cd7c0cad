/** Praise or blame, by an LSTM that reads the last 80 words of a review. */
import {
  compile,
  evaluate,
  fit,
  kerasModelSequential,
  layerDense,
  layerEmbedding,
  layerLstm,
  pipe,
} from 'keras-pipe';
import { example, reviews } from './support';

const WORDS = 20_000;
const LENGTH = 80;

export const main = example(module, { epochs: 15, quick: 2 }, async (settings) => {
  const { train, test } = await reviews(settings, WORDS, LENGTH);
  const model = pipe(
    kerasModelSequential(),
    layerEmbedding({ inputDim: WORDS, outputDim: 128, inputLength: LENGTH }),
    layerLstm({ units: 64, dropout: 0.2, recurrentDropout: 0.2 }),
    layerDense({ units: 1, activation: 'sigmoid' }),
    compile({ optimizer: 'adam', loss: 'binary_crossentropy', metrics: ['accuracy'] }),
  );
  const { epochs, verbose } = settings;
  await fit(model, ...train, { epochs, batchSize: 32, validationData: test, verbose });
  const { loss, accuracy = NaN } = await evaluate(model, ...test, { batchSize: 32, verbose: 0 });
  console.log(`On the test reviews: loss ${loss.toFixed(4)}, accuracy ${accuracy.toFixed(4)}`);
  return { accuracy };
});
