/** Windows, with which frames of a signal are multiplied. */
import { argumentError, oneOf, type Check } from '../../base/checks';

export const WINDOWS = ['hann', 'hamming'] as const;

/** A window: its name, a number for each sample, or null for none. */
export type SignalWindow = (typeof WINDOWS)[number] | readonly number[] | null;

/** The numbers of a window of so many samples: cosines, whose period is the window, or one sample less. */
export const windowOf = (
  window: SignalWindow,
  length: number,
  periodic: boolean,
): readonly number[] | undefined => {
  if (window === null || Array.isArray(window)) return window ?? undefined;
  if (length === 1) return [1];
  const base = window === 'hann' ? 0.5 : 0.54;
  const period = periodic ? length : length - 1;
  return Array.from({ length }, (_, n) => base - (1 - base) * Math.cos((2 * Math.PI * n) / period));
};

export const nameOrNull =
  <T extends string>(...names: readonly T[]): Check<T | null> =>
  (value, place) =>
    value === null ? null : oneOf(...names)(value, place);

export const windowCheck: Check<SignalWindow> = (value, place) => {
  if (!Array.isArray(value)) return nameOrNull(...WINDOWS)(value, place);
  if (value.length > 0 && value.every((weight) => Number.isFinite(weight))) return [...(value as number[])]; // as just seen
  throw argumentError(
    place,
    "'hann', 'hamming', numbers, or null",
    value,
    'Give as many finite numbers as a frame has samples',
  );
};
