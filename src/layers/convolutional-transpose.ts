import type { LayerVariable } from '@tensorflow/tfjs';
import { argumentError, optional, positiveInteger, required } from '../base/checks';
import { transposedConvolution, type Window } from '../ops/convolution';
import type { ConstraintOption, InitializerOption, RegularizerOption } from '../tfjs/keras-layer';
import { register } from '../tfjs/layer-classes';
import type { Tensor } from '../tfjs/tensorflow';
import {
  CONVOLUTION_DEFAULTS,
  ConvolutionLayer,
  KERNEL_DEFAULTS,
  type ConvolutionFields,
} from './internal/convolution-layer';
import { defineLayer } from './internal/define-layer';
import {
  activityOptionCheck,
  kernelOptionChecks,
  type ActivityOption,
  type KernelOptions,
} from './internal/kernel-options';
import type { LayerOptions } from './internal/options';
import {
  inputOf,
  knownChannels,
  nonNegativeSizes,
  strideOrDilation,
  windowChecks,
  type Sizes1d,
  type Sizes2d,
  type Sizes3d,
  type WindowOptions,
} from './internal/window-options';

interface TransposeFields extends ConvolutionFields {
  readonly filters: number;
  readonly outputPadding: readonly number[] | null;
  readonly groups: number;
  readonly kernelInitializer: InitializerOption;
  readonly kernelRegularizer: RegularizerOption;
  readonly kernelConstraint: ConstraintOption;
}

// Keras's configurations have groups, which it does not use.
const DEFAULTS = { ...CONVOLUTION_DEFAULTS, ...KERNEL_DEFAULTS, filters: 1, outputPadding: null, groups: 1 };

/** tfjs's own know no padding of the output and no dilation, and over volumes no gradient. */
abstract class ConvTranspose extends ConvolutionLayer<TransposeFields> {
  private kernel: LayerVariable | undefined;

  constructor(args: object, rank: number) {
    super(args, DEFAULTS, rank);
  }

  protected override addKernels(channels: number): void {
    this.kernel = this.weight('kernel', [...this.own.kernelSize, this.own.filters, channels]);
  }

  protected override filtersOf(): number {
    return this.own.filters;
  }

  protected override lengthOf(size: number | null, axis: number): number | null {
    if (size === null) return null;
    const { kernelSize, strides, dilationRate, padding, outputPadding } = this.own;
    const stride = strides[axis] ?? 1;
    const window = ((kernelSize[axis] ?? 1) - 1) * (dilationRate[axis] ?? 1) + 1;
    const more = outputPadding?.[axis];
    if (more === undefined) return size * stride + (padding === 'valid' ? Math.max(window - stride, 0) : 0);
    return (size - 1) * stride + window - (padding === 'same' ? 2 * Math.floor(window / 2) : 0) + more;
  }

  protected override convolve(x: Tensor, window: Window): Tensor {
    const sizes = x.shape.slice(1, -1).map((size, axis) => this.lengthOf(size, axis) as number); // sizes of values are known
    const kernel = (this.kernel as LayerVariable).read(); // it has been built
    return this.plusBias(transposedConvolution(x, kernel, sizes, window));
  }
}

class Conv1DTranspose extends ConvTranspose {
  static readonly className: string = 'Conv1DTranspose';
  constructor(args: object) {
    super(args, 1);
  }
}
register(Conv1DTranspose);

class Conv2DTranspose extends ConvTranspose {
  static readonly className: string = 'Conv2DTranspose';
  constructor(args: object) {
    super(args, 2);
  }
}
register(Conv2DTranspose);

class Conv3DTranspose extends ConvTranspose {
  static readonly className: string = 'Conv3DTranspose';
  constructor(args: object) {
    super(args, 3);
  }
}
register(Conv3DTranspose);

/** Options of all transposed convolutions. */
interface TransposeOptions<Sizes> extends LayerOptions, KernelOptions, ActivityOption, WindowOptions<Sizes> {
  /** The number of output channels. */
  filters: number;
  /** How much longer each axis of the output is than the shortest that there may be, below the strides; worked out by default. */
  outputPadding?: Sizes | undefined;
}

const transposeChecks = (rank: number) => ({
  filters: required(positiveInteger),
  ...windowChecks(rank),
  outputPadding: optional(nonNegativeSizes(rank)),
  ...kernelOptionChecks,
  ...activityOptionCheck,
});

interface Checked {
  readonly strides: number[];
  readonly dilationRate: number[];
  readonly outputPadding?: number[];
}

const check = (functionName: string) => (options: Checked) => {
  strideOrDilation(options, functionName);
  const { strides, outputPadding } = options;
  if (outputPadding?.some((padding, axis) => padding >= (strides[axis] ?? 1)) !== true) return;
  const place = { function: functionName, argument: 'outputPadding' };
  throw argumentError(place, `below \`strides\`, which are ${strides.join()}`, outputPadding);
};

/** Options of {@link layerConv1dTranspose}. */
export type Conv1dTransposeOptions = TransposeOptions<Sizes1d>;

const conv1dTransposeChecks = transposeChecks(1);

/**
 * The transpose of a convolution along one axis, for going from the output of one to what could be its input:
 * `output[t · strides + k] = Σ input[t] · kernel[k]`, plus a bias.
 *
 * In `[batch, steps, channels]`, out `[batch, steps · strides, filters]`, with `padding: 'valid'` longer by what a window is
 * longer than the strides. Weights: kernel `[kernelSize, filters, channels]`, bias `[filters]`.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError for an unknown option or name, or sizes that are no positive integers.
 * @throws KerasShapeError if the input has other than three dimensions.
 * @example
 * const model = pipe(kerasModelSequential(), layerConv1dTranspose({ filters: 4, kernelSize: 3, strides: 2, inputShape: [10, 2] }))
 * assert.deepStrictEqual(outputShape(model), [null, 21, 4])
 * @see R keras `layer_conv_1d_transpose`
 */
export const layerConv1dTranspose = defineLayer<Conv1dTransposeOptions, typeof conv1dTransposeChecks>(
  'layerConv1dTranspose',
  (args: object) => new Conv1DTranspose(args),
  {
    baseName: 'conv1d_transpose',
    options: conv1dTransposeChecks,
    rank: inputOf(1),
    shapeRequirement: knownChannels(),
    check: check('layerConv1dTranspose'),
  },
);

/** Options of {@link layerConv2dTranspose}. */
export type Conv2dTransposeOptions = TransposeOptions<Sizes2d>;

const conv2dTransposeChecks = transposeChecks(2);

/**
 * The transpose of a convolution over images, for going from the output of one to what could be its input, as in decoders:
 * `output[y · strides + i, x · strides + j] = Σ input[y, x] · kernel[i, j]`, plus a bias.
 *
 * In `[batch, height, width, channels]`, out `[batch, height · strides, width · strides, filters]`, with `padding: 'valid'` longer
 * by what a window is longer than the strides. Weights: kernel `[height, width, filters, channels]` of the window, bias `[filters]`.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError for an unknown option or name, or sizes that are no positive integers.
 * @throws KerasShapeError if the input has other than four dimensions.
 * @example
 * const model = pipe(
 *   kerasModelSequential({ inputShape: [7, 7, 8] }),
 *   layerConv2dTranspose({ filters: 4, kernelSize: 3, strides: 2, padding: 'same' }),
 * )
 * assert.deepStrictEqual(outputShape(model), [null, 14, 14, 4])
 * @see R keras `layer_conv_2d_transpose`
 */
export const layerConv2dTranspose = defineLayer<Conv2dTransposeOptions, typeof conv2dTransposeChecks>(
  'layerConv2dTranspose',
  (args: object) => new Conv2DTranspose(args),
  {
    baseName: 'conv2d_transpose',
    options: conv2dTransposeChecks,
    rank: inputOf(2),
    shapeRequirement: knownChannels(),
    check: check('layerConv2dTranspose'),
  },
);

/** Options of {@link layerConv3dTranspose}. */
export type Conv3dTransposeOptions = TransposeOptions<Sizes3d>;

const conv3dTransposeChecks = transposeChecks(3);

/**
 * The transpose of a convolution over volumes, for going from the output of one to what could be its input.
 *
 * In `[batch, depth, height, width, channels]`, out `[batch, depth · strides, height · strides, width · strides, filters]`, with
 * `padding: 'valid'` longer by what a window is longer than the strides.
 * Weights: kernel `[depth, height, width, filters, channels]` of the window, bias `[filters]`.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError for an unknown option or name, or sizes that are no positive integers.
 * @throws KerasShapeError if the input has other than five dimensions.
 * @example
 * const model = pipe(
 *   kerasModelSequential({ inputShape: [4, 4, 4, 2] }),
 *   layerConv3dTranspose({ filters: 3, kernelSize: 2, strides: 2 }),
 * )
 * assert.deepStrictEqual(outputShape(model), [null, 8, 8, 8, 3])
 * @see R keras `layer_conv_3d_transpose`
 */
export const layerConv3dTranspose = defineLayer<Conv3dTransposeOptions, typeof conv3dTransposeChecks>(
  'layerConv3dTranspose',
  (args: object) => new Conv3DTranspose(args),
  {
    baseName: 'conv3d_transpose',
    options: conv3dTransposeChecks,
    rank: inputOf(3),
    shapeRequirement: knownChannels(),
    check: check('layerConv3dTranspose'),
  },
);
