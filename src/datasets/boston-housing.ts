import { optional, type OptionChecks } from '../base/checks';
import { integersBelow } from '../base/random';
import { MalformedError, type ReadLimits } from '../files/malformed';
import { numbersOf, readNpz, type NumberMember } from '../files/npz';
import { tf, type Tensor1D, type Tensor2D } from '../tfjs/tensorflow';
import type { Origin } from './cache';
import { makeDataset, type Dataset } from './dataset';
import { defineDataset } from './define-dataset';
import { datasetChecks, seed, testFraction, type DatasetOptions } from './options';
import { RandomState } from './random-state';

/** Options of {@link datasetBostonHousing}. */
export interface BostonHousingOptions extends DatasetOptions {
  /** The fraction of the rows that go into the test set, at least 0 and below 1. Default 0.2. */
  testSplit?: number | undefined;
  /** The seed of NumPy's generator that shuffles the rows. Default 113. */
  seed?: number | undefined;
}

/** House prices: `x` float32 `[n, 13]`; `y` float32 `[n]`, thousand dollars. */
export type BostonHousingDataset = Dataset<Tensor2D, Tensor1D>;

const FEATURES = 13;

interface Houses {
  readonly x: NumberMember;
  readonly y: NumberMember;
}

const readHouses = async (content: Buffer, limits: ReadLimits): Promise<Houses> => {
  const members = await readNpz(content, ['x', 'y'], limits);
  const x = numbersOf('x', members.x, [null, FEATURES], ['f8', 'f4']);
  const y = numbersOf('y', members.y, [x.shape[0] ?? 0], ['f8', 'f4']);
  for (const [name, { numbers }] of Object.entries({ x, y })) {
    if (numbers.length === 0) throw new MalformedError(`its array \`${name}\` is empty`);
    if (!numbers.every(Number.isFinite))
      throw new MalformedError(`its array \`${name}\` has a number that is not finite`);
  }
  return { x, y };
};

/** Shuffles the rows as NumPy does, and cuts them in two. */
const splitHouses = (
  { x, y }: Houses,
  options: { readonly testSplit: number; readonly seed: number },
  origin: Origin,
): BostonHousingDataset => {
  const rows = y.numbers.length;
  const order = new RandomState(options.seed).shuffle(integersBelow(rows));
  const cut = Math.trunc(rows * (1 - options.testSplit));
  const tensors = (chosen: Int32Array): readonly [Tensor2D, Tensor1D] => {
    const features = new Float32Array(chosen.length * FEATURES);
    chosen.forEach((row, index) => {
      features.set(x.numbers.subarray(row * FEATURES, (row + 1) * FEATURES), index * FEATURES);
    });
    const prices = Float32Array.from(chosen, (row) => y.numbers[row] ?? NaN);
    return [tf.tensor2d(features, [chosen.length, FEATURES], 'float32'), tf.tensor1d(prices, 'float32')];
  };
  return makeDataset(tensors(order.subarray(0, cut)), tensors(order.subarray(cut)), origin);
};

/**
 * Boston housing: median prices of homes in 506 census tracts around Boston in the 1970s with 13 facts about each, 404
 * rows to train and 102 to test, in Keras's order.
 *
 * `x` is float32 `[n, 13]` with the columns CRIM, ZN, INDUS, CHAS, NOX, RM, AGE, DIS, RAD, TAX, PTRATIO, B, LSTAT, each in
 * a unit of its own; `y` is float32 `[n]`, thousand dollars. The tensors are yours to dispose, or call `dispose()` of
 * the result. The rows are shuffled with NumPy's generator and cut at `trunc(506 · (1 − testSplit))`.
 *
 * The file is taken from Keras's cache, `datasets/boston_housing.npz` in `KERAS_HOME` or `.keras` of the home folder; if
 * it is not there it is downloaded and checked. The same 506 rows come with this package: `embedded`.
 *
 * The column B was built from the share of Black residents on the assumption that segregation raises prices; use this data
 * to learn about methods, not about houses or people.
 *
 * @throws KerasDatasetError if the data is neither in the cache nor to be downloaded.
 * @throws KerasFileError if the cached file is damaged and cannot be replaced.
 * @example
 * const boston = await datasetBostonHousing({ embedded: true })
 * assert.deepStrictEqual([boston.train.x.shape, boston.test.x.shape], [[404, 13], [102, 13]])
 * assert.strictEqual(boston.source, 'embedded')
 * boston.dispose()
 * @see R keras `dataset_boston_housing`; Harrison and Rubinfeld 1978
 */
export const datasetBostonHousing: (options?: BostonHousingOptions) => Promise<BostonHousingDataset> =
  defineDataset({
    name: 'datasetBostonHousing',
    files: [
      {
        name: 'boston_housing.npz',
        bytes: 57_026,
        sha256: 'f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5',
        unpacked: { bytes: 56_832, lists: 0 },
        read: readHouses,
      },
    ],
    sample: ['boston_housing.npz'],
    options: {
      ...datasetChecks,
      testSplit: optional(testFraction, 0.2),
      seed: optional(seed, 113),
    } satisfies OptionChecks<BostonHousingOptions>,
    build: ([houses], options, origin) => splitHouses(houses, options, origin),
  });
