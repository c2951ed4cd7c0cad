/** What all examples share: their options, where their data came from, and being run as programs. */
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Dataset } from 'keras-pipe';

/** Options that every example takes. */
export interface ExampleOptions {
  /** Fewer rows and epochs: seconds instead of minutes, and worse figures. */
  quick?: boolean;
  /** The seed of all random numbers. */
  seed?: number;
  /** The epochs to train for, where the example trains. */
  epochs?: number;
  /** The sample data of this package: always, or, by default, if the full data cannot be had. */
  embedded?: boolean | 'fallback';
  /** How much `fit` shows. */
  verbose?: 0 | 1 | 2 | 'auto';
}

/** Prints which data an example uses. */
export const tellSource = (name: string, { source, path: file }: Dataset<unknown, unknown>): void => {
  const where = {
    cache: `from the cache, ${file}`,
    download: `downloaded to ${file}`,
    embedded: 'the sample',
  };
  console.log(`Data: ${name}, ${where[source]}`);
  // The Boston data comes with the package in full.
  if (source === 'embedded' && name !== 'Boston housing') {
    console.log("The sample is small. The book's figures need the real data: see README.md, Data sets.");
  }
};

const usage = (
  program: string,
): string => `Usage: ${program === 'lecture.ts' ? 'npm run lecture --' : `npx tsx examples/${program}`} [options]

  --quick        fewer rows and epochs
  --seed N       the seed of all random numbers
  --epochs N     the epochs to train for
  --embedded     the sample data of this package, even if the full data is there
  --help         show this
`;

const wholeNumber = (option: string, text: string | undefined, least: number): number | undefined => {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text) && Number(text) >= least && Number(text) < 2 ** 32) return Number(text);
  throw new Error(`--${option} must be a whole number from ${least} on, and is '${text}'`);
};

const readOptions = (parameters: readonly string[]): ExampleOptions | 'help' => {
  const { values } = parseArgs({
    args: [...parameters],
    options: {
      quick: { type: 'boolean' },
      seed: { type: 'string' },
      epochs: { type: 'string' },
      embedded: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) return 'help';
  const seed = wholeNumber('seed', values.seed, 0);
  const epochs = wholeNumber('epochs', values.epochs, 1);
  return {
    quick: values.quick === true,
    embedded: values.embedded === true ? true : 'fallback',
    ...(seed === undefined ? {} : { seed }),
    ...(epochs === undefined ? {} : { epochs }),
  };
};

/** Runs the `main` of an example with the options of the command line, if that example is what Node.js was asked to run. */
export const runAsProgram = async (
  file: NodeJS.Module,
  main: (options: ExampleOptions) => Promise<unknown>,
): Promise<void> => {
  if (require.main !== file) return;
  const program = path.relative(__dirname, file.filename);
  let options: ExampleOptions | 'help';
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error);
    process.stderr.write(`${program}: ${reason}.\n\n${usage(program)}`);
    process.exitCode = 2;
    return;
  }
  if (options === 'help') process.stdout.write(usage(program));
  else await main(options);
};
