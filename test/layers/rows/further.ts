import * as all from '../../../src/index';
import { row, type Row } from './row';

/** Noise, dropout of whole features, normalizations, and layers that pass on what they get. */
export const furtherRows: readonly Row[] = [
  row('layerGaussianNoise', all.layerGaussianNoise, {
    options: { stddev: 0.3 },
    input: [5, 3],
    output: [5, 3],
  }),
  row('layerGaussianDropout', all.layerGaussianDropout, {
    options: { rate: 0.3 },
    input: [5, 3],
    output: [5, 3],
  }),
  row('layerAlphaDropout', all.layerAlphaDropout, {
    options: { rate: 0.3, noiseShape: [null, 1, 3], seed: 5 },
    input: [5, 3],
    output: [5, 3],
  }),
  row('layerSpatialDropout1d', all.layerSpatialDropout1d, {
    options: { rate: 0.3 },
    input: [5, 3],
    output: [5, 3],
  }),
  row('layerSpatialDropout2d', all.layerSpatialDropout2d, {
    options: { rate: 0.3, dataFormat: 'channels_first' },
    input: [2, 5, 3],
    output: [2, 5, 3],
  }),
  row('layerSpatialDropout3d', all.layerSpatialDropout3d, {
    options: { rate: 0.3 },
    input: [2, 2, 2, 3],
    output: [2, 2, 2, 3],
  }),
  row('layerLambda', all.layerLambda, {
    options: { f: (x) => all.tf.square(x), arguments: { unused: 1 } },
    isNotSaved: true,
    input: [5, 3],
    output: [5, 3],
  }),
  row('layerMasking', all.layerMasking, { options: { maskValue: 0.5 }, input: [5, 3], output: [5, 3] }),
  row('layerActivityRegularization', all.layerActivityRegularization, {
    options: { l1: 0.1, l2: 0.2 },
    input: [5, 3],
    output: [5, 3],
  }),
  row('layerIdentity', all.layerIdentity, { options: {}, input: [5, 3], output: [5, 3] }),
  row('layerLayerNormalization', all.layerLayerNormalization, {
    options: { axis: [1, 2] },
    input: [5, 3],
    output: [5, 3],
    params: 30,
  }),
  row('layerUnitNormalization', all.layerUnitNormalization, { options: {}, input: [5, 3], output: [5, 3] }),
  row('layerGroupNormalization', all.layerGroupNormalization, {
    options: { groups: 2, scale: false },
    input: [5, 4],
    output: [5, 4],
    params: 4,
  }),
  row('layerRmsNormalization', all.layerRmsNormalization, {
    options: { epsilon: 0.01 },
    input: [5, 3],
    output: [5, 3],
    params: 3,
  }),
  row('layerStftSpectrogram', all.layerStftSpectrogram, {
    options: { frameLength: 4, frameStep: 2, mode: 'magnitude' },
    input: [10, 2],
    output: [4, 6],
    params: 2 * 4 * 3,
  }),
  row('layerMelSpectrogram', all.layerMelSpectrogram, {
    options: { fftLength: 8, sequenceStride: 4, numMelBins: 3, powerToDb: false },
    input: [12],
    output: [3, 4],
  }),
  row('layerEinsumDense', all.layerEinsumDense, {
    options: { equation: 'abc,cde->abde', outputShape: [null, 2, 4], biasAxes: 'de', activation: 'tanh' },
    input: [5, 3],
    output: [5, 2, 4],
    params: 3 * 2 * 4 + 2 * 4,
  }),
  row('layerSpectralNormalization', all.layerSpectralNormalization, {
    options: { layer: all.layerDense({ units: 4 }), powerIterations: 2 },
    input: [5, 3],
    output: [5, 4],
    params: 3 * 4 + 4 + 4,
  }),
];
