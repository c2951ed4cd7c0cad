import { argumentError, checkOptions, oneOf, optional, type Check, type OptionChecks } from '../base/checks';
import { refuseSurplus } from '../base/function-name';
import type { KerasModel } from '../models/model';
import type { Callback, CallbackParams, Logs } from '../training/callback-list';
import { Progress } from '../training/progress';

/** Options of {@link callbackProgbarLogger}. */
export interface ProgbarLoggerOptions {
  /** What is counted. Default `'samples'`. */
  readonly countMode?: 'samples' | 'steps' | undefined;
  /** Names of values that are shown as they are. All are: the logs have means over the epoch already. */
  readonly statefulMetrics?: readonly string[] | null | undefined;
}

const names: Check<readonly string[] | null> = (value, place) => {
  if (value === null || (Array.isArray(value) && value.every((name) => typeof name === 'string'))) {
    return value;
  }
  throw argumentError(place, 'an array of names', value);
};

const checks = {
  countMode: optional(oneOf('samples', 'steps'), 'samples'),
  statefulMetrics: optional(names),
} satisfies OptionChecks<ProgbarLoggerOptions>;

class ProgbarLogger implements Callback<KerasModel> {
  /** The bar of `fit` itself is not shown then. */
  readonly showsProgress = true;
  #params: CallbackParams = { verbose: 0, epochs: 1, steps: 1 };
  #progress = new Progress({ verbose: 0 });
  #isFit = false;

  constructor(private readonly countsSamples: boolean) {}

  setParams(params: CallbackParams): void {
    this.#params = params;
    this.#isFit = false;
    this.#progress = new Progress({ verbose: params.verbose as 0 | 1 | 2 }); // what `fit` made of its option
  }

  onTrainBegin(): void {
    this.#isFit = true;
  }

  onEpochBegin(epoch: number): void {
    this.#progress.beginEpoch(epoch, this.#params.epochs, this.#target);
  }

  onTrainBatchEnd(batch: number, logs: Logs): void {
    this.#update(batch, logs);
  }

  onEpochEnd(_epoch: number, logs: Logs): void {
    this.#progress.finish(logs);
  }

  onTestBegin(): void {
    if (!this.#isFit) this.#progress.begin(this.#target);
  }

  onTestBatchEnd(batch: number, logs: Logs): void {
    if (!this.#isFit) this.#update(batch, logs);
  }

  onTestEnd(logs: Logs): void {
    if (!this.#isFit) this.#progress.finish(logs);
  }

  onPredictBegin(): void {
    this.#progress.begin(this.#target);
  }

  onPredictBatchEnd(batch: number): void {
    this.#update(batch, {});
  }

  onPredictEnd(): void {
    this.#progress.finish();
  }

  get #target(): number {
    const { steps, samples = steps } = this.#params;
    return this.countsSamples ? samples : steps;
  }

  #update(batch: number, logs: Logs): void {
    const { batchSize = 1, samples } = this.#params;
    const done =
      this.countsSamples && samples !== undefined ? Math.min(samples, (batch + 1) * batchSize) : batch + 1;
    this.#progress.update(done, logs);
  }
}

/**
 * Shows the progress of `fit`, `evaluate` or `predict` as a bar, as `verbose` says, which counts samples or steps. It takes the place
 * of the bar that they show by themselves.
 *
 * Its hooks of batches make compiled steps run one at a time.
 *
 * @throws KerasArgumentError if an option is unknown or of another type.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [1] }), compile({ loss: 'mse' }))
 * const callbacks = callbackProgbarLogger({ countMode: 'steps' })
 * const history = await fit(model, [[1], [2]], [[1], [2]], { epochs: 2, verbose: 0, callbacks })
 * assert.strictEqual(history.metrics.loss.length, 2)
 * @see R keras `callback_progbar_logger`
 */
export const callbackProgbarLogger = (
  options?: ProgbarLoggerOptions,
  ...surplus: []
): Callback<KerasModel> => {
  refuseSurplus('callbackProgbarLogger', ['options'], surplus);
  const { countMode } = checkOptions('callbackProgbarLogger', options, checks);
  return new ProgbarLogger(countMode === 'samples');
};
