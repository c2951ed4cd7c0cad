/** Praise or blame, by two LSTMs: one reads the review from its beginning, the other from its end. */
import {
  bidirectional,
  compile,
  evaluate,
  fit,
  kerasModelSequential,
  layerDense,
  layerDropout,
} from 'keras-pipe';
import { layerEmbedding, layerLstm, pipe } from 'keras-pipe';
import { example, reviews } from './support';

const WORDS = 20_000;
const LENGTH = 100;

export const main = example(module, { epochs: 4, quick: 3 }, async (settings) => {
  const { train, test } = await reviews(settings, WORDS, settings.quick ? 50 : LENGTH, 1000);
  const model = pipe(
    kerasModelSequential(),
    layerEmbedding({ inputDim: WORDS, outputDim: 128 }),
    bidirectional({ layer: layerLstm({ units: 64 }) }),
    layerDropout({ rate: 0.5 }),
    layerDense({ units: 1, activation: 'sigmoid' }),
    compile({ optimizer: 'adam', loss: 'binary_crossentropy', metrics: ['accuracy'] }),
  );
  const { epochs, verbose } = settings;
  await fit(model, ...train, { epochs, batchSize: 32, validationData: test, verbose });
  const { accuracy = NaN } = await evaluate(model, ...test, { verbose: 0 });
  console.log(`On the test reviews: accuracy ${accuracy.toFixed(4)}`);
  return { accuracy };
});
