import { KerasFileError } from '../base/errors';
import { MalformedError, type ReadLimits } from '../files/malformed';
import { labelsOf, numbersOf, readNpz } from '../files/npz';
import { tf, type Tensor1D, type Tensor3D } from '../tfjs/tensorflow';
import type { Origin } from './cache';
import { makeDataset, type Dataset } from './dataset';

/** Gray images and their labels. */
interface Images {
  readonly pixels: Int32Array;
  readonly labels: Int32Array;
  readonly shape: readonly [rows: number, height: number, width: number];
}

/** A training set and a test set of gray images. */
export interface ImageSplits {
  readonly train: Images;
  readonly test: Images;
}

/**
 * A reader of an `.npz` file with `x_train` and `x_test`, bytes `[n, height, width]`, and labels `y_train` and `y_test`, 0 to
 * `classes − 1`.
 */
export const readImageArrays =
  ({
    height,
    width,
    classes,
  }: {
    readonly height: number;
    readonly width: number;
    readonly classes: number;
  }) =>
  async (content: Buffer, limits: ReadLimits): Promise<ImageSplits> => {
    const members = await readNpz(content, ['x_train', 'y_train', 'x_test', 'y_test'], limits);
    const part = (x: 'x_train' | 'x_test', y: 'y_train' | 'y_test'): Images => {
      const images = numbersOf(x, members[x], [null, height, width], ['u1']);
      const rows = images.shape[0] ?? 0;
      if (rows === 0) throw new MalformedError(`its array \`${x}\` is empty`);
      const labels = labelsOf(y, members[y], rows, classes);
      return { pixels: Int32Array.from(images.numbers), labels, shape: [rows, height, width] };
    };
    return { train: part('x_train', 'y_train'), test: part('x_test', 'y_test') };
  };

/** What the user gets: images int32 `[n, height, width]`, labels int32 `[n]`. */
export const makeImageDataset = (splits: ImageSplits, origin: Origin): Dataset<Tensor3D, Tensor1D> => {
  const tensors = ({ pixels, labels, shape }: Images): readonly [Tensor3D, Tensor1D] => [
    tf.tensor3d(pixels, [...shape], 'int32'),
    tf.tensor1d(labels, 'int32'),
  ];
  return makeDataset(tensors(splits.train), tensors(splits.test), origin);
};

/** Images and labels of two files of bytes, which say how many they have each for itself. */
export const imagesOf = (
  functionName: string,
  images: { readonly shape: readonly number[]; readonly bytes: Uint8Array },
  labels: { readonly bytes: Uint8Array },
): Images => {
  const [rows = 0, height = 0, width = 0] = images.shape;
  if (rows !== labels.bytes.length) {
    throw new KerasFileError({
      function: functionName,
      expected: 'the files of images and of labels must belong together',
      received: `${rows} images and ${labels.bytes.length} labels`,
      advice: 'Move the files away to have them downloaded again',
    });
  }
  return {
    pixels: Int32Array.from(images.bytes),
    labels: Int32Array.from(labels.bytes),
    shape: [rows, height, width],
  };
};
