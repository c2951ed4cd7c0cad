import { tf, type Tensor, type Tensor4D } from '../tfjs/tensorflow';
import { attribute, run } from './native';

/** How a window moves over the axes between batch and channels, one number for each of them. */
export interface Window {
  readonly strides: readonly number[];
  /** Steps from one element of the window to the next. */
  readonly dilations: readonly number[];
  readonly padding: 'valid' | 'same';
}

/** Tensors of rank 5, as tfjs's convolution over volumes takes them. */
type Volumes = Parameters<typeof tf.conv3d>[1] & Tensor;

const isOnes = (sizes: readonly number[]): boolean => sizes.every((size) => size === 1);

/** The zeros that go around one axis, so that its size is a multiple of the dilation. */
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

const aroundAll = (
  sizes: readonly number[],
  kernel: Tensor,
  { dilations, padding }: Window,
): readonly Around[] =>
  sizes.map((size, axis) =>
    aroundAxis(size, kernel.shape[axis] ?? 1, dilations[axis] ?? 1, padding === 'same'),
  );

/**
 * A dilated convolution, with strides of 1. TensorFlow's kernels for processors and tfjs's gradients
 * know no dilation: the input is cut into those of every `dilation`-th row and column, which are convolved without dilation, and put together
 * again.
 */
const dilated = (x: Tensor, kernel: Tensor, window: Window, convolve: (cut: Tensor) => Tensor): Tensor => {
  const dilations = [...window.dilations];
  const around = aroundAll(x.shape.slice(1, -1), kernel, window);
  const cut = tf.spaceToBatchND(
    x,
    dilations,
    around.map(({ before, after }) => [before, after]),
  );
  return tf.batchToSpaceND(
    convolve(cut),
    dilations,
    around.map(({ surplus }) => [0, surplus]),
  );
};

/** Without dilation, over images or volumes. */
const convolveDirectly = (
  x: Tensor,
  kernel: Tensor,
  strides: readonly number[],
  padding: 'valid' | 'same',
): Tensor =>
  x.rank === 5
    ? tf.conv3d(x as Volumes, kernel as Volumes, strides as [number, number, number], padding)
    : tf.conv2d(x as Tensor4D, kernel as Tensor4D, strides as [number, number], padding);

/** Sequences as images of one row. */
const asImages = (window: Window): Window => ({
  ...window,
  strides: [1, ...window.strides],
  dilations: [1, ...window.dilations],
});

const plainConvolution = (x: Tensor, kernel: Tensor, window: Window): Tensor =>
  isOnes(window.dilations)
    ? convolveDirectly(x, kernel, window.strides, window.padding)
    : dilated(x, kernel, window, (cut) => convolveDirectly(cut, kernel, window.strides, 'valid'));

/**
 * A convolution over 1, 2 or 3 axes: `output[p] = Σ_k input[p · strides + k · dilations] · kernel[k]`.
 *
 * In `[batch, …, channels]`, kernel `[…, channels / groups, filters]`, out `[batch, …, filters]`. The channels are divided into
 * groups, each of which makes an equal part of the filters.
 */
export const convolution = (x: Tensor, kernel: Tensor, window: Window, groups = 1): Tensor =>
  tf.tidy(() => {
    if (x.rank === 3) {
      const image = convolution(tf.expandDims(x, 1), tf.expandDims(kernel, 0), asImages(window), groups);
      return tf.squeeze(image, [1]);
    }
    if (groups === 1) return plainConvolution(x, kernel, window);
    const channels = x.shape.at(-1) ?? 1;
    const filters = kernel.shape.at(-1) ?? 1;
    if (
      x.rank === 4 &&
      groups === channels &&
      isOnes(window.strides.map((stride) => stride / (window.strides[0] ?? 1)))
    ) {
      // Each channel by itself, which TensorFlow has a kernel for.
      const [height, width] = kernel.shape as [number, number];
      return depthwiseConvolution(x, tf.reshape(kernel, [height, width, channels, filters / groups]), window);
    }
    const kernels = tf.split(kernel, groups, -1);
    return tf.concat(
      tf.split(x, groups, -1).map((part, group) => plainConvolution(part, kernels[group] as Tensor, window)),
      -1,
    );
  });

/**
 * A convolution of each channel by itself, over 1 or 2 axes. In `[batch, …, channels]`, kernel `[…, channels, multiplier]`, out
 * `[batch, …, channels · multiplier]`. The strides are the same along both axes.
 */
export const depthwiseConvolution = (x: Tensor, kernel: Tensor, window: Window): Tensor =>
  tf.tidy(() => {
    if (x.rank === 3) {
      const [stride = 1] = window.strides;
      const rows = { ...asImages(window), strides: [stride, stride] };
      return tf.squeeze(depthwiseConvolution(tf.expandDims(x, 1), tf.expandDims(kernel, 0), rows), [1]);
    }
    const convolve = (image: Tensor, padding: 'valid' | 'same'): Tensor =>
      tf.depthwiseConv2d(image as Tensor4D, kernel as Tensor4D, window.strides as [number, number], padding);
    return isOnes(window.dilations)
      ? convolve(x, window.padding)
      : dilated(x, kernel, window, (cut) => convolve(cut, 'valid'));
  });

/** The attributes of TensorFlow's operations on volumes. */
const volumeAttributes = (strides: readonly number[], padding: string) => [
  attribute.type('T', 'float'),
  attribute.ints('strides', [1, ...strides, 1]),
  attribute.text('padding', padding.toUpperCase()),
  attribute.text('data_format', 'NDHWC'),
  attribute.ints('dilations', [1, 1, 1, 1, 1]),
];

/** The transposed convolution over volumes, which tfjs has without a gradient. */
const transposedVolumes = (
  x: Tensor,
  kernel: Tensor,
  outputShape: readonly number[],
  strides: readonly number[],
  padding: 'valid' | 'same',
): Tensor => {
  const attributes = volumeAttributes(strides, padding);
  const forward = tf.customGrad((...args) => {
    const [volumes, weights, save] = args as unknown as [Tensor, Tensor, (tensors: Tensor[]) => void]; // tfjs hands `save` last
    save([volumes, weights]);
    const [value] = run(
      'Conv3DBackpropInputV2',
      [...attributes, attribute.type('Tshape', 'int32')],
      [tf.tensor1d([...outputShape], 'int32'), weights, volumes],
      1,
    );
    return {
      value: value as Tensor, // one output was asked for
      gradFunc: (gradient: Tensor, saved: Tensor[]) => {
        const [before, its] = saved as [Tensor, Tensor];
        const [ofWeights] = run(
          'Conv3DBackpropFilterV2',
          attributes,
          [gradient, tf.tensor1d([...its.shape], 'int32'), before],
          1,
        );
        return [convolveDirectly(gradient, its, strides, padding), ofWeights as Tensor]; // one output was asked for
      },
    };
  });
  return tf.tidy(() => forward(x, kernel));
};

const transposeDirectly = (
  x: Tensor,
  kernel: Tensor,
  outputShape: readonly number[],
  strides: readonly number[],
  padding: 'valid' | 'same',
): Tensor =>
  x.rank === 5
    ? transposedVolumes(x, kernel, outputShape, strides, padding)
    : tf.conv2dTranspose(
        x as Tensor4D,
        kernel as Tensor4D,
        outputShape as [number, number, number, number],
        strides as [number, number],
        padding,
      );

/**
 * The transpose of a convolution over 1, 2 or 3 axes: the gradient of its input. In `[batch, …, channels]`, kernel
 * `[…, filters, channels]`, out `[batch, …sizes, filters]`.
 */
export const transposedConvolution = (
  x: Tensor,
  kernel: Tensor,
  sizes: readonly number[],
  window: Window,
): Tensor =>
  tf.tidy(() => {
    if (x.rank === 3) {
      const image = transposedConvolution(tf.expandDims(x, 1), tf.expandDims(kernel, 0), [1, ...sizes], asImages(window)); // prettier-ignore
      return tf.squeeze(image, [1]);
    }
    const filters = kernel.shape.at(-2) ?? 1;
    const { strides, dilations, padding } = window;
    if (isOnes(dilations)) {
      return transposeDirectly(x, kernel, [x.shape[0], ...sizes, filters], strides, padding);
    }
    // What dilated does, from its end.
    const around = aroundAll(sizes, kernel, window);
    const cut = tf.spaceToBatchND(
      x,
      [...dilations],
      around.map(({ surplus }) => [0, surplus]),
    );
    const cutSizes = sizes.map((size, axis) => {
      const { before = 0, after = 0 } = around[axis] ?? {};
      return (size + before + after) / (dilations[axis] ?? 1);
    });
    return tf.batchToSpaceND(
      transposeDirectly(cut, kernel, [cut.shape[0], ...cutSizes, filters], strides, 'valid'),
      [...dilations],
      around.map(({ before, after }) => [before, after]),
    );
  });
