import type { LayerVariable } from '@tensorflow/tfjs';
import type { Metric } from '../metrics/registry';
import type { KerasModel } from '../models/model';
import { withTrainable, type TrainableState } from '../models/trainable';
import type { Tensor } from '../tfjs/tensorflow';
import type { Output } from './output';

/**
 * What a step computes. With the weights read from the model's variables, a step is a pure function of the model, the
 * batch and the seed: it consists of tfjs operations and reads no tensor's values.
 */
export interface StepPlan {
  readonly model: KerasModel;
  /** What may be trained, as it was when the model was compiled. */
  readonly trainable: TrainableState;
  readonly outputs: readonly Output[];
  /** The metrics of each output. */
  readonly metrics: readonly (readonly Metric[])[];
  /** What the logs are called: `loss`, the outputs' losses if there are several outputs, the metrics. */
  readonly names: readonly string[];
  /** Whether a loss or a gradient that is not finite is an error. */
  readonly checkNumerics?: boolean;
}

/** Makes the plan of a compiled model and its outputs' metrics. */
export const planOf = (
  model: KerasModel,
  trainable: TrainableState,
  outputs: readonly Output[],
  metrics: readonly (readonly Metric[])[],
): StepPlan => {
  const several = outputs.length > 1;
  const names = [
    'loss',
    ...(several ? outputs.flatMap(({ name, loss }) => (loss === undefined ? [] : [`${name}_loss`])) : []),
    ...outputs.flatMap(({ name }, index) =>
      (metrics[index] ?? []).map((metric) => (several ? `${name}_${metric.name}` : metric.name)),
    ),
  ];
  return { model, trainable, outputs, metrics, names };
};

/** How many losses a step gives: the total, and those of the outputs if there are several. */
export const lossCount = ({ outputs }: StepPlan): number =>
  outputs.length > 1 ? 1 + outputs.filter(({ loss }) => loss !== undefined).length : 1;

/** The variables that training changes, each once. */
export const trainableOf = ({ model, trainable }: StepPlan): LayerVariable[] =>
  withTrainable(trainable, () => [...new Set(model.tf.trainableWeights)]);

/** The loss, penalties included, and the metrics, by name. */
export interface Result {
  loss: number;
  [metric: string]: number;
}

/** Sums over the batches of a part of an epoch, as they are kept. */
export type SavedSums = Readonly<Record<string, readonly number[]>>;

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

  /** The sums so far, for {@link restore}. */
  save(): SavedSums {
    return { losses: [...this.losses], sums: [...this.sums], rows: [this.rows] };
  }

  /** Goes on from sums of the same plan. Tells whether they are such. */
  restore(saved: SavedSums): boolean {
    const { losses = [], sums = [] } = saved;
    const rows = saved['rows']?.[0];
    if (losses.length !== this.losses.length || sums.length !== this.sums.length || rows === undefined)
      return false;
    this.losses.set(losses);
    this.sums.set(sums);
    this.rows = rows;
    return true;
  }

  /** Losses and metrics so far, by name. */
  logs(): Result {
    let offset = 0;
    const metrics = this.plan.metrics.flat().map((metric) => {
      const result = metric.result(this.sums.subarray(offset, offset + metric.size));
      offset += metric.size;
      return result as number; // `compile` takes no others
    });
    const values = [...Array.from(this.losses, (loss) => loss / this.rows), ...metrics];
    return Object.fromEntries(this.plan.names.map((name, index) => [name, values[index] ?? NaN])) as Result; // `loss` is the first name
  }
}
