import { checkThat, fraction, nonNegativeNumber, optional, positiveNumber, required } from '../base/checks';
import { defineSchedule } from './define-schedule';

/** Half a wave of the cosine: 1 at 0, 0 at 1. */
const halfWave = (completed: number): number => 0.5 * (1 + Math.cos(Math.PI * completed));

/** Options of {@link learningRateScheduleCosineDecay}. */
export interface CosineDecayOptions {
  /** The rate of step 0. */
  readonly initialLearningRate: number;
  /** In how many steps the rate decays. */
  readonly decaySteps: number;
  /** The least rate as a fraction of the first. Default 0. */
  readonly alpha?: number | undefined;
  /** The rate that is reached before the decay begins, in `warmupSteps`; none by default. */
  readonly warmupTarget?: number | undefined;
  /** In how many steps the rate rises to `warmupTarget`. Default 0. */
  readonly warmupSteps?: number | undefined;
}

/**
 * A rate that decays as half a wave of the cosine:
 * `initialLearningRate · ((1 − alpha) · (1 + cos(π · step / decaySteps)) / 2 + alpha)`, and stays at its end.
 *
 * With `warmupTarget` it first rises in a straight line, and decays from there.
 *
 * @throws KerasArgumentError if an option is missing, unknown or out of range.
 * @example
 * const schedule = learningRateScheduleCosineDecay({ initialLearningRate: 0.5, decaySteps: 10, alpha: 0.5 })
 * assert.deepStrictEqual([0, 10, 20].map(schedule), [0.5, 0.25, 0.25])
 * @see R keras `learning_rate_schedule_cosine_decay`; Loshchilov and Hutter 2016
 */
export const learningRateScheduleCosineDecay = defineSchedule<CosineDecayOptions>()(
  'learningRateScheduleCosineDecay',
  {
    initialLearningRate: required(nonNegativeNumber),
    decaySteps: required(positiveNumber),
    alpha: optional(fraction, 0),
    warmupTarget: optional(nonNegativeNumber),
    warmupSteps: optional(nonNegativeNumber, 0),
  },
  ({ initialLearningRate, decaySteps, alpha, warmupTarget, warmupSteps }) => {
    const decay = (from: number, step: number): number =>
      from * ((1 - alpha) * halfWave(Math.min(step, decaySteps) / decaySteps) + alpha);
    if (warmupTarget === undefined) return (step) => decay(initialLearningRate, step);
    return (step) =>
      step < warmupSteps
        ? initialLearningRate + (warmupTarget - initialLearningRate) * (step / warmupSteps)
        : decay(warmupTarget, step - warmupSteps);
  },
);

const atLeastOne = checkThat(
  'a number of 1 or more',
  (value): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 1,
);

/** How many decays are over, each `factor` times as long as the one before, and the fraction of the present one that is. */
const restartOf = (periods: number, factor: number): { restarts: number; completed: number } => {
  if (factor === 1) return { restarts: Math.floor(periods), completed: periods % 1 };
  let restarts = 0;
  let [begin, length] = [0, 1];
  while (periods >= begin + length) {
    begin += length;
    length *= factor;
    restarts++;
  }
  return { restarts, completed: (periods - begin) / length };
};

/** Options of {@link learningRateScheduleCosineDecayRestarts}. */
export interface CosineDecayRestartsOptions {
  /** The rate of step 0. */
  readonly initialLearningRate: number;
  /** In how many steps the rate decays for the first time. */
  readonly firstDecaySteps: number;
  /** How many times as many steps each decay takes as the one before; at least 1. Default 2. */
  readonly tMul?: number | undefined;
  /** What the first rate is multiplied by at each restart. Default 1. */
  readonly mMul?: number | undefined;
  /** The least rate as a fraction of the first. Default 0. */
  readonly alpha?: number | undefined;
}

/**
 * A rate that decays as half a wave of the cosine, again and again, over `firstDecaySteps · tMulⁿ` steps each and from
 * `initialLearningRate · mMulⁿ`.
 *
 * @throws KerasArgumentError if an option is missing, unknown or out of range.
 * @example
 * const schedule = learningRateScheduleCosineDecayRestarts({ initialLearningRate: 0.5, firstDecaySteps: 10, mMul: 0.5 })
 * assert.deepStrictEqual([0, 5, 10, 20].map(schedule), [0.5, 0.25, 0.25, 0.125])
 * @see R keras `learning_rate_schedule_cosine_decay_restarts`; Loshchilov and Hutter 2016
 */
export const learningRateScheduleCosineDecayRestarts = defineSchedule<CosineDecayRestartsOptions>()(
  'learningRateScheduleCosineDecayRestarts',
  {
    initialLearningRate: required(nonNegativeNumber),
    firstDecaySteps: required(positiveNumber),
    tMul: optional(atLeastOne, 2),
    mMul: optional(nonNegativeNumber, 1),
    alpha: optional(fraction, 0),
  },
  ({ initialLearningRate, firstDecaySteps, tMul, mMul, alpha }) =>
    (step) => {
      const { restarts, completed } = restartOf(step / firstDecaySteps, tMul);
      // As in Keras, `alpha` is a fraction of the first rate and is not multiplied.
      return initialLearningRate * ((1 - alpha) * mMul ** restarts * halfWave(completed) + alpha);
    },
);
