import { anyNumber, argumentError, nonNegativeNumber, required, type Check } from '../base/checks';
import { defineSchedule } from './define-schedule';

const NAME = 'learningRateSchedulePiecewiseConstantDecay';

/** Options of {@link learningRateSchedulePiecewiseConstantDecay}. */
export interface PiecewiseConstantDecayOptions {
  /** The last step of each rate but the last one, rising. */
  readonly boundaries: readonly number[];
  /** The rates: one more than boundaries. */
  readonly values: readonly number[];
}

const listOf =
  (check: Check<number>): Check<number[]> =>
  (value, place) => {
    if (!Array.isArray(value)) throw argumentError(place, 'an array of numbers', value);
    return value.map((item) => check(item, place));
  };

/**
 * A rate that is the same up to a step, and then another one: `values[0]` up to and with step `boundaries[0]`, then
 * `values[1]` up to `boundaries[1]`, and so on.
 *
 * @throws KerasArgumentError if an option is missing or unknown, or if there is not one value more than boundaries.
 * @example
 * const schedule = learningRateSchedulePiecewiseConstantDecay({ boundaries: [100], values: [0.1, 0.01] })
 * assert.deepStrictEqual([0, 100, 101].map(schedule), [0.1, 0.1, 0.01])
 * @see R keras `learning_rate_schedule_piecewise_constant_decay`
 */
export const learningRateSchedulePiecewiseConstantDecay = defineSchedule<PiecewiseConstantDecayOptions>()(
  NAME,
  { boundaries: required(listOf(anyNumber)), values: required(listOf(nonNegativeNumber)) },
  ({ boundaries, values }) => {
    if (boundaries.some((boundary, index) => index > 0 && boundary <= (boundaries[index - 1] ?? -Infinity))) {
      throw argumentError({ function: NAME, argument: 'boundaries' }, 'rising', boundaries);
    }
    if (values.length !== boundaries.length + 1) {
      throw argumentError(
        { function: NAME, argument: 'values' },
        `one rate more than the ${boundaries.length} boundaries`,
        values,
      );
    }
    return (step) => {
      const found = boundaries.findIndex((boundary) => step <= boundary);
      return values[found < 0 ? boundaries.length : found] as number; // one more than boundaries, as checked
    };
  },
);
