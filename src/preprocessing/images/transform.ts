/** Changes of one image, by the formulas of Keras's `ImageDataGenerator`. */
import { rangeOf, type FloatImage } from './float-image';
import { bytesOf } from './save-image';

export const FILL_MODES = ['nearest', 'constant', 'reflect', 'wrap'] as const;
/** What there is beyond the borders of an image. */
export type ImageFillMode = (typeof FILL_MODES)[number];

/** What is done to an image, in this order; what is left out is not. */
export interface ImageTransformation {
  /** A rotation around the middle, in degrees. */
  readonly theta?: number | undefined;
  /** A shift, in pixels, that Keras draws from `heightShiftRange`. */
  readonly tx?: number | undefined;
  /** A shift, in pixels, that Keras draws from `widthShiftRange`. */
  readonly ty?: number | undefined;
  /** A shear, in degrees. */
  readonly shear?: number | undefined;
  /** A zoom: below 1 the picture becomes larger. */
  readonly zx?: number | undefined;
  /** The same across. */
  readonly zy?: number | undefined;
  /** What is added to all channels; numbers stay between the least and the largest of the image. */
  readonly channelShiftIntensity?: number | null | undefined;
  /** Whether left and right change places. */
  readonly flipHorizontal?: boolean | undefined;
  /** Whether top and bottom change places. */
  readonly flipVertical?: boolean | undefined;
  /** A factor of the brightness: 0 is black, 1 leaves the image as it is. */
  readonly brightness?: number | null | undefined;
}

/** How the numbers between and beyond pixels are made. */
export interface Sampling {
  readonly fillMode: ImageFillMode;
  /** What there is beyond the borders with 'constant'. */
  readonly cval: number;
  /** 1: linearly between the four pixels around; 0: the nearest one. */
  readonly interpolationOrder: 0 | 1;
}

type Matrix = readonly [readonly number[], readonly number[], readonly number[]];

const product = (left: Matrix, right: Matrix): Matrix =>
  left.map((row) =>
    [0, 1, 2].map((column) => row.reduce((sum, one, at) => sum + one * (right[at]?.[column] ?? 0), 0)),
  ) as unknown as Matrix; // of three rows, as the left one

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Where each new pixel comes from, around the middle; undefined where nothing moves. */
const movement = ({
  theta = 0,
  tx = 0,
  ty = 0,
  shear = 0,
  zx = 1,
  zy = 1,
}: ImageTransformation): Matrix | undefined => {
  const parts: Matrix[] = [];
  if (theta !== 0) {
    const [cosine, sine] = [Math.cos(radians(theta)), Math.sin(radians(theta))];
    parts.push([
      [cosine, -sine, 0],
      [sine, cosine, 0],
      [0, 0, 1],
    ]);
  }
  if (tx !== 0 || ty !== 0)
    parts.push([
      [1, 0, tx],
      [0, 1, ty],
      [0, 0, 1],
    ]);
  if (shear !== 0) {
    const angle = radians(shear);
    parts.push([
      [1, -Math.sin(angle), 0],
      [0, Math.cos(angle), 0],
      [0, 0, 1],
    ]);
  }
  if (zx !== 1 || zy !== 1)
    parts.push([
      [zx, 0, 0],
      [0, zy, 0],
      [0, 0, 1],
    ]);
  const [first, ...others] = parts;
  return first === undefined ? undefined : others.reduce(product, first);
};

/**
 * A place beyond the borders of `length` pixels as one within, by SciPy's formulas; undefined where a constant is there. `[abcd]` is
 * `[aaaa|abcd|dddd]`, `[dcba|abcd|dcba]`, or, with 'wrap', goes on with the first pixel in the place of the last.
 */
const placeWithin = (place: number, length: number, mode: ImageFillMode): number | undefined => {
  if (place >= 0 && place <= length - 1) return place;
  if (mode === 'constant') return undefined;
  if (mode === 'nearest') return place < 0 ? 0 : length - 1;
  if (length === 1) return 0;
  if (mode === 'wrap') {
    const period = length - 1;
    return place < 0
      ? place + period * (Math.trunc(-place / period) + 1)
      : place - period * Math.trunc(place / period);
  }
  const period = 2 * length;
  if (place < 0) {
    const near = place < -period ? period * Math.trunc(-place / period) + place : place;
    if (near < -length) return near + period;
    return (near > -1e-15 ? 1e-15 : -near) - 1;
  }
  const near = place - period * Math.trunc(place / period);
  return near >= length ? period - near - 1 : near;
};

/** The two pixels around a place, and the weight of the second; with `isNearest`, the nearest alone. */
const neighbors = (place: number, length: number, isNearest: boolean): readonly [number, number, number] => {
  const inside = (pixel: number): number => Math.min(length - 1, Math.max(0, pixel));
  if (isNearest) {
    const pixel = inside(Math.floor(place + 0.5));
    return [pixel, pixel, 0];
  }
  const whole = Math.floor(place);
  return [inside(whole), inside(whole + 1), place - whole];
};

/** An image with its pixels moved. */
const moved = (image: FloatImage, matrix: Matrix, sampling: Sampling): FloatImage => {
  const { data, height, width, channels } = image;
  const { fillMode, cval, interpolationOrder } = sampling;
  const isNearest = interpolationOrder === 0;
  // Around the middle; rows come first here, where the matrix has what is across first.
  const [middleX, middleY] = [height / 2 - 0.5, width / 2 - 0.5];
  const centered = product(
    product(
      [
        [1, 0, middleX],
        [0, 1, middleY],
        [0, 0, 1],
      ],
      matrix,
    ),
    [
      [1, 0, -middleX],
      [0, 1, -middleY],
      [0, 0, 1],
    ],
  );
  const [[a = 0, b = 0, e = 0], [c = 0, d = 0, f = 0]] = centered;
  const result = new Float32Array(data.length);
  let target = 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++, target += channels) {
      const y = placeWithin(row * d + column * c + f, height, fillMode);
      const x = placeWithin(row * b + column * a + e, width, fillMode);
      if (y === undefined || x === undefined) {
        result.fill(cval, target, target + channels);
        continue;
      }
      const [top, bottom, below] = neighbors(y, height, isNearest);
      const [left, right, after] = neighbors(x, width, isNearest);
      const [topLeft, topRight] = [(top * width + left) * channels, (top * width + right) * channels];
      const [bottomLeft, bottomRight] = [
        (bottom * width + left) * channels,
        (bottom * width + right) * channels,
      ];
      for (let channel = 0; channel < channels; channel++) {
        result[target + channel] =
          (data[topLeft + channel] ?? 0) * (1 - below) * (1 - after) +
          (data[topRight + channel] ?? 0) * (1 - below) * after +
          (data[bottomLeft + channel] ?? 0) * below * (1 - after) +
          (data[bottomRight + channel] ?? 0) * below * after;
      }
    }
  }
  return { ...image, data: result };
};

const withChannelShift = (image: FloatImage, intensity: number): FloatImage => {
  const [least, largest] = rangeOf(image.data);
  const shift = Math.fround(intensity);
  return {
    ...image,
    data: image.data.map((value) => Math.min(largest, Math.max(least, Math.fround(value + shift)))),
  };
};

const flipped = (image: FloatImage, isHorizontal: boolean): FloatImage => {
  const { data, height, width, channels } = image;
  const result = new Float32Array(data.length);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const source = isHorizontal ? row * width + width - 1 - column : (height - 1 - row) * width + column;
      const target = (row * width + column) * channels;
      result.set(data.subarray(source * channels, (source + 1) * channels), target);
    }
  }
  return { ...image, data: result };
};

/**
 * An image brighter or darker as Pillow makes it, of whole numbers from 0 to 255; opacity stays. Where there are numbers beyond these,
 * they are scaled before, and back afterwards.
 */
const withBrightness = (image: FloatImage, brightness: number): FloatImage => {
  const { fround, trunc } = Math;
  const [least, largest] = rangeOf(image.data);
  const isScaled = least < 0 || largest > 255;
  const { data: bytes } = bytesOf(image, isScaled);
  const factor = fround(brightness);
  const span = fround(largest - least);
  const data = new Float32Array(bytes.length);
  for (let at = 0; at < bytes.length; at++) {
    const value = bytes[at] ?? 0;
    const isOpacity = image.channels === 4 && at % 4 === 3;
    const bright = isOpacity ? value : Math.min(255, Math.max(0, trunc(fround(factor * value))));
    data[at] = isScaled ? fround(fround(fround(bright / 255) * span) + least) : bright;
  }
  return { ...image, data };
};

/** An image after a transformation, another or the same. */
export const transformImage = (
  image: FloatImage,
  transformation: ImageTransformation,
  sampling: Sampling,
): FloatImage => {
  const { channelShiftIntensity, flipHorizontal, flipVertical, brightness } = transformation;
  const matrix = movement(transformation);
  let changed = matrix === undefined ? image : moved(image, matrix, sampling);
  if (typeof channelShiftIntensity === 'number') changed = withChannelShift(changed, channelShiftIntensity);
  if (flipHorizontal === true) changed = flipped(changed, true);
  if (flipVertical === true) changed = flipped(changed, false);
  if (typeof brightness === 'number') changed = withBrightness(changed, brightness);
  return changed;
};
