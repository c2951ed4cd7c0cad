import { MalformedError, type ReadLimits } from '../files/malformed';
import { readIdx, type IdxArray } from '../files/idx';
import type { Tensor1D, Tensor3D } from '../tfjs/tensorflow';
import type { Dataset } from './dataset';
import { defineDataset } from './define-dataset';
import { imagesOf, makeImageDataset } from './image-arrays';
import { datasetChecks, type DatasetOptions } from './options';

/** Pictures of clothes: `x` int32 `[n, 28, 28]`, 0 to 255; `y` int32 `[n]`, 0 to 9. */
export type FashionMnistDataset = Dataset<Tensor3D, Tensor1D>;

const SIDE = 28;
const CLASSES = 10;
const FOLDER = 'fashion-mnist';

const readLabels = async (content: Buffer, limits: ReadLimits): Promise<IdxArray> => {
  const array = await readIdx(content, 1, limits);
  if (array.bytes.length === 0) throw new MalformedError('it is empty');
  const wrong = array.bytes.findIndex((label) => label >= CLASSES);
  if (wrong !== -1)
    throw new MalformedError(
      `it has the label ${array.bytes[wrong]} at ${wrong}, outside 0 to ${CLASSES - 1}`,
    );
  return array;
};

const readImages = async (content: Buffer, limits: ReadLimits): Promise<IdxArray> => {
  const array = await readIdx(content, 3, limits);
  const [, height, width] = array.shape;
  if (height !== SIDE || width !== SIDE)
    throw new MalformedError(`its images are of ${height} × ${width}, not of ${SIDE} × ${SIDE}`);
  return array;
};

const labels = (rows: number) => ({ unpacked: { bytes: 8 + rows, lists: 0 }, read: readLabels });
const images = (rows: number) => ({
  unpacked: { bytes: 16 + rows * SIDE * SIDE, lists: 0 },
  read: readImages,
});

/**
 * Fashion-MNIST: 28 × 28 gray pictures of clothes, shoes and bags, 60,000 to train and 10,000 to test, in Keras's order.
 *
 * `x` is int32 `[n, 28, 28]`, brightness 0 (background) to 255; `y` is int32 `[n]`: 0 T-shirt, 1 trousers, 2 pullover, 3 dress, 4 coat,
 * 5 sandal, 6 shirt, 7 sneaker, 8 bag, 9 ankle boot. The tensors are yours to dispose, or call `dispose()` of the result.
 *
 * The four files are taken from Keras's cache, `datasets/fashion-mnist` in `KERAS_HOME` or `.keras` of the home folder; those that are not
 * there are downloaded (31 MB) and checked, which Keras does not do. The option `path` is the folder of all of them.
 *
 * @throws KerasDatasetError if the data is neither in the cache nor to be downloaded.
 * @throws KerasFileError if a cached file is damaged and cannot be replaced.
 * @example
 * const show = async () => {
 *   const { train, test } = await datasetFashionMnist()
 *   console.log(train.x.shape, test.y.shape) // [60000, 28, 28] [10000]
 * }
 * @see R keras `dataset_fashion_mnist`; Xiao et al. 2017
 */
export const datasetFashionMnist: (options?: DatasetOptions) => Promise<FashionMnistDataset> = defineDataset({
  name: 'datasetFashionMnist',
  files: [
    {
      name: `${FOLDER}/train-labels-idx1-ubyte.gz`,
      sha256: 'a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845',
      ...labels(60_000),
    },
    {
      name: `${FOLDER}/train-images-idx3-ubyte.gz`,
      bytes: 26_421_880,
      sha256: '3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84',
      ...images(60_000),
    },
    {
      name: `${FOLDER}/t10k-labels-idx1-ubyte.gz`,
      sha256: '67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5',
      ...labels(10_000),
    },
    {
      name: `${FOLDER}/t10k-images-idx3-ubyte.gz`,
      sha256: '346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073',
      ...images(10_000),
    },
  ],
  options: datasetChecks,
  build: ([trainLabels, trainImages, testLabels, testImages], _options, origin) =>
    makeImageDataset(
      {
        train: imagesOf('datasetFashionMnist', trainImages, trainLabels),
        test: imagesOf('datasetFashionMnist', testImages, testLabels),
      },
      origin,
    ),
});
