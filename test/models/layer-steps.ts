import * as keras from '../../src/index';

/** Options that layers need. */
const REQUIRED: Readonly<Record<string, object>> = {
  layerActivation: { activation: 'relu' },
  layerConv1d: { filters: 1, kernelSize: 1 },
  layerConv2d: { filters: 1, kernelSize: 1 },
  layerDense: { units: 1 },
  layerDropout: { rate: 0.5 },
  layerEmbedding: { inputDim: 2, outputDim: 1 },
  layerGru: { units: 1 },
  layerInput: { shape: [1] },
  layerLstm: { units: 1 },
  layerReshape: { targetShape: [1] },
  layerSimpleRnn: { units: 1 },
};

/** Those that take no options of the layer's own: they are given a model, a layer. */
const OTHERS = ['layerModel', 'layerTf'];

/** All functions that make a layer from options, each called with the options that it needs and some more. */
export const STEPS: Readonly<Record<string, (options: object) => unknown>> = Object.fromEntries(
  Object.entries(keras)
    .filter(
      ([name, value]) => name.startsWith('layer') && !OTHERS.includes(name) && typeof value === 'function',
    )
    .map(([name, value]) => [
      name,
      (options: object) => (value as (all: object) => unknown)({ ...REQUIRED[name], ...options }), // a layer function
    ]),
);
