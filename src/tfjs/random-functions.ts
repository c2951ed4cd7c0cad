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
  'randomGamma',
  'multinomial',
  'dropout',
] as const;

type Drawing = Pick<typeof Tfjs, (typeof FUNCTIONS)[number]>;

/** Draws with what a step draws with, if one is run and there is no seed, which would be for the same numbers each time. */
const draw = (
  tf: typeof Tfjs,
  seed: unknown,
  own: (random: StepRandom) => Tensor,
  theirs: () => Tensor,
): Tensor => {
  const random = seed === undefined || seed === null ? inStep() : undefined;
  return random === undefined ? theirs() : tf.tidy(() => own(random));
};

/** Normal numbers of a mean and a deviation; whole ones are rounded, as tfjs does. */
const scaled = (
  tf: typeof Tfjs,
  numbers: Tensor,
  mean: number,
  deviation: number,
  dtype?: Numbers,
): Tensor => {
  const values = tf.add(tf.mul(numbers, deviation), mean);
  return dtype === 'int32' ? tf.cast(tf.round(values), dtype) : values;
};

const between = (tf: typeof Tfjs, numbers: Tensor, from: number, to: number): Tensor =>
  tf.add(tf.mul(numbers, to - from), from);

type Whole = 'float32' | 'int32';

/** Truth values cannot be normal, which tfjs says. */
const isRefused = (dtype: unknown): boolean => dtype === 'bool';

/** Those that draw normal numbers. `original` are tfjs's. */
const normals = (tf: typeof Tfjs, original: Drawing) => ({
  randomNormal: (shape: number[], mean = 0, deviation = 1, dtype?: Whole, seed?: number) =>
    draw(
      tf,
      isRefused(dtype) ? 0 : seed,
      (random) => scaled(tf, random.normal(shape), mean, deviation, dtype),
      () => original.randomNormal(shape, mean, deviation, dtype, seed),
    ),
  randomStandardNormal: (shape: number[], dtype?: Whole, seed?: number) =>
    draw(
      tf,
      isRefused(dtype) ? 0 : seed,
      (random) => scaled(tf, random.normal(shape), 0, 1, dtype),
      () => original.randomStandardNormal(shape, dtype, seed),
    ),
  truncatedNormal: (shape: number[], mean = 0, deviation = 1, dtype?: Whole, seed?: number) =>
    draw(
      tf,
      isRefused(dtype) ? 0 : seed,
      (random) => scaled(tf, random.truncatedNormal(shape), mean, deviation, dtype),
      () => original.truncatedNormal(shape, mean, deviation, dtype, seed),
    ),
});

/** Those that draw from an interval, or from columns. */
const uniforms = (tf: typeof Tfjs, original: Drawing) => ({
  randomUniform: (shape: number[], from = 0, to = 1, dtype: Numbers = 'float32', seed?: number | string) =>
    draw(
      tf,
      seed,
      (random) => tf.cast(between(tf, random.uniform(shape), from, to), dtype),
      () => original.randomUniform(shape, from, to, dtype, seed),
    ),
  randomUniformInt: (shape: number[], from: number, to: number, seed?: number | string) =>
    draw(
      tf,
      seed,
      (random) => tf.cast(tf.floor(between(tf, random.uniform(shape), from, to)), 'int32'),
      () => original.randomUniformInt(shape, from, to, seed),
    ),
  multinomial: (
    logits: Tfjs.Tensor2D | Tfjs.TensorLike,
    samples: number,
    seed?: number,
    normalized?: boolean,
  ) =>
    draw(
      tf,
      normalized === true ? 0 : seed,
      (random) => {
        const given: Tensor = logits instanceof tf.Tensor ? logits : tf.tensor(logits);
        const drawn = random.categorical(given.rank === 1 ? tf.expandDims(given) : given, samples);
        return given.rank === 1 ? tf.reshape(drawn, [samples]) : drawn;
      },
      () => original.multinomial(logits, samples, seed, normalized),
    ),
});

/**
 * Proposals for each number of a gamma distribution. Of one that has an alpha of 1 or more, 19 of 20 are taken: of one number in 10¹⁰
 * none is, which then is the most likely one.
 */
const GAMMA_PROPOSALS = 8;

/** Numbers of a gamma distribution: those proposals that are taken first (Marsaglia and Tsang, 2000). */
const gammaNumbers = (tf: typeof Tfjs, random: StepRandom, shape: Shape, alpha: number): Tensor => {
  const d = (alpha < 1 ? alpha + 1 : alpha) - 1 / 3;
  const normal = random.normal([GAMMA_PROPOSALS, ...shape]);
  const root = tf.add(tf.mul(normal, 1 / Math.sqrt(9 * d)), 1);
  const cube = tf.mul(root, tf.square(root));
  // Those below 0 are not taken, whatever their logarithm is.
  const logarithm = tf.log(tf.maximum(cube, 1e-30));
  const bound = tf.add(tf.mul(tf.square(normal), 0.5), tf.mul(tf.add(tf.sub(1, cube), logarithm), d));
  const isBelow = tf.less(tf.log(random.uniform([GAMMA_PROPOSALS, ...shape])), bound);
  const isTaken = tf.unstack(tf.logicalAnd(tf.greater(cube, 0), isBelow));
  const first = tf
    .unstack(cube)
    .reduceRight((later, one, place) => tf.where(isTaken[place] as Tensor, one, later), tf.ones([...shape])); // one for each
  const numbers = tf.mul(first, d);
  return alpha < 1 ? tf.mul(numbers, tf.pow(random.uniform(shape), 1 / alpha)) : numbers;
};

/** Those of a gamma distribution, which `beta` multiplies: so tfjs computes them, though it calls it the inverse. */
const gammas = (tf: typeof Tfjs, original: Drawing) => ({
  randomGamma: (shape: number[], alpha: number, beta?: number | null, dtype?: Whole | null, seed?: number) =>
    draw(
      tf,
      // What cannot be, tfjs says.
      alpha > 0 && !isRefused(dtype) ? seed : 0,
      (random) => {
        const numbers = tf.mul(gammaNumbers(tf, random, shape, alpha), beta ?? 1);
        return dtype === 'int32' ? tf.cast(tf.round(numbers), dtype) : numbers;
      },
      () => original.randomGamma(shape, alpha, beta ?? undefined, dtype ?? undefined, seed),
    ),
});

/** Dropout, which draws a uniform number for each element. */
const dropping = (tf: typeof Tfjs, original: Drawing) => ({
  dropout: (x: Tensor | Tfjs.TensorLike, rate: number, noiseShape?: number[], seed?: number | string) =>
    draw(
      tf,
      rate > 0 && rate < 1 ? seed : 0,
      (random) => {
        const values: Tensor = x instanceof tf.Tensor ? x : tf.tensor(x);
        const sizes: (number | null)[] = noiseShape ?? values.shape;
        const shape = sizes.map((size, axis) => size ?? values.shape[axis] ?? 1);
        const kept = tf.cast(tf.greaterEqual(random.uniform(shape), rate), 'float32');
        return tf.mul(values, tf.mul(kept, 1 / (1 - rate)));
      },
      () => original.dropout(x, rate, noiseShape, seed),
    ),
});

/**
 * Replaces the functions of tfjs that draw random numbers. Without a seed they draw other ones each time, in JavaScript: a step that
 * does so could not be compiled, and would not be repeated by `setRandomSeed`.
 */
export const replaceRandom = (tf: typeof Tfjs): void => {
  const original = Object.fromEntries(FUNCTIONS.map((name) => [name, tf[name]])) as unknown as Drawing; // of these names
  for (const [name, value] of Object.entries({
    ...normals(tf, original),
    ...uniforms(tf, original),
    ...gammas(tf, original),
    ...dropping(tf, original),
  })) {
    Object.defineProperty(tf, name, { value, enumerable: true, configurable: true, writable: true });
  }
};
