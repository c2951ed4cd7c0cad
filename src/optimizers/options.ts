import {
  argumentError,
  boolean,
  checkThat,
  fraction,
  nonNegativeNumber,
  optional,
  positiveInteger,
  positiveNumber,
  type Check,
  type OptionChecks,
} from '../base/checks';
import { KerasArgumentError } from '../base/errors';
import type { LearningRateSchedule } from '../schedules/schedule';
import type { UpdateExtras } from './update';

/** Options that all optimizers have. */
export interface OptimizerOptions {
  /** The size of a step: a number, or a function of the step, counted from 0. */
  readonly learningRate?: number | LearningRateSchedule | undefined;
  /** The part of each weight, times the learning rate, that is taken off before each update. None by default. */
  readonly weightDecay?: number | null | undefined;
  /** The largest norm of each variable's gradient; a longer one is shortened. None by default. */
  readonly clipnorm?: number | null | undefined;
  /** The largest absolute value of each element of a gradient. None by default. */
  readonly clipvalue?: number | null | undefined;
  /** The largest norm of all gradients together; all are shortened by the same factor. None by default. */
  readonly globalClipnorm?: number | null | undefined;
  /** Whether a moving average of the weights is kept, which they become at the end of `fit`. Default false. */
  readonly useEma?: boolean | undefined;
  /** The fraction of the moving average that is kept in each step, 0 to 1. Default 0.99. */
  readonly emaMomentum?: number | undefined;
  /** In every so many steps the weights become their moving average. By default only at the end of `fit`. */
  readonly emaOverwriteFrequency?: number | null | undefined;
  /**
   * In every so many steps, 2 or more, the weights are updated, by the mean of the steps' gradients, as by one of a batch so many times
   * as large. Schedules count all steps, what else goes by their number counts updates. None by default.
   */
  readonly gradientAccumulationSteps?: number | null | undefined;
  /** What the optimizer is called; by default its own name. */
  readonly name?: string | undefined;
}

/** A number or a schedule. */
const rate: Check<number | LearningRateSchedule> = (value, place) => {
  if (typeof value === 'function') return value as LearningRateSchedule; // what it returns is checked in each step
  if (typeof value === 'number') return nonNegativeNumber(value, place);
  throw argumentError(place, 'a number of 0 or more, or a function of the step', value);
};

/** R's NULL is null here: the option is not set. */
const orNull =
  <T>(check: Check<T>): Check<T | null> =>
  (value, place) =>
    value === null ? null : check(value, place);

const severalSteps = checkThat(
  'an integer of 2 or more',
  (value): value is number => Number.isSafeInteger(value) && (value as number) >= 2,
);

/** The checks of {@link OptimizerOptions}, but for the name, whose default is each optimizer's own. */
export const commonChecks: OptionChecks<Omit<OptimizerOptions, 'name'>> = {
  learningRate: optional(rate),
  weightDecay: optional(orNull(nonNegativeNumber)),
  clipnorm: optional(orNull(positiveNumber)),
  clipvalue: optional(orNull(positiveNumber)),
  globalClipnorm: optional(orNull(positiveNumber)),
  useEma: optional(boolean),
  emaMomentum: optional(fraction),
  emaOverwriteFrequency: optional(orNull(positiveInteger)),
  gradientAccumulationSteps: optional(orNull(severalSteps)),
};

/** Keras allows one of the two norms; that of all gradients together is of one step's, and not of several. */
export const checkNorms = (
  functionName: string,
  { clipnorm, globalClipnorm, gradientAccumulationSteps }: UpdateExtras,
): void => {
  if (globalClipnorm === undefined) return;
  if (clipnorm !== undefined) {
    throw new KerasArgumentError({
      function: functionName,
      argument: 'globalClipnorm',
      expected: 'at most one of `clipnorm` and `globalClipnorm` may be set',
      received: `clipnorm ${clipnorm} and globalClipnorm ${globalClipnorm}`,
      advice: 'Leave one of them out',
    });
  }
  if (gradientAccumulationSteps === undefined) return;
  throw new KerasArgumentError({
    function: functionName,
    argument: 'globalClipnorm',
    expected: '`globalClipnorm` does not go with `gradientAccumulationSteps`',
    received: `globalClipnorm ${globalClipnorm} and gradientAccumulationSteps ${gradientAccumulationSteps}`,
    advice: 'Use clipnorm or clipvalue',
  });
};

/** The fraction of a running mean that is kept: 1 itself would keep it as it was for ever. */
export const runningFraction = checkThat(
  'a number of 0 or more and below 1',
  (value): value is number => typeof value === 'number' && value >= 0 && value < 1,
);
