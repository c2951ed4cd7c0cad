/** Sizes that no layer or metric can have: an error says so at once, before memory is taken for them. */
import {
  layerDense,
  layerEmbedding,
  layerIntegerLookup,
  layerStringLookup,
  layerTextVectorization,
  kerasModelSequential,
  metricMeanIou,
  metricOneHotMeanIou,
  summary,
} from '../../src/index';

const much = /which takes? [\d.]+ GB of [\d.]+ GB/;

test.each<[string, () => unknown, RegExp]>([
  ['units', () => layerDense(kerasModelSequential({ inputShape: [8] }), { units: 1e12 }), much],
  [
    'inputDim',
    () => layerEmbedding(kerasModelSequential({ inputShape: [8] }), { inputDim: 1e12, outputDim: 4 }),
    much,
  ],
  [
    'numClasses',
    () => metricMeanIou({ numClasses: 1e9 }),
    /^metricMeanIou: .*1000000000 × 1000000000 classes, which take/,
  ],
  ['numClasses of one-hot labels', () => metricOneHotMeanIou({ numClasses: 1e9 }), much],
  [
    'numOovIndices of texts',
    () => layerStringLookup({ vocabulary: ['a'], numOovIndices: 1e9 }),
    /^layerStringLookup: `numOovIndices` must be at most 16777216/,
  ],
  [
    'numOovIndices of integers',
    () => layerIntegerLookup({ vocabulary: [1], numOovIndices: 1e12 }),
    /^layerIntegerLookup: `numOovIndices` must be at most/,
  ],
  [
    'lineLength',
    () => summary(kerasModelSequential({ inputShape: [2] }), { lineLength: 1e9 }),
    /^summary: `lineLength` must be at most 10000 characters/,
  ],
  [
    'ngrams',
    () => layerTextVectorization({ ngrams: 1e9 }),
    /^layerTextVectorization: `ngrams` must be at most 10000/,
  ],
])('%s', (_, make, message) => {
  expect(make).toThrow(message);
});
