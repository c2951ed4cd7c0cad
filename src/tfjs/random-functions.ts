import type * as Tfjs from '@tensorflow/tfjs';

type Tensor = Tfjs.Tensor;
type Shape = readonly number[];

/** What draws random numbers in a step, with TensorFlow's operations. */
export interface StepRandom {
  /** From 0 to 1, without 1. */
  uniform(shape: Shape): Tensor;
  /** With the mean 0 and the deviation 1. */
  normal(shape: Shape): Tensor;
  /** The same, within two deviations. */
  truncatedNormal(shape: Shape): Tensor;
  /** Numbers of columns, with the probabilities that are the softmax of each row. */
  categorical(logits: Tensor, samples: number): Tensor;
}

let inStep = (): StepRandom | undefined => undefined;

/** Sets what says whether a step is being run, and draws its numbers. */
export const setStepRandom = (find: () => StepRandom | undefined): void => {
  inStep = find;
};

type Numbers = 'float32' | 'int32' | 'bool';

/** The functions of tfjs that draw random numbers in JavaScript, or with a seed from there. */
const FUNCTIONS = [
  'randomNormal',
  'randomStandardNormal',
  'randomUniform',
  'randomUniformInt',
  'truncatedNormal',
  'multinomial',
  'dropout',
] as const;

type Drawing = Pick<typeof Tfjs, (typeof FUNCTIONS)[number]>;

/** The same functions, which in a step and without a seed draw in the graph. `original` are tfjs's. */
const drawing = (tf: typeof Tfjs, original: Drawing): Drawing => {
  const as = (values: Tensor, dtype: Numbers | undefined): Tensor =>
    dtype === undefined || dtype === 'float32' ? values : tf.cast(values, dtype);
  /** Normal numbers of a mean and a deviation; whole ones are rounded, as tfjs does. */
  const scaled = (numbers: Tensor, mean: number, deviation: number, dtype: Numbers | undefined): Tensor => {
    const values = tf.add(tf.mul(numbers, deviation), mean);
    return as(dtype === 'int32' ? tf.round(values) : values, dtype);
  };
  const between = (numbers: Tensor, from: number, to: number): Tensor =>
    tf.add(tf.mul(numbers, to - from), from);
  /** Draws with what a step draws with, if one is run and there is no seed, which would be for the same numbers each time. */
  const draw = (seed: unknown, own: (random: StepRandom) => Tensor, theirs: () => Tensor): Tensor => {
    const random = seed === undefined || seed === null ? inStep() : undefined;
    return random === undefined ? theirs() : tf.tidy(() => own(random));
  };
  const functions: Record<(typeof FUNCTIONS)[number], (...args: never[]) => Tensor> = {
    randomNormal: (shape: number[], mean = 0, deviation = 1, dtype?: 'float32' | 'int32', seed?: number) =>
      draw(
        seed,
        (random) => scaled(random.normal(shape), mean, deviation, dtype),
        () => original.randomNormal(shape, mean, deviation, dtype, seed),
      ),
    randomStandardNormal: (shape: number[], dtype?: 'float32' | 'int32', seed?: number) =>
      draw(
        seed,
        (random) => scaled(random.normal(shape), 0, 1, dtype),
        () => original.randomStandardNormal(shape, dtype, seed),
      ),
    truncatedNormal: (shape: number[], mean = 0, deviation = 1, dtype?: 'float32' | 'int32', seed?: number) =>
      draw(
        seed,
        (random) => scaled(random.truncatedNormal(shape), mean, deviation, dtype),
        () => original.truncatedNormal(shape, mean, deviation, dtype, seed),
      ),
    randomUniform: (shape: number[], from = 0, to = 1, dtype?: Numbers, seed?: number | string) =>
      draw(
        seed,
        (random) => as(between(random.uniform(shape), from, to), dtype),
        () => original.randomUniform(shape, from, to, dtype, seed),
      ),
    randomUniformInt: (shape: number[], from: number, to: number, seed?: number | string) =>
      draw(
        seed,
        (random) => tf.cast(tf.floor(between(random.uniform(shape), from, to)), 'int32'),
        () => original.randomUniformInt(shape, from, to, seed),
      ),
    multinomial: (
      logits: Tfjs.Tensor2D | Tfjs.TensorLike,
      samples: number,
      seed?: number,
      normalized?: boolean,
    ) =>
      draw(
        seed,
        (random) => {
          if (normalized === true) return original.multinomial(logits, samples, seed, normalized);
          const given =
            logits instanceof tf.Tensor ? (logits as Tensor) : tf.tensor(logits as Tfjs.TensorLike); // of any rank
          const rows = given.rank === 1 ? tf.expandDims(given) : given;
          const drawn = random.categorical(rows, samples);
          return given.rank === 1 ? tf.reshape(drawn, [samples]) : drawn;
        },
        () => original.multinomial(logits, samples, seed, normalized),
      ),
    dropout: (x: Tensor | Tfjs.TensorLike, rate: number, noiseShape?: number[], seed?: number | string) =>
      draw(
        rate > 0 && rate < 1 ? seed : 0,
        (random) => {
          const values = x instanceof tf.Tensor ? (x as Tensor) : tf.tensor(x as Tfjs.TensorLike); // of any rank
          const shape = (noiseShape ?? values.shape).map(
            (size, axis) => (size as number | null) ?? values.shape[axis] ?? 1,
          );
          const kept = tf.greaterEqual(random.uniform(shape), rate);
          return tf.mul(values, tf.mul(tf.cast(kept, 'float32'), 1 / (1 - rate)));
        },
        () => original.dropout(x, rate, noiseShape, seed),
      ),
  };
  return functions as unknown as Drawing; // each with the arguments of tfjs's
};

/**
 * Replaces the functions of tfjs that draw random numbers. Without a seed they draw other ones each time, in JavaScript: a step that
 * does so could not be compiled, and would not be repeated by `setRandomSeed`.
 */
export const replaceRandom = (tf: typeof Tfjs): void => {
  const original = Object.fromEntries(FUNCTIONS.map((name) => [name, tf[name]])) as unknown as Drawing; // of these names
  for (const [name, value] of Object.entries(drawing(tf, original))) {
    Object.defineProperty(tf, name, { value, enumerable: true, configurable: true, writable: true });
  }
};
