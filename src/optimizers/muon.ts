import {
  anyNumber,
  argumentError,
  boolean,
  fraction,
  nonNegativeNumber,
  optional,
  positiveInteger,
  positiveNumber,
  type Check,
} from '../base/checks';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { defineOptimizer } from './define-optimizer';
import { isMadeOrthogonal } from './muon-weights';
import { runningFraction, type OptimizerOptions } from './options';

/** Options of {@link optimizerMuon}; `learningRate` is 0.001 and `weightDecay` 0.1 by default. */
export interface MuonOptions extends OptimizerOptions {
  /** Of Adam: the fraction of the running mean of gradients that is kept, below 1. Default 0.9. */
  readonly adamBeta1?: number | undefined;
  /** Of Adam: the fraction of the running mean of squared gradients that is kept, below 1. Default 0.999. */
  readonly adamBeta2?: number | undefined;
  /** Of Adam: keeps the denominator away from 0. Default 1e-7. */
  readonly epsilon?: number | undefined;
  /** Regular expressions: weights whose names match one are trained by Adam. None by default. */
  readonly excludeLayers?: readonly string[] | undefined;
  /** Whether embeddings are trained by Adam. Default true. */
  readonly excludeEmbeddings?: boolean | undefined;
  /** The factors of the iteration that makes a matrix orthogonal. Default 3.4445. */
  readonly muonA?: number | undefined;
  /** Default −4.775. */
  readonly muonB?: number | undefined;
  /** Default 2.0315. */
  readonly muonC?: number | undefined;
  /** What of the learning rate is Adam's. Default 0.1. */
  readonly adamLrRatio?: number | undefined;
  /** The fraction of the running sum of gradients that is kept. Default 0.95. */
  readonly momentum?: number | undefined;
  /** How many iterations there are. Default 6. */
  readonly nsSteps?: number | undefined;
  /** Whether the momentum looks ahead, as Nesterov's. Default true. */
  readonly nesterov?: boolean | undefined;
}

const expressions: Check<readonly string[]> = (value, place) => {
  const isExpression = (item: unknown): boolean => {
    try {
      return typeof item === 'string' && new RegExp(item) instanceof RegExp;
    } catch {
      return false;
    }
  };
  if (Array.isArray(value) && value.every(isExpression)) return value as string[]; // as seen
  throw argumentError(place, 'an array of regular expressions, as strings', value);
};

interface Factors {
  readonly muonA: number;
  readonly muonB: number;
  readonly muonC: number;
  readonly nsSteps: number;
}

/** A matrix near the orthogonal one that is nearest to another, by Newton and Schulz's iteration; of each matrix along the first axes. */
const orthogonal = (matrix: Tensor, { muonA, muonB, muonC, nsSteps }: Factors): Tensor => {
  const [rows = 1, columns = 1] = matrix.shape.slice(-2);
  const turned = matrix.rank === 3 ? [0, 2, 1] : [1, 0];
  const isTall = rows > columns;
  const wide = isTall ? tf.transpose(matrix, turned) : matrix;
  const length = tf.sqrt(tf.sum(tf.square(wide), [-2, -1], true));
  let x = tf.div(wide, tf.add(length, 1e-7));
  for (let step = 0; step < nsSteps; step++) {
    const a = tf.matMul(x, x, false, true);
    const b = tf.add(tf.mul(a, muonB), tf.mul(tf.matMul(a, a), muonC));
    x = tf.add(tf.mul(x, muonA), tf.matMul(b, x));
  }
  return isTall ? tf.transpose(x, turned) : x;
};

/**
 * Muon: steps of matrices are made orthogonal, so that all directions are learned alike: `m ← momentum · m + g`, `w ← w − learningRate ·
 * √max(1, rows / columns) · orthogonal(g + momentum · m)`. What is no matrix, and embeddings, are trained by Adam, at `adamLrRatio` of
 * the rate.
 *
 * @throws KerasArgumentError if an option is unknown or out of range.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3] }), compile({ optimizer: optimizerMuon(), loss: 'mse' }))
 * assert.strictEqual(optimizerOf(model).getConfig().momentum, 0.95)
 * @see R keras 3 `optimizer_muon`; Jordan et al. 2024
 */
export const optimizerMuon = defineOptimizer(['muon'])<MuonOptions, { m: Tensor; v: Tensor }, 'correction'>({
  defaults: {
    learningRate: 0.001,
    weightDecay: 0.1,
    adamBeta1: 0.9,
    adamBeta2: 0.999,
    epsilon: 1e-7,
    excludeLayers: [],
    excludeEmbeddings: true,
    muonA: 3.4445,
    muonB: -4.775,
    muonC: 2.0315,
    adamLrRatio: 0.1,
    momentum: 0.95,
    nsSteps: 6,
    nesterov: true,
  },
  checks: {
    adamBeta1: optional(runningFraction),
    adamBeta2: optional(runningFraction),
    epsilon: optional(positiveNumber),
    excludeLayers: optional(expressions),
    excludeEmbeddings: optional(boolean),
    muonA: optional(anyNumber),
    muonB: optional(anyNumber),
    muonC: optional(anyNumber),
    adamLrRatio: optional(nonNegativeNumber),
    momentum: optional(fraction),
    nsSteps: optional(positiveInteger),
    nesterov: optional(boolean),
  },
  slots: () => [{ m: 0, v: 0 }],
  usesNames: true,
  numbers: ({ adamBeta1, adamBeta2 }) => ({
    correction: (step) =>
      Math.sqrt(1 - Math.fround(adamBeta2) ** step) / (1 - Math.fround(adamBeta1) ** step),
  }),
  update: ({ variable, gradient, slots, numbers, name = '' }, options) => {
    if (isMadeOrthogonal(variable.rank, name, options)) {
      const { momentum, nesterov } = options;
      const m = tf.add(tf.mul(slots.m, momentum), gradient);
      const direction = nesterov ? tf.add(gradient, tf.mul(m, momentum)) : m;
      const [rows = 1, columns = 1] = variable.shape;
      const rate = tf.mul(numbers.learningRate, Math.sqrt(Math.max(1, rows / columns)));
      return {
        variable: tf.sub(variable, tf.mul(orthogonal(direction, options), rate)),
        slots: { m, v: slots.v },
      };
    }
    const { adamBeta1, adamBeta2, adamLrRatio, epsilon } = options;
    const m = tf.add(slots.m, tf.mul(tf.sub(gradient, slots.m), 1 - adamBeta1));
    const v = tf.add(slots.v, tf.mul(tf.sub(tf.square(gradient), slots.v), 1 - adamBeta2));
    const rate = tf.mul(tf.mul(numbers.learningRate, adamLrRatio), numbers.correction);
    const change = tf.div(tf.mul(m, rate), tf.add(tf.sqrt(v), epsilon));
    return { variable: tf.sub(variable, change), slots: { m, v } };
  },
});
