import path from 'node:path';
import { inspect } from 'node:util';
import { KerasError } from '../../base/errors';
import { integersBelow, nextSeed } from '../../base/random';
import { RandomState } from '../../datasets/random-state';
import { tf, type Tensor, type Tensor4D } from '../../tfjs/tensorflow';
import { fileError } from '../files';
import { readAhead } from '../read-ahead';
import { FilesReader } from './files-reader';
import { channelsFirst, type FloatImage } from './float-image';
import type { ImageDataGenerator } from './generator';
import type { UnreadableFiles } from './options';
import { bytesOf, formatOf, writeImage, type FormatName } from './save-image';
import type { ImageTransformation } from './transform';

/** A batch: images, float32, and what belongs to them. */
export type FlowBatch = [images: Tensor4D, labels: Tensor];

/** Where images of a flow are saved, if they are. */
export interface SavedImages {
  readonly folder: string | null;
  readonly prefix: string;
  readonly format: FormatName;
  /** Numbers in names are below this. */
  readonly names: number;
}

/** What a flow is made of. */
export interface FlowSource {
  readonly functionName: string;
  readonly generator: ImageDataGenerator;
  /** What an image is, for its transformation. */
  readonly height: number;
  readonly width: number;
  readonly count: number;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly seed: number | null;
  readonly saved: SavedImages;
  readonly isFirst: boolean;
  readonly unreadable: UnreadableFiles;
  /** What rows are called where one cannot be read: their files. */
  readonly nameOf: (row: number) => string;
  readonly image: (row: number) => FloatImage | Promise<FloatImage>;
  /** What comes with the images of some rows: labels, weights; nothing where images come alone. */
  readonly targets: (rows: Int32Array, images: Tensor4D) => readonly (Tensor | Tensor[])[];
  /** The names of the classes, in the order of their labels. */
  readonly classNames?: readonly string[];
  readonly classes?: readonly number[] | Int32Array;
  readonly files?: readonly string[];
}

/** What a batch will be made of, drawn in Keras's order. */
interface Plan {
  readonly rows: Int32Array;
  readonly random: RandomState;
  readonly transformations: readonly ImageTransformation[];
}

/**
 * Batches of images, each changed at random by its generator: `for await` goes through one epoch of them, `next()`, and so `generatorNext()`,
 * through one after the other; `fit`, `evaluate` and `predict` take it, and go on with the next where they are to make more steps than
 * one epoch has. Files of the next batch are read and decoded by other threads meanwhile.
 *
 * @example
 * const flow = flowImagesFromData(tf.ones([5, 2, 2, 1]), { batchSize: 2 })
 * assert.deepStrictEqual([flow.size, flow.steps], [5, 3])
 * const batch = await generatorNext(flow)
 * assert.deepStrictEqual(batch?.shape, [2, 2, 2, 1])
 */
export class ImageFlow<Batch = FlowBatch> implements AsyncIterable<Batch> {
  /** How many images there are. */
  readonly size: number;
  /** How many batches an epoch has. */
  readonly steps: number;
  /** How many images a batch has. */
  readonly batchSize: number;
  /** The names of the classes, in the order of their labels; none where there are no classes. */
  readonly classNames: readonly string[];
  /** The label of each image, where there are classes. */
  readonly classes: readonly (number | readonly number[])[];
  /** The files, in their order, where images are in files. */
  readonly files: readonly string[];
  /** @internal Says that it goes on where more is asked for than an epoch has. */
  readonly repeats = true;
  /** @internal Says that nobody else has the tensors that it gives. */
  readonly givesAway = true;
  readonly #source: FlowSource;
  readonly #reader: FilesReader;
  readonly #seed: number;
  #seen = 0;
  #order: Int32Array = new Int32Array(0);
  #running: AsyncGenerator<Batch, void, void> | undefined;

  /** @internal */
  constructor(source: FlowSource) {
    this.#source = source;
    this.size = source.count;
    this.batchSize = source.batchSize;
    this.steps = Math.ceil(source.count / source.batchSize);
    this.classNames = source.classNames ?? [];
    this.classes = [...(source.classes ?? [])];
    this.files = source.files ?? [];
    this.#reader = new FilesReader(source.functionName, source.unreadable);
    this.#seed = source.seed ?? nextSeed();
  }

  /** The label of each class, by its name. */
  get classIndices(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.classNames.map((name, label) => [name, label]));
  }

  /** The files that were left out so far since they cannot be read. */
  get skipped(): readonly string[] {
    return [...this.#reader.skipped];
  }

  /** The next batch; after the last of an epoch comes the first of the next. */
  async next(): Promise<IteratorResult<Batch, void>> {
    const running = (this.#running ??= this[Symbol.asyncIterator]());
    const next = await running.next();
    if (next.done !== true) return next;
    this.#running = this[Symbol.asyncIterator]();
    return this.#running.next();
  }

  /** Draws what a batch will be made of. As in Keras, each has a seed of its own. */
  #plan(index: number): Plan {
    const { count, batchSize, shuffle, generator, height, width } = this.#source;
    const random = new RandomState((this.#seed + this.#seen++) % 2 ** 32);
    if (index === 0) {
      this.#order = integersBelow(count);
      if (shuffle) random.shuffle(this.#order);
    }
    const rows = this.#order.slice(index * batchSize, (index + 1) * batchSize);
    return { rows, random, transformations: Array.from(rows, () => generator.draw(random, height, width)) };
  }

  async #image(row: number, transformation: ImageTransformation): Promise<FloatImage> {
    const { generator, image } = this.#source;
    return generator.normalize(generator.transform(await image(row), transformation));
  }

  async #batch({ rows, random, transformations }: Plan): Promise<Batch | undefined> {
    const { nameOf, targets, isFirst } = this.#source;
    const images = await this.#reader.read(
      Array.from(rows, (row) => nameOf(row)),
      (_, index) => this.#image(rows[index] ?? 0, transformations[index] ?? {}),
    );
    await this.#save(images, rows, random);
    const made = images.filter((image) => image !== undefined);
    const [first] = made;
    if (first === undefined) return undefined;
    const { height, width, channels } = first;
    const size = height * width * channels;
    const data = new Float32Array(made.length * size);
    made.forEach((image, index) => data.set(isFirst ? channelsFirst(image) : image.data, index * size));
    const [one, other, last] = isFirst
      ? ([channels, height, width] as const)
      : ([height, width, channels] as const);
    const x = tf.tensor4d(data, [made.length, one, other, last]);
    const others = targets(
      rows.filter((_, index) => images[index] !== undefined),
      x,
    );
    return (others.length === 0 ? x : [x, ...others]) as Batch; // as the class mode says
  }

  async #save(
    images: readonly (FloatImage | undefined)[],
    rows: Int32Array,
    random: RandomState,
  ): Promise<void> {
    const { saved, functionName } = this.#source;
    const { folder, prefix, format, names } = saved;
    if (folder === null) return;
    for (const [index, image] of images.entries()) {
      const number = random.interval(names - 1);
      if (image === undefined) continue;
      const file = path.join(folder, `${prefix}_${rows[index] ?? 0}_${number}.${format}`);
      try {
        await writeImage(file, bytesOf(image, true), formatOf(format));
      } catch (error) {
        const place = { function: functionName, argument: 'saveToDir' };
        throw fileError(place, 'the images must be saved', file, error);
      }
    }
  }

  [Symbol.asyncIterator](): AsyncGenerator<Batch, void, void> {
    return readAhead(this.steps, async (index) => {
      const batch = await this.#named(() => this.#batch(this.#plan(index)));
      if (index === this.steps - 1) this.#reader.checkSomeRead(this.files);
      return batch;
    });
  }

  /** Errors of what is done to images have the name of the function that the user called. */
  async #named<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      KerasError.nameFunction(error, this.#source.functionName);
      throw error;
    }
  }

  toString(): string {
    const classes = this.classNames.length === 0 ? '' : ` of ${this.classNames.length} classes`;
    return `ImageFlow: ${this.size} images${classes} in ${this.steps} batches`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}
