import { isUtf8 } from 'node:buffer';
import { checkAllocation } from '../../arrays/allocate';
import { callable, type Always, type callForm, type CallForm } from '../../base/call-styles';
import {
  argumentError,
  checkOptions,
  nonNegativeInteger,
  optional,
  positiveInteger,
  required,
  type Check,
  type CheckedOptions,
  type OptionChecks,
} from '../../base/checks';
import type { WordIndex } from '../../datasets/word-index';
import { forEachLine } from '../../files/byte-lines';
import { excerpt, MalformedError } from '../../files/malformed';
import { tf, type Tensor2D } from '../../tfjs/tensorflow';
import { fileError, filename } from '../files';
import { TextTokenizer } from './tokenizer-state';

/** Options of {@link loadEmbeddingMatrix}. */
export interface EmbeddingMatrixOptions {
  /** The ids of the words: a tokenizer, its `wordIndex`, or that of a data set. */
  wordIndex: WordIndex | TextTokenizer;
  /** The number of rows: words of ids from it on are left out. Default: a tokenizer's `numWords`; else as many as there are ids. */
  numWords?: number | undefined;
  /** Is added to the id of each word: 3 for the word index of a data set. Default 0. */
  indexFrom?: number | undefined;
}

const NAME = 'loadEmbeddingMatrix';
/** Vectors of a few thousand numbers are the longest that there are. */
const MAX_LINE = 1 << 20;
const SPACE = 32;

interface Words {
  readonly index: WordIndex;
  readonly numWords: number | undefined;
}

const wordIndex: Check<Words> = (value, place) => {
  if (value instanceof TextTokenizer)
    return { index: value.wordIndex, numWords: value.numWords ?? undefined };
  // Of whatever realm.
  const isMap = Object.prototype.toString.call(value) === '[object Map]';
  if (isMap) return { index: value as WordIndex, numWords: undefined }; // what is in it is looked at row by row
  throw argumentError(
    place,
    'a Map of words and their ids, or a tokenizer',
    value,
    'Write wordIndex: tokenizer',
  );
};

const checks = {
  wordIndex: required(wordIndex),
  numWords: optional(positiveInteger),
  indexFrom: optional(nonNegativeInteger, 0),
} satisfies OptionChecks<EmbeddingMatrixOptions>;

type Options = CheckedOptions<typeof checks>;

/** The row of each word that has one, and how many rows there are. */
const rowsOf = ({ wordIndex: words, indexFrom, ...options }: Options) => {
  const limit = options.numWords ?? words.numWords;
  const rows = new Map<string, number>();
  let largest = 0;
  for (const [word, id] of words.index) {
    if (!Number.isSafeInteger(id) || id < 0) {
      const place = { function: NAME, argument: `wordIndex.get(${JSON.stringify(excerpt(word))})` };
      throw argumentError(place, 'an id: a whole number of 0 or more', id);
    }
    const row = id + indexFrom;
    if (limit !== undefined && row >= limit) continue;
    rows.set(word, row);
    if (row > largest) largest = row;
  }
  if (rows.size === 0) {
    const received = limit === undefined ? words.index : limit;
    const argument = limit === undefined ? 'wordIndex' : 'numWords';
    throw argumentError({ function: NAME, argument }, 'such that there are words in it', received);
  }
  return { rows, size: limit ?? largest + 1 };
};

/** Where the spaces of a line are; those at its end are none. */
const spacesIn = (line: Buffer): number[] => {
  let end = line.length;
  while (end > 0 && line[end - 1] === SPACE) end--;
  const spaces: number[] = [];
  for (let at = line.indexOf(SPACE); at !== -1 && at < end; at = line.indexOf(SPACE, at + 1)) spaces.push(at);
  return spaces;
};

const wordIn = (line: Buffer, end: number, number: number): string => {
  const bytes = line.subarray(0, end);
  const word = bytes.toString('utf8');
  if (word.includes('\ufffd') && !isUtf8(bytes))
    throw new MalformedError(`the word in line ${number} is not of UTF-8`);
  return word;
};

const numberIn = (text: string, number: number): number => {
  const value = Number(text);
  if (text !== '' && Number.isFinite(value)) return value;
  throw new MalformedError(`line ${number} has '${excerpt(text)}' where a number should be`);
};

/** Fills the rows of the words that a file has. */
class MatrixReader {
  #dimension: number | undefined;
  #values: Float32Array | undefined;
  readonly #found = new Set<number>();

  constructor(
    private readonly rows: ReadonlyMap<string, number>,
    private readonly size: number,
  ) {}

  read(line: Buffer, number: number): void {
    const spaces = spacesIn(line);
    if (line.length === 0) return;
    // fastText and word2vec begin with how many words there are and how long vectors are.
    if (number === 1 && spaces.length === 1 && /^\d+ \d+ *$/.test(line.toString('latin1'))) return;
    const dimension = (this.#dimension ??= spaces.length);
    if (dimension === 0) throw new MalformedError(`line ${number} is no word with numbers after it`);
    if (spaces.length < dimension) {
      throw new MalformedError(
        `line ${number} has ${spaces.length} numbers after its word, not ${dimension} as those before it`,
      );
    }
    // A word may have spaces in it: the numbers are the last ones.
    const wordEnd = spaces[spaces.length - dimension] ?? 0;
    const row = this.rows.get(wordIn(line, wordEnd, number));
    if (row === undefined) return;
    this.#values ??= this.allocate(dimension);
    const numbers = line
      .toString('latin1', wordEnd + 1)
      .trimEnd()
      .split(' ');
    for (let column = 0; column < dimension; column++)
      this.#values[row * dimension + column] = numberIn(numbers[column] ?? '', number);
    this.#found.add(row);
  }

  private allocate(dimension: number): Float32Array {
    checkAllocation(
      { function: NAME, argument: 'numWords' },
      this.size * dimension,
      `${this.size} rows of ${dimension} columns`,
      'Give a smaller numWords',
    );
    return new Float32Array(this.size * dimension);
  }

  matrix(): Tensor2D {
    if (this.#values === undefined || this.#dimension === undefined)
      throw new MalformedError(`none of the ${this.rows.size} words of \`wordIndex\` is in it`);
    return tf.tensor2d(this.#values, [this.size, this.#dimension], 'float32');
  }
}

/** A function of a file, with options, that gives a promise. */
export interface EmbeddingMatrixTask {
  (filename: string, options: EmbeddingMatrixOptions): Promise<Tensor2D>;
  (options: EmbeddingMatrixOptions): (filename: string) => Promise<Tensor2D>;
  readonly [callForm]: CallForm<['task', [options: EmbeddingMatrixOptions], Always<Tensor2D>, string]>;
}

/**
 * The vectors of words from a file of lines `word v1 v2 …`, as GloVe, word2vec (as text) and fastText have them, as the rows of a
 * matrix: the row of each word is its id. Words that are not in the file, and id 0, are rows of zeros.
 *
 * Out float32 `[numWords, length of the vectors]`, a new tensor, yours to dispose: the weights of {@link layerEmbedding}. The file is read
 * a piece at a time; of a word that comes twice the last vector counts.
 *
 * @throws KerasArgumentError if `wordIndex` is none.
 * @throws KerasFileError if the file cannot be read, a line of it is no word with numbers, which is named, or none of the words is in it.
 * @example
 * process.getBuiltinModule('node:fs').writeFileSync('vectors.txt', 'the 0.5 1\ncat -2 3\ndog 4 5\n')
 * const tokenizer = fitTextTokenizer(textTokenizer(), ['the cat', 'the bird'])
 * const matrix = await loadEmbeddingMatrix('vectors.txt', { wordIndex: tokenizer })
 * assert.deepStrictEqual(matrix.arraySync(), [[0, 0], [0.5, 1], [-2, 3], [0, 0]])
 * const model = pipe(
 *   kerasModelSequential(),
 *   layerEmbedding({ inputDim: 4, outputDim: 2, inputLength: 5, weights: [matrix], trainable: false }),
 * )
 * @see The example on GloVe of the book *Deep Learning with R*
 */
export const loadEmbeddingMatrix: EmbeddingMatrixTask = callable({
  name: NAME,
  subject: filename,
  optionNames: Object.keys(checks),
  checkOptions: (options) => checkOptions(NAME, options, checks),
  run: async (file, _, options) => {
    const { rows, size } = rowsOf(options);
    const reader = new MatrixReader(rows, size);
    try {
      await forEachLine(file, MAX_LINE, (line, number) => reader.read(line, number));
      return reader.matrix();
    } catch (error) {
      const isMalformed = error instanceof MalformedError;
      throw fileError(
        { function: NAME, argument: 'filename' },
        isMalformed
          ? 'the file must have lines of a word and its numbers, `word v1 v2 …`'
          : 'the file must be read',
        file,
        error,
        'Give the text form of the vectors, with a space between numbers, or correct the line',
      );
    }
  },
  givesPromise: true,
}) as unknown as EmbeddingMatrixTask; // the call styles are told apart by the arguments
