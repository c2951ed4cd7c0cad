import {
  boolean,
  nonNegativeNumber,
  optional,
  positiveNumber,
  required,
  type OptionChecks,
} from '../base/checks';
import { defineSchedule } from './define-schedule';

const rate = required(nonNegativeNumber);
const steps = required(positiveNumber);

/** Options of {@link learningRateScheduleExponentialDecay} and {@link learningRateScheduleInverseTimeDecay}. */
export interface TimeDecayOptions {
  /** The rate of step 0. */
  readonly initialLearningRate: number;
  /** In how many steps the rate decays once. */
  readonly decaySteps: number;
  /** How much it decays. */
  readonly decayRate: number;
  /** Whether the rate changes only after each `decaySteps`, instead of in each step. Default false. */
  readonly staircase?: boolean | undefined;
}

const timeDecayChecks = {
  initialLearningRate: rate,
  decaySteps: steps,
  decayRate: rate,
  staircase: optional(boolean, false),
} satisfies OptionChecks<TimeDecayOptions>;

const periods = ({ decaySteps, staircase = false }: TimeDecayOptions, step: number): number =>
  staircase ? Math.floor(step / decaySteps) : step / decaySteps;

/**
 * A rate that decays by the same factor in each so many steps:
 * `initialLearningRate · decayRate ^ (step / decaySteps)`.
 *
 * @throws KerasArgumentError if an option is missing, unknown or out of range.
 * @example
 * const schedule = learningRateScheduleExponentialDecay({ initialLearningRate: 0.1, decaySteps: 100, decayRate: 0.5 })
 * assert.strictEqual(schedule(200), 0.025)
 * const optimizer = optimizerAdam({ learningRate: schedule })
 * assert.strictEqual(optimizer.learningRate, 0.1)
 * @see R keras `learning_rate_schedule_exponential_decay`
 */
export const learningRateScheduleExponentialDecay = defineSchedule<TimeDecayOptions>()(
  'learningRateScheduleExponentialDecay',
  timeDecayChecks,
  (options) => (step) => options.initialLearningRate * options.decayRate ** periods(options, step),
);

/**
 * A rate that decays as the inverse of the step: `initialLearningRate / (1 + decayRate · step / decaySteps)`.
 *
 * @throws KerasArgumentError if an option is missing, unknown or out of range.
 * @example
 * const schedule = learningRateScheduleInverseTimeDecay({ initialLearningRate: 0.1, decaySteps: 100, decayRate: 1 })
 * assert.strictEqual(schedule(100), 0.05)
 * @see R keras `learning_rate_schedule_inverse_time_decay`
 */
export const learningRateScheduleInverseTimeDecay = defineSchedule<TimeDecayOptions>()(
  'learningRateScheduleInverseTimeDecay',
  timeDecayChecks,
  (options) => (step) => options.initialLearningRate / (1 + options.decayRate * periods(options, step)),
);

/** Options of {@link learningRateSchedulePolynomialDecay}. */
export interface PolynomialDecayOptions {
  /** The rate of step 0. */
  readonly initialLearningRate: number;
  /** After how many steps the rate is at its end. */
  readonly decaySteps: number;
  /** Default 0.0001. */
  readonly endLearningRate?: number | undefined;
  /** 1, the default, is a straight line. */
  readonly power?: number | undefined;
  /** Whether the rate rises again after its end, to decay over twice the steps, and so on. Default false. */
  readonly cycle?: boolean | undefined;
}

/**
 * A rate that goes from one value to another:
 * `(initialLearningRate − endLearningRate) · (1 − step / decaySteps) ^ power + endLearningRate`, and stays there.
 *
 * With `cycle`, `decaySteps` is multiplied by as much as is needed for the step to be within.
 *
 * @throws KerasArgumentError if an option is missing, unknown or out of range.
 * @example
 * const schedule = learningRateSchedulePolynomialDecay({ initialLearningRate: 0.5, decaySteps: 10, endLearningRate: 0.25 })
 * assert.deepStrictEqual([0, 5, 10, 20].map(schedule), [0.5, 0.375, 0.25, 0.25])
 * @see R keras `learning_rate_schedule_polynomial_decay`
 */
export const learningRateSchedulePolynomialDecay = defineSchedule<PolynomialDecayOptions>()(
  'learningRateSchedulePolynomialDecay',
  {
    initialLearningRate: rate,
    decaySteps: steps,
    endLearningRate: optional(nonNegativeNumber, 0.0001),
    power: optional(nonNegativeNumber, 1),
    cycle: optional(boolean, false),
  },
  ({ initialLearningRate, decaySteps, endLearningRate, power, cycle }) =>
    (step) => {
      const all = cycle ? decaySteps * Math.max(1, Math.ceil(step / decaySteps)) : decaySteps;
      const left = 1 - Math.min(step, all) / all;
      return (initialLearningRate - endLearningRate) * left ** power + endLearningRate;
    },
);
