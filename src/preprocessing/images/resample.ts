/** Images in another size as Pillow makes them, number by number: Keras reads files with it. */
import type { Pixels } from './pixels';

/** A function of the distance, in units of the coarser of both grids, and how far it reaches. */
interface Filter {
  readonly support: number;
  readonly weight: (distance: number) => number;
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI));

/** The parameter of cubic convolution. */
const CUBIC = -0.5;

const bicubic = (distance: number): number => {
  const x = Math.abs(distance);
  if (x < 1) return ((CUBIC + 2) * x - (CUBIC + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * CUBIC : 0;
};

const hamming = (distance: number): number => {
  const x = Math.abs(distance);
  if (x === 0) return 1;
  if (x >= 1) return 0;
  const angle = x * Math.PI;
  return (Math.sin(angle) / angle) * (0.54 + 0.46 * Math.cos(angle));
};

const FILTERS = {
  box: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  hamming: { support: 1, weight: hamming },
  bicubic: { support: 2, weight: bicubic },
  lanczos: { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
} as const satisfies Readonly<Record<string, Filter>>;

/** How files that are read one by one become images of another size. */
export const FILE_INTERPOLATIONS = ['nearest', 'bilinear', 'bicubic', 'lanczos', 'box', 'hamming'] as const;
/** How images in files become others of another size, by Pillow's names. */
export type FileInterpolation = (typeof FILE_INTERPOLATIONS)[number];

/** Weights are whole numbers, of which so many bits are behind the point. */
const PRECISION_BITS = 22;
const HALF = 1 << (PRECISION_BITS - 1);

/** The weights of the old places for each new one. */
interface Weights {
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** `stride` for each new place, of which the first `count` are used. */
  readonly values: Int32Array;
  readonly stride: number;
}

const fixed = (weight: number): number =>
  Math.trunc(weight * (1 << PRECISION_BITS) + (weight < 0 ? -0.5 : 0.5));

/** What of an axis is made of another size: `length` places from `start` on, of the `from` that there are. */
interface Span {
  readonly from: number;
  readonly start: number;
  readonly length: number;
}

const weightsOf = (
  { support, weight }: Filter,
  { from, start: before, length: span }: Span,
  to: number,
): Weights => {
  const scale = span / to;
  const filterScale = Math.max(1, scale);
  const reach = support * filterScale;
  const stride = Math.ceil(reach) * 2 + 1;
  const [first, count, values] = [new Int32Array(to), new Int32Array(to), new Int32Array(to * stride)];
  for (let place = 0; place < to; place++) {
    const center = before + (place + 0.5) * scale;
    // Places beside the span count as well where the filter reaches them.
    const start = Math.max(0, Math.trunc(center - reach + 0.5));
    const length = Math.min(from, Math.trunc(center + reach + 0.5)) - start;
    const exact = Array.from({ length }, (_, at) => weight((at + start - center + 0.5) * (1 / filterScale)));
    const sum = exact.reduce((total, one) => total + one, 0);
    first[place] = start;
    count[place] = length;
    exact.forEach((one, at) => {
      values[place * stride + at] = fixed(sum === 0 ? one : one / sum);
    });
  }
  return { first, count, values, stride };
};

const clipped = (sum: number): number => Math.min(255, Math.max(0, sum >> PRECISION_BITS));

/** One axis in another size: `lines` × `to` × `inner` numbers of `lines` × `span.from` × `inner`. */
const alongAxis = (
  data: Uint8Array,
  [lines, span, inner]: readonly [number, Span, number],
  to: number,
  filter: Filter,
): Uint8Array => {
  const { from } = span;
  const { first, count, values, stride } = weightsOf(filter, span, to);
  const resized = new Uint8Array(lines * to * inner);
  for (let line = 0; line < lines; line++) {
    for (let place = 0; place < to; place++) {
      const source = (line * from + (first[place] ?? 0)) * inner;
      const target = (line * to + place) * inner;
      const weights = place * stride;
      const length = count[place] ?? 0;
      for (let at = 0; at < inner; at++) {
        let sum = HALF;
        for (let step = 0; step < length; step++) {
          sum += (data[source + step * inner + at] ?? 0) * (values[weights + step] ?? 0);
        }
        resized[target + at] = clipped(sum);
      }
    }
  }
  return resized;
};

/** Where each new place comes from: sums as Pillow makes them, which differ from products in the last bit. */
const nearestPlaces = ({ from, start, length }: Span, to: number): Int32Array => {
  const scale = length / to;
  const places = new Int32Array(to);
  let at = start + scale * 0.5;
  for (let place = 0; place < to; place++) {
    places[place] = Math.min(from - 1, Math.trunc(at));
    at += scale;
  }
  return places;
};

const nearest = ({ data, width, channels }: Pixels, box: Box, [rows, columns]: Size): Pixels => {
  const resized = new Uint8Array(rows * columns * channels);
  const [fromRow, fromColumn] = [nearestPlaces(box.rows, rows), nearestPlaces(box.columns, columns)];
  let target = 0;
  for (const row of fromRow) {
    for (const column of fromColumn) {
      const source = (row * width + column) * channels;
      for (let channel = 0; channel < channels; channel++) resized[target++] = data[source + channel] ?? 0;
    }
  }
  return { data: resized, height: rows, width: columns, channels };
};

/** Colors times their opacity, rounded as Pillow does, so that what nobody sees does not shine through. */
const premultiplied = (pixels: Pixels): Pixels => {
  const data = Uint8Array.from(pixels.data);
  for (let at = 0; at < data.length; at += 4) {
    const alpha = data[at + 3] ?? 0;
    for (let channel = at; channel < at + 3; channel++) {
      const product = (data[channel] ?? 0) * alpha + 128;
      data[channel] = ((product >> 8) + product) >> 8;
    }
  }
  return { ...pixels, data };
};

/** The inverse of that. */
const unmultiplied = (pixels: Pixels): Pixels => {
  const data = Uint8Array.from(pixels.data);
  for (let at = 0; at < data.length; at += 4) {
    const alpha = data[at + 3] ?? 0;
    if (alpha === 0 || alpha === 255) continue;
    for (let channel = at; channel < at + 3; channel++) {
      data[channel] = Math.min(255, Math.trunc((255 * (data[channel] ?? 0)) / alpha));
    }
  }
  return { ...pixels, data };
};

type Size = readonly [rows: number, columns: number];

/** Which part of an image becomes one of another size. */
interface Box {
  readonly rows: Span;
  readonly columns: Span;
}

const whole = (from: number): Span => ({ from, start: 0, length: from });

const middle = (from: number, length: number): Span => ({
  from,
  start: Math.trunc((from - length) / 2),
  length,
});

/** The largest part in the middle of an image that has a size's proportions, in whole pixels as Keras has it. */
const boxOf = ({ height, width }: Pixels, [rows, columns]: Size): Box => ({
  rows: middle(height, Math.min(height, Math.trunc((width * rows) / columns))),
  columns: middle(width, Math.min(width, Math.trunc((height * columns) / rows))),
});

/** How an image becomes one of another size. */
export interface Resampling {
  readonly interpolation: FileInterpolation;
  /** Whether what does not fit the size's proportions is left out at both sides. */
  readonly keepsAspectRatio: boolean;
}

/**
 * An image in another size, as Pillow's `resize` makes it. All but `'nearest'` take into account as many old pixels as one new pixel covers,
 * so that smaller images are smooth.
 */
export const resample = (
  pixels: Pixels,
  size: Size,
  { interpolation, keepsAspectRatio }: Resampling,
): Pixels => {
  const { height, width, channels } = pixels;
  if (height === size[0] && width === size[1]) return pixels;
  const box = keepsAspectRatio ? boxOf(pixels, size) : { rows: whole(height), columns: whole(width) };
  if (interpolation === 'nearest') return nearest(pixels, box, size);
  const filter = FILTERS[interpolation];
  return channels === 4
    ? unmultiplied(resized(premultiplied(pixels), box, size, filter))
    : resized(pixels, box, size, filter);
};

/** Columns first, then rows. */
const resized = (pixels: Pixels, box: Box, [rows, columns]: Size, filter: Filter): Pixels => {
  const { height, channels } = pixels;
  const isSame = ({ from, length }: Span, to: number): boolean => from === to && length === to;
  let { data } = pixels;
  if (!isSame(box.columns, columns)) data = alongAxis(data, [height, box.columns, channels], columns, filter);
  if (!isSame(box.rows, rows)) data = alongAxis(data, [1, box.rows, columns * channels], rows, filter);
  return { data, height: rows, width: columns, channels };
};
