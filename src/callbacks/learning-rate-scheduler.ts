import { argumentError, checkBareOptions, required, type Check, type OptionChecks } from '../base/checks';
import { refuseSurplus } from '../base/function-name';
import type { KerasModel } from '../models/model';
import { optimizerOf } from '../training/compile';
import type { Callback } from '../training/callback-list';

/** The learning rate of an epoch, counted from 0, from that of the one before. */
export type EpochSchedule = (epoch: number, learningRate: number) => number;

/** Options of {@link callbackLearningRateScheduler}. */
export interface LearningRateSchedulerOptions {
  /** The learning rate of an epoch, counted from 0, from that of the one before. */
  readonly schedule: EpochSchedule;
}

const scheduleFunction: Check<EpochSchedule> = (value, place) => {
  if (typeof value === 'function') return value as EpochSchedule; // what it returns is checked each time
  throw argumentError(place, 'a function of the epoch and the learning rate', value);
};

const checks = { schedule: required(scheduleFunction) } satisfies OptionChecks<LearningRateSchedulerOptions>;

/**
 * Sets the learning rate at the beginning of each epoch: `schedule(epoch, learningRate)`, epochs counted from 0. The rate is `lr`
 * in the history.
 *
 * @throws KerasArgumentError if `schedule` is no function, or gives no number of 0 or more.
 * @throws KerasStateError when it is used with an optimizer that has a schedule of steps.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [1] }), compile({ optimizer: optimizerSgd({ learningRate: 1 }), loss: 'mse' }))
 * const callbacks = callbackLearningRateScheduler((epoch, rate) => (epoch < 2 ? rate : rate / 2))
 * const history = await fit(model, [[0]], [[0]], { epochs: 4, verbose: 0, callbacks })
 * assert.deepStrictEqual(history.metrics['lr'], [1, 1, 0.5, 0.25])
 * @see R keras `callback_learning_rate_scheduler`
 */
export const callbackLearningRateScheduler = (
  options: LearningRateSchedulerOptions | EpochSchedule,
  ...surplus: []
): Callback<KerasModel> => {
  refuseSurplus('callbackLearningRateScheduler', ['options'], surplus);
  const { schedule } = checkBareOptions('callbackLearningRateScheduler', options, checks);
  let model: KerasModel | undefined;
  return {
    setModel: (fitted) => {
      model = fitted;
    },
    onEpochBegin: (epoch) => {
      if (model === undefined) return;
      const optimizer = optimizerOf(model);
      const rate: unknown = schedule(epoch, optimizer.learningRate); // of the user's own, it may give anything
      if (typeof rate !== 'number' || !Number.isFinite(rate) || rate < 0) {
        const place = { function: 'callbackLearningRateScheduler', argument: 'schedule' };
        throw argumentError(
          place,
          'a function that gives a number of 0 or more',
          rate,
          `Let it return a learning rate for epoch ${epoch}, too`,
        );
      }
      optimizer.learningRate = rate;
    },
    // The rate itself is the optimizer's: with this, that of an epoch that is under way is not made another time.
    saveState: () => ({}),
    restoreState: () => undefined,
    onEpochEnd: (_epoch, logs) => {
      if (model !== undefined) logs['lr'] = optimizerOf(model).learningRate;
    },
  };
};
