/** R's names and defaults, compared with those that are here. */
import type { OptionCheck } from '../../src/base/checks';
import { kerasModelSequential } from '../../src/models';
import type { Row } from '../layers/table';

/** A row of the table in docs/coverage.md. */
export interface Left {
  /** The function, or a pattern of names: `layer_*`. */
  readonly name: string;
  /** The argument; empty if the whole function is left out. */
  readonly argument: string;
  /** `left out`, or the default that stands here. */
  readonly instead: string;
  readonly reason: string;
}

/** `layer_conv_2d` → `layerConv2d`. */
export const camelCase = (name: string): string =>
  name.replaceAll(/[_.]([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** Whether a name, or a pattern of names, is meant. */
export const matches = (pattern: string, name: string): boolean =>
  pattern === name || (pattern.endsWith('*') && name.startsWith(pattern.slice(0, -1)));

/** What R's text of a default says: `c("a", "b")` is a choice, of which the first counts. */
const valueOf = (text: string): unknown => {
  if (text === 'TRUE' || text === 'FALSE') return text === 'TRUE';
  if (text === 'NULL' || text === 'NA') return undefined;
  // A list of pairs, as one list.
  if (text.startsWith('list(')) return [...text.matchAll(/-?\d+(?=L)/g)].map(([number]) => Number(number));
  const list = /^c\((.*)\)$/s.exec(text)?.[1]?.split(', ').map(valueOf);
  if (list !== undefined) return typeof list[0] === 'string' ? list[0] : list;
  if (/^".*"$/s.test(text)) return JSON.parse(text) as string;
  const number = Number(text.replace(/L$/, ''));
  return Number.isNaN(number) ? text : number;
};

/** Names without case and marks, as registries compare them; an object of tfjs by its class. */
const plain = (value: unknown): unknown => {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'string') return value.toLowerCase().replaceAll(/[-_]/g, '');
  if (typeof value === 'object' && 'className' in value) return plain(value.className);
  return value;
};

/** What counts where nothing is given. */
const NOTHING: readonly unknown[] = [false, 0, 'linear', 'channels_last'];

/** Whether a default of R's, as R writes it, is the one that is here. */
export const sameDefault = (theirs: string | null, here: unknown): boolean => {
  if (theirs === null) return true;
  if (theirs === 'list()') return ['[]', '{}'].includes(JSON.stringify(here)); // R has one kind of empty list
  const value = valueOf(theirs);
  if (here === undefined || here === null) return value === undefined || NOTHING.includes(value);
  if (Array.isArray(value) || Array.isArray(here)) {
    const size = Math.max([value].flat().length, [here].flat().length);
    const list = (one: unknown): unknown[] =>
      Array.isArray(one) ? one : Array.from({ length: size }, () => one);
    return JSON.stringify(list(value)) === JSON.stringify(list(here));
  }
  const [one, other] = [plain(value), plain(here)];
  if (one === undefined) return NOTHING.includes(here) || NOTHING.includes(other);
  return one === other;
};

interface Configured {
  getConfig(): Record<string, unknown>;
}

const isConfigured = (value: unknown): value is Configured =>
  typeof value === 'object' &&
  value !== null &&
  'getConfig' in value &&
  typeof value.getConfig === 'function';

const configOf = (value: unknown): Record<string, unknown> => (isConfigured(value) ? value.getConfig() : {});

/**
 * The default of an option: as its check says, else as the configuration of what is made without it says; undefined if neither
 * does.
 */
export const defaultOf = (
  key: string,
  option: OptionCheck<unknown>,
  call: (...parameters: unknown[]) => unknown,
  { theirs, row }: { readonly theirs: string | null; readonly row: Row | undefined },
): unknown => {
  if (option.default !== undefined) return option.default;
  // What R leaves open, the layer decides when it is made: its name, its seed, strides as large as the window.
  if (theirs === null || valueOf(theirs) === undefined) return undefined;
  if (row !== undefined) {
    const model = kerasModelSequential({ inputShape: row.input });
    row.piped()(model);
    const [layer] = model.layers;
    const config = configOf(layer);
    model.dispose();
    return config[key];
  }
  try {
    return configOf(call())[key];
  } catch {
    return undefined;
  }
};
