import { messageOf } from '../base/causes';
import { excerpt, MalformedError } from '../files/malformed';
import { utf8Of } from '../files/text';

/** Words and their ranks by frequency, 1 the most frequent. */
export type WordIndex = ReadonlyMap<string, number>;

/** Reads a JSON object of words and their ranks. */
export const readWordIndex = (content: Buffer): Promise<WordIndex> => {
  const text = utf8Of(content);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new MalformedError(`the text is no JSON (${excerpt(messageOf(error))})`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new MalformedError('the text is no JSON object of words');
  }
  const words = Object.entries(parsed as Record<string, unknown>);
  if (words.length === 0) throw new MalformedError('the word list is empty');
  const index = new Map<string, number>();
  for (const [word, rank] of words) {
    if (typeof rank !== 'number' || !Number.isInteger(rank) || rank < 1) {
      throw new MalformedError(`the word ${JSON.stringify(excerpt(word))} has no rank`);
    }
    index.set(word, rank);
  }
  return Promise.resolve(index);
};
