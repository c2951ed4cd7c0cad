import * as all from '../../../src/index';
import { row, type Row } from './row';

/** Convolutions, and what changes the sizes of what they take. */
export const convolutionalRows: readonly Row[] = [
  row('layerConv1d', all.layerConv1d, {
    about: 'of groups',
    options: { filters: 4, kernelSize: 3, groups: 2, activityRegularizer: 'l2' },
    input: [9, 2],
    output: [7, 4],
    params: 3 * 1 * 4 + 4,
  }),
  row('layerConv2d', all.layerConv2d, {
    about: 'of channels that come first',
    options: { filters: 4, kernelSize: 2, dataFormat: 'channels_first' },
    input: [2, 6, 5],
    output: [4, 5, 4],
    params: 2 * 2 * 2 * 4 + 4,
  }),
  row('layerConv3d', all.layerConv3d, {
    options: { filters: 4, kernelSize: [1, 2, 3], padding: 'same', strides: [1, 2, 2] },
    input: [2, 4, 5, 3],
    output: [2, 2, 3, 4],
    params: 1 * 2 * 3 * 3 * 4 + 4,
  }),
  row('layerConv1dTranspose', all.layerConv1dTranspose, {
    options: { filters: 4, kernelSize: 3, strides: 2, padding: 'same' },
    input: [5, 2],
    output: [10, 4],
    params: 3 * 2 * 4 + 4,
  }),
  row('layerConv2dTranspose', all.layerConv2dTranspose, {
    options: { filters: 4, kernelSize: 3, strides: 2, outputPadding: 1, useBias: false },
    input: [4, 3, 2],
    output: [10, 8, 4],
    params: 3 * 3 * 2 * 4,
  }),
  row('layerConv3dTranspose', all.layerConv3dTranspose, {
    options: { filters: 2, kernelSize: 2, strides: [1, 2, 2] },
    input: [2, 2, 3, 2],
    output: [3, 4, 6, 2],
    params: 2 * 2 * 2 * 2 * 2 + 2,
  }),
  row('layerDepthwiseConv1d', all.layerDepthwiseConv1d, {
    options: { kernelSize: 3, depthMultiplier: 2 },
    input: [6, 2],
    output: [4, 4],
    params: 3 * 2 * 2 + 4,
  }),
  row('layerDepthwiseConv2d', all.layerDepthwiseConv2d, {
    options: { kernelSize: 3, strides: 2, depthwiseInitializer: 'he_normal' },
    input: [6, 5, 2],
    output: [2, 2, 2],
    params: 3 * 3 * 2 + 2,
  }),
  row('layerSeparableConv1d', all.layerSeparableConv1d, {
    options: { filters: 3, kernelSize: 3, padding: 'causal' },
    input: [6, 2],
    output: [6, 3],
    params: 3 * 2 + 2 * 3 + 3,
  }),
  row('layerSeparableConv2d', all.layerSeparableConv2d, {
    options: { filters: 3, kernelSize: [2, 3], dilationRate: 2, pointwiseInitializer: 'he_normal' },
    input: [6, 6, 2],
    output: [4, 2, 3],
    params: 2 * 3 * 2 + 2 * 3 + 3,
  }),
  row('layerConvLstm1d', all.layerConvLstm1d, {
    options: { filters: 2, kernelSize: 2, returnSequences: true },
    input: [3, 5, 2],
    output: [3, 4, 2],
    params: 2 * 2 * 8 + 2 * 2 * 8 + 8,
  }),
  row('layerConvLstm2d', all.layerConvLstm2d, {
    options: { filters: 2, kernelSize: 2, padding: 'same', dropout: 0.2, recurrentDropout: 0.3 },
    input: [3, 4, 3, 1],
    output: [4, 3, 2],
    params: 2 * 2 * 1 * 8 + 2 * 2 * 2 * 8 + 8,
  }),
  row('layerConvLstm2d', all.layerConvLstm2d, {
    about: 'of channels that come first',
    options: { filters: 2, kernelSize: 2, dataFormat: 'channels_first', goBackwards: true },
    input: [3, 2, 4, 3],
    output: [2, 3, 2],
    params: 2 * 2 * 2 * 8 + 2 * 2 * 2 * 8 + 8,
  }),
  row('layerConvLstm3d', all.layerConvLstm3d, {
    options: { filters: 1, kernelSize: 2 },
    input: [2, 2, 3, 3, 1],
    output: [1, 2, 2, 1],
    params: 8 * 1 * 4 + 8 * 1 * 4 + 4,
  }),
  row('layerZeroPadding1d', all.layerZeroPadding1d, {
    options: { padding: [2, 1] },
    input: [4, 3],
    output: [7, 3],
  }),
  row('layerZeroPadding2d', all.layerZeroPadding2d, {
    options: { padding: [1, [0, 2]], dataFormat: 'channels_first' },
    input: [3, 4, 3],
    output: [3, 6, 5],
  }),
  row('layerZeroPadding3d', all.layerZeroPadding3d, {
    options: {},
    input: [2, 3, 1, 2],
    output: [4, 5, 3, 2],
  }),
  row('layerCropping1d', all.layerCropping1d, {
    options: { cropping: [2, 1] },
    input: [7, 3],
    output: [4, 3],
  }),
  row('layerCropping2d', all.layerCropping2d, {
    options: { cropping: [1, [0, 2]] },
    input: [4, 5, 3],
    output: [2, 3, 3],
  }),
  row('layerCropping3d', all.layerCropping3d, { options: {}, input: [4, 5, 3, 2], output: [2, 3, 1, 2] }),
  row('layerUpsampling1d', all.layerUpsampling1d, { options: { size: 3 }, input: [2, 3], output: [6, 3] }),
  row('layerUpsampling2d', all.layerUpsampling2d, {
    options: { size: [2, 3], interpolation: 'bilinear' },
    input: [2, 3, 3],
    output: [4, 9, 3],
  }),
  row('layerUpsampling3d', all.layerUpsampling3d, {
    options: { dataFormat: 'channels_first' },
    input: [2, 1, 2, 3],
    output: [2, 2, 4, 6],
  }),
];
