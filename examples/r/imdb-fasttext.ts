/** Praise or blame, by the mean of the vectors of words and of pairs of neighbors: quick, and as good as slower networks. */
import { compile, evaluate, fit, kerasModelSequential, layerDense, layerEmbedding } from 'keras-pipe';
import { layerGlobalAveragePooling1d, padSequences, pipe, type Tensor } from 'keras-pipe';
import { example, reviews } from './support';

const WORDS = 20_000;
const LENGTH = 400;

/** Pairs of neighbors, each as one number. */
const pairsOf = (words: readonly number[]): number[] =>
  words.slice(1).map((word, index) => (words[index] ?? 0) * WORDS + word);

export const main = example(module, { epochs: 5, quick: 4 }, async (settings) => {
  const { train, test } = await reviews(settings, WORDS, LENGTH);
  const sequences = ([x]: [Tensor, Tensor]): number[][] =>
    (x.arraySync() as number[][]).map((row) => row.filter((word) => word > 0));
  const seen = new Set(sequences(train).flatMap(pairsOf));
  const idOf = new Map([...seen].map((pair, index) => [pair, WORDS + index]));
  const withPairs = (part: [Tensor, Tensor]): [Tensor, Tensor] => {
    const rows = sequences(part).map((row) => [
      ...row,
      ...pairsOf(row).flatMap((pair) => idOf.get(pair) ?? []),
    ]);
    return [padSequences(rows, { maxlen: LENGTH }), part[1]];
  };
  console.log(`${idOf.size} pairs of words`);
  const model = pipe(
    kerasModelSequential(),
    layerEmbedding({ inputDim: WORDS + idOf.size, outputDim: 50, inputLength: LENGTH }),
    layerGlobalAveragePooling1d(),
    layerDense({ units: 1, activation: 'sigmoid' }),
    compile({ optimizer: 'adam', loss: 'binary_crossentropy', metrics: ['accuracy'] }),
  );
  const { epochs, verbose } = settings;
  await fit(model, ...withPairs(train), { epochs, batchSize: 32, validationData: withPairs(test), verbose });
  const { accuracy = NaN } = await evaluate(model, ...withPairs(test), { verbose: 0 });
  return { accuracy };
});
