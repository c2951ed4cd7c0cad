import { oneOf, optional, type OptionChecks } from '../base/checks';
import type { Tensor2D, Tensor4D } from '../tfjs/tensorflow';
import { makeColorDataset, readColorImages } from './color-images';
import type { Dataset } from './dataset';
import { defineDataset } from './define-dataset';
import { datasetChecks, type DatasetOptions } from './options';

/** Small color images: `x` int32 `[n, 32, 32, 3]`, 0 to 255; `y` int32 `[n, 1]`. */
export type CifarDataset = Dataset<Tensor4D, Tensor2D>;

/** Options of {@link datasetCifar100}. */
export interface Cifar100Options extends DatasetOptions {
  /** Which labels: of the 100 classes, `'fine'`, the default, or of the 20 groups of them, `'coarse'`. */
  labelMode?: 'fine' | 'coarse' | undefined;
}

/** What both archives unpack to, nearly to the byte. */
const UNPACKED = 186_400_000;

/**
 * CIFAR-10: 32 × 32 color images of ten classes, 50,000 to train and 10,000 to test, in Keras's order.
 *
 * `x` is int32 `[n, 32, 32, 3]`, red, green and blue from 0 to 255; `y` is int32 `[n, 1]`: 0 airplane, 1 automobile, 2 bird, 3 cat, 4 deer,
 * 5 dog, 6 frog, 7 horse, 8 ship, 9 truck. The tensors are yours to dispose, or call `dispose()` of the result; they take 740 MB.
 *
 * The archive is taken from Keras's cache, `datasets/cifar-10-batches-py.tar.gz` in `KERAS_HOME` or `.keras` of the home folder; if it is
 * not there it is downloaded (170 MB) and checked. Its pickles are read without running anything that they say.
 *
 * @throws KerasDatasetError if the data is neither in the cache nor to be downloaded.
 * @throws KerasFileError if the cached file is damaged and cannot be replaced.
 * @example
 * const show = async () => {
 *   const { train, test } = await datasetCifar10()
 *   console.log(train.x.shape, test.y.shape) // [50000, 32, 32, 3] [10000, 1]
 * }
 * @see R keras `dataset_cifar10`; Krizhevsky 2009
 */
export const datasetCifar10: (options?: DatasetOptions) => Promise<CifarDataset> = defineDataset({
  name: 'datasetCifar10',
  files: [
    {
      name: 'cifar-10-batches-py.tar.gz',
      address: 'https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz',
      bytes: 170_498_071,
      sha256: '6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce',
      unpacked: { bytes: UNPACKED, lists: 10_000 },
      read: readColorImages({
        train: [1, 2, 3, 4, 5].map((number) => `cifar-10-batches-py/data_batch_${number}`),
        test: ['cifar-10-batches-py/test_batch'],
        classes: { labels: 10 },
      }),
    },
  ],
  options: datasetChecks,
  build: ([images], _options, origin) => makeColorDataset(images, 'labels', origin),
});

/**
 * CIFAR-100: 32 × 32 color images of a hundred classes in twenty groups, 50,000 to train and 10,000 to test, in Keras's order.
 *
 * `x` is int32 `[n, 32, 32, 3]`, red, green and blue from 0 to 255; `y` is int32 `[n, 1]`, the class 0 to 99, or the group 0 to 19. The
 * tensors are yours to dispose, or call `dispose()` of the result; they take 740 MB.
 *
 * The archive is taken from Keras's cache, `datasets/cifar-100-python.tar.gz` in `KERAS_HOME` or `.keras` of the home folder; if it is not
 * there it is downloaded (169 MB) and checked. Its pickles are read without running anything that they say.
 *
 * @throws KerasArgumentError if `labelMode` is neither `'fine'` nor `'coarse'`.
 * @throws KerasDatasetError if the data is neither in the cache nor to be downloaded.
 * @throws KerasFileError if the cached file is damaged and cannot be replaced.
 * @example
 * const show = async () => {
 *   const { train } = await datasetCifar100({ labelMode: 'coarse' })
 *   console.log(train.y.max().dataSync()) // [19]
 * }
 * @see R keras `dataset_cifar100`; Krizhevsky 2009
 */
export const datasetCifar100: (options?: Cifar100Options) => Promise<CifarDataset> = defineDataset({
  name: 'datasetCifar100',
  files: [
    {
      name: 'cifar-100-python.tar.gz',
      address: 'https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz',
      bytes: 169_001_437,
      sha256: '85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7',
      unpacked: { bytes: UNPACKED, lists: 50_000 },
      read: readColorImages({
        train: ['cifar-100-python/train'],
        test: ['cifar-100-python/test'],
        classes: { fine_labels: 100, coarse_labels: 20 },
      }),
    },
  ],
  options: {
    ...datasetChecks,
    labelMode: optional(oneOf('fine', 'coarse'), 'fine'),
  } satisfies OptionChecks<Cifar100Options>,
  build: ([images], { labelMode }, origin) => makeColorDataset(images, `${labelMode}_labels`, origin),
});
