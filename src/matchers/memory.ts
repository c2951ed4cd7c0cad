import { argumentError } from '../base/checks';
import { isPromise } from '../base/streams';
import { countTensors } from '../tfjs/tensor-count';
import { tf, type Tensor } from '../tfjs/tensorflow';
import type { MatcherResult } from './types';

/** The number that the next tensor gets: they are counted up. */
const nextId = (): number => {
  const tensor = tf.scalar(0);
  tensor.dispose();
  return tensor.id;
};

/** The tensors in what a function returned, wherever they are in it. */
const tensorsIn = (value: unknown, seen = new Set<unknown>()): Tensor[] => {
  if (value instanceof tf.Tensor) return [value as Tensor]; // of any rank, which `instanceof` leaves untyped
  if (typeof value !== 'object' || value === null || seen.has(value)) return [];
  seen.add(value);
  const isCollection = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
  return isCollection ? Object.values(value).flatMap((each) => tensorsIn(each, seen)) : [];
};

/** Frees the tensors that a function made and returned. */
const freeResult = (result: unknown, from: number): number => {
  const tensors = tensorsIn(result).filter(({ id, isDisposed }) => id > from && !isDisposed);
  tf.dispose(tensors);
  return new Set(tensors).size;
};

const conclude = (before: number, from: number, result: unknown): MatcherResult => {
  const returned = freeResult(result, from);
  const left = countTensors(tf) - before;
  const pass = left <= 0;
  const aside =
    returned === 0
      ? ''
      : returned === 1
        ? ' The tensor that it returned is not counted.'
        : ` The ${returned} tensors that it returned are not counted.`;
  return {
    pass,
    message: () =>
      pass
        ? `expect(function).not.toLeaveNoTensors()\n\nThe function left no tensor behind.${aside}`
        : `expect(function).toLeaveNoTensors()\n\nExpected: 0 tensors left behind\nReceived: ${left}\n\n` +
          `There were ${before} tensors before, and ${before + left} after.${aside} tf.tidy() frees what is made in it; ` +
          'dispose() frees one.',
  };
};

/** The matcher `toLeaveNoTensors`: see `KerasMatchers`. */
export const toLeaveNoTensors = (received: unknown): MatcherResult | Promise<MatcherResult> => {
  if (typeof received !== 'function') {
    throw argumentError(
      { function: 'toLeaveNoTensors', argument: 'received' },
      'a function, which the matcher calls',
      received,
      'Write expect(() => predictOnBatch(model, x)).toLeaveNoTensors()',
    );
  }
  const from = nextId();
  // While the function waits for something, tensors of earlier tests may be freed that these have forgotten.
  const before = countTensors(tf);
  const result: unknown = (received as () => unknown)(); // called without arguments
  return isPromise(result)
    ? Promise.resolve(result).then((value) => conclude(before, from, value))
    : conclude(before, from, result);
};
