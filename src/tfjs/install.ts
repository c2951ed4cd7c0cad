import type * as Tfjs from '@tensorflow/tfjs';
import {
  addComparisonGradients,
  addConv3dInputGradient,
  addEluGradGradient,
  replaceAbsGradient,
  replaceExtremeGradients,
  replaceRelu6Gradient,
  replaceSeluGradient,
} from './gradients';
import { replaceGatherGradient } from './kernels';
import { replaceApply } from './layer-apply';
import { replaceMaskMetadata, replaceModelCall, replaceModelTrainable } from './run-graph';
import { boundNames } from './names';
import { printLayers } from './print-layer';
import { printTensors } from './print-tensor';
import { replaceRandom } from './random-functions';
import { noteAtOnce } from './tape';
import { keepNoVariables } from './variables';

/** A change that this library makes to tfjs itself. */
export interface Patch {
  /** What is changed. */
  readonly of: string;
  /** Why, and so what breaks without it. */
  readonly why: string;
  readonly apply: (tf: typeof Tfjs) => void;
}

/**
 * All changes that this library makes to tfjs, in the order in which they are made. Layer classes of tfjs's that are wrong are
 * not changed: they are extended, and the extending class is registered under the same name.
 */
export const PATCHES: readonly Patch[] = [
  {
    of: 'the gradient of abs',
    why: "it is the sign of x, and 0 at 0; tfjs's own is −1 there",
    apply: replaceAbsGradient,
  },
  {
    of: 'the gradient of relu6',
    why: "it is 0 at 6, as TensorFlow's; tfjs's own is 1 there",
    apply: replaceRelu6Gradient,
  },
  {
    of: 'the gradient of selu',
    why: "at 0 it is that of values above, as TensorFlow's; tfjs's own is another",
    apply: replaceSeluGradient,
  },
  {
    of: 'the gradients of maximum and minimum',
    why: "where the one is spread over the other, its gradient is of its own shape; tfjs's are of the result's, and refused",
    apply: replaceExtremeGradients,
  },
  {
    of: 'the gradient of the gradient of elu',
    why: 'tfjs has none, so that a penalty of gradients cannot be trained through it',
    apply: addEluGradGradient,
  },
  {
    of: 'the gradient of the gradient of conv3d',
    why: 'tfjs has none, as for elu',
    apply: addConv3dInputGradient,
  },
  {
    of: 'the gradients of comparisons',
    why: 'they are 0; tfjs has none, so that what is chosen by a comparison cannot be trained',
    apply: addComparisonGradients,
  },
  {
    of: 'the gradient of GatherV2',
    why: 'of rows, tfjs copies it once more than it must: all of the table',
    apply: replaceGatherGradient,
  },
  {
    of: 'Layer.apply',
    why: 'errors name the layer that they arose in, a mask goes to the layer whose input has it only, and outputs are regularized',
    apply: replaceApply,
  },
  {
    of: 'Container.call',
    why: 'a tensor may be an output twice, masks come out of inner models, and each input of a layer has its own mask',
    apply: replaceModelCall,
  },
  {
    of: 'Layer.setMaskMetadata',
    why: "tfjs computes each layer's mask a second time, without the masks of its inputs",
    apply: replaceMaskMetadata,
  },
  {
    of: 'Container.trainable',
    why: 'freezing a model freezes the layers inside it, batch normalization too, as in Keras',
    apply: replaceModelTrainable,
  },
  {
    of: 'the map of names, and LayerVariable.dispose',
    why: 'tfjs keeps the names of all weights and symbolic tensors that there ever were, those of disposed models too',
    apply: boundNames,
  },
  {
    of: "the engine's record of variables",
    why: 'tfjs keeps all variables by their names, and so the weights of each model that a program has forgotten',
    apply: keepNoVariables,
  },
  {
    of: "the engine's addTapeNode and customGrad",
    why: 'what a gradient refers to is found by collections of young objects, as soon as it is done; and gradients of gradients go through outputs that were saved',
    apply: noteAtOnce,
  },
  {
    of: 'what console.log shows of a tensor',
    why: 'people want to see its values, and not the fields of the object',
    apply: printTensors,
  },
  {
    of: 'what console.log shows of a layer and of a symbolic tensor',
    why: 'people want to see what it is, and not hundreds of lines of fields',
    apply: printLayers,
  },
  {
    of: 'randomNormal and the others that draw',
    why: 'without a seed, what they draw in a step is drawn with the step’s seed, in its graph',
    apply: replaceRandom,
  },
];

const installed = new WeakSet<typeof Tfjs>();

/** Makes the {@link PATCHES}, once for each tfjs. */
export const install = (tf: typeof Tfjs): void => {
  if (installed.has(tf)) return;
  installed.add(tf);
  for (const { apply } of PATCHES) apply(tf);
};
