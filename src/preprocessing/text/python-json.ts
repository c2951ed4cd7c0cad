/** JSON as Python's `json.dumps` writes it, and objects read with their order kept. */
import { messageOf } from '../../base/causes';
import { excerpt, MalformedError } from '../../files/malformed';

/** A string: what is not ASCII is escaped, by UTF-16's units. */
export const pythonString = (text: string): string =>
  JSON.stringify(text).replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** An object, with a space after each colon and comma. */
export const pythonObject = (
  entries: Iterable<readonly [key: string | number, json: string | number]>,
): string => `{${Array.from(entries, ([key, json]) => `${pythonString(String(key))}: ${json}`).join(', ')}}`;

const ENTRY = /\s*("(?:[^"\\]|\\.)*")\s*:\s*(-?\d+)\s*([,}])/y;

/**
 * The entries of a JSON object of whole numbers, in their order: JavaScript's objects have names that are numbers first.
 *
 * @throws MalformedError if it is anything else.
 */
export const countsIn = (json: unknown, what: string): [key: string, count: number][] => {
  if (typeof json !== 'string') throw new MalformedError(`its ${what} is no text`);
  try {
    JSON.parse(json);
  } catch (error) {
    throw new MalformedError(`its ${what} is no JSON (${excerpt(messageOf(error))})`);
  }
  const entries: [string, number][] = [];
  const text = json.trim();
  if (/^\{\s*\}$/.test(text)) return entries;
  // It is JSON: what comes after the last entry needs no second look.
  ENTRY.lastIndex = text.startsWith('{') ? 1 : text.length;
  for (;;) {
    const found = ENTRY.exec(text);
    if (found === null) throw new MalformedError(`its ${what} is no object of whole numbers`);
    const [, key = '', count, end] = found;
    entries.push([JSON.parse(key) as string, Number(count)]); // a string, as the pattern says
    if (end === '}') return entries;
  }
};
