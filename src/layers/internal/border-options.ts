import { argumentError, nonNegativeInteger, optional, type Check, type OptionCheck } from '../../base/checks';
import { KerasLayer } from '../../tfjs/keras-layer';
import { singleInput, type LayerConfig, type Shape } from '../../tfjs/layer-classes';
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

interface FormatField {
  readonly dataFormat: DataFormat;
}

/** A layer that changes the length of the axes between batch and channels. */
export abstract class ResizingLayer<Fields extends FormatField> extends KerasLayer<Fields> {
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

/** The fields of a layer whose borders are the option of this name. */
type BorderFields<Name extends string> = FormatField & { readonly [Field in Name]: Borders };

/** A layer that adds a border or cuts one off: as much as its option of this name says, at both ends of so many axes. */
export abstract class BorderLayer<Name extends 'cropping' | 'padding'> extends ResizingLayer<
  BorderFields<Name>
> {
  constructor(
    args: object,
    private readonly option: Name,
    private readonly rank: number,
    byDefault: number,
  ) {
    const given = (args as Readonly<Record<string, unknown>>)[option] ?? byDefault; // options by their names
    super(
      { ...args, [option]: bordersOf(rank)(given, { argument: option }) },
      { [option]: [], dataFormat: 'channelsLast' } as unknown as BorderFields<Name>, // of that name
    );
  }

  protected get borders(): Borders {
    return this.own[this.option];
  }

  /** What there is at both ends of an axis of the whole tensor, whose axes between batch and channels begin at `first`. */
  protected ends(axis: number, first: number): readonly [number, number] {
    return this.borders[axis - first] ?? [0, 0];
  }

  override getConfig(): LayerConfig {
    const { dataFormat, ...config } = super.getConfig();
    const pairs = this.borders.map((pair) => [...pair]);
    // Keras's of sequences has the pair itself, and no format.
    return this.rank === 1
      ? { ...config, [this.option]: pairs[0] as number[] } // one axis
      : { ...config, [this.option]: pairs, dataFormat: dataFormat as string }; // a name
  }
}
