/** Mean and variance of features, learned in one pass. */
import { describe, describeShape, KerasShapeError } from '../../base/errors';
import { Learned, type LearningBatch } from './learned';

/** What is known of the features. */
export interface FeatureMoments {
  /** The sizes of the axes that are kept. */
  readonly shape: readonly number[];
  readonly mean: Float64Array;
  readonly variance: Float64Array;
  /** How many values each of them is of. */
  readonly count: number;
}

/** The axes that are kept, of so many, from the first on. */
export const keptAxes = (axes: readonly number[], rank: number): number[] =>
  axes.map((axis) => (axis < 0 ? axis + rank : axis)).sort((one, other) => one - other);

/** For each value of an array, to which feature it belongs. */
const featureOf = (shape: readonly number[], kept: readonly number[]): ((index: number) => number) => {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const steps = kept.map((axis, position) => ({
    size: shape[axis] as number, // it has that axis, and below
    stride: strides[axis] as number,
    factor: kept.slice(position + 1).reduce((product, later) => product * (shape[later] as number), 1),
  }));
  return (index) =>
    steps.reduce((sum, { size, stride, factor }) => sum + (Math.floor(index / stride) % size) * factor, 0);
};

const momentsOf = ({ values, shape }: LearningBatch, kept: readonly number[]): FeatureMoments => {
  const sizes = kept.map((axis) => shape[axis] as number); // it has that axis
  const features = sizes.reduce((product, size) => product * size, 1);
  const count = features === 0 ? 0 : values.length / features;
  const numbers = values as ArrayLike<number>; // as its type says
  const feature = featureOf(shape, kept);
  const mean = new Float64Array(features);
  const variance = new Float64Array(features);
  for (let index = 0; index < numbers.length; index++)
    mean[feature(index)] = (mean[feature(index)] as number) + (numbers[index] as number) / count; // within
  for (let index = 0; index < numbers.length; index++) {
    const place = feature(index);
    const deviation = (numbers[index] as number) - (mean[place] as number); // within
    variance[place] = (variance[place] as number) + deviation ** 2 / count;
  }
  return { shape: sizes, mean, variance, count };
};

/** The moments of two parts together. */
const joined = (one: FeatureMoments, other: FeatureMoments): FeatureMoments => {
  const count = one.count + other.count;
  const share = count === 0 ? 0 : other.count / count;
  const mean = one.mean.map((value, index) => value * (1 - share) + (other.mean[index] as number) * share); // of as many features, and below
  const part = (of: FeatureMoments, index: number): number =>
    (of.variance[index] as number) + ((of.mean[index] as number) - (mean[index] as number)) ** 2;
  const variance = mean.map((_, index) => part(one, index) * (1 - share) + part(other, index) * share);
  return { shape: one.shape, mean, variance, count };
};

/** Mean and variance along all axes but some. */
export class Moments extends Learned {
  readonly type = 'float32';
  #known: FeatureMoments | undefined;
  #counted: FeatureMoments | undefined;

  constructor(
    /** The axes of the features. */
    readonly axes: readonly number[],
    readonly isGiven: boolean,
  ) {
    super('layerNormalization');
  }

  /** What was learned. */
  get known(): FeatureMoments | undefined {
    return this.#known;
  }

  /** With one that is not finite, no mean would be. */
  override isNoNumber(value: number): boolean {
    return !Number.isFinite(value);
  }

  checkOpen(): void {
    if (this.isGiven) throw this.closed('`mean` and `variance`');
  }

  begin(): void {
    this.#counted = undefined;
  }

  take(batch: LearningBatch): void {
    // Numbers alone are rows of one feature.
    const shape = batch.shape.length === 1 ? [...batch.shape, 1] : batch.shape;
    const kept = keptAxes(this.axes, shape.length);
    const wrong = kept.find((axis) => axis < 1 || axis >= shape.length);
    if (wrong !== undefined) {
      throw new KerasShapeError({
        function: 'adapt',
        argument: 'data',
        expected: `axis: ${describe(this.axes)} must be axes of the data, and not that of the batch`,
        received: `data of shape ${describeShape(shape)}`,
        advice: 'Give data of the shape that the layer gets, or another axis',
      });
    }
    const found = momentsOf({ ...batch, shape }, kept);
    const before = this.#counted;
    if (before !== undefined && before.shape.join() !== found.shape.join()) {
      throw new KerasShapeError({
        function: 'adapt',
        argument: 'data',
        expected: `all batches must have features of shape ${describeShape(before.shape)}, as the first`,
        received: describeShape(found.shape),
        advice: 'Give batches that differ in their numbers of rows only',
      });
    }
    this.#counted = before === undefined ? found : joined(before, found);
  }

  end(): void {
    if (this.#counted === undefined) return;
    for (const layer of this.layers) this.checkFits(layer, this.#counted);
    this.#known = this.#counted;
    this.#counted = undefined;
    this.changed();
  }

  /** Throws if a layer was built for other features. */
  private checkFits(layer: object, { shape }: FeatureMoments): void {
    const { featureShape } = layer as { readonly featureShape?: readonly number[] }; // of a layer that is built
    if (featureShape === undefined || featureShape.join() === shape.join()) return;
    throw new KerasShapeError({
      function: 'adapt',
      argument: 'data',
      expected: `the layer was built for features of shape ${describeShape(featureShape)}`,
      received: describeShape(shape),
      advice: 'Give data of the shape that the layer gets',
    });
  }
}
