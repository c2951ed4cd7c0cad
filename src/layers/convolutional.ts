import type { LayerVariable } from '@tensorflow/tfjs';
import { optional, positiveInteger, required } from '../base/checks';
import { convolution, type Window } from '../ops/convolution';
import type { ConstraintOption, InitializerOption, RegularizerOption } from '../tfjs/keras-layer';
import { register } from '../tfjs/layer-classes';
import { tf, type Tensor, type Tensor4D } from '../tfjs/tensorflow';
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
  filtersInGroups,
  inputOf,
  knownChannels,
  sequencePadding,
  strideOrDilation,
  windowChecks,
  type Sizes1d,
  type Sizes2d,
  type Sizes3d,
  type WindowOptions,
} from './internal/window-options';

interface ConvFields extends ConvolutionFields {
  readonly filters: number;
  readonly groups: number;
  readonly kernelInitializer: InitializerOption;
  readonly kernelRegularizer: RegularizerOption;
  readonly kernelConstraint: ConstraintOption;
}

const DEFAULTS = { ...CONVOLUTION_DEFAULTS, ...KERNEL_DEFAULTS, filters: 1, groups: 1 };

/** The activations that TensorFlow computes together with a convolution. */
const FUSED: ReadonlySet<string> = new Set(['linear', 'relu', 'elu']);

/** tfjs's own know no groups, no causal padding, and no gradient of dilated convolutions. */
abstract class Conv extends ConvolutionLayer<ConvFields> {
  private kernel: LayerVariable | undefined;

  constructor(args: object, rank: number) {
    super(args, DEFAULTS, rank);
  }

  protected override addKernels(channels: number): void {
    const { kernelSize, filters, groups } = this.own;
    this.kernel = this.weight('kernel', [...kernelSize, channels / groups, filters]);
  }

  protected override filtersOf(): number {
    return this.own.filters;
  }

  protected override convolve(x: Tensor, window: Window): Tensor {
    const kernel = (this.kernel as LayerVariable).read(); // it has been built
    const { groups, activation } = this.own;
    const isPlain = groups === 1 && window.dilations.every((dilation) => dilation === 1);
    if (!isPlain || x.rank !== 4 || !FUSED.has(activation.getClassName())) {
      return this.plusBias(convolution(x, kernel, window, groups));
    }
    return tf.fused.conv2d({
      x: x as Tensor4D,
      filter: kernel as Tensor4D,
      strides: window.strides as [number, number],
      pad: window.padding,
      ...(this.bias === undefined ? {} : { bias: this.bias.read() }),
    });
  }
}

class Conv1D extends Conv {
  static readonly className: string = 'Conv1D';
  constructor(args: object) {
    super(args, 1);
  }
}
register(Conv1D);

class Conv2D extends Conv {
  static readonly className: string = 'Conv2D';
  constructor(args: object) {
    super(args, 2);
  }
}
register(Conv2D);

class Conv3D extends Conv {
  static readonly className: string = 'Conv3D';
  constructor(args: object) {
    super(args, 3);
  }
}
register(Conv3D);

/** Options of all convolutions. */
interface ConvOptions extends LayerOptions, KernelOptions, ActivityOption {
  /** The number of output channels. */
  filters: number;
  /** Into how many groups the channels are divided, each of which makes an equal part of the filters; 1 by default. */
  groups?: number | undefined;
}

const convChecks = (rank: number) => ({
  filters: required(positiveInteger),
  ...windowChecks(rank),
  groups: optional(positiveInteger, 1),
  ...kernelOptionChecks,
  ...activityOptionCheck,
});

interface Checked {
  readonly filters: number;
  readonly groups: number;
  readonly strides: number[];
  readonly dilationRate: number[];
}

const check = (functionName: string) => (options: Checked) => {
  strideOrDilation(options, functionName);
  filtersInGroups(options, functionName);
};

const channels = knownChannels(({ groups = 1 }) => groups);

/** Options of {@link layerConv1d}. */
export interface Conv1dOptions extends ConvOptions, WindowOptions<Sizes1d, 'valid' | 'same' | 'causal'> {}

const conv1dChecks = { ...convChecks(1), padding: sequencePadding };

/**
 * A convolution along one axis, time:
 * `output[t] = activation(Σ_k input[t · strides + k · dilationRate] · kernel[k] + bias)`.
 *
 * In `[batch, steps, channels]`, out `[batch, new steps, filters]`. With `padding: 'causal'` no output sees later steps.
 * Weights: kernel `[kernelSize, channels / groups, filters]`, bias `[filters]`.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError for an unknown option or name, sizes that are no positive integers, or `groups` that do not divide
 * the filters.
 * @throws KerasShapeError if the input has other than three dimensions, is shorter than the window, or has channels that the groups
 * do not divide.
 * @example
 * const model = pipe(kerasModelSequential(), layerConv1d({ filters: 4, kernelSize: 3, inputShape: [10, 2] }))
 * assert.deepStrictEqual(outputShape(model), [null, 8, 4])
 * @see R keras `layer_conv_1d`
 */
export const layerConv1d = defineLayer<Conv1dOptions, typeof conv1dChecks>(
  'layerConv1d',
  (args: object) => new Conv1D(args),
  {
    baseName: 'conv1d',
    options: conv1dChecks,
    rank: inputOf(1),
    shapeRequirement: channels,
    check: check('layerConv1d'),
  },
);

/** Options of {@link layerConv2d}. */
export interface Conv2dOptions extends ConvOptions, WindowOptions<Sizes2d> {}

const conv2dChecks = convChecks(2);

/**
 * A convolution over images: `activation(Σ_ij input[y + i, x + j] · kernel[i, j] + bias)`.
 *
 * In `[batch, height, width, channels]`, out `[batch, new height, new width, filters]`.
 * Weights: kernel `[height, width, channels / groups, filters]` of the window, bias `[filters]`.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError for an unknown option or name, sizes that are no positive integers, or `groups` that do not divide
 * the filters.
 * @throws KerasShapeError if the input has other than four dimensions, is smaller than the window, or has channels that the groups
 * do not divide.
 * @example
 * const model = pipe(kerasModelSequential(), layerConv2d({ filters: 32, kernelSize: 3, inputShape: [28, 28, 1] }))
 * assert.deepStrictEqual(outputShape(model), [null, 26, 26, 32])
 * assert.strictEqual(countParams(model), 3 * 3 * 1 * 32 + 32)
 * @see R keras `layer_conv_2d`
 */
export const layerConv2d = defineLayer<Conv2dOptions, typeof conv2dChecks>(
  'layerConv2d',
  (args: object) => new Conv2D(args),
  {
    baseName: 'conv2d',
    options: conv2dChecks,
    rank: inputOf(2),
    shapeRequirement: channels,
    check: check('layerConv2d'),
  },
);

/** Options of {@link layerConv3d}. */
export interface Conv3dOptions extends ConvOptions, WindowOptions<Sizes3d> {}

const conv3dChecks = convChecks(3);

/**
 * A convolution over volumes, or images in time: `activation(Σ_ijk input[z + i, y + j, x + k] · kernel[i, j, k] + bias)`.
 *
 * In `[batch, depth, height, width, channels]`, out `[batch, new depth, new height, new width, filters]`.
 * Weights: kernel `[depth, height, width, channels / groups, filters]` of the window, bias `[filters]`.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError for an unknown option or name, sizes that are no positive integers, or `groups` that do not divide
 * the filters.
 * @throws KerasShapeError if the input has other than five dimensions, is smaller than the window, or has channels that the groups
 * do not divide.
 * @example
 * const model = pipe(kerasModelSequential(), layerConv3d({ filters: 4, kernelSize: [2, 3, 3], inputShape: [5, 8, 8, 1] }))
 * assert.deepStrictEqual(outputShape(model), [null, 4, 6, 6, 4])
 * assert.strictEqual(countParams(model), 2 * 3 * 3 * 1 * 4 + 4)
 * @see R keras `layer_conv_3d`
 */
export const layerConv3d = defineLayer<Conv3dOptions, typeof conv3dChecks>(
  'layerConv3d',
  (args: object) => new Conv3D(args),
  {
    baseName: 'conv3d',
    options: conv3dChecks,
    rank: inputOf(3),
    shapeRequirement: channels,
    check: check('layerConv3d'),
  },
);
