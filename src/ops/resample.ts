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

/** TensorFlow looks cubic weights up in a table of 1024 steps. */
const STEPS = 1024;

/** The kernels of TensorFlow's `tf.image.resize`, without antialiasing. */
const KERNELS = {
  bilinear: { radius: 1, at: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: { radius: 2, at: (x) => cubic(Math.round(x * STEPS) / STEPS, 0, 0.5) },
  mitchellcubic: { radius: 2, at: (x) => cubic(x, 1 / 3, 1 / 3) },
  gaussian: { radius: 1.5, at: (x) => Math.exp(-2 * x * x) },
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

/** How much each of `size` values counts for each of `made` ones, `[size, made]`. */
const weightsOf = ({ radius, at }: Kernel, size: number, made: number): Tensor2D => {
  const columns = Array.from({ length: made }, (_, index) => {
    const center = ((index + 0.5) * size) / made - 0.5;
    const weights = Array.from({ length: size }, (__, from) =>
      Math.abs(center - from) > radius ? 0 : at(center - from),
    );
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return weights.map((weight) => weight / total);
  });
  return tf.transpose(tf.tensor2d(columns, [made, size]));
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

/** An axis `times` as long, the values between by interpolation, as TensorFlow's `tf.image.resize` has them. */
export const stretchAlong = (x: Tensor, axis: number, times: number, interpolation: Interpolation): Tensor =>
  tf.tidy(() => {
    // An area of a whole number of new pixels is one old pixel.
    if (interpolation === 'nearest' || interpolation === 'area') return repeatAlong(x, axis, times);
    const size = x.shape[axis] as number; // it has that axis
    const order = x.shape.map((_, index) => index).filter((index) => index !== axis);
    const last = tf.transpose(x, [...order, axis]);
    const rows = tf.reshape(last, [x.size / size, size]);
    const stretched = tf.matMul(rows, weightsOf(KERNELS[interpolation], size, size * times));
    const back = x.shape.map((_, index) => [...order, axis].indexOf(index));
    return tf.transpose(tf.reshape(stretched, [...last.shape.slice(0, -1), size * times]), back);
  });
