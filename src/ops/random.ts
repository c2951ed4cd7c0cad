import { setStepRandom } from '../tfjs/random-functions';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { native } from './native';
import { nextSeed } from '../base/random';
import { keepSurroundings, within, type Leave } from '../base/steps';

/** A step's seed: a tensor, or what gives its two numbers once something is drawn. */
export type StepSeed = Tensor | (() => readonly [run: number, step: number]);

/**
 * The seed of the step that is being run: two int32 numbers, the run and the step. Layers that draw random
 * numbers add a seed of their own to it, so a step is a pure function of the model, the batch, the weights and this.
 */
let current: StepSeed | undefined;
/** How many draws without a seed of their own there were in it. */
let draws = 0;

keepSurroundings({
  get: () => ({ current, draws }),
  set: (value) => ({ current, draws } = value),
});

/** Begins a step with its seed. */
export const enterStepSeed = (seed: StepSeed): Leave => {
  const outer = { current, draws };
  current = seed;
  draws = 0;
  return () => ({ current, draws } = outer);
};

/** Runs a step with its seed. */
export const withStepSeed = <T>(seed: StepSeed, step: () => T): T => within(enterStepSeed(seed), step);

/** The same, but for what is a part of another step: that step's seed counts. */
export const withStepSeedOfOwn = <T>(seed: StepSeed, step: () => T): T =>
  current === undefined ? withStepSeed(seed, step) : step();

/**
 * A seed for what draws without one of its own. Inside a step it is the draw's place, so that the step stays a pure function; outside
 * it comes from the program's stream.
 */
export const seedOfDraw = (): number => (current === undefined ? nextSeed() : ++draws);

/** The seed of the step that is being run; outside a step, of a random one. */
const stepSeed = (): Tensor => {
  if (typeof current === 'function') return tf.tensor1d([...current()], 'int32');
  return current ?? tf.tensor1d([nextSeed(), 0], 'int32');
};

/** A layer's seed in the step that is being run. */
const seedInStep = (seed: number): Tensor => tf.add(stepSeed(), tf.tensor1d([0, seed], 'int32'));

/**
 * Uniform numbers in [0, 1), by TensorFlow's counter-based generator (Philox): the same for the same step and `seed`.
 * Called outside a step of this library, by a layer that tfjs runs itself, the step is a random one.
 */
export const uniform = (shape: readonly number[], seed: number): Tensor =>
  tf.tidy(() => native.statelessUniform(shape, seedInStep(seed)));

/** Normal numbers with the mean 0 and the deviation 1, in the same way. */
export const normal = (shape: readonly number[], seed: number): Tensor =>
  tf.tidy(() => native.statelessNormal(shape, seedInStep(seed)));

// What a program draws with tfjs's functions in a step, without a seed, is drawn as layers draw.
setStepRandom(() => {
  if (current === undefined) return undefined;
  const next = (): Tensor => seedInStep(seedOfDraw());
  return {
    uniform: (shape) => native.statelessUniform(shape, next()),
    normal: (shape) => native.statelessNormal(shape, next()),
    truncatedNormal: (shape) => native.statelessTruncatedNormal(shape, next()),
    categorical: (logits, samples) => native.statelessCategorical(logits, samples, next()),
  };
});

/**
 * `x` with a fraction `rate` of its values set to zero and the others divided by `1 − rate`. Where `noiseShape` has
 * size 1, the values along that axis are dropped together.
 */
export const dropout = (x: Tensor, rate: number, seed: number, noiseShape?: readonly number[]): Tensor =>
  tf.tidy(() => {
    const kept = tf.cast(tf.greaterEqual(uniform(noiseShape ?? x.shape, seed), rate), 'float32');
    return tf.mul(x, tf.mul(kept, 1 / (1 - rate)));
  });
