/** Which layers of a model get a mask, as its configuration has it. */
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs';
import { hasLayers, type Layer } from '../../../layers/internal/target';
import { innerLayersOf, nodesByDepth } from '../../../tfjs/private';

interface MaskOptions {
  readonly maskZero?: boolean;
  readonly returnSequences?: boolean;
}

const isMaker = (layer: Layer): boolean =>
  layer.getClassName() === 'Masking' ||
  (layer.getClassName() === 'Embedding' && (layer.getConfig() as MaskOptions).maskZero === true);

/** Whether a recurrent layer, or the one in a bidirectional layer, gives a whole sequence; undefined of other layers. */
export const givesSequences = (layer: Layer): boolean | undefined => {
  const recurrent = layer.getClassName() === 'Bidirectional' ? innerLayersOf(layer)[0] : layer;
  return (recurrent?.getConfig() as MaskOptions | undefined)?.returnSequences;
};

/** Layers that heed a mask, and hand on none. */
const END_OF_MASKS = /^(?:Dot|GlobalAveragePooling1D)$/;

/** Whether the first output of a layer has a mask, where its input has one or not. */
export const passesMask = (layer: Layer, isMasked: boolean): boolean => {
  if (isMaker(layer)) return true;
  if (END_OF_MASKS.test(layer.getClassName())) return false;
  return isMasked && layer.supportsMasking && (givesSequences(layer) ?? true);
};

/** The layers of a model that get a mask: those in inner models, too. */
export const maskedLayers = (model: LayersModel): ReadonlySet<Layer> => {
  const masked = new Set<Layer>();
  const visit = (one: LayersModel, inputsAreMasked: boolean): boolean => {
    const outputs = new Map<SymbolicTensor, boolean>(one.inputs.map((input) => [input, inputsAreMasked]));
    const depths = nodesByDepth(one).toReversed();
    for (const node of depths.flat()) {
      const { outboundLayer: layer, inputTensors } = node;
      if (layer.getClassName() === 'InputLayer') continue;
      const isMasked = inputTensors.some((tensor) => outputs.get(tensor) === true);
      if (isMasked) masked.add(layer);
      const passed = hasLayers(layer) ? visit(layer as LayersModel, isMasked) : passesMask(layer, isMasked);
      node.outputTensors.forEach((tensor, index) => outputs.set(tensor, passed && index === 0));
    }
    return one.outputs.some((tensor) => outputs.get(tensor) === true);
  };
  visit(model, false);
  return masked;
};
