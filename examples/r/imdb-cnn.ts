/** Praise or blame, by patterns of three words: about 0.88 of the test reviews of IMDB after two epochs. */
import {
  compile,
  evaluate,
  fit,
  kerasModelSequential,
  layerConv1d,
  layerDense,
  layerDropout,
} from 'keras-pipe';
import { layerEmbedding, layerGlobalMaxPooling1d, pipe } from 'keras-pipe';
import { example, reviews } from './support';

const WORDS = 5000;
const LENGTH = 400;

export const main = example(module, { epochs: 2, quick: 2 }, async (settings) => {
  const { train, test } = await reviews(settings, WORDS, settings.quick ? 100 : LENGTH);
  const model = pipe(
    kerasModelSequential(),
    layerEmbedding({ inputDim: WORDS, outputDim: 50 }),
    layerDropout({ rate: 0.2 }),
    layerConv1d({ filters: 250, kernelSize: 3, activation: 'relu' }),
    layerGlobalMaxPooling1d(),
    layerDense({ units: 250, activation: 'relu' }),
    layerDropout({ rate: 0.2 }),
    layerDense({ units: 1, activation: 'sigmoid' }),
    compile({ optimizer: 'adam', loss: 'binary_crossentropy', metrics: ['accuracy'] }),
  );
  const { epochs, verbose } = settings;
  await fit(model, ...train, { epochs, batchSize: 32, validationData: test, verbose });
  const { accuracy = NaN } = await evaluate(model, ...test, { verbose: 0 });
  console.log(`On the test reviews: accuracy ${accuracy.toFixed(4)}`);
  return { accuracy };
});
