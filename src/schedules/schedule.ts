import { KerasArgumentError, describe } from '../base/errors';
import { tf, type Tensor } from '../tfjs/tensorflow';

/**
 * A learning rate as a function of the step, counted from 0: a number, or a scalar that tfjs operations make of it. It is
 * asked once for each step, by the eager and the compiled engine alike, and must give the same rate for the same step.
 * Numbers are quicker.
 */
export type LearningRateSchedule = (step: number) => number | Tensor;

/** The rate of a step, checked. `functionName` is that of the optimizer. */
export const rateAt = (schedule: LearningRateSchedule, step: number, functionName: string): number => {
  let rate: unknown;
  let received = '';
  tf.tidy(() => {
    rate = schedule(step); // of the user's own, it may give anything
    received = describe(rate);
    if (!(rate instanceof tf.Tensor) || rate.size !== 1) return;
    rate = rate.dataSync()[0];
    received = describe(rate);
  });
  if (typeof rate === 'number' && Number.isFinite(rate) && rate >= 0) return rate;
  throw new KerasArgumentError({
    function: functionName,
    argument: 'learningRate',
    expected: 'the schedule must give a number of 0 or more',
    received: `${received} in step ${step}`,
    advice: 'Let it return such a number for every step, counted from 0',
  });
};
