/** Praise or blame: a convolution shortens the review to a quarter, an LSTM reads what is left. */
import {
  compile,
  evaluate,
  fit,
  kerasModelSequential,
  layerConv1d,
  layerDense,
  layerDropout,
} from 'keras-pipe';
import { layerEmbedding, layerLstm, layerMaxPooling1d, pipe } from 'keras-pipe';
import { example, reviews } from './support';

const WORDS = 20_000;
const LENGTH = 100;

export const main = example(module, { epochs: 2, quick: 2 }, async (settings) => {
  const { train, test } = await reviews(settings, WORDS, LENGTH);
  const model = pipe(
    kerasModelSequential(),
    layerEmbedding({ inputDim: WORDS, outputDim: 128, inputLength: LENGTH }),
    layerDropout({ rate: 0.25 }),
    layerConv1d({ filters: 64, kernelSize: 5, activation: 'relu' }),
    layerMaxPooling1d({ poolSize: 4 }),
    layerLstm({ units: 70 }),
    layerDense({ units: 1, activation: 'sigmoid' }),
    compile({ optimizer: 'adam', loss: 'binary_crossentropy', metrics: ['accuracy'] }),
  );
  const { epochs, verbose } = settings;
  await fit(model, ...train, { epochs, batchSize: 30, validationData: test, verbose });
  const { accuracy = NaN } = await evaluate(model, ...test, { verbose: 0 });
  console.log(`On the test reviews: accuracy ${accuracy.toFixed(4)}`);
  return { accuracy };
});
