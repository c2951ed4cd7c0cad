import type { Tensor1D, Tensor3D } from '../tfjs/tensorflow';
import type { Dataset } from './dataset';
import { defineDataset } from './define-dataset';
import { makeImageDataset, readImageArrays } from './image-arrays';
import { datasetChecks, type DatasetOptions } from './options';

/** Handwritten digits: `x` int32 `[n, 28, 28]`, 0 to 255; `y` int32 `[n]`, 0 to 9. */
export type MnistDataset = Dataset<Tensor3D, Tensor1D>;

/**
 * MNIST: 28 × 28 gray images of handwritten digits, 60,000 to train and 10,000 to test, in Keras's order.
 *
 * `x` is int32 `[n, 28, 28]`, brightness 0 (background) to 255; `y` is int32 `[n]`, the digit 0 to 9. The tensors are
 * yours to dispose, or call `dispose()` of the result.
 *
 * The file is taken from Keras's cache, `datasets/mnist.npz` in `KERAS_HOME` or `.keras` of the home folder; if it is
 * not there it is downloaded (11.5 MB) and checked. With `embedded: 'fallback'` a sample of 8,000 + 2,000 digits in this
 * package stands in when neither works. `source` says which it was.
 *
 * @throws KerasDatasetError if the data is neither in the cache nor to be downloaded.
 * @throws KerasFileError if the cached file is damaged and cannot be replaced.
 * @example
 * const mnist = await datasetMnist({ embedded: true })
 * assert.deepStrictEqual(mnist.train.x.shape, [8000, 28, 28])
 * const [[xTrain, yTrain], [xTest]] = mnist
 * assert.strictEqual(xTrain, mnist.train.x)
 * assert.deepStrictEqual([yTrain.shape, xTest.shape], [[8000], [2000, 28, 28]])
 * mnist.dispose()
 * @see R keras `dataset_mnist`
 */
export const datasetMnist: (options?: DatasetOptions) => Promise<MnistDataset> = defineDataset({
  name: 'datasetMnist',
  files: [
    {
      name: 'mnist.npz',
      bytes: 11_490_434,
      sha256: '731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1',
      // The same arrays, compressed again by a newer NumPy: the zip differs, the digits are MNIST's byte for byte.
      sameContent: ['5380ae5e862d614a357a1f3c7ab0a919a4adb62b8c4f92186836177715325f0a'],
      unpacked: { bytes: 54_950_512, lists: 0 },
      read: readImageArrays({ height: 28, width: 28, classes: 10 }),
    },
  ],
  sample: ['digits.npz'],
  options: datasetChecks,
  build: ([digits], _options, origin) => makeImageDataset(digits, origin),
});
