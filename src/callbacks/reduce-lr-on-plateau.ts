import {
  checkOptions,
  checkThat,
  nonNegativeInteger,
  nonNegativeNumber,
  optional,
  type OptionChecks,
} from '../base/checks';
import { refuseSurplus } from '../base/function-name';
import type { KerasModel } from '../models/model';
import { optimizerOf } from '../training/compile';
import type { Callback, CallbackState, Logs } from '../training/callback-list';
import { KeptState } from './kept-state';
import { Monitor, monitorChecks, say, type MonitorOptions } from './monitor';

/** Options of {@link callbackReduceLrOnPlateau}. */
export interface ReduceLrOnPlateauOptions extends MonitorOptions {
  /** What the learning rate is multiplied by, from 0 and below 1. Default 0.1. */
  readonly factor?: number | undefined;
  /** After how many epochs without a better value. Default 10. */
  readonly patience?: number | undefined;
  /** What a value must be better by to count as better. Default 0.0001. */
  readonly minDelta?: number | undefined;
  /** For how many epochs after a reduction none is counted. Default 0. */
  readonly cooldown?: number | undefined;
  /** The least learning rate. Default 0. */
  readonly minLr?: number | undefined;
}

const checks = {
  ...monitorChecks,
  factor: optional(
    checkThat(
      'a number of 0 or more and below 1',
      (value): value is number => typeof value === 'number' && value >= 0 && value < 1,
    ),
    0.1,
  ),
  patience: optional(nonNegativeInteger, 10),
  minDelta: optional(nonNegativeNumber, 1e-4),
  cooldown: optional(nonNegativeInteger, 0),
  minLr: optional(nonNegativeNumber, 0),
} satisfies OptionChecks<ReduceLrOnPlateauOptions>;

type Settings = ReturnType<typeof checkOptions<typeof checks>>;

class ReduceLrOnPlateau implements Callback<KerasModel> {
  readonly #monitor: Monitor;
  readonly #isMax: boolean;
  #model: KerasModel | undefined;
  #best = 0;
  #wait = 0;
  #cooldown = 0;

  constructor(private readonly settings: Settings) {
    const { mode, monitor } = settings;
    this.#monitor = new Monitor('callbackReduceLrOnPlateau', monitor);
    // As Keras has it, which is another rule than that of early stopping.
    this.#isMax = mode === 'max' || (mode === 'auto' && monitor.includes('acc'));
    this.onTrainBegin();
  }

  setModel(model: KerasModel): void {
    this.#model = model;
  }

  onTrainBegin(): void {
    this.#best = this.#isMax ? -Infinity : Infinity;
    this.#wait = 0;
    this.#cooldown = 0;
  }

  onEpochEnd(epoch: number, logs: Logs): void {
    const model = this.#model;
    if (model === undefined) return;
    const current = this.#monitor.of(logs);
    logs['lr'] = optimizerOf(model).learningRate;
    if (current === undefined) return;
    if (this.#cooldown > 0) {
      this.#cooldown--;
      this.#wait = 0;
    }
    const { minDelta, patience } = this.settings;
    if (this.#isMax ? current > this.#best + minDelta : current < this.#best - minDelta) {
      this.#best = current;
      this.#wait = 0;
    } else if (this.#cooldown === 0) {
      this.#wait++;
      if (this.#wait >= patience) this.#reduce(model, epoch);
    }
  }

  saveState(): CallbackState {
    return { best: this.#best, wait: this.#wait, cooldown: this.#cooldown };
  }

  restoreState(state: CallbackState): void {
    const kept = new KeptState('callbackReduceLrOnPlateau', state);
    this.#best = kept.number('best');
    this.#wait = kept.number('wait');
    this.#cooldown = kept.number('cooldown');
  }

  #reduce(model: KerasModel, epoch: number): void {
    const { factor, minLr, cooldown, verbose } = this.settings;
    const optimizer = optimizerOf(model);
    if (optimizer.learningRate <= minLr) return;
    optimizer.learningRate = Math.max(optimizer.learningRate * factor, minLr);
    this.#cooldown = cooldown;
    this.#wait = 0;
    if (verbose > 0) {
      say(`\nEpoch ${epoch + 1}: ReduceLROnPlateau reducing learning rate to ${optimizer.learningRate}.`);
    }
  }
}

/**
 * Multiplies the learning rate by `factor` after `patience` epochs in which a value of the logs has not become better. The rate is
 * `lr` in the history.
 *
 * By default a value is better if it is smaller; larger, if `mode` says so or, with `'auto'`, `acc` is in the name.
 *
 * @throws KerasArgumentError if an option is unknown or out of range.
 * @throws KerasStateError when it is used with an optimizer that has a schedule of steps.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [1] }), compile({ optimizer: optimizerSgd({ learningRate: 0.5 }), loss: 'mse' }))
 * const callbacks = callbackReduceLrOnPlateau({ monitor: 'loss', patience: 1, factor: 0.5 })
 * const history = await fit(model, [[0]], [[0]], { epochs: 3, verbose: 0, callbacks })
 * assert.deepStrictEqual(history.metrics['lr'], [0.5, 0.5, 0.25])
 * @see R keras `callback_reduce_lr_on_plateau`
 */
export const callbackReduceLrOnPlateau = (
  options?: ReduceLrOnPlateauOptions,
  ...surplus: []
): Callback<KerasModel> => {
  refuseSurplus('callbackReduceLrOnPlateau', ['options'], surplus);
  return new ReduceLrOnPlateau(checkOptions('callbackReduceLrOnPlateau', options, checks));
};
