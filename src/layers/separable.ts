import type { LayerVariable } from '@tensorflow/tfjs';
import { optional, positiveInteger, required } from '../base/checks';
import { constraint, type ConstraintLike } from '../constraints/registry';
import { initializer, type InitializerLike } from '../initializers/registry';
import { convolution, depthwiseConvolution, type Window } from '../ops/convolution';
import { regularizer, type RegularizerLike } from '../regularizers/registry';
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
  equalStrides,
  inputOf,
  knownChannels,
  sequencePadding,
  strideOrDilation,
  windowChecks,
  type Sizes1d,
  type Sizes2d,
  type WindowOptions,
} from './internal/window-options';

interface SeparableFields extends ConvolutionFields {
  readonly filters: number;
  readonly depthMultiplier: number;
  readonly groups: number;
  readonly depthwiseInitializer: InitializerOption;
  readonly depthwiseRegularizer: RegularizerOption;
  readonly depthwiseConstraint: ConstraintOption;
  readonly pointwiseInitializer: InitializerOption;
  readonly pointwiseRegularizer: RegularizerOption;
  readonly pointwiseConstraint: ConstraintOption;
}

const DEFAULTS = {
  ...CONVOLUTION_DEFAULTS,
  filters: 1,
  depthMultiplier: 1,
  // Keras's configurations have groups and one kernel, which it does not use.
  groups: 1,
  ...KERNEL_DEFAULTS,
  depthwiseInitializer: 'glorotUniform',
  depthwiseRegularizer: null,
  depthwiseConstraint: null,
  pointwiseInitializer: 'glorotUniform',
  pointwiseRegularizer: null,
  pointwiseConstraint: null,
};

/** tfjs's own takes the initializer of the first kernel for the second, and knows no sequences. */
abstract class SeparableConv extends ConvolutionLayer<SeparableFields> {
  private depthwiseKernel: LayerVariable | undefined;
  private pointwiseKernel: LayerVariable | undefined;

  constructor(args: object, rank: number) {
    super(args, DEFAULTS, rank);
  }

  protected override addKernels(channels: number): void {
    const { kernelSize, depthMultiplier, filters } = this.own;
    const depthwise = [...kernelSize, channels, depthMultiplier];
    this.depthwiseKernel = this.weight('depthwise_kernel', depthwise, { like: 'depthwise' });
    const pointwise = [...kernelSize.map(() => 1), channels * depthMultiplier, filters];
    this.pointwiseKernel = this.weight('pointwise_kernel', pointwise, { like: 'pointwise' });
  }

  protected override filtersOf(): number {
    return this.own.filters;
  }

  protected override convolve(x: Tensor, window: Window): Tensor {
    const ones = window.strides.map(() => 1);
    const channels = depthwiseConvolution(x, (this.depthwiseKernel as LayerVariable).read(), window); // it has been built
    const points: Window = { strides: ones, dilations: ones, padding: 'valid' };
    return this.plusBias(convolution(channels, (this.pointwiseKernel as LayerVariable).read(), points)); // as above
  }
}

class SeparableConv1D extends SeparableConv {
  static readonly className: string = 'SeparableConv1D';
  constructor(args: object) {
    super(args, 1);
  }
}
register(SeparableConv1D);

class SeparableConv2D extends SeparableConv {
  static readonly className: string = 'SeparableConv2D';
  constructor(args: object) {
    super(args, 2);
  }
}
register(SeparableConv2D);

/** Options of separable convolutions. */
interface SeparableOptions<Sizes, Padding = 'valid' | 'same'>
  extends
    LayerOptions,
    WindowOptions<Sizes, Padding>,
    Pick<KernelOptions, 'useBias' | 'biasInitializer' | 'biasRegularizer' | 'biasConstraint'>,
    ActivityOption {
  /** The number of output channels. */
  filters: number;
  /** The number of channels that the first kernel makes of each channel; 1 by default. */
  depthMultiplier?: number | undefined;
  /** Of the first kernel, 'glorot_uniform' by default. */
  depthwiseInitializer?: InitializerLike | undefined;
  /** Of the second kernel, 'glorot_uniform' by default. */
  pointwiseInitializer?: InitializerLike | undefined;
  /** A penalty on the first kernel, added to the loss. */
  depthwiseRegularizer?: RegularizerLike | undefined;
  /** A penalty on the second kernel, added to the loss. */
  pointwiseRegularizer?: RegularizerLike | undefined;
  /** What the first kernel must satisfy after each update. */
  depthwiseConstraint?: ConstraintLike | undefined;
  /** What the second kernel must satisfy after each update. */
  pointwiseConstraint?: ConstraintLike | undefined;
}

const separableChecks = (rank: number) => ({
  filters: required(positiveInteger),
  ...windowChecks(rank),
  depthMultiplier: optional(positiveInteger, 1),
  depthwiseInitializer: optional(initializer, 'glorot_uniform'),
  pointwiseInitializer: optional(initializer, 'glorot_uniform'),
  depthwiseRegularizer: optional(regularizer),
  pointwiseRegularizer: optional(regularizer),
  depthwiseConstraint: optional(constraint),
  pointwiseConstraint: optional(constraint),
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

/** Options of {@link layerSeparableConv1d}. */
export type SeparableConv1dOptions = SeparableOptions<Sizes1d, 'valid' | 'same' | 'causal'>;

const separable1dChecks = { ...separableChecks(1), padding: sequencePadding };

/**
 * A convolution along one axis in two: of each channel by itself, then of all channels of each step.
 *
 * In `[batch, steps, channels]`, out `[batch, new steps, filters]`. Weights: kernels `[kernelSize, channels, depthMultiplier]` and
 * `[1, channels · depthMultiplier, filters]`, bias `[filters]`. Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError for an unknown option or name, or sizes that are no positive integers.
 * @throws KerasShapeError if the input has other than three dimensions, or is shorter than the window.
 * @example
 * const model = pipe(kerasModelSequential(), layerSeparableConv1d({ filters: 6, kernelSize: 3, inputShape: [10, 4] }))
 * assert.deepStrictEqual(outputShape(model), [null, 8, 6])
 * assert.strictEqual(countParams(model), 3 * 4 + 4 * 6 + 6)
 * @see R keras `layer_separable_conv_1d`
 */
export const layerSeparableConv1d = defineLayer<SeparableConv1dOptions, typeof separable1dChecks>(
  'layerSeparableConv1d',
  (args: object) => new SeparableConv1D(args),
  {
    baseName: 'separable_conv1d',
    options: separable1dChecks,
    rank: inputOf(1),
    shapeRequirement: knownChannels(),
    check: check('layerSeparableConv1d'),
  },
);

/** Options of {@link layerSeparableConv2d}. */
export type SeparableConv2dOptions = SeparableOptions<Sizes2d>;

const separable2dChecks = separableChecks(2);

/**
 * A convolution over images in two: of each channel by itself, then of all channels of each pixel.
 *
 * In `[batch, height, width, channels]`, out `[batch, new height, new width, filters]`. The strides are the same along both axes.
 * Weights: kernels `[height, width, channels, depthMultiplier]` and `[1, 1, channels · depthMultiplier, filters]`, bias `[filters]`.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError for an unknown option or name, sizes that are no positive integers, or strides that differ.
 * @throws KerasShapeError if the input has other than four dimensions, or is smaller than the window.
 * @example
 * const model = pipe(kerasModelSequential(), layerSeparableConv2d({ filters: 6, kernelSize: 3, inputShape: [8, 8, 4] }))
 * assert.deepStrictEqual(outputShape(model), [null, 6, 6, 6])
 * assert.strictEqual(countParams(model), 3 * 3 * 4 + 4 * 6 + 6)
 * @see R keras `layer_separable_conv_2d`; Chollet 2017
 */
export const layerSeparableConv2d = defineLayer<SeparableConv2dOptions, typeof separable2dChecks>(
  'layerSeparableConv2d',
  (args: object) => new SeparableConv2D(args),
  {
    baseName: 'separable_conv2d',
    options: separable2dChecks,
    rank: inputOf(2),
    shapeRequirement: knownChannels(),
    check: check('layerSeparableConv2d'),
  },
);
