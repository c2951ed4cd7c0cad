import { keepSurroundings, type Leave } from '../base/steps';
import { appliedLayer } from '../tfjs/layer-apply';
import { tf, type Tensor } from '../tfjs/tensorflow';

/**
 * Which losses may go back behind probabilities. As in Keras, an activation's logits serve any crossentropy; those of a
 * softmax layer the crossentropies of classes only.
 */
export type LogitsUse = 'any crossentropy' | 'crossentropy of classes';

interface Logits {
  readonly tensor: Tensor;
  readonly use: LogitsUse;
}

/** The logits behind the outputs of the step that is being run. */
interface Collector {
  /** The layers whose outputs may be the model's. */
  readonly layers: ReadonlySet<object>;
  readonly behind: Map<Tensor, Logits>;
}

let collector: Collector | undefined;

keepSurroundings({ get: () => collector, set: (value) => (collector = value) });

/**
 * Begins a step in which crossentropies find the logits behind the model's outputs: from probabilities that are 0 or 1 in
 * float32, neither the loss nor its gradient can be computed. `layers` are those whose outputs may be the model's.
 */
export const enterLogits = (layers: ReadonlySet<object>): Leave => {
  const outer = collector;
  const inner: Collector = { layers, behind: new Map() };
  collector = inner;
  return () => {
    collector = outer;
    for (const { tensor } of inner.behind.values()) tensor.dispose();
  };
};

/** Whether a step of training or evaluation is being run. */
export const isInStep = (): boolean => collector !== undefined;

/** Notes from which logits a layer has made probabilities, and gives the probabilities. */
export const fromLogits = (probabilities: Tensor, logits: Tensor, use: LogitsUse): Tensor => {
  const layer = appliedLayer();
  if (collector !== undefined && layer !== undefined && collector.layers.has(layer)) {
    // The layer's own scope frees what it does not return, and what an earlier layer returned is freed after its last use.
    collector.behind.set(probabilities, { tensor: tf.keep(tf.clone(logits)), use });
  }
  return probabilities;
};

/** Lets a tensor have the logits of another one with the same values. */
export const withLogitsOf = (tensor: Tensor, same: Tensor): Tensor => {
  const logits = collector?.behind.get(same);
  if (logits !== undefined)
    collector?.behind.set(tensor, { ...logits, tensor: tf.keep(tf.clone(logits.tensor)) });
  return tensor;
};

/** The logits behind probabilities, where they are known and serve a crossentropy of this kind. */
export const logitsOf = (probabilities: Tensor, kind: 'binary' | 'classes'): Tensor | undefined => {
  const logits = collector?.behind.get(probabilities);
  return kind === 'binary' && logits?.use === 'crossentropy of classes' ? undefined : logits?.tensor;
};
