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
  /** What layers tell of the steps besides. */
  readonly added: AddedMetrics;
  /** Whether a loss or a gradient that is not finite is an error. */
  readonly checkNumerics?: boolean;
}

/** What a step is for. */
export type StepKind = 'train' | 'test';

/** The names of the metrics that layers add in steps, which are known once a step has run or been traced. */
export type AddedMetrics = Record<StepKind, readonly string[]>;

/** Makes the plan of a compiled model and its outputs' metrics. */
export const planOf = (
  model: KerasModel,
  trainable: TrainableState,
  outputs: readonly Output[],
  metrics: readonly (readonly Metric[])[],
  added: AddedMetrics = { train: [], test: [] },
): StepPlan => {
  const several = outputs.length > 1;
  const names = [
    'loss',
    ...(several ? outputs.flatMap(({ name, loss }) => (loss === undefined ? [] : [`${name}_loss`])) : []),
    ...outputs.flatMap(({ name }, index) =>
      (metrics[index] ?? []).map((metric) => (several ? `${name}_${metric.name}` : metric.name)),
    ),
  ];
  return { model, trainable, outputs, metrics, names, added };
};

/** How many losses a step gives: the total, and those of the outputs if there are several. */
export const lossCount = ({ outputs }: StepPlan): number =>
  outputs.length > 1 ? 1 + outputs.filter(({ loss }) => loss !== undefined).length : 1;

/** How many sums the metrics have that the model is compiled with. */
export const sizeOfMetrics = ({ metrics }: StepPlan): number =>
  metrics.flat().reduce((total, { size }) => total + size, 0);

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
  /** Those of the metrics, then those that layers add: two for each. */
  private readonly sums: number[];
  private rows = 0;

  constructor(
    private readonly plan: StepPlan,
    private readonly kind: StepKind,
  ) {
    this.losses = new Float64Array(lossCount(plan));
    this.sums = Array.from({ length: sizeOfMetrics(plan) }, () => 0);
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
    for (let index = 0; index < values.length - this.losses.length; index++) {
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
    // What layers add comes behind, two sums for each, once a step has run.
    const ofLayers = sums.length - sizeOfMetrics(this.plan);
    if (losses.length !== this.losses.length || ofLayers < 0 || ofLayers % 2 !== 0 || rows === undefined)
      return false;
    this.losses.set(losses);
    this.sums.splice(0, this.sums.length, ...sums);
    this.rows = rows;
    return true;
  }

  /** Losses and metrics so far, by name. */
  logs(): Result {
    let offset = 0;
    const metrics = this.plan.metrics.flat().map((metric) => {
      const result = metric.result(this.sums.slice(offset, offset + metric.size));
      offset += metric.size;
      return result as number; // `compile` takes no others
    });
    const added = this.plan.added[this.kind].map((_, index) => {
      const [sum = NaN, count = NaN] = this.sums.slice(offset + 2 * index);
      return sum / count;
    });
    const values = [...Array.from(this.losses, (loss) => loss / this.rows), ...metrics, ...added];
    const names = [...this.plan.names, ...this.plan.added[this.kind]];
    return Object.fromEntries(names.map((name, index) => [name, values[index] ?? NaN])) as Result; // `loss` is the first name
  }
}
