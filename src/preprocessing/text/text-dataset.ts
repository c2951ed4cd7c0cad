import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { inspect } from 'node:util';
import { RandomState } from '../../datasets/random-state';
import { utf8Of } from '../../files/text';
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

/** The bytes of a file, of a longer one those at its beginning, and whether it is longer. */
const readBytes = async (
  file: string,
  limit: number | undefined,
): Promise<{ readonly bytes: Buffer; readonly isCut: boolean }> => {
  if (limit === undefined || (await stat(file)).size <= limit)
    return { bytes: await readFile(file), isCut: false };
  const pieces: Buffer[] = [];
  const stream: AsyncIterable<Buffer> = createReadStream(file, { end: limit - 1 });
  for await (const piece of stream) pieces.push(piece);
  return { bytes: Buffer.concat(pieces), isCut: true };
};

const readText = async ({ functionName, maxLength }: TextFiles, file: string): Promise<string> => {
  try {
    const { bytes, isCut } = await readBytes(file, maxLength);
    return utf8Of(isCut ? withoutPart(bytes) : bytes);
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
  /** @internal Says whether nobody else has the tensors that it gives: what `map` makes of them may be anybody's. */
  readonly givesAway: boolean;
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
    this.givesAway = change === undefined;
    this.#random = source.seed === undefined ? undefined : new RandomState(source.seed);
  }

  /** The same data with something made of each batch, or of what was made of it: the texts as lists of ids, say. */
  map<Changed>(change: (batch: Batch) => Changed | Promise<Changed>): TextDataset<Changed> {
    const before = this.#change;
    const changed = async (batch: TextBatch): Promise<Changed> =>
      change((before === undefined ? batch : await before(batch)) as Batch); // what it gives is of this type
    return new TextDataset<Changed>(this.#source, changed);
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
