import { tf, type Tensor, type Tensor4D } from '../tfjs/tensorflow';

type Pair = readonly [number, number];

/** The zeros that go around one axis of the image, so that its size is a multiple of the dilation. */
interface Around {
  readonly before: number;
  readonly after: number;
  /** How many of the results come from the zeros that only fill up to the multiple. */
  readonly surplus: number;
}

const aroundAxis = (size: number, window: number, dilation: number, isSame: boolean): Around => {
  const padding = isSame ? (window - 1) * dilation : 0;
  const surplus = (dilation - ((size + padding) % dilation)) % dilation;
  const before = Math.floor(padding / 2);
  return { before, after: padding - before + surplus, surplus };
};

/**
 * A dilated convolution over images, `[batch, height, width, channels]` in, with a
 * stride of 1. tfjs computes it, but not its gradient. Here the image is cut into the images of every `dilation`-th
 * row and column, which are convolved without dilation, and put together again.
 */
export const dilatedConvolution = (
  image: Tensor,
  kernel: Tensor,
  dilations: Pair,
  padding: 'valid' | 'same',
): Tensor =>
  tf.tidy(() => {
    const [, height, width] = image.shape as [number, number, number, number];
    const [high, wide] = kernel.shape as [number, number, number, number];
    const isSame = padding === 'same';
    const around = [
      aroundAxis(height, high, dilations[0], isSame),
      aroundAxis(width, wide, dilations[1], isSame),
    ];
    const cut = tf.spaceToBatchND(
      image,
      [...dilations],
      around.map(({ before, after }) => [before, after]),
    );
    const convolved = tf.conv2d(cut as Tensor4D, kernel as Tensor4D, 1, 'valid'); // images, as their shapes say
    return tf.batchToSpaceND(
      convolved,
      [...dilations],
      around.map(({ surplus }) => [0, surplus]),
    );
  });
