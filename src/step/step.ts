import type { LayerVariable } from '@tensorflow/tfjs';
import { argumentError } from '../base/checks';
import { describeShape, KerasShapeError, KerasStateError } from '../base/errors';
import { onBehalfOf } from '../tfjs/layer-apply';
import { withStepSeed } from '../ops/random';
import { hasLayers, type Layer } from '../layers/internal/target';
import type { Metric } from '../metrics/registry';
import type { KerasModel } from '../models/model';
import { freeTape, variableOf } from '../tfjs/private';
import { native } from '../ops/native';
import { tf, type Scalar, type Tensor, type Variable } from '../tfjs/tensorflow';
import type { Output } from './output';

/** One batch: inputs, labels, and the weight of each sample for each output. */
export interface Batch {
  readonly x: readonly Tensor[];
  readonly y: readonly Tensor[];
  readonly weights: readonly (Tensor | undefined)[];
}

/**
 * What a step computes. With the weights read from the model's variables, a step is a pure function of the model, the
 * batch and the seed: it consists of tfjs operations and reads no tensor's values.
 */
export interface StepPlan {
  readonly model: KerasModel;
  readonly outputs: readonly Output[];
  /** The metrics of each output. */
  readonly metrics: readonly (readonly Metric[])[];
  /** What the logs are called: `loss`, the outputs' losses if there are several, the metrics. */
  readonly names: readonly string[];
  /** Whether a loss or a gradient that is not finite is an error. */
  readonly checkNumerics?: boolean;
}

/** Makes the plan of a compiled model and its outputs' metrics. */
export const planOf = (
  model: KerasModel,
  outputs: readonly Output[],
  metrics: readonly (readonly Metric[])[],
): StepPlan => {
  const several = outputs.length > 1;
  const names = [
    'loss',
    ...(several ? outputs.map(({ name }) => `${name}_loss`) : []),
    ...outputs.flatMap(({ name }, index) =>
      (metrics[index] ?? []).map((metric) => (several ? `${name}_${metric.name}` : metric.name)),
    ),
  ];
  return { model, outputs, metrics, names };
};

/** How many numbers {@link sumsOf} gives: the losses, then each metric's sums. */
export const lossCount = ({ outputs }: StepPlan): number => (outputs.length > 1 ? outputs.length + 1 : 1);

const hasCell = (layer: Layer): layer is Layer & { readonly cell: Layer } =>
  'cell' in layer && layer.cell instanceof tf.layers.Layer;

/** All layers, those inside other layers included, each once: a shared layer's penalty counts once. */
const allLayers = (inner: readonly Layer[], found = new Set<Layer>()): Set<Layer> => {
  for (const layer of inner) {
    if (found.has(layer)) continue;
    found.add(layer);
    if (hasLayers(layer)) allLayers(layer.layers, found);
    // tfjs forgets the penalties of a recurrent layer's cell.
    if (hasCell(layer)) allLayers([layer.cell], found);
  }
  return found;
};

/** The penalties of the regularizers. */
const penalties = (model: KerasModel): Scalar[] =>
  [...allLayers(model.layers)].flatMap((layer) =>
    hasLayers(layer) ? [] : layer.losses.map((penalty) => penalty()),
  );

/** The model's predictions for inputs, one tensor for each output. */
export const forward = (model: KerasModel, x: readonly Tensor[], training: boolean): Tensor[] => {
  const outputs = model.tf.apply(x.length === 1 ? (x[0] as Tensor) : [...x], { training });
  return [outputs].flat() as Tensor[]; // tensors in, tensors out
};

/** The loss of one output: the weighted sum of its samples' losses over the number of them, as Keras has it. */
const outputLoss = (output: Output, y: Tensor, prediction: Tensor, weights: Tensor | undefined): Scalar => {
  const given: unknown = output.loss.call(y, prediction); // of the user's own, it may give anything
  if (!(given instanceof tf.Tensor)) {
    throw argumentError(
      { function: 'compile', argument: 'loss' },
      'a function that returns a tensor',
      given,
      `Let ${output.loss.name} return what tfjs operations give, one loss for each row`,
    );
  }
  const losses = given as Tensor; // of any rank, which `instanceof` leaves untyped
  if (weights === undefined) return tf.mean(losses);
  if (losses.rank > 0 && losses.shape[0] !== weights.shape[0]) {
    throw new KerasShapeError({
      function: 'compile',
      argument: 'loss',
      expected: `with weights of rows or classes, the loss must return one loss for each of ${weights.shape[0]} rows`,
      received: `shape ${describeShape(losses.shape)} from ${output.loss.name}`,
      advice: 'Let it return a tensor [rows], without a mean over the rows',
    });
  }
  const spread =
    losses.rank > 1 ? tf.reshape(weights, [-1, ...Array<number>(losses.rank - 1).fill(1)]) : weights;
  return tf.mean(tf.mul(losses, losses.rank === 0 ? tf.mean(weights) : spread));
};

/** The total loss, penalties included, and the losses of the outputs. */
const lossesOf = (
  plan: StepPlan,
  batch: Batch,
  predictions: readonly Tensor[],
): { total: Scalar; each: Scalar[] } => {
  const each = plan.outputs.map((output, index) =>
    outputLoss(output, batch.y[index] as Tensor, predictions[index] as Tensor, batch.weights[index]),
  ); // the batch has labels and predictions for each output
  const weighted = each.map((loss, index) => {
    const weight = plan.outputs[index]?.lossWeight ?? 1;
    return weight === 1 ? loss : tf.mul<Scalar>(loss, weight);
  });
  const [first, ...rest] = [...weighted, ...penalties(plan.model)];
  const total = rest.reduce<Scalar>((sum, loss) => tf.add(sum, loss), first as Scalar); // there is an output
  return { total, each };
};

/** The losses and the metrics' sums of a batch, in one vector. */
const sumsOf = (
  plan: StepPlan,
  batch: Batch,
  predictions: readonly Tensor[],
  losses: { total: Scalar; each: readonly Scalar[] },
): Tensor => {
  const scalars = plan.outputs.length > 1 ? [losses.total, ...losses.each] : [losses.total];
  const sums = plan.metrics.flatMap((metrics, index) =>
    metrics.map((metric) => metric.sums(batch.y[index] as Tensor, predictions[index] as Tensor, undefined)),
  ); // as in lossesOf
  const lossVector = scalars.length === 1 ? tf.reshape(losses.total, [1]) : tf.stack(scalars);
  return sums.length === 0 ? lossVector : tf.concat([lossVector, ...sums]);
};

export { variableOf };

/** The variables that training changes, each once. */
export const trainableOf = (model: KerasModel): LayerVariable[] => [...new Set(model.tf.trainableWeights)];

/** What a training step gives: the gradient of each variable, and the sums of losses and metrics. */
export interface TrainStep {
  readonly gradients: readonly Tensor[];
  readonly sums: Tensor;
}

/** The value and the gradients of a loss; tfjs's errors in this library's words. */
const gradientsOf = (loss: () => Scalar, variables: readonly Variable[]) => {
  try {
    return tf.variableGrads(loss, [...variables]);
  } catch (error) {
    freeTape();
    if (!(error instanceof Error) || !error.message.startsWith('Cannot find a connection')) throw error;
    throw new KerasStateError({
      function: 'fit',
      expected: 'the loss must depend on a weight that is trained',
      received: 'a loss from which no operation leads back to a weight',
      advice:
        'Make losses and layers of your own of tfjs operations on yPred or the input, without reading values',
      cause: error,
    });
  }
};

const finiteLoss = (loss: Scalar): Scalar => native.checkNumerics(loss, 'the loss') as Scalar; // of the same rank

/** The gradients, or TensorFlow's error on behalf of the layer whose gradient is not finite. */
const finiteGradients = (
  model: KerasModel,
  gradients: readonly Tensor[],
  variables: readonly Variable[],
): Tensor[] => {
  const layers = [...allLayers(model.layers)].filter((layer) => !hasLayers(layer));
  return gradients.map((gradient, index) => {
    const variable = variables[index];
    const owner = layers.find((layer) =>
      layer.trainableWeights.some((weight) => variableOf(weight) === variable),
    );
    return onBehalfOf(owner?.name, () =>
      native.checkNumerics(gradient, `the gradient of ${variable?.name ?? 'a weight'}`),
    );
  });
};

/**
 * One training step without the update: predictions while training, losses, gradients, metrics' sums. Moving averages
 * of layers are written as the layers are applied. The caller frees the result.
 */
export const trainStep = (
  plan: StepPlan,
  batch: Batch,
  seed: Tensor,
  variables: readonly Variable[],
): TrainStep =>
  tf.tidy(() =>
    withStepSeed(seed, () => {
      let predictions: Tensor[] = [];
      let each: Scalar[] = [];
      const kept: Tensor[] = [];
      const loss = (): Scalar => {
        predictions = forward(plan.model, batch.x, true);
        const losses = lossesOf(plan, batch, predictions);
        each = losses.each;
        // They are needed outside of the gradient's own scope, which frees what it did not return.
        kept.push(...predictions, ...each);
        for (const tensor of kept) tf.keep(tensor);
        return losses.total;
      };
      try {
        if (variables.length === 0) {
          const total = loss();
          return { gradients: [], sums: sumsOf(plan, batch, predictions, { total, each }) };
        }
        const { value, grads } = gradientsOf(loss, variables);
        const total = plan.checkNumerics === true ? finiteLoss(value) : value;
        const sums = sumsOf(plan, batch, predictions, { total, each });
        // A variable on which the loss does not depend has no gradient: it stays as it is.
        const gradients = variables.map((variable) => grads[variable.name] ?? tf.zerosLike(variable));
        return {
          gradients:
            plan.checkNumerics === true ? finiteGradients(plan.model, gradients, variables) : gradients,
          sums,
        };
      } finally {
        tf.dispose(kept);
      }
    }),
  );

/** One test step: predictions, losses, metrics' sums. The caller frees the result. */
export const testStep = (plan: StepPlan, batch: Batch): Tensor =>
  tf.tidy(() => {
    const predictions = forward(plan.model, batch.x, false);
    return sumsOf(plan, batch, predictions, lossesOf(plan, batch, predictions));
  });

/** The loss, penalties included, and the metrics, by name. */
export interface Result {
  loss: number;
  [metric: string]: number;
}

/** Running sums over batches, in double precision, and the logs of their state. */
export class RunningSums {
  private readonly losses: Float64Array;
  private readonly sums: Float64Array;
  private rows = 0;

  constructor(private readonly plan: StepPlan) {
    this.losses = new Float64Array(lossCount(plan));
    const sizes = plan.metrics.flat().map(({ size }) => size);
    this.sums = new Float64Array(sizes.reduce((total, size) => total + size, 0));
  }

  /** Adds the sums of a batch of `rows`, and frees them. */
  add(sums: Tensor, rows: number): void {
    const values = sums.dataSync();
    sums.dispose();
    this.addSums(values, rows, 1);
  }

  /** Adds sums over `steps` batches of `rows` each. A loss is a mean over its batch, and counts by its rows. */
  addSums(values: Float64Array | ArrayLike<number>, rows: number, steps: number): void {
    for (let index = 0; index < this.losses.length; index++) {
      this.losses[index] = (this.losses[index] ?? 0) + (values[index] ?? NaN) * rows;
    }
    for (let index = 0; index < this.sums.length; index++) {
      this.sums[index] = (this.sums[index] ?? 0) + (values[this.losses.length + index] ?? NaN);
    }
    this.rows += rows * steps;
  }

  /** Losses and metrics so far, by name. */
  logs(): Result {
    let offset = 0;
    const metrics = this.plan.metrics.flat().map((metric) => {
      const result = metric.result(this.sums.subarray(offset, offset + metric.size));
      offset += metric.size;
      return result;
    });
    const values = [...Array.from(this.losses, (loss) => loss / this.rows), ...metrics];
    return Object.fromEntries(this.plan.names.map((name, index) => [name, values[index] ?? NaN])) as Result; // `loss` is the first name
  }
}
