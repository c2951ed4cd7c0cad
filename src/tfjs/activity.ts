import type * as Tfjs from '@tensorflow/tfjs';
import { keepSurroundings, within, type Leave } from '../base/steps';

type Tensor = Tfjs.Tensor;
type Scalar = Tfjs.Scalar;

/** A layer, and the regularizer of its outputs, if it has one. */
interface Regularized {
  activityRegularizer: { apply(x: Tensor): Scalar } | null | undefined;
}

/** What a layer tells of a step: values of which the mean is shown, as their sum and number. */
export interface LayerMetric {
  readonly layer: object;
  readonly name: string;
  readonly sum: Scalar;
  readonly count: number;
}

let collected: Scalar[] | undefined;
let told: LayerMetric[] | undefined;

keepSurroundings({
  get: () => ({ collected, told }),
  set: (value) => ({ collected, told } = value),
});

/** What the layers of a step add to its loss and to what is shown, until it ends. */
export interface ActivityLosses {
  readonly losses: readonly Scalar[];
  readonly metrics: readonly LayerMetric[];
  readonly leave: Leave;
}

/** Begins a step whose layers may add to the loss and to what is shown. Frees that at the end: once the gradient is taken. */
export const enterActivityLosses = (): ActivityLosses => {
  const outer = { collected, told };
  const losses: Scalar[] = [];
  const metrics: LayerMetric[] = [];
  collected = losses;
  told = metrics;
  const leave = (): void => {
    ({ collected, told } = outer);
    for (const loss of losses) loss.dispose();
    for (const { sum } of metrics) sum.dispose();
  };
  return { losses, metrics, leave };
};

/** Runs such a step, and gives it what its layers add. */
export const withActivityLosses = <T>(
  run: (losses: readonly Scalar[], metrics: readonly LayerMetric[]) => T,
): T => {
  const { losses, metrics, leave } = enterActivityLosses();
  return within(leave, () => run(losses, metrics));
};

/** What layers have added to the loss of the step that is being run, so far. */
export const activityLosses = (): readonly Scalar[] => collected ?? [];

/** Adds to the loss of the step that is being run, if one is. */
export const addActivityLoss = (tf: typeof Tfjs, loss: () => Scalar): void => {
  // The layer's own scope frees what it does not return.
  collected?.push(tf.keep(tf.tidy(loss)));
};

/** Tells values of the step that is being run, if one is. */
export const addLayerMetric = (tf: typeof Tfjs, layer: object, name: string, values: Tensor): void => {
  told?.push({
    layer,
    name,
    sum: tf.keep(tf.tidy(() => tf.sum<Scalar>(tf.cast(values, 'float32')))),
    count: values.size,
  });
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
