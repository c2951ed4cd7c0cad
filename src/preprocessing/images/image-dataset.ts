import { inspect } from 'node:util';
import { RandomState } from '../../datasets/random-state';
import type { Interpolation } from '../../ops/resample';
import type { Tensor, Tensor4D } from '../../tfjs/tensorflow';
import type { DirectorySamples } from '../directory-options';
import { withLabels } from '../labels';
import { readAhead } from '../read-ahead';
import { FilesReader } from './files-reader';
import { batchOf } from './kernels';
import type { ImageSize, UnreadableFiles } from './options';
import { cropped, type ColorMode, type Pixels } from './pixels';
import { readResized } from './read-image';

/** A batch: images, float32 `[n, height, width, channels]`, and their labels. */
export type ImageBatch = [images: Tensor4D, labels: Tensor];

/** What a data set of images is made of. */
export interface ImageFiles extends DirectorySamples {
  readonly functionName: string;
  readonly colorMode: ColorMode;
  readonly size: ImageSize;
  readonly interpolation: Interpolation;
  readonly isCropped: boolean;
  readonly isUpright: boolean;
  readonly unreadable: UnreadableFiles;
}

/** How many batches are made ahead: two, so that the first files of one are decoded beside the last of the other. */
const AHEAD = 2;

/** The largest part in the middle of an image that has the proportions of a size, worked out in float32 as Keras does. */
const middle = (pixels: Pixels, [height, width]: ImageSize): Pixels => {
  const { fround, trunc, min } = Math;
  const rows = min(pixels.height, trunc(fround(fround(pixels.width * height) / width)));
  const columns = min(pixels.width, trunc(fround(fround(pixels.height * width) / height)));
  const from = [trunc((pixels.height - rows) / 2), trunc((pixels.width - columns) / 2)] as const;
  return cropped(pixels, from, [rows, columns]);
};

/**
 * Images in files, as batches: what `for await` goes through, each time anew, and in another order if they are shuffled; `fit`, `evaluate`
 * and `predict` take it. The files of the next two batches are read and decoded by other threads while the last one is used.
 * {@link imageDatasetFromDirectory} makes one.
 *
 * @example
 * for (const name of ['dark', 'light']) await imageArraySave([[name === 'dark' ? 0 : 255]], `pictures/${name}/1.png`, { scale: false })
 * const pictures = await imageDatasetFromDirectory('pictures', { imageSize: [4, 4], colorMode: 'grayscale', shuffle: false })
 * assert.deepStrictEqual([pictures.classNames, pictures.size], [['dark', 'light'], 2])
 * for await (const [images, labels] of pictures)
 *   assert.deepStrictEqual([images.shape, labels.arraySync()], [[2, 4, 4, 1], [0, 1]])
 */
export class ImageDataset<Batch = ImageBatch> implements AsyncIterable<Batch> {
  /** The names of the classes, in the order of their labels. */
  readonly classNames: readonly string[];
  /** The files, in their order. */
  readonly files: readonly string[];
  /** How many images there are. */
  readonly size: number;
  /** How many batches an epoch has. */
  readonly steps: number;
  /** @internal Says whether nobody else has the tensors that it gives: what `map` makes of them may be anybody's. */
  readonly givesAway: boolean;
  readonly #source: ImageFiles;
  readonly #change: ((batch: ImageBatch) => unknown) | undefined;
  readonly #random: RandomState | undefined;
  readonly #reader: FilesReader;

  /** @internal */
  constructor(source: ImageFiles, change?: (batch: ImageBatch) => unknown) {
    this.classNames = source.classNames;
    this.files = source.files;
    this.size = source.files.length;
    this.steps = Math.ceil(this.size / source.batchSize);
    this.#source = source;
    this.#change = change;
    this.givesAway = change === undefined;
    this.#random = source.seed === undefined ? undefined : new RandomState(source.seed);
    this.#reader = new FilesReader(source.functionName, source.unreadable);
  }

  /** The files that were left out so far since they cannot be read. */
  get skipped(): readonly string[] {
    return [...this.#reader.skipped];
  }

  /** The same data with something made of each batch, or of what was made of it: images of numbers from 0 to 1, say. */
  map<Changed>(change: (batch: Batch) => Changed | Promise<Changed>): ImageDataset<Changed> {
    const before = this.#change;
    const changed = async (batch: ImageBatch): Promise<Changed> =>
      change((before === undefined ? batch : await before(batch)) as Batch); // what it gives is of this type
    return new ImageDataset<Changed>(this.#source, changed);
  }

  async #image(file: string): Promise<Tensor> {
    const { functionName, colorMode, size, interpolation, isCropped, isUpright } = this.#source;
    const place = { function: functionName, argument: 'directory' };
    const cut = isCropped ? (pixels: Pixels): Pixels => middle(pixels, size) : undefined;
    return readResized(file, { place, colorMode, like: 'tensorflow', isUpright }, { size, interpolation, cut }); // prettier-ignore
  }

  async #batch(rows: Int32Array, isWanted: () => boolean): Promise<unknown> {
    const { files } = this.#source;
    const images = await this.#reader.read(
      Array.from(rows, (row) => files[row] ?? ''),
      (file) => this.#image(file),
      (image) => image.dispose(),
      isWanted,
    );
    const made = images.filter((image) => image !== undefined);
    if (made.length === 0) return undefined;
    const x = batchOf(made) as Tensor4D; // a batch axis and those of images
    const kept = rows.filter((_, index) => images[index] !== undefined);
    const batch = withLabels(x, kept, this.#source, this.classNames.length);
    return this.#change === undefined ? batch : this.#change(batch as ImageBatch); // as the label mode says
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Batch, void, void> {
    const { batchSize } = this.#source;
    const order = Int32Array.from(this.files, (_, row) => row);
    this.#random?.shuffle(order);
    yield* readAhead(
      this.steps,
      async (index, isWanted) => {
        const from = index * batchSize;
        return (await this.#batch(order.slice(from, from + batchSize), isWanted)) as Batch | undefined; // what was made of it
      },
      AHEAD,
    );
    this.#reader.checkSomeRead(this.files);
  }

  toString(): string {
    const classes = this.classNames.length === 0 ? '' : ` of ${this.classNames.length} classes`;
    return `ImageDataset: ${this.size} images${classes} in ${this.steps} batches`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}
