import { callable, type Itself } from '../base/call-styles';
import type { Layer } from '../layers/internal/target';
import { innerLayersOf } from '../tfjs/private';
import { noOptions, type ModelProperty } from './call-styles';
import { builtModel, KerasModel } from './model';
import { weighted, type Weighted } from './weighted';

/** Resets a layer if it keeps states by itself; otherwise the layers inside. */
const reset = (layer: Layer): void => {
  const inner = innerLayersOf(layer).filter(({ stateful }) => stateful);
  if (inner.length > 0) for (const one of inner) reset(one);
  else if (layer.stateful) layer.resetStates();
};

/**
 * Sets the states that stateful layers keep from one batch to the next to zeros: in a model, or in a layer, with the layers inside. A
 * layer that keeps none stays as it is.
 *
 * Changes the states in place and returns the model or layer.
 *
 * @throws KerasStateError if the model has no weights yet.
 * @throws KerasArgumentError if it is given something else.
 * @example
 * const model = pipe(
 *   kerasModelSequential(),
 *   layerGru({ units: 4, stateful: true, batchInputShape: [1, 3, 2] }),
 * )
 * const first = predictOnBatch(model, tf.ones([1, 3, 2]))
 * const second = predictOnBatch(model, tf.ones([1, 3, 2]))
 * assert.notDeepStrictEqual(second.arraySync(), first.arraySync())
 * assert.deepStrictEqual(predictOnBatch(resetStates(model), tf.ones([1, 3, 2])).arraySync(), first.arraySync())
 * @see R keras `reset_states`
 */
export const resetStates: ModelProperty<Itself, Weighted> = callable({
  name: 'resetStates',
  subject: weighted,
  checkOptions: noOptions('resetStates'),
  givesSubject: true,
  run: (object) => {
    const layers = object instanceof KerasModel ? builtModel(object).layers : [object];
    for (const layer of layers) reset(layer);
  },
}) as unknown as typeof resetStates; // the call styles are told apart by the arguments
