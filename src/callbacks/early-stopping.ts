import {
  anyNumber,
  argumentError,
  boolean,
  checkOptions,
  nonNegativeInteger,
  optional,
  type Check,
  type OptionChecks,
} from '../base/checks';
import { refuseSurplus } from '../base/function-name';
import type { KerasModel } from '../models/model';
import { getWeights, setWeights } from '../models/weights';
import type { Callback, CallbackState, Logs } from '../training/callback-list';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { KeptState } from './kept-state';
import { Monitor, monitorChecks, say, type MonitorOptions } from './monitor';

/** Options of {@link callbackEarlyStopping}. */
export interface EarlyStoppingOptions extends MonitorOptions {
  /** What a value must be better by to count as better. Default 0. */
  readonly minDelta?: number | undefined;
  /** After how many epochs without a better value training ends. Default 0: after the first. */
  readonly patience?: number | undefined;
  /** A value that must be reached, too, for the epochs to be counted anew. None by default. */
  readonly baseline?: number | null | undefined;
  /** Whether the model has the weights of the best epoch when training is ended early. Default false: those of the last. */
  readonly restoreBestWeights?: boolean | undefined;
  /** How many epochs do not count, at first. Default 0. */
  readonly startFromEpoch?: number | undefined;
}

const orNull =
  (check: Check<number>): Check<number | null> =>
  (value, place) =>
    value === null ? null : check(value, place);

const finite: Check<number> = (value, place) => {
  if (typeof value === 'number' && Number.isFinite(value)) return Math.abs(value);
  throw argumentError(place, 'a finite number', value);
};

const checks = {
  ...monitorChecks,
  minDelta: optional(finite, 0),
  patience: optional(nonNegativeInteger, 0),
  baseline: optional(orNull(anyNumber)),
  restoreBestWeights: optional(boolean, false),
  startFromEpoch: optional(nonNegativeInteger, 0),
} satisfies OptionChecks<EarlyStoppingOptions>;

type Settings = ReturnType<typeof checkOptions<typeof checks>>;

/** Whether a value is better than another, and what none is better than. */
const comparison = ({ mode, monitor, minDelta }: Settings) => {
  const isMax = mode === 'max' || (mode === 'auto' && /(acc|accuracy|auc)$/i.test(monitor));
  return isMax
    ? { worst: -Infinity, isBetter: (a: number, b: number) => a - minDelta > b }
    : { worst: Infinity, isBetter: (a: number, b: number) => a + minDelta < b };
};

class EarlyStopping implements Callback<KerasModel> {
  readonly #monitor: Monitor;
  readonly #comparison;
  #model: KerasModel | undefined;
  #wait = 0;
  #best: number;
  #bestEpoch = 0;
  #bestWeights: Tensor[] | undefined;
  #stoppedEpoch: number | undefined;

  constructor(private readonly settings: Settings) {
    this.#monitor = new Monitor('callbackEarlyStopping', settings.monitor);
    this.#comparison = comparison(settings);
    this.#best = this.#comparison.worst;
  }

  setModel(model: KerasModel): void {
    this.#model = model;
  }

  onTrainBegin(): void {
    this.#wait = 0;
    this.#best = this.#comparison.worst;
    this.#bestEpoch = 0;
    this.#stoppedEpoch = undefined;
    this.#forgetWeights();
  }

  onEpochEnd(epoch: number, logs: Logs): void {
    const { settings } = this;
    if (epoch < settings.startFromEpoch) return;
    const current = this.#monitor.of(logs);
    if (current === undefined) return;
    this.#wait++;
    const { isBetter } = this.#comparison;
    const better = isBetter(current, this.#best);
    // Those of the first epoch that counts, if there never is a better one: of NaN, for example.
    if (this.#bestWeights === undefined && !better) this.#keepWeights();
    if (better) {
      this.#best = current;
      this.#bestEpoch = epoch;
      this.#keepWeights();
      const { baseline = null } = settings;
      if (baseline === null || isBetter(current, baseline)) this.#wait = 0;
      return;
    }
    if (this.#wait >= settings.patience && epoch > 0) this.#stop(epoch);
  }

  onTrainEnd(): void {
    if (this.#stoppedEpoch !== undefined && this.settings.verbose > 0) {
      say(`Epoch ${this.#stoppedEpoch + 1}: early stopping`);
    }
    this.#forgetWeights();
  }

  saveState(): CallbackState {
    return {
      wait: this.#wait,
      best: this.#best,
      bestEpoch: this.#bestEpoch,
      bestWeights: this.#bestWeights ?? null,
      stoppedEpoch: this.#stoppedEpoch ?? null,
    };
  }

  restoreState(state: CallbackState): void {
    const kept = new KeptState('callbackEarlyStopping', state);
    this.#wait = kept.number('wait');
    this.#best = kept.number('best');
    this.#bestEpoch = kept.number('bestEpoch');
    this.#stoppedEpoch = kept.maybeNumber('stoppedEpoch');
    this.#bestWeights = kept.maybeTensors('bestWeights');
  }

  #stop(epoch: number): void {
    const model = this.#model;
    if (model === undefined) return;
    this.#stoppedEpoch = epoch;
    model.stopTraining = true;
    if (this.#bestWeights === undefined) return;
    if (this.settings.verbose > 0) {
      say(`Restoring model weights from the end of the best epoch: ${this.#bestEpoch + 1}.`);
    }
    setWeights(model, this.#bestWeights);
  }

  #keepWeights(): void {
    if (!this.settings.restoreBestWeights || this.#model === undefined) return;
    this.#forgetWeights();
    this.#bestWeights = getWeights(this.#model).map((weight) => tf.keep(weight));
  }

  #forgetWeights(): void {
    tf.dispose(this.#bestWeights);
    this.#bestWeights = undefined;
  }
}

/**
 * Ends training after `patience` epochs in which a value of the logs has not become better.
 *
 * By default a value is better if it is smaller; larger, if `mode` says so or, with `'auto'`, the name ends in `acc`, `accuracy` or
 * `auc`. With `restoreBestWeights` the model then has the weights of the best epoch. May be used again for another fit.
 *
 * @throws KerasArgumentError if an option is unknown or out of range.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [1] }), compile({ optimizer: optimizerSgd({ learningRate: 0 }), loss: 'mse' }))
 * const callbacks = callbackEarlyStopping({ monitor: 'loss', patience: 2, restoreBestWeights: true })
 * const history = await fit(model, [[1]], [[1]], { epochs: 10, verbose: 0, callbacks })
 * assert.strictEqual(history.metrics.loss.length, 3)
 * @see R keras `callback_early_stopping`
 */
export const callbackEarlyStopping = (
  options?: EarlyStoppingOptions,
  ...surplus: []
): Callback<KerasModel> => {
  refuseSurplus('callbackEarlyStopping', ['options'], surplus);
  return new EarlyStopping(checkOptions('callbackEarlyStopping', options, checks));
};
