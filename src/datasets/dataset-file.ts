import type { ReadLimits } from '../files/malformed';

/** A file of Keras's public data sets: where it is published, how it is recognized, and how it is read. */
export interface DatasetFile<Content> {
  /** Its name, in the cache too. */
  readonly name: string;
  /** Its length in bytes. */
  readonly bytes: number;
  /** The SHA-256 of the file that Keras publishes. */
  readonly sha256: string;
  /** SHA-256 of other files that were checked to hold the same data. */
  readonly sameContent?: readonly string[];
  /** What Keras's file holds: the bytes that it unpacks to, and the lists in its longest array of lists. */
  readonly unpacked: ReadLimits;
  /** Reads a file's content. Throws a MalformedError if it is not what it should be. */
  readonly read: (content: Buffer, limits: ReadLimits) => Promise<Content>;
}

/** The folder from which Keras itself downloads. */
export const KERAS_ADDRESS = 'https://storage.googleapis.com/tensorflow/tf-keras-datasets/';

/** A file of the user's may be written in another way, with a few bytes more for each number. */
const SPARE_FACTOR = 2;
const SPARE_BYTES = 65_536;

/** What a file in the place of Keras's may hold. */
export const limitsOf = ({ unpacked }: DatasetFile<unknown>): ReadLimits => ({
  bytes: SPARE_FACTOR * unpacked.bytes + SPARE_BYTES,
  lists: SPARE_FACTOR * unpacked.lists,
});
