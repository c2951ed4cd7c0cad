/** Lists of names in attributes of HDF5 files, which may hold 64 kB each. */
import type { Hdf5Reader, Hdf5Writer } from '../../files/hdf5';
import { MalformedError } from '../../files/malformed';

/** What HDF5's library lets an attribute have, less what stands around it: Keras's own limit. */
const LIMIT = 64_512;

/** Nearly equal parts, as NumPy's `array_split` makes them. */
const split = (names: readonly string[], parts: number): string[][] => {
  const [size, longer] = [Math.floor(names.length / parts), names.length % parts];
  let from = 0;
  return Array.from({ length: parts }, (_, index) => {
    const to = from + size + (index < longer ? 1 : 0);
    const part = names.slice(from, to);
    from = to;
    return part;
  });
};

/** Writes names, in several attributes `name0`, `name1`, … where one is too small for them. */
export const writeNames = async (
  writer: Hdf5Writer,
  path: string,
  attribute: string,
  names: readonly string[],
): Promise<void> => {
  let parts = [[...names]];
  // NumPy makes all parts as wide as the longest name of all.
  const width = Math.max(1, ...names.map((name) => Buffer.byteLength(name)));
  while (parts.some((part) => part.length * width > LIMIT && part.length > 1))
    parts = split(names, parts.length + 1);
  if (parts.length === 1) await writer.attribute(path, attribute, names);
  else
    for (const [index, part] of parts.entries()) await writer.attribute(path, `${attribute}${index}`, part);
};

const namesIn = (value: unknown, place: string): string[] => {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  // What has no names is an empty list of numbers.
  if (list.every((name): name is string => typeof name === 'string')) return list;
  throw new MalformedError(`${place} must be a list of names`);
};

/** Reads what {@link writeNames} wrote, or Keras; undefined if there is no such attribute. */
export const readNames = async (
  reader: Hdf5Reader,
  path: string,
  attribute: string,
): Promise<string[] | undefined> => {
  const attributes = await reader.attributes(path);
  const place = `the attribute ${attribute} of ${path}`;
  if (Object.hasOwn(attributes, attribute)) return namesIn(attributes[attribute], place);
  if (!Object.hasOwn(attributes, `${attribute}0`)) return undefined;
  const names: string[] = [];
  for (let index = 0; Object.hasOwn(attributes, `${attribute}${index}`); index++)
    names.push(...namesIn(attributes[`${attribute}${index}`], place));
  return names;
};
