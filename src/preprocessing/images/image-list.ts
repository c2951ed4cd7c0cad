import type { Place } from '../../base/checks';
import { describeShape, KerasShapeError } from '../../base/errors';
import { isArrayLike } from '../../arrays/tensors';
import { tf, type Tensor, type Tensor4D } from '../../tfjs/tensorflow';
import { withTensor } from './arrays';
import type { ImageDataFormat } from './options';

/** Images of one size, one after the other, channels last. */
export interface ImageList {
  readonly data: Float32Array;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

const wrongShape = (place: Place, expected: string, received: string, advice: string): KerasShapeError =>
  new KerasShapeError({ ...place, expected: `\`${place.argument}\` must be ${expected}`, received, advice });

/** A list of images as one batch, where it is one. */
const stacked = (value: unknown, place: Place): Tensor | undefined => {
  if (!Array.isArray(value) || !value.some((one) => one instanceof tf.Tensor)) return undefined;
  const images = value as readonly unknown[];
  const shapes = images.map((image, index) =>
    isArrayLike(image)
      ? withTensor(image, { ...place, argument: `${place.argument}[${index}]` }, ({ shape }) => shape)
      : [],
  );
  const [first = []] = shapes;
  const other = shapes.findIndex((shape) => shape.join() !== first.join());
  if (other > 0) {
    throw wrongShape(
      place,
      'images of one size',
      `${describeShape(shapes[other] ?? [])} at ${other}, after ${describeShape(first)}`,
      `Resize them: imageArrayResize(${place.argument}[${other}], { height: …, width: … })`,
    );
  }
  return tf.tidy(() =>
    tf.stack(images.map((image) => withTensor(image, place, (tensor) => tf.cast(tensor, 'float32')))),
  );
};

/**
 * A batch of images, or a list of them, as numbers.
 *
 * @throws KerasShapeError if it is none, or one is of another size.
 */
export const imagesOf = (value: unknown, format: ImageDataFormat, place: Place): ImageList => {
  const list = stacked(value, place);
  try {
    return withTensor(list ?? value, place, (tensor) => {
      if (tensor.rank !== 4 || tensor.shape.includes(0)) {
        const axes =
          format === 'channels_last' ? '[n, height, width, channels]' : '[n, channels, height, width]';
        throw wrongShape(
          place,
          `${tensor.size === 0 ? 'at least one image' : 'images'}, ${axes}`,
          describeShape(tensor.shape),
          tensor.size === 0
            ? 'Look where they come from'
            : 'Give images without colors an axis more: tf.expandDims(x, 3)',
        );
      }
      return tf.tidy(() => {
        const batch = tensor as Tensor4D;
        const placed = format === 'channels_last' ? batch : tf.transpose(batch, [0, 2, 3, 1]);
        const [count, height, width, channels] = placed.shape;
        return { data: Float32Array.from(placed.dataSync()), count, height, width, channels };
      });
    });
  } finally {
    list?.dispose();
  }
};
