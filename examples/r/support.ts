/** What the programs of this folder share: how they are run, and where their data come from. None of them asks the network. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import {
  datasetImdb,
  datasetMnist,
  padSequences,
  setRandomSeed,
  tf,
  type Dataset,
  type Tensor,
} from 'keras-pipe';
import { runAsProgram, tellSource, type ExampleOptions } from '../support';

/** What an example is run with. */
export interface Settings {
  /** Whether seconds matter more than the figures. */
  readonly quick: boolean;
  readonly epochs: number;
  /** How much `fit` shows. */
  readonly verbose: 0 | 1 | 2 | 'auto';
  /** The sample of the package, even if the full data is there. */
  readonly embedded: boolean;
}

/** The epochs of a full and of a quick run. */
interface Epochs {
  readonly epochs: number;
  readonly quick: number;
}

/** The state of {@link random}. */
let state = 1;

/** An example's `main`, which is run at once if the example is the program. */
export const example = <Numbers>(
  file: NodeJS.Module,
  { epochs: full, quick: few }: Epochs,
  run: (settings: Settings) => Promise<Numbers>,
): ((options?: ExampleOptions) => Promise<Numbers>) => {
  const main = async (options: ExampleOptions = {}): Promise<Numbers> => {
    const { quick = false, seed = 1, epochs = quick ? few : full, embedded, verbose = 'auto' } = options;
    setRandomSeed(seed);
    state = seed + 1;
    return run({ quick, epochs, verbose, embedded: embedded === true });
  };
  void runAsProgram(file, main);
  return main;
};

/** Whether Keras's cache has a file. */
const isCached = (file: string): boolean =>
  existsSync(path.join(process.env['KERAS_HOME'] ?? path.join(homedir(), '.keras'), 'datasets', file));

/** The first rows of both parts of a data set. */
const firstRows = <X, Y extends Tensor>(
  { train, test }: Dataset<X, Y>,
  rows: number,
  cut: (x: X, rows: number) => Tensor,
): { train: [Tensor, Tensor]; test: [Tensor, Tensor] } => {
  const first = ([x, y]: readonly [X, Y], count: number): [Tensor, Tensor] => [
    cut(x, count),
    tf.cast(y.slice(0, count), 'float32'),
  ];
  return {
    train: first(train, Math.min(rows, train.y.size)),
    test: first(test, Math.min(rows, test.y.size)),
  };
};

/** Handwritten digits, `[rows, 28, 28]` from 0 to 1, and their labels. A quick run has `rows` of them. */
export const digits = async ({ quick, embedded }: Settings, rows = 2000) => {
  const mnist = await datasetMnist({ embedded: embedded || !isCached('mnist.npz') });
  tellSource('MNIST', mnist);
  return firstRows(mnist, quick ? rows : Infinity, (x, count) => tf.div(x.slice(0, count), 255));
};

/** Film reviews as the numbers of their words, `[rows, maxlen]`, and whether each is praise. A quick run has `rows` of them. */
export const reviews = async (
  { quick, embedded }: Settings,
  numWords: number,
  maxlen: number,
  rows = 2000,
) => {
  const imdb = await datasetImdb({ numWords, embedded: embedded || !isCached('imdb.npz') });
  tellSource('IMDB', imdb);
  return firstRows(imdb, quick ? rows : Infinity, (x, count) => padSequences(x.slice(0, count), { maxlen }));
};

/** A random number from 0 to 1, repeated by the example's seed: a linear congruential generator (Park and Miller 1988). */
export const random = (): number => {
  state = (48_271 * state) % 2_147_483_647;
  return state / 2_147_483_647;
};

/** One of a list, at random. */
export const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T; // there is one
