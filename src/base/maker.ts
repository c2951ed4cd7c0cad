/**
 * What a check returns for an option that stands for an object with a state of its own: an initializer with its seed, an
 * activation of tfjs. The check stays pure; `make` draws the seed and makes the object, a new one each time.
 */
export class Maker<T> {
  constructor(readonly make: () => T) {}
}

/** Checked options with what their makers make in the makers' place. */
export type Made<Options> = {
  [Key in keyof Options]: Options[Key] extends Maker<infer T> ? T : Options[Key];
};

const makeOne = (value: unknown): unknown => {
  if (value instanceof Maker) return value.make();
  return Array.isArray(value) ? [...(value as unknown[])] : value;
};

/**
 * Makes what the options' makers stand for, in the order of the options. Arrays are copied, since classes of tfjs change
 * those that they are given.
 */
export const makeAll = <Options extends object>(options: Options): Made<Options> =>
  // Each maker is replaced by what it makes.
  Object.fromEntries(Object.entries(options).map(([key, value]) => [key, makeOne(value)])) as Made<Options>;
