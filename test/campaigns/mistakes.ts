/** Mistakes in right calls: options that there are not, values that no option takes, arguments of another kind. */
import * as keras from '../../src/index';

const { KerasError, tf } = keras;

/** A call with a mistake in it. */
export interface Mistake {
  readonly args: readonly unknown[];
  /** What is wrong, in words. */
  readonly what: string;
  /** The right name of a misspelt option. */
  readonly meant?: string;
}

type Call = (...args: unknown[]) => unknown;

/** Values that options and arguments may get by mistake. */
export const VALUES: readonly (readonly [string, () => unknown])[] = [
  ['-1', () => -1],
  ['0', () => 0],
  ['a fraction', () => 0.5],
  ['NaN', () => NaN],
  ['Infinity', () => Infinity],
  ['a trillion', () => 1e12],
  ['2 ** 53', () => 2 ** 53],
  ['no text', () => ''],
  ['another text', () => 'xyzzy'],
  ['true', () => true],
  ['null', () => null],
  ['an empty array', () => []],
  ['an empty array in one', () => [[]]],
  ['an array of texts', () => ['a', 'b']],
  ['an array of large numbers', () => [1e9, 1e9]],
  ['an empty object', () => ({})],
  ['a function', () => () => undefined],
  ['a bigint', () => 1n],
  ['a tensor', () => tf.ones([2, 2])],
  ['an empty tensor', () => tf.zeros([0, 2])],
  ['a date', () => new Date(0)],
];

const isOptions = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** A name with two letters exchanged, or without one. */
const misspelt = (name: string): string => {
  const middle = Math.max(1, Math.floor(name.length / 2));
  const swapped = `${name.slice(0, middle - 1)}${name[middle] ?? ''}${name[middle - 1] ?? ''}${name.slice(middle + 1)}`;
  return swapped === name ? name.slice(0, -1) : swapped;
};

/** The names of a function's options, which it tells to whom it is given an unknown one. */
const optionsOf = (call: Call, args: readonly unknown[], at: number): readonly string[] => {
  const told = (): string => {
    try {
      const result = call(
        ...args.map((arg, index) => (index === at ? { ...(arg as object), zzzzzzzzzzzz: 1 } : arg)),
      );
      if (result instanceof Promise) void result.catch(() => undefined);
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };
  const [, list = ''] = /Use one of: (.*?)\.$/.exec(told()) ?? [];
  return [...list.matchAll(/'([^']+)'/g)].map(([, option = '']) => option);
};

/** All mistakes to be made in a call. */
export const mistakesIn = (_name: string, call: Call, args: readonly unknown[]): Mistake[] => {
  const replaced = (at: number, value: unknown): unknown[] =>
    args.map((arg, index) => (index === at ? value : arg));
  const at = args.findLastIndex(isOptions);
  const options = at < 0 ? {} : (args[at] as Readonly<Record<string, unknown>>);
  // So many epochs are no mistake, and would take as long.
  const known = at < 0 ? [] : optionsOf(call, args, at).filter((option) => option !== 'epochs');
  return [
    ...(at < 0
      ? []
      : [{ what: 'an option that there is not', args: replaced(at, { ...options, zzzzzzzzzzzz: 1 }) }]),
    // A configuration has something else than options.
    ...Object.keys(options)
      .filter((option) => option.length > 3 && known.includes(option))
      .map((option) => {
        const { [option]: value, ...others } = options;
        return {
          what: `${option} misspelt`,
          meant: option,
          args: replaced(at, { ...others, [misspelt(option)]: value }),
        };
      }),
    ...known.flatMap((option) =>
      VALUES.map(([what, make]) => ({
        what: `${option}: ${what}`,
        args: replaced(at, { ...options, [option]: make() }),
      })),
    ),
    ...args.flatMap((_, index) =>
      VALUES.map(([what, make]) => ({ what: `argument ${index}: ${what}`, args: replaced(index, make()) })),
    ),
    { what: 'an argument too many', args: [...args, 'xyzzy', 'xyzzy', 'xyzzy'] },
  ];
};

const FORM = /^[\w/.-]+: [^]+[.!?…] [^]+[.!?)]$/;

/** Whether a name is that of another function, or of what a layer is made with. */
const isWithin = (name: string): boolean =>
  name in keras || ['initializer', 'regularizer', 'constraint', 'activation'].includes(name);

/** What is wrong with an error, if anything. */
export const judge = (name: string, { meant }: Mistake, error: unknown): string | undefined => {
  if (!(error instanceof KerasError)) {
    const { stack } = error as { stack?: unknown };
    return `raw: ${String(stack ?? error)
      .split('\n')
      .slice(0, 4)
      .join(' | ')}`;
  }
  const { message } = error;
  if (!FORM.test(message)) return `form: ${message}`;
  if (message.includes('\u{E000}')) return `unnamed: ${message}`;
  if (meant !== undefined && !message.includes(meant)) return `does not suggest ${meant}: ${message}`;
  // What was given to it, and what it consists of, may say its own name.
  if (error.function !== name && !isWithin(error.function)) return `says ${error.function}: ${message}`;
  return undefined;
};
