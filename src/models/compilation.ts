import type { Loss, LossFunction, LossName } from '../losses/registry';
import type { MetricLike } from '../metrics/registry';
import type { TrainableState } from './trainable';
import type { OptimizerFactory } from '../optimizers/define-optimizer';
import type { Optimizer, OptimizerName } from '../optimizers/registry';

/** What may stand for a loss. */
export type LossLike = LossName | Loss | LossFunction;

/** One value for all outputs, or one for each: in their order, or by their names. */
export type PerOutput<T> = T | readonly T[] | Readonly<Record<string, T>>;

/** Metrics: the same for all outputs, or a list for each, by place or name. */
export type MetricsOption =
  | MetricLike
  | readonly (MetricLike | readonly MetricLike[])[]
  | Readonly<Record<string, MetricLike | readonly MetricLike[]>>;

/** Options of `compile`. */
export interface CompileOptions {
  /** 'rmsprop' by default. A name, or a function that makes optimizers, stands for a fresh one with Keras's defaults. */
  optimizer?: OptimizerName | Optimizer | OptimizerFactory | undefined;
  /**
   * What training makes small; for several outputs one for all, or one each: `null` for one that is not trained, or alone for a model
   * with a `trainStep` of its own.
   */
  loss: LossLike | null | readonly (LossLike | null)[] | Readonly<Record<string, LossLike | null>>;
  /** What is reported besides the loss; for several outputs the same for all, or a list for each, by place or name. */
  metrics?: MetricsOption | undefined;
  /** The same, of metrics in which the weights of rows and classes count, too. */
  weightedMetrics?: MetricsOption | undefined;
  /** The factors of the outputs' losses in the total; 1 by default. */
  lossWeights?: readonly number[] | Readonly<Record<string, number>> | undefined;
}

/** What `compile` leaves: how a model is trained. */
export interface Compilation {
  readonly optimizer: Optimizer;
  readonly options: CompileOptions;
  /** What may be trained, as it was then; of a model that was not built yet, as it was built. */
  trainable: TrainableState | undefined;
  /** The names of what layers tell of steps, besides the metrics that it is compiled with. */
  readonly added: { train: readonly string[]; test: readonly string[] };
  /** Why its steps cannot be run many at a time, once that has turned out. */
  reasonNotTraceable: string | undefined;
}
