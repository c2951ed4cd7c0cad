import { tf, type Tensor, type Tensor3D } from '../tfjs/tensorflow';
import { activation, type ActivationLike } from '../activations/registry';
import { integersOf, oneOf, optional, positiveInteger, required } from '../base/checks';
import { KerasArgumentError } from '../base/errors';
import { convolutionView, type ConvolutionView } from '../tfjs/private';
import { classOf, singleInput, register, type CallOptions, type Shape } from '../tfjs/layer-classes';
import { defineLayer } from './internal/define-layer';
import { channelsLast, padding } from './internal/image-options';
import { kernelOptionChecks, type KernelOptions } from './internal/kernel-options';
import { dilatedConvolution } from '../ops/dilated-convolution';
import { knownFeatures } from './internal/shape-rules';
import type { LayerOptions } from './internal/options';

/** Options of {@link layerConv1d}. */
export interface Conv1dOptions extends LayerOptions, KernelOptions {
  /** The number of output channels. */
  filters: number;
  /** The length of the window, in steps. */
  kernelSize: number | readonly [number];
  /** Steps from one window to the next; 1 by default. */
  strides?: number | readonly [number] | undefined;
  /** 'valid', no padding, by default; 'causal' pads so that no output sees later steps. */
  padding?: 'valid' | 'same' | 'causal' | undefined;
  /** 'channels_last' by default, the only one. */
  dataFormat?: 'channels_last' | undefined;
  /** Steps between two elements of the window; 1 by default. */
  dilationRate?: number | readonly [number] | undefined;
  /** 'linear' by default: no change. */
  activation?: ActivationLike | undefined;
}

const strideOrDilation = (
  { strides = [], dilationRate = [] }: { strides?: readonly number[]; dilationRate?: readonly number[] },
  functionName: string,
): void => {
  const isOne = (sizes: readonly number[]): boolean => sizes.every((size) => size === 1);
  if (isOne(strides) || isOne(dilationRate)) return;
  throw new KerasArgumentError({
    function: functionName,
    argument: 'dilationRate',
    expected: 'only one of `strides` and `dilationRate` may differ from 1',
    received: `strides: ${strides.join()}, dilationRate: ${dilationRate.join()}`,
    advice: 'Set the other to 1',
  });
};

/** `activation(product + bias)`. */
const finish = (layer: ConvolutionView, product: Tensor): Tensor =>
  layer.activation.apply(layer.bias === null ? product : tf.add(product, layer.bias.read()));

const TfjsConv1d = classOf(tf.layers.conv1d({ filters: 1, kernelSize: 1 }));

/** tfjs knows no causal padding, and no gradient of dilated convolutions. */
class Conv1D extends TfjsConv1d {
  static readonly className: string = 'Conv1D';

  override call(inputs: Tensor | Tensor[], options: CallOptions): Tensor | Tensor[] {
    const layer = convolutionView(this);
    const dilation = layer.dilationRate[0] ?? 1;
    const isCausal = layer.padding === 'causal';
    if (dilation === 1 && !isCausal) return super.call(inputs, options);
    return tf.tidy(() => {
      const before = isCausal ? ((layer.kernelSize[0] ?? 1) - 1) * dilation : 0;
      const x = tf.pad(singleInput(inputs), [
        [0, 0],
        [before, 0],
        [0, 0],
      ]) as Tensor3D;
      const kernel = layer.kernel.read() as Tensor3D;
      const padding = layer.padding === 'same' ? 'same' : 'valid';
      if (dilation === 1) return finish(layer, tf.conv1d(x, kernel, layer.strides[0] ?? 1, padding));
      // An image of one row.
      const image = tf.expandDims(x, 1);
      const product = dilatedConvolution(image, tf.expandDims(kernel, 0), [1, dilation], padding);
      return finish(layer, tf.squeeze(product, [1]));
    });
  }

  override computeOutputShape(inputShape: Shape): Shape {
    const { padding: mode, strides, filters } = convolutionView(this);
    if (mode !== 'causal') return super.computeOutputShape(inputShape) as Shape;
    const steps = inputShape[1] ?? null;
    return [inputShape[0] ?? null, steps === null ? null : Math.ceil(steps / (strides[0] ?? 1)), filters];
  }
}
register(Conv1D);

const TfjsConv2d = classOf(tf.layers.conv2d({ filters: 1, kernelSize: 1 }));

/** tfjs knows no gradient of dilated convolutions. */
class Conv2D extends TfjsConv2d {
  static readonly className: string = 'Conv2D';

  override call(inputs: Tensor | Tensor[], options: CallOptions): Tensor | Tensor[] {
    const layer = convolutionView(this);
    const [high = 1, wide = 1] = layer.dilationRate;
    if (high === 1 && wide === 1) return super.call(inputs, options);
    const padding = layer.padding === 'same' ? 'same' : 'valid';
    return tf.tidy(() =>
      finish(layer, dilatedConvolution(singleInput(inputs), layer.kernel.read(), [high, wide], padding)),
    );
  }
}
register(Conv2D);

const conv1dChecks = {
  filters: required(positiveInteger),
  kernelSize: required(integersOf(1)),
  strides: optional(integersOf(1)),
  padding: optional(oneOf('valid', 'same', 'causal')),
  dataFormat: optional(channelsLast),
  dilationRate: optional(integersOf(1)),
  activation: optional(activation),
  ...kernelOptionChecks,
};

/**
 * A convolution along one axis, time: `output[t] = activation(Σ_k input[t·strides + k] · kernel[k] + bias)`.
 *
 * In `[batch, steps, channels]`, out `[batch, new steps, filters]`.
 * Weights: kernel `[kernelSize, channels, filters]`, bias `[filters]`.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError for an unknown option or name, or sizes that are no positive integers.
 * @throws KerasShapeError if the input has other than three dimensions, or is shorter than the window.
 * @example
 * const model = pipe(kerasModelSequential(), layerConv1d({ filters: 4, kernelSize: 3, inputShape: [10, 2] }))
 * assert.deepStrictEqual(outputShape(model), [null, 8, 4])
 * @see R keras `layer_conv_1d`
 */
export const layerConv1d = defineLayer<Conv1dOptions, typeof conv1dChecks>(
  'layerConv1d',
  (args: never) => new Conv1D(args),
  {
    baseName: 'conv1d',
    options: conv1dChecks,
    rank: {
      minNDim: 3,
      maxNDim: 3,
      advice:
        'Give it sequences of vectors, [batch, steps, channels]; layerReshape adds an axis of one channel',
    },
    shapeRequirement: knownFeatures,
    check: (options) => strideOrDilation(options, 'layerConv1d'),
  },
);

/** Options of {@link layerConv2d}. */
export interface Conv2dOptions extends LayerOptions, KernelOptions {
  /** The number of output channels. */
  filters: number;
  /** Height and width of the window, in pixels. */
  kernelSize: number | readonly [number, number];
  /** Pixels from one window to the next; 1 by default. */
  strides?: number | readonly [number, number] | undefined;
  /** 'valid', no padding, by default. */
  padding?: 'valid' | 'same' | undefined;
  /** 'channels_last' by default, the only one. */
  dataFormat?: 'channels_last' | undefined;
  /** Pixels between two elements of the window; 1 by default. */
  dilationRate?: number | readonly [number, number] | undefined;
  /** 'linear' by default: no change. */
  activation?: ActivationLike | undefined;
}

const conv2dChecks = {
  filters: required(positiveInteger),
  kernelSize: required(integersOf(2)),
  strides: optional(integersOf(2)),
  padding: optional(padding),
  dataFormat: optional(channelsLast),
  dilationRate: optional(integersOf(2)),
  activation: optional(activation),
  ...kernelOptionChecks,
};

/**
 * A convolution over images: `activation(Σ_ij input[y + i, x + j] · kernel[i, j] + bias)`.
 *
 * In `[batch, height, width, channels]`, out `[batch, new height, new width, filters]`.
 * Weights: kernel `[height, width, channels, filters]` of the window, bias `[filters]`.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError for an unknown option or name, or sizes that are no positive integers.
 * @throws KerasShapeError if the input has other than four dimensions, or is smaller than the window.
 * @example
 * const model = pipe(kerasModelSequential(), layerConv2d({ filters: 32, kernelSize: 3, inputShape: [28, 28, 1] }))
 * assert.deepStrictEqual(outputShape(model), [null, 26, 26, 32])
 * assert.strictEqual(countParams(model), 3 * 3 * 1 * 32 + 32)
 * @see R keras `layer_conv_2d`
 */
export const layerConv2d = defineLayer<Conv2dOptions, typeof conv2dChecks>(
  'layerConv2d',
  (args: never) => new Conv2D(args),
  {
    baseName: 'conv2d',
    options: conv2dChecks,
    rank: {
      minNDim: 4,
      maxNDim: 4,
      advice: 'Give it images, [batch, height, width, channels]; layerReshape adds an axis of one channel',
    },
    shapeRequirement: knownFeatures,
    check: (options) => strideOrDilation(options, 'layerConv2d'),
  },
);
