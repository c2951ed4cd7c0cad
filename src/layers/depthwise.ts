import type { LayerVariable } from '@tensorflow/tfjs';
import { optional, positiveInteger } from '../base/checks';
import { constraint, type ConstraintLike } from '../constraints/registry';
import { initializer, type InitializerLike } from '../initializers/registry';
import { depthwiseConvolution, type Window } from '../ops/convolution';
import { regularizer, type RegularizerLike } from '../regularizers/registry';
import type { ConstraintOption, InitializerOption, RegularizerOption } from '../tfjs/keras-layer';
import { register } from '../tfjs/layer-classes';
import type { Tensor } from '../tfjs/tensorflow';
import { CONVOLUTION_DEFAULTS, ConvolutionLayer, type ConvolutionFields } from './internal/convolution-layer';
import { defineLayer } from './internal/define-layer';
import {
  activityOptionCheck,
  kernelOptionChecks,
  type ActivityOption,
  type KernelOptions,
} from './internal/kernel-options';
import type { LayerOptions } from './internal/options';
import {
  equalStrides,
  inputOf,
  knownChannels,
  strideOrDilation,
  windowChecks,
  type Sizes1d,
  type Sizes2d,
  type WindowOptions,
} from './internal/window-options';

interface DepthwiseFields extends ConvolutionFields {
  readonly depthMultiplier: number;
  readonly groups: number;
  readonly depthwiseInitializer: InitializerOption;
  readonly depthwiseRegularizer: RegularizerOption;
  readonly depthwiseConstraint: ConstraintOption;
}

const DEFAULTS = {
  ...CONVOLUTION_DEFAULTS,
  depthMultiplier: 1,
  // Keras's configurations have groups, which it does not use.
  groups: 1,
  depthwiseInitializer: 'glorotUniform',
  depthwiseRegularizer: null,
  depthwiseConstraint: null,
};

/** tfjs's own knows no dilation, and no sequences. */
abstract class DepthwiseConv extends ConvolutionLayer<DepthwiseFields> {
  private kernel: LayerVariable | undefined;

  constructor(args: object, rank: number) {
    super(args, DEFAULTS, rank);
  }

  protected override addKernels(channels: number): void {
    const shape = [...this.own.kernelSize, channels, this.own.depthMultiplier];
    this.kernel = this.weight('depthwise_kernel', shape, { like: 'depthwise' });
  }

  protected override filtersOf(channels: number): number {
    return channels * this.own.depthMultiplier;
  }

  protected override convolve(x: Tensor, window: Window): Tensor {
    const kernel = (this.kernel as LayerVariable).read(); // it has been built
    return this.plusBias(depthwiseConvolution(x, kernel, window));
  }
}

class DepthwiseConv1D extends DepthwiseConv {
  static readonly className: string = 'DepthwiseConv1D';
  constructor(args: object) {
    super(args, 1);
  }
}
register(DepthwiseConv1D);

class DepthwiseConv2D extends DepthwiseConv {
  static readonly className: string = 'DepthwiseConv2D';
  constructor(args: object) {
    super(args, 2);
  }
}
register(DepthwiseConv2D);

/** Options of depthwise convolutions. */
interface DepthwiseOptions<Sizes>
  extends
    LayerOptions,
    WindowOptions<Sizes>,
    Pick<KernelOptions, 'useBias' | 'biasInitializer' | 'biasRegularizer' | 'biasConstraint'>,
    ActivityOption {
  /** The number of output channels for each channel; 1 by default. */
  depthMultiplier?: number | undefined;
  /** 'glorot_uniform' by default. */
  depthwiseInitializer?: InitializerLike | undefined;
  /** A penalty on the kernel, added to the loss. */
  depthwiseRegularizer?: RegularizerLike | undefined;
  /** What the kernel must satisfy after each update. */
  depthwiseConstraint?: ConstraintLike | undefined;
}

const depthwiseChecks = (rank: number) => ({
  ...windowChecks(rank),
  depthMultiplier: optional(positiveInteger, 1),
  depthwiseInitializer: optional(initializer, 'glorot_uniform'),
  depthwiseRegularizer: optional(regularizer),
  depthwiseConstraint: optional(constraint),
  useBias: kernelOptionChecks.useBias,
  biasInitializer: kernelOptionChecks.biasInitializer,
  biasRegularizer: kernelOptionChecks.biasRegularizer,
  biasConstraint: kernelOptionChecks.biasConstraint,
  ...activityOptionCheck,
});

const check =
  (functionName: string) => (options: { readonly strides: number[]; readonly dilationRate: number[] }) => {
    strideOrDilation(options, functionName);
    equalStrides(options.strides, functionName);
  };

/** Options of {@link layerDepthwiseConv1d}. */
export type DepthwiseConv1dOptions = DepthwiseOptions<Sizes1d>;

const depthwise1dChecks = depthwiseChecks(1);

/**
 * A convolution along one axis, of each channel by itself:
 * `output[t, c · depthMultiplier + m] = activation(Σ_k input[t · strides + k, c] · kernel[k, c, m] + bias)`.
 *
 * In `[batch, steps, channels]`, out `[batch, new steps, channels · depthMultiplier]`.
 * Weights: kernel `[kernelSize, channels, depthMultiplier]`, bias `[channels · depthMultiplier]`.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError for an unknown option or name, or sizes that are no positive integers.
 * @throws KerasShapeError if the input has other than three dimensions, or is shorter than the window.
 * @example
 * const model = pipe(kerasModelSequential(), layerDepthwiseConv1d({ kernelSize: 3, depthMultiplier: 2, inputShape: [10, 4] }))
 * assert.deepStrictEqual(outputShape(model), [null, 8, 8])
 * @see R keras `layer_depthwise_conv_1d`
 */
export const layerDepthwiseConv1d = defineLayer<DepthwiseConv1dOptions, typeof depthwise1dChecks>(
  'layerDepthwiseConv1d',
  (args: object) => new DepthwiseConv1D(args),
  {
    baseName: 'depthwise_conv1d',
    options: depthwise1dChecks,
    rank: inputOf(1),
    shapeRequirement: knownChannels(),
    check: check('layerDepthwiseConv1d'),
  },
);

/** Options of {@link layerDepthwiseConv2d}. */
export type DepthwiseConv2dOptions = DepthwiseOptions<Sizes2d>;

const depthwise2dChecks = depthwiseChecks(2);

/**
 * A convolution over images, of each channel by itself:
 * `output[y, x, c · depthMultiplier + m] = activation(Σ_ij input[y + i, x + j, c] · kernel[i, j, c, m] + bias)`.
 *
 * In `[batch, height, width, channels]`, out `[batch, new height, new width, channels · depthMultiplier]`. The strides are the same
 * along both axes. Weights: kernel `[height, width, channels, depthMultiplier]`, bias `[channels · depthMultiplier]`.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError for an unknown option or name, sizes that are no positive integers, or strides that differ.
 * @throws KerasShapeError if the input has other than four dimensions, or is smaller than the window.
 * @example
 * const model = pipe(kerasModelSequential(), layerDepthwiseConv2d({ kernelSize: 3, inputShape: [8, 8, 4] }))
 * assert.deepStrictEqual(outputShape(model), [null, 6, 6, 4])
 * @see R keras `layer_depthwise_conv_2d`
 */
export const layerDepthwiseConv2d = defineLayer<DepthwiseConv2dOptions, typeof depthwise2dChecks>(
  'layerDepthwiseConv2d',
  (args: object) => new DepthwiseConv2D(args),
  {
    baseName: 'depthwise_conv2d',
    options: depthwise2dChecks,
    rank: inputOf(2),
    shapeRequirement: knownChannels(),
    check: check('layerDepthwiseConv2d'),
  },
);
