import * as all from '../../../src/index';
import { row, type Row } from './row';

/** Pooling. */
export const poolingRows: readonly Row[] = [
  row('layerMaxPooling1d', all.layerMaxPooling1d, {
    options: { poolSize: 3 },
    input: [7, 2],
    output: [2, 2],
  }),
  row('layerMaxPooling2d', all.layerMaxPooling2d, { options: {}, input: [6, 5, 2], output: [3, 2, 2] }),
  row('layerMaxPooling2d', all.layerMaxPooling2d, {
    about: 'with padding',
    options: { poolSize: [3, 2], strides: 2, padding: 'same' },
    input: [6, 5, 2],
    output: [3, 3, 2],
  }),
  row('layerMaxPooling3d', all.layerMaxPooling3d, {
    options: { dataFormat: 'channels_first', strides: 1 },
    input: [2, 3, 4, 3],
    output: [2, 2, 3, 2],
  }),
  row('layerGlobalMaxPooling1d', all.layerGlobalMaxPooling1d, { options: {}, input: [6, 3], output: [3] }),
  row('layerGlobalMaxPooling2d', all.layerGlobalMaxPooling2d, {
    options: { dataFormat: 'channels_first' },
    input: [3, 4, 5],
    output: [3],
  }),
  row('layerGlobalMaxPooling3d', all.layerGlobalMaxPooling3d, {
    options: { keepdims: true },
    input: [2, 3, 4, 5],
    output: [1, 1, 1, 5],
  }),
  row('layerAveragePooling1d', all.layerAveragePooling1d, {
    options: { poolSize: 3 },
    input: [7, 2],
    output: [2, 2],
  }),
  row('layerAveragePooling2d', all.layerAveragePooling2d, {
    options: {},
    input: [6, 5, 2],
    output: [3, 2, 2],
  }),
  row('layerAveragePooling2d', all.layerAveragePooling2d, {
    about: 'with padding',
    options: { poolSize: [3, 2], strides: 2, padding: 'same' },
    input: [6, 5, 2],
    output: [3, 3, 2],
  }),
  row('layerAveragePooling3d', all.layerAveragePooling3d, {
    options: { dataFormat: 'channels_first', strides: 1 },
    input: [2, 3, 4, 3],
    output: [2, 2, 3, 2],
  }),
  row('layerGlobalAveragePooling1d', all.layerGlobalAveragePooling1d, {
    options: {},
    input: [6, 3],
    output: [3],
  }),
  row('layerGlobalAveragePooling2d', all.layerGlobalAveragePooling2d, {
    options: { dataFormat: 'channels_first' },
    input: [3, 4, 5],
    output: [3],
  }),
  row('layerGlobalAveragePooling3d', all.layerGlobalAveragePooling3d, {
    options: { keepdims: true },
    input: [2, 3, 4, 5],
    output: [1, 1, 1, 5],
  }),
];
