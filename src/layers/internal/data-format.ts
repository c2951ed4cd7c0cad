import { oneOf, type Check } from '../../base/checks';
import { tf, type Tensor } from '../../tfjs/tensorflow';

/** Where the channels are, in tfjs's spelling, which becomes Keras's in a configuration. */
export type DataFormat = 'channelsLast' | 'channelsFirst';

/** How a layer's option says it. */
export type DataFormatName = 'channels_last' | 'channels_first';

/** 'channels_last' or 'channels_first'. */
export const dataFormat: Check<DataFormat> = (value, place) =>
  oneOf('channels_last', 'channels_first')(value, place) === 'channels_last'
    ? 'channelsLast'
    : 'channelsFirst';

/** The axis of the channels, of so many axes. */
export const channelAxisOf = (format: DataFormat, rank: number): number =>
  format === 'channelsFirst' ? 1 : rank - 1;

/** The order of axes with the second one moved to the end, or back. */
const orders = (rank: number): { last: number[]; first: number[] } => {
  const between = Array.from({ length: rank - 2 }, (_, axis) => axis);
  return {
    last: [0, ...between.map((axis) => axis + 2), 1],
    first: [0, rank - 1, ...between.map((axis) => axis + 1)],
  };
};

/** A tensor with its channels last: TensorFlow's kernels for processors know no other order. */
export const toChannelsLast = (x: Tensor, format: DataFormat): Tensor =>
  format === 'channelsFirst' ? tf.transpose(x, orders(x.rank).last) : x;

/** A tensor whose channels are last, with them where the format has them. */
export const fromChannelsLast = (x: Tensor, format: DataFormat): Tensor =>
  format === 'channelsFirst' ? tf.transpose(x, orders(x.rank).first) : x;

/** The sizes of the axes between batch and channels. */
export const betweenOf = (
  shape: readonly (number | null)[],
  format: DataFormat,
): readonly (number | null)[] => (format === 'channelsFirst' ? shape.slice(2) : shape.slice(1, -1));

/** A shape of a batch, other sizes between, and channels, in a format. */
export const shapeWith = (
  shape: readonly (number | null)[],
  between: readonly (number | null)[],
  format: DataFormat,
  channels = shape[channelAxisOf(format, shape.length)] ?? null,
): (number | null)[] =>
  format === 'channelsFirst'
    ? [shape[0] ?? null, channels, ...between]
    : [shape[0] ?? null, ...between, channels];
