import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Tensor } from '../../../src/index';
import { camelCase } from '../../support/r-keras';

/** Files by their paths, in base64. */
export type Files = Readonly<Record<string, string>>;

/** Writes files into a folder. */
export const writeFiles = async (
  folder: string,
  files: Readonly<Record<string, string | Buffer>>,
): Promise<string> => {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, typeof content === 'string' ? Buffer.from(content, 'base64') : content);
  }
  return folder;
};

/** Keras's options under their names here. */
export const camel = (options: Readonly<Record<string, unknown>>): Record<string, never> =>
  Object.fromEntries(Object.entries(options).map(([name, value]) => [camelCase(name), value])) as Record<
    string,
    never
  >; // of the types that the options have

/** How far numbers are apart at most. */
export const distance = (one: ArrayLike<number>, other: ArrayLike<number>): number => {
  expect(one.length).toBe(other.length);
  let most = 0;
  for (let at = 0; at < one.length; at++)
    most = Math.max(most, Math.abs((one[at] ?? NaN) - (other[at] ?? NaN)));
  return most;
};

/** The numbers of a tensor. */
export const numbers = (tensor: Tensor): number[] => Array.from(tensor.dataSync());

/** What a function throws, as text. */
export const errorOf = async (run: () => unknown): Promise<string> => {
  try {
    await run();
  } catch (error) {
    return String(error);
  }
  return 'no error';
};
