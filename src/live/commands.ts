import { isPlainObject } from '../base/checks';

/** What the page's buttons ask for. */
export type Command =
  | { readonly command: 'pause' | 'resume' | 'stop' }
  | { readonly command: 'lowerLearningRate'; readonly factor: number };

const isFactor = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 && value < 1;

const hasKeys = (value: object, ...keys: readonly string[]): boolean =>
  Object.keys(value).sort().join() === keys.join();

/** A command in what the page sent; undefined if it is none. */
export const commandIn = (text: string): Command | undefined => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isPlainObject(value)) return undefined;
  const { command, factor } = value;
  if (command === 'lowerLearningRate') {
    return hasKeys(value, 'command', 'factor') && isFactor(factor) ? { command, factor } : undefined;
  }
  const isKnown = command === 'pause' || command === 'resume' || command === 'stop';
  return isKnown && hasKeys(value, 'command') ? { command } : undefined;
};
