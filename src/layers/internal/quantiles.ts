/** Limits between bins of about as many values each, learned in one pass with Keras's approximation. */
import { KerasStateError } from '../../base/errors';
import { Learned, type LearningBatch } from './learned';

/** Values in ascending order, and how many values of the data each stands for. */
export interface Summary {
  readonly values: Float32Array;
  readonly weights: Float32Array;
}

/** Limits that come from a file, in which they were learned: they may be learned anew. */
export class LearnedBoundaries {
  constructor(readonly limits: readonly number[]) {}
}

const EMPTY: Summary = { values: new Float32Array(0), weights: new Float32Array(0) };

/** Values of a batch so far apart that each stands for so large a part of them. */
const summarize = (values: ArrayLike<number>, epsilon: number): Summary => {
  const sorted = Float32Array.from(values).sort();
  const increment = Math.trunc(Math.fround(sorted.length / Math.fround(1 / epsilon)));
  const step = Math.max(increment, 1);
  const chosen = sorted.filter((_, index) => index >= increment && (index - increment) % step === 0);
  return { values: chosen, weights: new Float32Array(chosen.length).fill(step) };
};

/** What NumPy's `interp` gives: on the lines between points; before the first and after the last, their values. */
const interpolated = (x: number, places: Float32Array, values: Float32Array): number => {
  const last = places.length - 1;
  if (x >= (places[last] as number)) return values[last] as number; // they have as many, and below
  if (x < (places[0] as number)) return values[0] as number;
  let low = 0;
  let high = last;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((places[middle] as number) <= x) low = middle;
    else high = middle;
  }
  const [before, after] = [values[low] as number, values[high] as number];
  const [from, to] = [places[low] as number, places[high] as number];
  return ((after - before) / (to - from)) * (x - from) + before;
};

/** A summary of about as many values as parts of this size. */
const compress = (summary: Summary, epsilon: number): Summary => {
  const { values, weights } = summary;
  if (values.length * epsilon < 1) return summary;
  const sums = new Float32Array(weights.length);
  weights.forEach((weight, index) => {
    sums[index] = weight + (index === 0 ? 0 : (sums[index - 1] as number)); // there is one
  });
  const total = sums.at(-1) ?? 1;
  const shares = sums.map((sum) => sum / total);
  const limits = Array.from({ length: Math.ceil(1 / epsilon) }, (_, index) => epsilon + index * epsilon);
  const reached = limits.map((limit) => interpolated(limit, shares, sums));
  return {
    values: Float32Array.from(limits, (limit) => interpolated(limit, shares, values)),
    weights: Float32Array.from(reached, (sum, index) => sum - (reached[index - 1] ?? 0)),
  };
};

const merge = (one: Summary, other: Summary, epsilon: number): Summary => {
  const values = [...one.values, ...other.values];
  const weights = [...one.weights, ...other.weights];
  const order = values.map((_, index) => index).sort((a, b) => (values[a] as number) - (values[b] as number)); // indices
  return compress(
    {
      values: Float32Array.from(order, (index) => values[index] as number), // and so here
      weights: Float32Array.from(order, (index) => weights[index] as number),
    },
    epsilon,
  );
};

/** The limits between so many bins. */
export const boundariesOf = (summary: Summary, bins: number): number[] => {
  const { values } = compress(summary, 1 / bins);
  return [...values.subarray(0, Math.max(0, values.length - 1))];
};

/** The limits between bins. */
export class Quantiles extends Learned {
  readonly type = 'float32';
  readonly isGiven: boolean;
  #boundaries: readonly number[] | undefined;
  #summary = EMPTY;

  constructor(
    private readonly bins: number | null,
    private readonly epsilon: number,
    boundaries: readonly number[] | LearnedBoundaries | null,
  ) {
    super('layerDiscretization');
    this.isGiven = boundaries !== null && !(boundaries instanceof LearnedBoundaries);
    this.#boundaries =
      (boundaries instanceof LearnedBoundaries ? boundaries.limits : boundaries) ?? undefined;
  }

  /** The limits, if there are any yet. */
  get boundaries(): readonly number[] | undefined {
    return this.#boundaries;
  }

  checkOpen(): void {
    if (this.isGiven) throw this.closed('`binBoundaries`');
  }

  begin(): void {
    this.#summary = EMPTY;
  }

  take({ values }: LearningBatch): void {
    const batch = summarize(values as ArrayLike<number>, this.epsilon); // as its type says
    this.#summary = merge(batch, this.#summary, this.epsilon);
  }

  end(): void {
    const boundaries = boundariesOf(this.#summary, this.bins ?? 1);
    const before = this.#boundaries;
    const isInUse = this.layers.some(
      (layer) => layer.built && !('givesBins' in layer && layer.givesBins === true),
    );
    if (isInUse && before !== undefined && before.length !== boundaries.length) {
      throw new KerasStateError({
        function: 'adapt',
        expected: `there must be as many bins as the layer was built for, ${before.length + 1}`,
        received: `${boundaries.length + 1}, from what was learned`,
        advice: 'Make a new layer and a new model',
      });
    }
    this.#boundaries = boundaries;
    this.#summary = EMPTY;
    this.changed();
  }
}
