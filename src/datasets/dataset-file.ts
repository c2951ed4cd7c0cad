import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { sha256Of, type Checksum } from '../files/download';
import type { ReadLimits } from '../files/malformed';

/** What a file of Keras's public data sets is recognized by: its SHA-256, or its MD5, where that is what is known of it. */
type Recognized = { readonly sha256: string } | { readonly md5: string };

/** A file of Keras's public data sets: where it is published, how it is recognized, and how it is read. */
export type DatasetFile<Content> = FileFacts<Content> & Recognized;

interface FileFacts<Content> {
  /** Its name in the cache, from the `datasets` folder: it may be in a folder of its own. */
  readonly name: string;
  /** Where it is published, if that is not Keras's own folder, or another name. */
  readonly address?: string;
  /** Its length in bytes, where it is known. */
  readonly bytes?: number;
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

/** The hash that a file is recognized by. */
export const checksumOf = (file: DatasetFile<unknown>): Checksum =>
  'sha256' in file ? { algorithm: 'sha256', hex: file.sha256 } : { algorithm: 'md5', hex: file.md5 };

/** Where a file is published, with `folder` for Keras's own. */
export const addressOf = ({ name, address }: DatasetFile<unknown>, folder: string): URL =>
  new URL(address ?? basename(name), folder);

/** Whether a content is that of the file, or one that was checked to hold the same data. */
export const isContentOf = (file: DatasetFile<unknown>, content: Buffer): boolean => {
  const { algorithm, hex } = checksumOf(file);
  const { sameContent = [] } = file;
  if (createHash(algorithm).update(content).digest('hex') === hex) return true;
  return sameContent.length > 0 && sameContent.includes(sha256Of(content));
};
