import { sizeOf } from '../base/shapes';
import { tf, type Tensor, type Tensor2D } from '../tfjs/tensorflow';

/** A kernel of resampling: its value at a distance, and the distance from which on it is zero. */
interface Kernel {
  readonly radius: number;
  readonly at: (distance: number) => number;
}

const cubic = (distance: number, b: number, c: number): number => {
  const x = Math.abs(distance);
  if (x < 1) return ((12 - 9 * b - 6 * c) * x ** 3 + (-18 + 12 * b + 6 * c) * x ** 2 + (6 - 2 * b)) / 6;
  if (x >= 2) return 0;
  return ((-b - 6 * c) * x ** 3 + (6 * b + 30 * c) * x ** 2 + (-12 * b - 48 * c) * x + (8 * b + 24 * c)) / 6;
};

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

const lanczos = (radius: number): Kernel => ({
  radius,
  at: (x) => (Math.abs(x) >= radius ? 0 : sinc(x) * sinc(x / radius)),
});

/** How many places there are between two values where cubic weights are known. */
const STEPS = 1024;

/** The kernels of TensorFlow's `tf.image.resize`, without antialiasing. */
const KERNELS = {
  bilinear: { radius: 1, at: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: { radius: 2, at: (x) => cubic(x, 0, 0.5) },
  mitchellcubic: { radius: 2, at: (x) => cubic(x, 1 / 3, 1 / 3) },
  gaussian: { radius: 1.5, at: (x) => (Math.abs(x) >= 1.5 ? 0 : Math.exp(-2 * x * x)) },
  lanczos3: lanczos(3),
  lanczos5: lanczos(5),
} satisfies Readonly<Record<string, Kernel>>;

/** How new values are made between those that there are. */
export type Interpolation = keyof typeof KERNELS | 'nearest' | 'area';

export const INTERPOLATIONS: readonly Interpolation[] = [
  'nearest',
  'bilinear',
  'bicubic',
  'area',
  'lanczos3',
  'lanczos5',
  'gaussian',
  'mitchellcubic',
];

/** What leaves an axis as it is that keeps its size: the other kernels are not 0 at whole distances. */
const KEEPS: ReadonlySet<Interpolation> = new Set(INTERPOLATIONS.filter((one) => one !== 'gaussian' && one !== 'mitchellcubic')); // prettier-ignore

/** What a new value is made of: so many of the old ones, from `first` on, each with a weight. */
interface Taps {
  readonly first: number;
  readonly weights: readonly number[];
}

const { fround } = Math;

/** Where the middle of a new value is among the old ones, as TensorFlow computes it with float32. */
const centerOf = (index: number, scale: number): number => fround(fround((index + 0.5) * scale) - 0.5);

/** What a kernel makes a new value of; beyond the ends there is nothing, and the weights add up to 1. */
const kernelTaps = ({ radius, at }: Kernel, center: number, size: number): Taps => {
  const first = Math.max(0, Math.ceil(center - radius));
  const last = Math.min(size - 1, Math.floor(center + radius));
  const weights = Array.from({ length: last - first + 1 }, (_, index) => at(center - first - index));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return { first, weights: weights.map((weight) => weight / total) };
};

/** TensorFlow looks cubic weights up at the nearest of 1024 places between two values. */
const cubicCenter = (center: number): number => {
  const below = Math.floor(center);
  return below + Math.round((center - below) * STEPS) / STEPS;
};

/** The mean of what a new value covers. */
const areaTaps = (index: number, scale: number, size: number): Taps => {
  const [from, to] = [index * scale, (index + 1) * scale];
  const first = Math.min(size - 1, Math.floor(from));
  const last = Math.max(first, Math.min(size, Math.ceil(to)) - 1);
  const weights = Array.from({ length: last - first + 1 }, (_, step) => {
    const old = first + step;
    return (Math.min(to, old + 1) - Math.max(from, old)) / scale;
  });
  return { first, weights };
};

const tapsOf = (
  interpolation: Exclude<Interpolation, 'nearest'>,
  size: number,
  made: number,
): ((index: number) => Taps) => {
  if (interpolation === 'area') return (index) => areaTaps(index, size / made, size);
  const kernel = KERNELS[interpolation];
  const scale = fround(size / made);
  return (index) => {
    const center = centerOf(index, scale);
    return kernelTaps(kernel, interpolation === 'bicubic' ? cubicCenter(center) : center, size);
  };
};

/** How much each of `size` values counts for each of `made` ones, `[size, made]`. */
export const resamplingWeights = (
  interpolation: Exclude<Interpolation, 'nearest'>,
  size: number,
  made: number,
): Float32Array => {
  const matrix = new Float32Array(size * made);
  if (made === size && KEEPS.has(interpolation)) {
    for (let index = 0; index < size; index++) matrix[index * size + index] = 1;
    return matrix;
  }
  const taps = tapsOf(interpolation, size, made);
  for (let index = 0; index < made; index++) {
    const { first, weights } = taps(index);
    weights.forEach((weight, step) => {
      matrix[(first + step) * made + index] = weight;
    });
  }
  return matrix;
};

const weightsOf = (interpolation: Exclude<Interpolation, 'nearest'>, size: number, made: number): Tensor2D =>
  tf.tensor2d(resamplingWeights(interpolation, size, made), [size, made]);

/** The number of the value that is nearest to each new one. */
const nearestOf = (size: number, made: number): number[] => {
  const scale = fround(size / made);
  return Array.from({ length: made }, (_, index) =>
    Math.min(Math.floor(fround((index + 0.5) * scale)), size - 1),
  );
};

/** Each value of an axis `times` times, one after the other. */
export const repeatAlong = (x: Tensor, axis: number, times: number): Tensor =>
  tf.tidy(() => {
    if (times === 1) return tf.clone(x);
    const shape = x.shape as number[]; // those of values are known
    const size = shape[axis] as number; // it has that axis
    const parts = [sizeOf(shape.slice(0, axis)) * size, 1, sizeOf(shape.slice(axis + 1))];
    // A product, whose gradient tfjs has for any number of axes.
    const repeated = tf.mul(tf.reshape(x, parts), tf.ones([1, times, 1]));
    return tf.reshape(repeated, [...shape.slice(0, axis), size * times, ...shape.slice(axis + 1)]);
  });

/** An axis of so many values, made of those that there are, as TensorFlow's `tf.image.resize` makes them. */
export const resizeAlong = (x: Tensor, axis: number, made: number, interpolation: Interpolation): Tensor =>
  tf.tidy(() => {
    const size = x.shape[axis] as number; // it has that axis
    if (made === size && KEEPS.has(interpolation)) return tf.clone(x);
    if (interpolation === 'nearest') {
      if (made % size === 0) return repeatAlong(x, axis, made / size);
      return tf.gather(x, tf.tensor1d(nearestOf(size, made), 'int32'), axis);
    }
    const order = x.shape.map((_, index) => index).filter((index) => index !== axis);
    const last = tf.transpose(x, [...order, axis]);
    const rows = tf.reshape(last, [x.size / size, size]);
    const resized = tf.matMul(rows, weightsOf(interpolation, size, made));
    const back = x.shape.map((_, index) => [...order, axis].indexOf(index));
    return tf.transpose(tf.reshape(resized, [...last.shape.slice(0, -1), made]), back);
  });

/** An axis `times` as long. */
export const stretchAlong = (x: Tensor, axis: number, times: number, interpolation: Interpolation): Tensor =>
  // An area of a whole number of new values is one old value.
  interpolation === 'area'
    ? repeatAlong(x, axis, times)
    : resizeAlong(x, axis, (x.shape[axis] as number) * times, interpolation); // it has that axis
