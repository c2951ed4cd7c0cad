import { readFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import { MalformedError } from '../../files/malformed';
import { RandomState } from '../../datasets/random-state';
import { tf, type Tensor, type Tensor1D } from '../../tfjs/tensorflow';
import type { DirectorySamples } from '../directory-options';
import { fileError } from '../files';
import { withLabels } from '../labels';
import { readAhead } from '../read-ahead';

/** A tensor of strings `[n]`. First what it gives, since tfjs's own types say that a tensor gives numbers. */
export type TextTensor = { arraySync(): string[]; array(): Promise<string[]> } & Tensor1D;

/** A batch: texts, and their labels. */
export type TextBatch = [texts: TextTensor, labels: Tensor];

/** What a data set of files is made of. */
export interface TextFiles extends DirectorySamples {
  readonly functionName: string;
  /** How many bytes of each file are read. */
  readonly maxLength: number | undefined;
}

/** Without the character that is cut off at the end of bytes of UTF-8. */
const withoutPart = (bytes: Buffer): Buffer => {
  let start = bytes.length - 1;
  while (start > bytes.length - 4 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start--;
  const lead = bytes[start] ?? 0;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return start + length > bytes.length ? bytes.subarray(0, start) : bytes;
};

const decodeFile = (bytes: Buffer): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new MalformedError('the bytes are no characters of UTF-8', { cause: error });
  }
};

const readText = async ({ functionName, maxLength }: TextFiles, file: string): Promise<string> => {
  try {
    const bytes = await readFile(file);
    const isCut = maxLength !== undefined && bytes.length > maxLength;
    return decodeFile(isCut ? withoutPart(bytes.subarray(0, maxLength)) : bytes);
  } catch (error) {
    const place = { function: functionName, argument: 'directory' };
    const advice = 'Save it as UTF-8, or move it away';
    throw fileError(place, 'each file must be a text of UTF-8', file, error, advice);
  }
};

/**
 * Texts in files, as batches: what `for await` goes through, each time anew, and in another order if they are shuffled. The next batch is
 * read while the last one is used. {@link textDatasetFromDirectory} makes one.
 *
 * @example
 * const { mkdirSync, writeFileSync } = process.getBuiltinModule('node:fs')
 * for (const name of ['neg', 'pos']) mkdirSync(`films/${name}`, { recursive: true })
 * writeFileSync('films/neg/1.txt', 'a bad film')
 * writeFileSync('films/pos/1.txt', 'a good film')
 * const films = await textDatasetFromDirectory('films', { shuffle: false })
 * assert.deepStrictEqual([films.classNames, films.size], [['neg', 'pos'], 2])
 * for await (const [texts, labels] of films)
 *   assert.deepStrictEqual([texts.arraySync(), labels.arraySync()], [['a bad film', 'a good film'], [0, 1]])
 */
export class TextDataset<Batch = TextBatch> implements AsyncIterable<Batch> {
  /** The names of the classes, in the order of their labels. */
  readonly classNames: readonly string[];
  /** The files, in their order. */
  readonly files: readonly string[];
  /** How many texts there are. */
  readonly size: number;
  /** How many batches an epoch has. */
  readonly steps: number;
  readonly #source: TextFiles;
  readonly #change: ((batch: TextBatch) => unknown) | undefined;
  readonly #random: RandomState | undefined;

  /** @internal */
  constructor(source: TextFiles, change?: (batch: TextBatch) => unknown) {
    this.classNames = source.classNames;
    this.files = source.files;
    this.size = source.files.length;
    this.steps = Math.ceil(this.size / source.batchSize);
    this.#source = source;
    this.#change = change;
    this.#random = source.seed === undefined ? undefined : new RandomState(source.seed);
  }

  /** The same data with something made of each batch: the texts as lists of ids, say. */
  map<Changed>(change: (batch: TextBatch) => Changed | Promise<Changed>): TextDataset<Changed> {
    return new TextDataset<Changed>(this.#source, change);
  }

  async #read(rows: Int32Array): Promise<unknown> {
    const { files } = this.#source;
    const texts = await Promise.all(Array.from(rows, (row) => readText(this.#source, files[row] ?? '')));
    const batch = withLabels(tf.tensor1d(texts, 'string'), rows, this.#source, this.classNames.length);
    return this.#change === undefined ? batch : this.#change(batch as TextBatch); // as the label mode says
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Batch, void, void> {
    const { batchSize } = this.#source;
    const order = Int32Array.from(this.files, (_, row) => row);
    this.#random?.shuffle(order);
    yield* readAhead(this.steps, async (index) => {
      const from = index * batchSize;
      return (await this.#read(order.slice(from, from + batchSize))) as Batch; // what was made of it
    });
  }

  toString(): string {
    const classes = this.classNames.length === 0 ? '' : ` of ${this.classNames.length} classes`;
    return `TextDataset: ${this.size} texts${classes} in ${this.steps} batches`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}
