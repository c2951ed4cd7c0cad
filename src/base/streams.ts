/** Values that give their data bit by bit. */

/** What gives one value after the other, at once or as promises. */
export type AnyIterator = Iterator<unknown, unknown> | AsyncIterator<unknown, unknown>;

/** A data set of `tf.data`. */
export interface TensorDataset {
  iterator(): Promise<{ next(): Promise<IteratorResult<unknown>> }>;
}

const hasFunction = (value: object, name: string | symbol): boolean =>
  name in value && typeof (value as Readonly<Record<string | symbol, unknown>>)[name] === 'function'; // any object can be read by name

/** Whether a value is a promise, of whatever library. */
export const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && hasFunction(value, 'then');

/** Whether a value is an iterator. */
export const isIterator = (value: unknown): value is AnyIterator =>
  typeof value === 'object' && value !== null && hasFunction(value, 'next');

/** Whether a value can be iterated over, and is no array of numbers and no map, whose entries are no batches. */
export const isIterable = (value: unknown): value is Iterable<unknown> | AsyncIterable<unknown> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !ArrayBuffer.isView(value) &&
  !(value instanceof Map) &&
  (hasFunction(value, Symbol.asyncIterator) || hasFunction(value, Symbol.iterator));

/** Whether a value is a data set of `tf.data`. */
export const isTensorDataset = (value: unknown): value is TensorDataset =>
  typeof value === 'object' && value !== null && hasFunction(value, 'iterator');

/** Whether a value is a stream of Node or of the web, which gives rows. */
export const isRowStream = (value: unknown): value is AsyncIterable<unknown> =>
  isIterable(value) &&
  hasFunction(value, Symbol.asyncIterator) &&
  (hasFunction(value, 'pipe') || hasFunction(value, 'getReader'));

/** Whether a value gives data bit by bit: an iterator, what can be iterated over, a data set of `tf.data`, or a function. */
export const isStream = (value: unknown): boolean =>
  typeof value === 'function' || isIterator(value) || isIterable(value) || isTensorDataset(value);
