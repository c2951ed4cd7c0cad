import type * as Tfjs from '@tensorflow/tfjs';

type Tensor = Tfjs.Tensor;
type Scalar = Tfjs.Scalar;

/** A layer, and the regularizer of its outputs, if it has one. */
interface Regularized {
  activityRegularizer: { apply(x: Tensor): Scalar } | null | undefined;
}

let collected: Scalar[] | undefined;

/**
 * Runs a step whose layers may add to the loss, and gives what they add after it. The step frees nothing of that: the caller
 * does, once the gradient is taken.
 */
export const withActivityLosses = <T>(run: (losses: readonly Scalar[]) => T): T => {
  const outer = collected;
  const losses: Scalar[] = [];
  collected = losses;
  try {
    return run(losses);
  } finally {
    collected = outer;
    for (const loss of losses) loss.dispose();
  }
};

/** What layers have added to the loss of the step that is being run, so far. */
export const activityLosses = (): readonly Scalar[] => collected ?? [];

/** Adds to the loss of the step that is being run, if one is. */
export const addActivityLoss = (tf: typeof Tfjs, loss: () => Scalar): void => {
  // The layer's own scope frees what it does not return.
  collected?.push(tf.keep(tf.tidy(loss)));
};

/**
 * Applies a layer without its activity regularizer, which tfjs refuses, and adds the penalty of its outputs to the loss: as in
 * Keras, the regularizer of each output over the number of rows.
 */
export const applyRegularized = (tf: typeof Tfjs, layer: object, apply: () => unknown): unknown => {
  const regularized = layer as Regularized; // the field is there in each layer
  const { activityRegularizer: regularizer } = regularized;
  if (regularizer === null || regularizer === undefined) return apply();
  regularized.activityRegularizer = null;
  try {
    const outputs = apply();
    for (const output of [outputs].flat()) {
      if (!(output instanceof tf.Tensor)) continue;
      const values = output as Tensor; // of any rank, which `instanceof` leaves untyped
      addActivityLoss(tf, () => tf.div<Scalar>(regularizer.apply(values), values.shape[0]));
    }
    return outputs;
  } finally {
    regularized.activityRegularizer = regularizer;
  }
};
