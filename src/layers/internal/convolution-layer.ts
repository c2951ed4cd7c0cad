import type { LayerVariable } from '@tensorflow/tfjs';
import type { Window } from '../../ops/convolution';
import {
  KerasLayer,
  type ActivationOption,
  type ConstraintOption,
  type InitializerOption,
  type RegularizerOption,
} from '../../tfjs/keras-layer';
import { singleInput, type Shape } from '../../tfjs/layer-classes';
import { tf, type Tensor } from '../../tfjs/tensorflow';
import { channelAxisOf, fromChannelsLast, toChannelsLast, type DataFormat } from './data-format';

/** Options of all convolutions inside their layers. */
export interface ConvolutionFields {
  readonly kernelSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: 'valid' | 'same' | 'causal';
  readonly dataFormat: DataFormat;
  readonly dilationRate: readonly number[];
  readonly activation: ActivationOption;
  readonly useBias: boolean;
  readonly biasInitializer: InitializerOption;
  readonly biasRegularizer: RegularizerOption;
  readonly activityRegularizer: RegularizerOption;
  readonly biasConstraint: ConstraintOption;
}

/** Their defaults: names, of which the base class makes objects. */
export const CONVOLUTION_DEFAULTS = {
  kernelSize: 1,
  strides: 1,
  padding: 'valid',
  dataFormat: 'channelsLast',
  dilationRate: 1,
  activation: 'linear',
  useBias: true,
  biasInitializer: 'zeros',
  biasRegularizer: null,
  activityRegularizer: null,
  biasConstraint: null,
};

/** The initializer, regularizer and constraint of a kernel. */
export const KERNEL_DEFAULTS = {
  kernelInitializer: 'glorotUniform',
  kernelRegularizer: null,
  kernelConstraint: null,
};

/** The length that a window leaves of an axis; null is not known. */
export const lengthAfter = (
  size: number | null,
  window: number,
  {
    stride,
    dilation = 1,
    padding,
  }: { stride: number; dilation?: number; padding: ConvolutionFields['padding'] },
): number | null => {
  if (size === null) return null;
  const covered = padding === 'valid' ? (window - 1) * dilation : 0;
  return Math.ceil((size - covered) / stride);
};

/** As many sizes as there are axes; one number stands for all of them. */
export const sizesFor = (value: unknown, rank: number): number[] =>
  Array.isArray(value) ? [...(value as number[])] : Array<number>(rank).fill(value as number);

/** What convolutions of all kinds and ranks have in common. */
export abstract class ConvolutionLayer<Fields extends ConvolutionFields> extends KerasLayer<Fields> {
  protected bias: LayerVariable | undefined;

  constructor(
    args: object,
    defaults: object,
    /** The number of axes between batch and channels. */
    protected readonly rank: number,
  ) {
    const given = { ...defaults, ...args } as Readonly<Record<string, unknown>>; // options by their names
    const sized = ['kernelSize', 'strides', 'dilationRate', 'outputPadding'].filter(
      (option) => (given[option] ?? null) !== null,
    );
    super(
      { ...args, ...Object.fromEntries(sized.map((option) => [option, sizesFor(given[option], rank)])) },
      defaults as Fields, // names of objects; the base class makes them
    );
    this.supportsMasking = false;
  }

  /** Adds the kernels for inputs of so many channels. */
  protected abstract addKernels(channels: number): void;

  /** The product, channels last. */
  protected abstract convolve(x: Tensor, window: Window): Tensor;

  /** The number of filters for so many channels. */
  protected abstract filtersOf(channels: number): number;

  /** The length of an axis of the output. */
  protected lengthOf(size: number | null, axis: number): number | null {
    const { kernelSize, strides, dilationRate, padding } = this.own;
    return lengthAfter(size, kernelSize[axis] ?? 1, {
      stride: strides[axis] ?? 1,
      dilation: dilationRate[axis] ?? 1,
      padding,
    });
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = inputShape as Shape; // one input
    const axis = channelAxisOf(this.own.dataFormat, shape.length);
    const channels = shape[axis] as number; // known, as is checked
    this.addKernels(channels);
    if (this.own.useBias) this.bias = this.weight('bias', [this.filtersOf(channels)]);
    this.inputSpec = [new tf.InputSpec({ ndim: this.rank + 2, axes: { [axis]: channels } })];
    super.build(inputShape);
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.tidy(() => {
      const { padding, kernelSize, strides, dilationRate, dataFormat, activation } = this.own;
      const x = toChannelsLast(singleInput(inputs), dataFormat);
      const before = padding === 'causal' ? ((kernelSize[0] ?? 1) - 1) * (dilationRate[0] ?? 1) : 0;
      const padded = before === 0 ? x : tf.pad(x, [[0, 0], [before, 0], [0, 0]]); // prettier-ignore
      const window: Window = {
        strides,
        dilations: dilationRate,
        padding: padding === 'same' ? 'same' : 'valid',
      };
      return activation.apply(fromChannelsLast(this.convolve(padded, window), dataFormat));
    });
  }

  /** A product plus the bias. */
  protected plusBias(product: Tensor): Tensor {
    return this.bias === undefined ? product : tf.add(product, this.bias.read());
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const shape = inputShape as Shape; // one input
    const axis = channelAxisOf(this.own.dataFormat, shape.length);
    const first = axis === 1 ? 2 : 1;
    const sizes = shape.slice(first, first + this.rank).map((size, index) => this.lengthOf(size, index));
    const filters = this.filtersOf(shape[axis] ?? 1);
    return axis === 1 ? [shape[0] ?? null, filters, ...sizes] : [shape[0] ?? null, ...sizes, filters];
  }
}
