/**
 * A file's content is not what its format says. Readers of one format throw it with a clause that says what is wrong;
 * whoever knows the path and the function called turns it into a `KerasFileError`.
 */
export class MalformedError extends Error {
  override readonly name = 'MalformedError';
}

const MAX_TEXT = 80;

/** A piece of a file's content, for a message: short, however long it is. */
export const excerpt = (text: string): string =>
  text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;

/** The most that a file may make of itself, from what the data in it can honestly hold. */
export interface ReadLimits {
  /** Bytes that all arrays together may unpack to. */
  readonly bytes: number;
  /** Lists in one array. */
  readonly lists: number;
}
