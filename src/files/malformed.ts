/**
 * A file's content is not what its format says. Readers of one format throw it with a clause that says what is wrong;
 * whoever knows the path and the function called turns it into a `KerasFileError`.
 */
export class MalformedError extends Error {
  override readonly name = 'MalformedError';
}
