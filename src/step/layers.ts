import { hasLayers, type Layer } from '../layers/internal/target';
import { tf } from '../tfjs/tensorflow';

const hasCell = (layer: Layer): layer is Layer & { readonly cell: Layer } =>
  'cell' in layer && layer.cell instanceof tf.layers.Layer;

/** All layers, those inside other layers included, each once: a shared layer's penalty counts once. */
export const allLayers = (inner: readonly Layer[], found = new Set<Layer>()): Set<Layer> => {
  for (const layer of inner) {
    if (found.has(layer)) continue;
    found.add(layer);
    if (hasLayers(layer)) allLayers(layer.layers, found);
    // tfjs forgets the penalties of a recurrent layer's cell.
    if (hasCell(layer)) allLayers([layer.cell], found);
  }
  return found;
};
