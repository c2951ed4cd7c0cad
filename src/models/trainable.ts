import type { LayerVariable } from '@tensorflow/tfjs';
import { innerLayersOf, ownTrainable, setOwnTrainable } from '../tfjs/private';
import type { Layer } from '../layers/internal/target';
import { within, type Leave, type Surroundings } from '../base/steps';
import type { KerasModel } from './model';

/** Which layers and weights of a model may be trained. */
export interface TrainableState {
  readonly layers: ReadonlyMap<Layer, boolean>;
  readonly weights: ReadonlyMap<LayerVariable, boolean>;
}

/** A layer and all that are inside it: of models, wrappers and recurrent layers. */
const withInner = (layer: Layer, found = new Set<Layer>()): Set<Layer> => {
  if (found.has(layer)) return found;
  found.add(layer);
  for (const inner of innerLayersOf(layer)) withInner(inner, found);
  return found;
};

const stateOf = (layers: Iterable<Layer>): TrainableState => {
  const all = [...layers];
  const weights = all.flatMap((layer) => layer.weights);
  return {
    layers: new Map(all.map((layer) => [layer, ownTrainable(layer)])),
    weights: new Map(weights.map((weight) => [weight, weight.trainable])),
  };
};

/** What of a model may be trained as it is now. The model must be built. */
export const trainableState = (model: KerasModel): TrainableState => stateOf(withInner(model.tf));

const setState = ({ layers, weights }: TrainableState): void => {
  for (const [layer, trainable] of layers) {
    if (ownTrainable(layer) !== trainable) setOwnTrainable(layer, trainable);
  }
  for (const [weight, trainable] of weights) {
    if (weight.trainable !== trainable) weight.trainable = trainable;
  }
};

const isState = ({ layers, weights }: TrainableState): boolean =>
  [...layers].every(([layer, trainable]) => ownTrainable(layer) === trainable) &&
  [...weights].every(([weight, trainable]) => weight.trainable === trainable);

/** Has layers and weights trainable as they were; at the end, as they are. */
export const enterTrainable = (state: TrainableState): Leave => {
  if (isState(state)) return () => undefined;
  const before = stateOf(state.layers.keys());
  setState(state);
  return () => setState(before);
};

/** Runs something with the layers and weights trainable as they were, and leaves them as they are. */
export const withTrainable = <T>(state: TrainableState, run: () => T): T =>
  within(enterTrainable(state), run);

/** What of some layers may be trained, as what others may change meanwhile. */
export const trainableOfLayers = ({ layers }: TrainableState): Surroundings<TrainableState> => ({
  get: () => stateOf(layers.keys()),
  set: setState,
});
