import { sizeOf } from '../base/shapes';
import { tf, type Tensor } from '../tfjs/tensorflow';

export const FILL_MODES = ['reflect', 'constant', 'wrap', 'nearest'] as const;
/** What there is beyond the borders of an image. */
export type FillMode = (typeof FILL_MODES)[number];

export const SAMPLINGS = ['bilinear', 'nearest'] as const;
/** How the value between pixels is made. */
export type Sampling = (typeof SAMPLINGS)[number];

export interface Fill {
  readonly fillMode: FillMode;
  /** What there is beyond the borders with 'constant'. */
  readonly fillValue: number;
  readonly interpolation: Sampling;
}

/**
 * Where each new pixel `(x, y)` comes from: the row `a₀ x + a₁ y + a₂`, of numbers `[batch, 1, 1]` each. A part that is left out is 0.
 */
export interface Row {
  readonly x?: Tensor | 1;
  readonly y?: Tensor | 1;
  readonly shift: Tensor;
}

/** The mapping of new pixels to old places, for each image. */
export interface Mapping {
  readonly x: Row;
  readonly y: Row;
}

const times = (factor: Tensor | 1 | undefined, places: Tensor): Tensor[] =>
  factor === undefined ? [] : [factor === 1 ? places : tf.mul(factor, places)];

/** The places of a row: only along the axes on which they depend. */
const placesOf = (row: Row, height: number, width: number): Tensor => {
  const columns = tf.reshape(tf.range(0, width), [1, 1, width]);
  const rows = tf.reshape(tf.range(0, height), [1, height, 1]);
  return [...times(row.x, columns), ...times(row.y, rows), row.shift].reduce((sum, part) =>
    tf.add(sum, part),
  );
};

/** The whole times that a positive length goes into lengths. */
const wholes = (lengths: Tensor, by: number): Tensor => tf.floor(tf.div(lengths, by));

/** Places beyond the borders of `size` pixels as places within, by the formulas of TensorFlow's kernel. */
const INSIDE: Readonly<Record<FillMode, (place: Tensor, size: number) => Tensor>> = {
  constant: (place) => place,
  nearest: (place, size) => tf.clipByValue(place, 0, size - 1),
  // [abcd] is [dcba|abcd|dcba].
  reflect: (place, size) => {
    if (size === 1) return tf.zerosLike(place);
    const period = 2 * size;
    const below = tf.add(tf.mul(wholes(tf.neg(place), period), period), place);
    const fromBelow = tf.where(tf.less(below, -size), tf.add(below, period), tf.sub(tf.neg(below), 1));
    const above = tf.sub(place, tf.mul(wholes(place, period), period));
    const fromAbove = tf.where(tf.greaterEqual(above, size), tf.sub(tf.sub(period, above), 1), above);
    return tf.clipByValue(tf.where(tf.less(place, 0), fromBelow, fromAbove), 0, size - 1);
  },
  // [abcd] is [abcd|abcd|abcd], as the kernel has it: the last pixel is as far from the first as from its neighbor.
  wrap: (place, size) => {
    if (size === 1) return tf.zerosLike(place);
    const fromBelow = tf.add(place, tf.mul(tf.add(wholes(tf.neg(place), size - 1), 1), size));
    const fromAbove = tf.sub(place, tf.mul(wholes(place, size - 1), size));
    const beyond = tf.where(tf.greater(place, size - 1), fromAbove, place);
    return tf.clipByValue(tf.where(tf.less(place, 0), fromBelow, beyond), 0, size - 1);
  },
};

/** The nearest whole number; of two that are as near, the one further from 0. */
const rounded = (places: Tensor): Tensor => {
  const lengths = tf.abs(places);
  const whole = tf.floor(lengths);
  const up = tf.cast(tf.greaterEqual(tf.sub(lengths, whole), 0.5), 'float32');
  return tf.mul(tf.sign(places), tf.add(whole, up));
};

/** Whether whole places are within, of 0 and 1. */
const within = (places: Tensor, size: number): Tensor =>
  tf.cast(tf.logicalAnd(tf.greaterEqual(places, 0), tf.lessEqual(places, size - 1)), 'float32');

/** Reads the pixels at whole places, `[batch, 1 or height, 1 or width]` each. */
const reader = (images: Tensor, { fillMode, fillValue }: Fill): ((y: Tensor, x: Tensor) => Tensor) => {
  const [batch, height, width, channels] = images.shape as [number, number, number, number];
  const pixels = tf.reshape(images, [batch * height * width, channels]);
  const first = tf.reshape(tf.mul(tf.range(0, batch, 1, 'int32'), tf.scalar(height * width, 'int32')), [
    batch,
    1,
    1,
  ]);
  const number = (places: Tensor, size: number): Tensor =>
    tf.cast(tf.clipByValue(places, 0, size - 1), 'int32');
  const grid = tf.zeros([1, height, width], 'int32');
  return (y, x) => {
    const rows = tf.add(first, tf.mul(number(y, height), tf.scalar(width, 'int32')));
    const indices = tf.add(tf.add(rows, number(x, width)), grid);
    const values = tf.reshape(
      tf.gather(pixels, tf.reshape(indices, [sizeOf(indices.shape)]) as never), // tfjs's types ask for the rank that it has
      [batch, height, width, channels],
    );
    if (fillMode !== 'constant') return values;
    const known = tf.expandDims(tf.mul(within(y, height), within(x, width)), 3);
    const inside = tf.mul(values, known);
    return fillValue === 0 ? inside : tf.add(inside, tf.mul(tf.sub(1, known), fillValue));
  };
};

/**
 * Images `[batch, height, width, channels]`, each pixel taken from where `mapping` says, as TensorFlow's projective transform takes it,
 * which its versions before 2 do not have. It has the derivative of what it computes.
 */
export const transformImages = (images: Tensor, mapping: Mapping, fill: Fill): Tensor =>
  tf.tidy(() => {
    const [, height, width] = images.shape as [number, number, number, number];
    const place = (row: Row, size: number): Tensor =>
      INSIDE[fill.fillMode](placesOf(row, height, width), size);
    const [x, y] = [place(mapping.x, width), place(mapping.y, height)];
    const read = reader(images, fill);
    if (fill.interpolation === 'nearest') return read(rounded(y), rounded(x));
    const [left, top] = [tf.floor(x), tf.floor(y)];
    const share = (whole: Tensor, from: Tensor): Tensor => tf.expandDims(tf.sub(from, whole), 3);
    const mixed = (a: Tensor, b: Tensor, ofB: Tensor): Tensor =>
      tf.add(tf.mul(tf.sub(1, ofB), a), tf.mul(ofB, b));
    const [right, bottom] = [tf.add(left, 1), tf.add(top, 1)];
    const ofRight = share(left, x);
    return mixed(
      mixed(read(top, left), read(top, right), ofRight),
      mixed(read(bottom, left), read(bottom, right), ofRight),
      share(top, y),
    );
  });

/** A number for each image, as rows of a mapping take it. */
const each = (numbers: Tensor): Tensor => tf.reshape(numbers, [sizeOf(numbers.shape), 1, 1]);

/** A shift by so many pixels, to the right and down. */
export const translation = (right: Tensor, down: Tensor): Mapping => ({
  x: { x: 1, shift: tf.neg(each(right)) },
  y: { y: 1, shift: tf.neg(each(down)) },
});

/** A rotation around the middle by angles in radians, counterclockwise. */
export const rotation = (angles: Tensor, height: number, width: number): Mapping => {
  const [cosine, sine] = [tf.cos(each(angles)), tf.sin(each(angles))];
  const [bottom, right] = [height - 1, width - 1];
  return {
    x: {
      x: cosine,
      y: tf.neg(sine),
      shift: tf.div(tf.sub(right, tf.sub(tf.mul(cosine, right), tf.mul(sine, bottom))), 2),
    },
    y: {
      x: sine,
      y: cosine,
      shift: tf.div(tf.sub(bottom, tf.add(tf.mul(sine, right), tf.mul(cosine, bottom))), 2),
    },
  };
};

/** A zoom around the middle: below 1 into the image, above 1 out of it. */
export const zoom = (heights: Tensor, widths: Tensor, height: number, width: number): Mapping => {
  const row = (factors: Tensor, size: number): { factor: Tensor; shift: Tensor } => ({
    factor: each(factors),
    shift: tf.mul(tf.sub(1, each(factors)), (size - 1) / 2),
  });
  const [x, y] = [row(widths, width), row(heights, height)];
  return { x: { x: x.factor, shift: x.shift }, y: { y: y.factor, shift: y.shift } };
};
