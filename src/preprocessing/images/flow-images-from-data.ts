import { dataFunction } from '../../arrays/call-styles';
import type { ArrayLike, DataArray } from '../../arrays/tensors';
import type { callForm, CallForm } from '../../base/call-styles';
import { checkOptions, optional, type CheckedOptions, type OptionChecks } from '../../base/checks';
import { KerasArgumentError, KerasShapeError } from '../../base/errors';
import { orNull } from '../../datasets/options';
import { tf, type Tensor, type Tensor4D } from '../../tfjs/tensorflow';
import { withTensor } from './arrays';
import { commonSource, flowChecks, partOfList, splitOf, type FlowOptions } from './flow-options';
import { ImageFlow, type FlowBatch } from './image-flow';
import { imagesOf } from './image-list';

/** Options of {@link flowImagesFromData}. */
export interface FlowImagesFromDataOptions extends FlowOptions {
  /** What is to be predicted for each image; nothing by default. */
  y?: ArrayLike | null | undefined;
  /** How much each image counts; alike by default. */
  sampleWeight?: ArrayLike | null | undefined;
}

const NAME = 'flowImagesFromData';

const anything = (value: unknown): unknown => value;

const checks = {
  ...flowChecks,
  y: optional(orNull(anything), null),
  sampleWeight: optional(orNull(anything), null),
} satisfies OptionChecks<FlowImagesFromDataOptions>;

type Options = CheckedOptions<typeof checks>;

/** Rows of something that comes with the images. */
interface Rows {
  readonly data: Float32Array | Int32Array;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
}

const rowsOf = (value: unknown, argument: string, count: number): Rows =>
  withTensor(value, { argument }, (tensor) => {
    const [length = 0, ...shape] = tensor.shape;
    if (tensor.rank === 0 || length !== count) {
      throw new KerasShapeError({
        argument,
        expected: `\`${argument}\` must have a row for each of the ${count} images`,
        received: tensor.rank === 0 ? 'one number' : `${length} rows`,
        advice: 'Give as many',
      });
    }
    const dtype = tensor.dtype === 'int32' ? 'int32' : 'float32';
    const data =
      dtype === 'int32' ? Int32Array.from(tensor.dataSync()) : Float32Array.from(tensor.dataSync());
    return { data, shape, dtype };
  });

const sizeOfRow = ({ shape }: Rows): number => shape.reduce((size, one) => size * one, 1);

/** Some rows of these, as a tensor. */
const pick = (rows: Rows, places: Int32Array): Tensor => {
  const size = sizeOfRow(rows);
  const data =
    rows.dtype === 'int32' ? new Int32Array(places.length * size) : new Float32Array(places.length * size);
  places.forEach((place, row) => data.set(rows.data.subarray(place * size, (place + 1) * size), row * size));
  return tf.tensor(data, [places.length, ...rows.shape], rows.dtype);
};

/** Keras refuses parts that do not have the same labels: data that is sorted by them. */
const checkParts = (y: Rows, split: number): void => {
  const values = (from: number, to: number): string =>
    [...new Set(y.data.subarray(from, to))].sort((left, right) => left - right).join();
  if (values(0, split) === values(split, y.data.length)) return;
  throw new KerasArgumentError({
    argument: 'y',
    expected: 'both parts of the data must have the same labels',
    received: 'labels of which some are in one part only',
    advice: 'Shuffle the data first, since the first images are those for validation',
  });
};

const flowOf = (x: unknown, options: Options): ImageFlow<unknown> => {
  const { generator } = options;
  const images = imagesOf(x, generator?.dataFormat ?? 'channels_last', { argument: 'x' });
  const { data, count, height, width, channels } = images;
  const y = options.y === null ? undefined : rowsOf(options.y, 'y', count);
  const weights =
    options.sampleWeight === null ? undefined : rowsOf(options.sampleWeight, 'sampleWeight', count);
  const split = splitOf(options);
  const all = Int32Array.from({ length: count }, (_, row) => row);
  const rows = partOfList<Int32Array>(all, split);
  const border = Math.trunc(count * (generator?.options.validationSplit ?? 0));
  if (options.subset !== null && y !== undefined) checkParts(y, border * sizeOfRow(y));
  const first = rows[0] ?? 0;
  const size = height * width * channels;
  const places = (some: Int32Array): Int32Array => some.map((row) => row + first);
  if (rows.length === 0) {
    throw new KerasArgumentError({
      argument: 'subset',
      expected: 'both parts must have images',
      received: `${count} images, of which ${border} are for validation`,
      advice: 'Give another validationSplit, or more images',
    });
  }
  return new ImageFlow({
    ...commonSource(options, 1e4),
    functionName: NAME,
    count: rows.length,
    height,
    width,
    unreadable: 'error',
    nameOf: String,
    image: (row) => ({
      data: data.slice((row + first) * size, (row + first + 1) * size),
      height,
      width,
      channels,
    }),
    targets: (some) => [y, weights].flatMap((one) => (one === undefined ? [] : [pick(one, places(some))])),
  });
};

/** The batches of a flow: of images alone, where there are no labels. */
type BatchOf<Given> = Given extends { readonly y: DataArray }
  ? Given extends { readonly sampleWeight: DataArray }
    ? [...FlowBatch, weights: Tensor]
    : FlowBatch
  : Tensor4D;

/** A function of images that gives a flow of them. */
export interface ImageFlowFunction {
  <const Given extends FlowImagesFromDataOptions>(
    x: DataArray | readonly DataArray[],
    options?: Given & FlowImagesFromDataOptions,
  ): ImageFlow<BatchOf<Given>>;
  <const Given extends FlowImagesFromDataOptions>(
    options?: Given & FlowImagesFromDataOptions,
  ): (x: DataArray | readonly DataArray[]) => ImageFlow<BatchOf<Given>>;
  readonly [callForm]: CallForm<
    ['data', DataArray | readonly DataArray[], [options?: FlowImagesFromDataOptions], ImageFlow]
  >;
}

/**
 * Images in memory as batches, each changed at random by `generator`: an {@link ImageFlow}, of `[images, labels]`, `[images, labels,
 * weights]`, or of images alone.
 *
 * In `[n, height, width, channels]`, or a list of images of one size. With a seed the order and the changes are those of Keras 2.13. Of
 * the parts that the generator's `validationSplit` makes, the first images are those for validation; each keeps its weight, where Keras takes those of
 * other images. The data is copied.
 *
 * @throws KerasShapeError if `x` is no batch of images, one image is of another size, or labels and images differ in number.
 * @throws KerasArgumentError if parts do not have the same labels.
 * @example
 * const images = tf.range(0, 4).reshape([4, 1, 1, 1])
 * const generator = imageDataGenerator({ rescale: 0.5 })
 * const flow = flowImagesFromData(images, { y: [0, 1, 0, 1], generator, batchSize: 2, shuffle: false })
 * const [x, y] = (await generatorNext(flow)) ?? []
 * assert.deepStrictEqual([x?.flatten().arraySync(), y?.arraySync()], [[0, 0.5], [0, 1]])
 * @see R keras `flow_images_from_data`
 */
export const flowImagesFromData: ImageFlowFunction = dataFunction('x', {
  name: NAME,
  optionNames: Object.keys(checks),
  checkOptions: (options) => checkOptions(NAME, options, checks),
  run: (x, _, options) => flowOf(x, options),
});
