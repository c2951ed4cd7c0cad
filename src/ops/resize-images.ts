import { tf, type Tensor } from '../tfjs/tensorflow';
import { attribute, run } from './native';
import { resizeAlong, type Interpolation } from './resample';

const RESIZE = [
  attribute.type('T', 'float'),
  attribute.bool('align_corners', false),
  attribute.bool('half_pixel_centers', true),
];

/** Bilinear interpolation by TensorFlow's kernel: tfjs's gradient of it does not know where pixels have their middles. */
const bilinear = (images: Tensor, height: number, width: number): Tensor => {
  const resize = tf.customGrad((...inputs) => {
    // tfjs passes the tensors that customGrad was called with, then the function that saves for the backward pass.
    const [x, save] = inputs as unknown as [Tensor, (tensors: Tensor[]) => void];
    save([x]);
    const size = tf.tensor1d([height, width], 'int32');
    return {
      value: run('ResizeBilinear', RESIZE, [x, size], 1)[0] as Tensor, // one output was asked for
      gradFunc: (dy: Tensor, saved: Tensor[]) =>
        run('ResizeBilinearGrad', RESIZE, [dy, saved[0] as Tensor], 1)[0] as Tensor, // the same, and one was saved
    };
  });
  return resize(images);
};

/**
 * Images `[batch, height, width, channels]` in another size, as `tf.image.resize` makes them, without antialiasing: a value is
 * made of those that are nearest to the middle of its place, so many as the interpolation takes, whatever lies between.
 */
export const resizeImages = (
  images: Tensor,
  [height, width]: readonly [number, number],
  interpolation: Interpolation,
): Tensor =>
  tf.tidy(() => {
    if (interpolation === 'bilinear') return bilinear(images, height, width);
    // Rows first where they become fewer, so that there is less to do for columns.
    const axes = height < (images.shape[1] ?? 0) ? ([1, 2] as const) : ([2, 1] as const);
    return axes.reduce<Tensor>(
      (resized, axis) => resizeAlong(resized, axis, axis === 1 ? height : width, interpolation),
      images,
    );
  });

/** A rectangle of images `[batch, height, width, channels]`. */
export const cropImages = (
  images: Tensor,
  [top, left]: readonly [number, number],
  [height, width]: readonly [number, number],
): Tensor => tf.slice(images, [0, top, left, 0], [-1, height, width, -1]);

/** The largest rectangle in the middle of images that has the proportions of a size. */
const largestWindow = (images: Tensor, [height, width]: readonly [number, number]): Tensor => {
  const [, rows, columns] = images.shape as [number, number, number, number];
  const { fround, trunc, min } = Math;
  // With float32, as Keras has it.
  const size = [
    min(rows, trunc(fround((columns * height) / width))),
    min(columns, trunc(fround((rows * width) / height))),
  ] as const;
  return cropImages(images, [trunc((rows - size[0]) / 2), trunc((columns - size[1]) / 2)], size);
};

/** Images in another size without distortion: what does not fit its proportions is cut off at both sides. */
export const resizeWithCrop = (
  images: Tensor,
  size: readonly [number, number],
  interpolation: Interpolation,
): Tensor => tf.tidy(() => resizeImages(largestWindow(images, size), size, interpolation));
