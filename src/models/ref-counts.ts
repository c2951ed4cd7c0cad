import { forgetOutputNames } from '../tfjs/names';
import { keptStatesOf } from '../tfjs/private';
import type { LayersModel } from '@tensorflow/tfjs';
import { tf } from '../tfjs/tensorflow';
import { sublayersOf, type Layer } from '../layers/internal/target';

/**
 * Who uses a layer. tfjs counts the applications of a layer instead, so that the weights of one that is applied twice
 * outlive its model, and those of one in two models die with either.
 */
const holders = new WeakMap<Layer, Set<object>>();

const isContainer = (layer: Layer): layer is LayersModel => layer instanceof tf.LayersModel;

/** Says that `user`, a model, uses a layer; where it is a model itself, it uses its own layers from then on. */
export const retain = (user: object, layer: Layer): void => {
  const all = holders.get(layer) ?? new Set();
  holders.set(layer, all.add(user));
  for (const inner of isContainer(layer) ? layer.layers : sublayersOf(layer)) retain(layer, inner);
};

/** Whether a layer is in a model. */
export const isRetained = (layer: Layer): boolean => (holders.get(layer)?.size ?? 0) > 0;

/** Says that a model, which nobody else has in hand, leaves its layers to the models that they are in, if there are any. */
export const leave = (user: object, layer: Layer): void => {
  const all = holders.get(layer);
  if (all !== undefined && all.size > 1) all.delete(user);
};

/** Says that a model does not use a layer any more. The weights are freed with the last user. */
export const release = (user: object, layer: Layer): void => {
  const all = holders.get(layer);
  all?.delete(user);
  if (all !== undefined && all.size > 0) return;
  if (isContainer(layer)) {
    for (const inner of layer.layers) release(layer, inner);
    // A stack's input is not among its layers.
    for (const { sourceLayer } of layer.inputs) if (!isRetained(sourceLayer)) forgetOutputNames(sourceLayer);
    return;
  }
  // Those of layers inside may be in use elsewhere.
  const inner = sublayersOf(layer);
  const others = new Set(inner.flatMap((one) => one.weights));
  for (const one of inner) release(layer, one);
  for (const weight of layer.weights) if (!others.has(weight)) weight.dispose();
  forgetOutputNames(layer);
  tf.dispose(keptStatesOf(layer));
};
