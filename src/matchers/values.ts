import { SparseMatrix } from '../arrays/sparse-matrix';
import { isArrayLike, toTensor } from '../arrays/tensors';
import { argumentError, MAX_RANK } from '../base/checks';
import { describe, KerasArgumentError } from '../base/errors';
import { isPromise } from '../base/streams';
import { tf } from '../tfjs/tensorflow';

type Numbers = { readonly length: number; readonly [index: number]: number };

/** Numbers row by row, with their shape. */
export interface Values {
  readonly shape: readonly number[];
  readonly data: Numbers;
}

/** What was handed to `expect` is no array of numbers. */
const notAnArray = (matcher: string, value: unknown): KerasArgumentError =>
  new KerasArgumentError({
    function: matcher,
    argument: 'received',
    expected: 'what is handed to expect() must be a tensor or another array of numbers',
    received: isPromise(value) ? 'a promise' : describe(value),
    advice: isPromise(value)
      ? `Await it first: expect(await predict(model, x)).${matcher}(…)`
      : `Write expect(tensor).${matcher}(…)`,
  });

/** The numbers of a tensor or another array. It stays as it is. */
export const valuesOf = (matcher: string, argument: string, value: unknown): Values => {
  const place = { function: matcher, argument };
  if (value instanceof SparseMatrix) {
    const dense = value.toTensor();
    const data = dense.dataSync();
    dense.dispose();
    return { shape: value.shape, data };
  }
  if (!isArrayLike(value) && argument === 'received') throw notAnArray(matcher, value);
  // Not through float32, which would round the numbers that are expected.
  const exact = exactValues(value);
  if (exact !== undefined) return exact;
  const { tensor, isNew } = toTensor(value, place); // throws at what is none
  const data = tensor.dataSync();
  if (isNew) tensor.dispose();
  return { shape: tensor.shape, data };
};

/** Nested arrays of one length at each depth as they are; undefined for all else, which `toTensor` judges. */
const exactValues = (value: unknown): Values | undefined => {
  if (typeof value === 'number') return { shape: [], data: [value] };
  if (!Array.isArray(value)) return undefined;
  const flat: unknown[] = value.flat(MAX_RANK);
  if (!flat.every((item) => typeof item === 'number')) return undefined;
  const shape: number[] = [];
  for (let level: unknown = value; Array.isArray(level); level = level[0] as unknown)
    shape.push(level.length);
  return isRegular(value, shape) ? { shape, data: flat } : undefined;
};

const isRegular = (value: unknown, [length, ...inner]: readonly number[]): boolean =>
  length === undefined
    ? !Array.isArray(value)
    : Array.isArray(value) && value.length === length && value.every((item) => isRegular(item, inner));

/** The shape of anything that has one: tensors, those of layers, sparse matrices, arrays. */
export const shapeOf = (matcher: string, value: unknown): readonly (number | null)[] => {
  if (value instanceof tf.Tensor || value instanceof tf.SymbolicTensor || value instanceof SparseMatrix) {
    return value.shape as readonly (number | null)[]; // of any rank, which `instanceof` leaves untyped
  }
  return valuesOf(matcher, 'received', value).shape;
};

/** A shape that a matcher is given. */
export const checkShape = (matcher: string, shape: unknown): readonly (number | null)[] => {
  const isSize = (size: unknown): boolean => size === null || (Number.isInteger(size) && Number(size) >= 0);
  if (Array.isArray(shape) && [...(shape as unknown[])].every(isSize)) return shape as (number | null)[];
  throw argumentError(
    { function: matcher, argument: 'shape' },
    'a shape: an array of integers of 0 or more, null where any size will do',
    shape,
    `Write expect(tensor).${matcher}([60, 10])`,
  );
};
