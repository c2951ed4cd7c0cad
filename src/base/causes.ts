/**
 * What an error says. Not by `instanceof`: errors that Node.js itself makes are of another class than `Error` wherever code
 * runs in a context of its own, as it does under Jest.
 */
const property = (error: unknown, name: 'message' | 'code'): string | undefined => {
  if (typeof error !== 'object' || error === null || !(name in error)) return undefined;
  const value: unknown = (error as Record<string, unknown>)[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

/** The code of an error of the system, such as `ENOENT`. */
export const codeOf = (error: unknown): string | undefined => property(error, 'code');

/** Anything may be thrown, and not all of it has a text. */
const textOf = (thrown: unknown): string => {
  try {
    return String(thrown);
  } catch {
    return 'an error without a message';
  }
};

/** The message of an error, or the nearest to it that there is. */
export const messageOf = (error: unknown): string => {
  const message = property(error, 'message');
  if (message !== undefined) return message;
  // Node.js gathers the failures of all addresses of a host in one error without a message.
  if (typeof error === 'object' && error !== null && 'errors' in error && Array.isArray(error.errors)) {
    const [first] = error.errors as unknown[];
    if (first !== undefined) return messageOf(first);
  }
  return codeOf(error) ?? textOf(error);
};
