import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs';
import type { Layer } from '../layers/internal/target';
import type { KerasModel } from '../models/model';
import { innerLayersOf, keptVariablesOf, ownTrainable } from '../tfjs/private';
import { tf, type Variable } from '../tfjs/tensorflow';

/** Whether a layer runs a cell over time steps. */
export const hasCell = (layer: Layer): boolean => 'cell' in layer && layer.cell instanceof tf.layers.Layer;

/** All layers, those inside other layers included, each once: a shared layer's penalty counts once. */
export const allLayers = (inner: readonly Layer[], found = new Set<Layer>()): Set<Layer> => {
  for (const layer of inner) {
    if (found.has(layer)) continue;
    found.add(layer);
    // Models, and the layers of which tfjs forgets the penalties: cells, and what wrappers wrap.
    allLayers(innerLayersOf(layer), found);
  }
  return found;
};

/** The variables in which the stateful layers of a model keep their states. */
export const stateVariablesOf = (model: KerasModel): Variable[] =>
  [...allLayers(model.tf.layers)].flatMap((layer) => keptVariablesOf(layer));

/**
 * What tells whether a model's layers are frozen as they are now, where that bears on predictions: where a layer trains whatever the model
 * does, unless it is frozen.
 */
export const frozenAsNow = (model: KerasModel): (() => boolean) => {
  const layers = [...allLayers(model.tf.layers)];
  const trains = layers.some(({ inboundNodes }) =>
    inboundNodes.some(({ callArgs }) => (callArgs as { training?: unknown } | null)?.training === true),
  );
  if (!trains) return () => true;
  const before = layers.map(ownTrainable);
  return () => layers.every((layer, index) => ownTrainable(layer) === before[index]);
};

/**
 * The layers whose outputs may be a model's, as they are: those that make its outputs, in inner models too, and those before
 * an activation, which may be linear. The steps of recurrent layers and what wrappers wrap make no output themselves.
 */
export const outputLayers = (model: LayersModel, found = new Set<Layer>()): Set<Layer> => {
  const visit = ({ sourceLayer: layer, nodeIndex }: SymbolicTensor): void => {
    if (layer instanceof tf.LayersModel) {
      outputLayers(layer, found);
      return;
    }
    if (hasCell(layer) || 'layer' in layer) return;
    found.add(layer);
    if (layer.getClassName() === 'Activation') layer.inboundNodes[nodeIndex]?.inputTensors.forEach(visit);
  };
  model.outputs.forEach(visit);
  return found;
};
