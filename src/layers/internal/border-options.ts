import { argumentError, nonNegativeInteger, optional, type Check, type OptionCheck } from '../../base/checks';
import { KerasLayer } from '../../tfjs/keras-layer';
import { singleInput, type Shape } from '../../tfjs/layer-classes';
import type { Tensor } from '../../tfjs/tensorflow';
import { betweenOf, dataFormat, shapeWith, type DataFormat, type DataFormatName } from './data-format';

/** What is added to or cut from an axis: as much at both ends, or so much at its begin and at its end. */
export type Border = number | readonly [number, number];

/** Both ends of each axis. */
export type Borders = readonly (readonly [number, number])[];

/**
 * Borders of so many axes: one number for all ends, a number for both ends of each axis, or a pair of numbers for each. Along one
 * axis, a pair is that axis's.
 */
export const bordersOf =
  (rank: number): Check<[number, number][]> =>
  (value, place) => {
    const wrong = (): Error =>
      argumentError(
        place,
        rank === 1
          ? 'an integer, or two for begin and end'
          : `an integer, ${rank} of them, or ${rank} pairs for begin and end`,
        value,
      );
    const end = (one: unknown): number => nonNegativeInteger(one, place);
    if (typeof value === 'number') return Array.from({ length: rank }, () => [end(value), end(value)]);
    if (!Array.isArray(value)) throw wrong();
    const items: unknown[] = rank === 1 && value.length === 2 ? [value] : value;
    if (items.length !== rank) throw wrong();
    return items.map((item) => {
      if (!Array.isArray(item)) return [end(item), end(item)];
      if (item.length !== 2) throw wrong();
      return [end(item[0]), end(item[1])];
    });
  };

/** The option of the data format. */
export const formatChecks = { dataFormat: optional(dataFormat, 'channels_last') } satisfies Record<
  string,
  OptionCheck<unknown>
>;

/** The data format of images and volumes. */
export interface FormatOption {
  /** 'channels_last' by default: `[batch, …, channels]`; or 'channels_first': `[batch, channels, …]`. */
  dataFormat?: DataFormatName | undefined;
}

interface BorderFields {
  readonly dataFormat: DataFormat;
}

/** A layer that changes the length of the axes between batch and channels. */
export abstract class ResizingLayer<Fields extends BorderFields> extends KerasLayer<Fields> {
  constructor(args: object, defaults: Fields) {
    super(args, defaults);
    this.supportsMasking = false;
  }

  /** The length of an axis afterwards. */
  protected abstract lengthOf(size: number, axis: number): number;

  /** What it makes of the tensor whose axes between batch and channels begin at `first`. */
  protected abstract resize(x: Tensor, first: number): Tensor;

  override call(inputs: Tensor | Tensor[]): Tensor {
    return this.resize(singleInput(inputs), this.own.dataFormat === 'channelsFirst' ? 2 : 1);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const shape = inputShape as Shape; // one input
    const { dataFormat: format } = this.own;
    const between = betweenOf(shape, format).map((size, axis) =>
      size === null ? null : this.lengthOf(size, axis),
    );
    return shapeWith(shape, between, format);
  }
}

/** A configuration's borders, which are pairs for each axis, but along one axis the pair or number itself. */
export const bordersFrom = (value: unknown, rank: number): Borders =>
  bordersOf(rank)(value, { argument: 'padding' });
