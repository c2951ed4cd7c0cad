import type { DataFor } from '../data';
import type { TensorDataset } from '../../base/streams';

/** A batch by the names of its parts. */
export interface NamedBatch {
  readonly x: DataFor;
  readonly y?: DataFor | null | undefined;
  readonly sampleWeight?: DataFor | undefined;
}

/** A batch as `tf.data` has it. */
export interface TensorBatch {
  readonly xs: DataFor;
  readonly ys?: DataFor | null | undefined;
}

/**
 * One batch: `[x, y]`, `[x, y, sampleWeight]`, `{ x, y, sampleWeight }`, `{ xs, ys }`, or, for predictions, the data alone. Of a
 * stream of Node: the same of one row.
 */
export type StreamItem =
  | number
  | DataFor
  // A generator's `yield [x, y]` has an array's type, not that of a pair.
  | readonly (number | DataFor | null | undefined)[]
  | NamedBatch
  | TensorBatch;

/**
 * Batches, one after the other.
 *
 * - An iterator or a generator: it goes on over epochs, and is closed at the end of the call.
 * - An object that can be iterated over, a data set of `tf.data`, or a function that returns an iterator: each epoch begins anew.
 * - A function that returns a batch, as R's generators are, or a promise of one, and null where there are no more.
 * - A stream of Node or of the web: of rows, which are put together to batches.
 *
 * Arrays are no streams: they are data.
 */
export type DataStream<Item = StreamItem> =
  | (Iterable<Item> & { readonly length?: never })
  | AsyncIterable<Item>
  | Iterator<Item, unknown>
  | AsyncIterator<Item, unknown>
  | TensorDataset
  | (() =>
      | Item
      | Promise<Item | null | undefined>
      | (Iterable<Item> & { readonly length?: never })
      | AsyncIterable<Item>
      | Iterator<Item, unknown>
      | AsyncIterator<Item, unknown>
      | TensorDataset
      | null
      | undefined);

/** Options of functions that take a {@link DataStream}. */
export interface StreamOptions {
  /**
   * Streams: how many batches are made ahead, at most, while a step runs; 0 for none, where a batch depends on the step before it.
   * By default as many as take one execution of compiled steps, 64 MB at most.
   */
  maxQueueSize?: number | undefined;
  /** Streams: milliseconds to wait for a batch, after which the call fails; no limit by default. */
  batchTimeout?: number | undefined;
}
