import * as all from '../../../src/index';
import { row, type Row } from './row';

/** Layers of preprocessing that take numbers, with what they might have learned. */
export const preprocessingRows: readonly Row[] = [
  row('layerNormalization', all.layerNormalization, {
    options: { mean: [0.5, 1, -1], variance: [1, 4, 0.25] },
    input: [3],
    output: [3],
  }),
  row('layerDiscretization', all.layerDiscretization, {
    options: { binBoundaries: [1, 3, 5] },
    input: [3],
    ids: 7,
    output: [3],
  }),
  row('layerCategoryEncoding', all.layerCategoryEncoding, {
    options: { numTokens: 7 },
    input: [3],
    ids: 7,
    output: [7],
  }),
  row('layerHashing', all.layerHashing, { options: { numBins: 5 }, input: [3], ids: 7, output: [3] }),
  row('layerIntegerLookup', all.layerIntegerLookup, {
    options: { vocabulary: [1, 2, 5] },
    input: [3],
    ids: 7,
    output: [3],
  }),
];
