import { checkOptions } from '../base/checks';
import { tf, type Tensor1D, type Tensor3D } from '../tfjs/tensorflow';
import { cacheEnvironment, loadData, type CacheEnvironment } from './cache';
import { makeDataset, type Dataset } from './dataset';
import { KERAS_FILES } from './keras-files';
import { MalformedError } from '../files/malformed';
import { labelsOf, numbersOf, readNpz } from '../files/npz';
import { datasetChecks, type DatasetOptions } from './options';

/** Handwritten digits: `x` int32 `[n, 28, 28]`, 0 to 255; `y` int32 `[n]`, 0 to 9. */
export type MnistDataset = Dataset<Tensor3D, Tensor1D>;

interface Digits {
  readonly images: Int32Array;
  readonly labels: Int32Array;
}

const SIDE = 28;

const readDigits = async (content: Buffer): Promise<{ train: Digits; test: Digits }> => {
  const members = await readNpz(content, ['x_train', 'y_train', 'x_test', 'y_test']);
  const part = (x: 'x_train' | 'x_test', y: 'y_train' | 'y_test'): Digits => {
    const images = numbersOf(x, members[x], [null, SIDE, SIDE], ['u1']);
    const rows = images.shape[0] ?? 0;
    if (rows === 0) throw new MalformedError(`its array \`${x}\` is empty`);
    return { images: Int32Array.from(images.numbers), labels: labelsOf(y, members[y], rows, 10) };
  };
  return { train: part('x_train', 'y_train'), test: part('x_test', 'y_test') };
};

/** {@link datasetMnist} in a given environment. */
export const loadMnist = async (
  options: DatasetOptions | undefined,
  environment: CacheEnvironment,
): Promise<MnistDataset> => {
  const name = 'datasetMnist';
  const checked: DatasetOptions = checkOptions<DatasetOptions>(name, options, datasetChecks);
  const file = KERAS_FILES.mnist;
  const { content, ...origin } = await loadData(
    {
      function: name,
      file,
      path: checked.path ?? file.name,
      embedded: checked.embedded ?? false,
      sample: 'digits.npz',
      read: readDigits,
    },
    environment,
  );
  const tensors = ({ images, labels }: Digits): readonly [Tensor3D, Tensor1D] => [
    tf.tensor3d(images, [labels.length, SIDE, SIDE], 'int32'),
    tf.tensor1d(labels, 'int32'),
  ];
  return makeDataset(tensors(content.train), tensors(content.test), origin);
};

/**
 * MNIST: 28 × 28 grey images of handwritten digits, 60,000 to train and 10,000 to test, in Keras's order.
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
export const datasetMnist = (options?: DatasetOptions): Promise<MnistDataset> =>
  loadMnist(options, cacheEnvironment());
