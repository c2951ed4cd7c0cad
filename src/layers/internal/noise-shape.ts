import { integer, type Check } from '../../base/checks';

/** The shape of a mask; null stands for the input's size. */
export const noiseShape: Check<(number | null)[]> = (value, place) =>
  (Array.isArray(value) ? value : [value]).map((size: unknown) =>
    size === null ? null : integer(size, place),
  );
