/** Layers of numbers as features: normalized, in bins, by hashes, as rows with a place for each category. */
import type { LayerVariable } from '@tensorflow/tfjs';
import { argumentError } from '../../base/checks';
import {
  describe,
  describeShape,
  KerasArgumentError,
  KerasShapeError,
  KerasStateError,
} from '../../base/errors';
import { hashBuckets } from '../../ops/hashing';
import { KerasLayer } from '../../tfjs/keras-layer';
import { register, singleInput, type LayerConfig, type Shape } from '../../tfjs/layer-classes';
import { tf, type Tensor } from '../../tfjs/tensorflow';
import { native } from '../../ops/native';
import { bytesOf, readTexts } from './bytes';
import { categoryShape, encoded, type CategoryMode } from './categorical-output';
import { learnedOf, type Learner } from './learned';
import { keptAxes, Moments } from './moments';
import { LearnedBoundaries, Quantiles } from './quantiles';

/** The least deviation that is divided by. */
const EPSILON = 1e-7;

/** Numbers, in a list of any depth. */
export type Nested = number | readonly Nested[];

interface NormalizationFields {
  readonly axis: readonly number[];
  readonly mean: Nested | null;
  readonly variance: Nested | null;
  readonly invert: boolean;
}

export class Normalization extends KerasLayer<NormalizationFields> implements Learner {
  static readonly className: string = 'Normalization';
  readonly [learnedOf]: Moments;
  /** The sizes of the features, once the layer is built to learn. */
  featureShape: readonly number[] | undefined;
  private statistics:
    | { readonly mean: LayerVariable; readonly variance: LayerVariable; readonly count: LayerVariable }
    | undefined;

  constructor(args: object) {
    super(args, { axis: [-1], mean: null, variance: null, invert: false });
    this.supportsMasking = false;
    const { learned } = args as { readonly learned?: Moments }; // there if a layer function makes it
    this[learnedOf] = learned ?? new Moments(this.own.axis, this.own.mean !== null);
    this[learnedOf].attach(this);
  }

  private kept(shape: Shape): number[] {
    const kept = keptAxes(this.own.axis, shape.length);
    const wrong = kept.find((axis) => axis < 0 || axis >= shape.length || (shape[axis] ?? null) === null);
    if (wrong === undefined) return kept;
    throw new KerasShapeError({
      layer: this.name,
      expected: `layer '${this.name}' with axis: ${describe(this.own.axis)} needs input with axes of known sizes there`,
      received: describeShape(shape),
      advice: 'Give the input such a shape, or the layer another axis; axis: null is one mean of all',
    });
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = inputShape as Shape; // one input
    if (this.own.mean === null) {
      const sizes = this.kept(shape).map((axis) => shape[axis] as number); // known, as is checked
      const add = (name: string, of: readonly number[], fill: 'zeros' | 'ones') =>
        this.addWeight(name, [...of], 'float32', tf.initializers[fill](), undefined, false);
      this.statistics = {
        mean: add('mean', sizes, 'zeros'),
        variance: add('variance', sizes, 'ones'),
        count: add('count', [], 'zeros'),
      };
      this.featureShape = sizes;
      this.learned();
    }
    super.build(inputShape);
  }

  learned(): void {
    const { known } = this[learnedOf];
    if (this.statistics === undefined || known === undefined) return;
    const { mean, variance, count } = this.statistics;
    if (known.shape.join() !== (this.featureShape ?? []).join()) {
      throw new KerasShapeError({
        layer: this.name,
        expected: `layer '${this.name}' has learned of features of shape ${describeShape(known.shape)}`,
        received: `input with features of shape ${describeShape(this.featureShape ?? [])}`,
        advice: 'Let it learn of data of the shape that it gets',
      });
    }
    tf.tidy(() => {
      mean.write(tf.tensor(Float32Array.from(known.mean), [...known.shape]));
      variance.write(tf.tensor(Float32Array.from(known.variance), [...known.shape]));
      count.write(tf.scalar(known.count));
    });
  }

  /** Mean and deviation in shapes that go with an input of a shape. */
  scales(shape: Shape): { readonly mean: Tensor; readonly deviation: Tensor } {
    const kept = this.kept(shape);
    const wide = shape.map((size, axis) => (kept.includes(axis) ? Number(size) : 1)); // known, as is checked
    const spread = (given: Nested | null, learned: LayerVariable | undefined): Tensor =>
      learned === undefined ? spreadOver(given ?? 0, wide) : tf.reshape(learned.read(), wide);
    return {
      mean: spread(this.own.mean, this.statistics?.mean),
      deviation: tf.maximum(tf.sqrt(spread(this.own.variance, this.statistics?.variance)), EPSILON),
    };
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.tidy(() => {
      const x = tf.cast<Tensor>(singleInput(inputs), 'float32');
      const { mean, deviation } = this.scales(x.shape);
      return this.own.invert ? tf.add(mean, tf.mul(x, deviation)) : tf.div(tf.sub(x, mean), deviation);
    });
  }
}
register(Normalization);

/** Numbers that are given for features, of one, or of as many as there are. */
const spreadOver = (given: Nested, wide: readonly number[]): Tensor => {
  const features = wide.filter((size) => size !== 1);
  const values = tf.tensor<tf.Rank>(given, undefined, 'float32'); // or nested
  const sizes = values.size === 1 ? [...wide] : features.length === values.rank ? features : values.shape;
  return values.size === 1
    ? tf.broadcastTo(
        tf.reshape(
          values,
          wide.map(() => 1),
        ),
        sizes,
      )
    : tf.reshape(tf.broadcastTo(values, sizes), [...wide]);
};

interface DiscretizationFields {
  readonly binBoundaries: readonly number[] | null;
  readonly numBins: number | null;
  readonly epsilon: number;
  readonly outputMode: CategoryMode;
  readonly sparse: false;
}

/** What the constructor is given besides numbers: what a layer function has made for all layers of a step, and limits of a file. */
interface DiscretizationArgs {
  readonly learned?: Quantiles;
  readonly binBoundaries?: readonly number[] | LearnedBoundaries | null;
}

/** The type that Keras has a layer of categories compute in. */
const categoryDtype = (mode: CategoryMode): string => (mode === 'int' ? 'int64' : 'float32');

export class Discretization extends KerasLayer<DiscretizationFields> implements Learner {
  static readonly className: string = 'Discretization';
  readonly [learnedOf]: Quantiles;

  constructor(args: object) {
    const { learned, binBoundaries: limits } = args as DiscretizationArgs;
    // What was learned is no option.
    const options = limits instanceof LearnedBoundaries ? { ...args, binBoundaries: null } : args;
    super(options, { binBoundaries: null, numBins: null, epsilon: 0.01, outputMode: 'int', sparse: false });
    this.supportsMasking = false;
    const { numBins, epsilon } = this.own;
    this[learnedOf] = learned ?? new Quantiles(numBins, epsilon, limits ?? null);
    this[learnedOf].attach(this);
  }

  get kerasDtype(): string {
    return categoryDtype(this.own.outputMode);
  }

  /** Whether the numbers of bins come out, of which there may be any. */
  get givesBins(): boolean {
    return this.own.outputMode === 'int';
  }

  /** The limits are read where they are used. */
  learned(): void {
    return;
  }

  private get boundaries(): readonly number[] {
    const { boundaries } = this[learnedOf];
    if (boundaries !== undefined) return boundaries;
    throw new KerasStateError({
      layer: this.name,
      expected: `layer '${this.name}' must have learned its bins`,
      received: 'a layer of layerDiscretization that has not',
      advice: 'Write await adapt(layer, data) first, or give binBoundaries',
    });
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const { outputMode } = this.own;
    const depth = outputMode === 'int' ? null : this.boundaries.length + 1;
    return categoryShape(this.name, outputMode, inputShape as Shape, depth); // one input
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.tidy(() => {
      const x = tf.cast<Tensor>(singleInput(inputs), 'float32');
      const { boundaries } = this;
      const { outputMode } = this.own;
      // How many limits it is not below: of no number, all, as in TensorFlow's kernel.
      const isBelow = tf.less(tf.expandDims(x, -1), tf.tensor1d([...boundaries], 'float32'));
      const bins =
        boundaries.length === 0
          ? tf.zeros(x.shape, 'int32')
          : tf.sum(tf.cast(tf.logicalNot(isBelow), 'int32'), -1);
      return outputMode === 'int' ? bins : encoded(bins, outputMode, boundaries.length + 1);
    });
  }

  override getConfig(): LayerConfig {
    const { binBoundaries } = this.own;
    return { ...super.getConfig(), binBoundaries: binBoundaries === null ? null : [...binBoundaries] };
  }

  /** What a file has besides the configuration: bins that were learned are given there, since Keras takes no others. */
  learnedConfig(): LayerConfig {
    const { isGiven, boundaries } = this[learnedOf];
    return isGiven || boundaries === undefined ? {} : { binBoundaries: [...boundaries], numBins: null };
  }
}
register(Discretization);

export interface HashingFields {
  readonly numBins: number;
  readonly maskValue: string | number | null;
  readonly salt: readonly [number, number] | null;
  readonly outputMode: CategoryMode;
  readonly sparse: false;
}

export class Hashing extends KerasLayer<HashingFields> {
  static readonly className: string = 'Hashing';

  /** Into how many bins, and how. */
  get hashing(): Readonly<HashingFields> {
    return this.own;
  }

  constructor(args: object) {
    super(args, { numBins: 1, maskValue: null, salt: null, outputMode: 'int', sparse: false });
    this.supportsMasking = false;
  }

  get kerasDtype(): string {
    return categoryDtype(this.own.outputMode);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const { outputMode, numBins } = this.own;
    return categoryShape(this.name, outputMode, inputShape as Shape, numBins); // one input
  }

  /** Where the value is that has the first bin. */
  private masked(x: Tensor, value: string | number): Tensor {
    if ((x.dtype === 'string') !== (typeof value === 'string'))
      throw argumentError({ argument: 'maskValue' }, `of the type of the input, ${x.dtype}`, value);
    if (typeof value === 'number') return tf.equal(tf.cast(x, 'int32'), tf.scalar(value, 'int32'));
    const bytes = bytesOf(value);
    return tf.tensor(
      readTexts(x).map((text) => text === bytes),
      x.shape,
      'bool',
    );
  }

  private binsOf(x: Tensor): Tensor {
    const { numBins, maskValue, salt } = this.own;
    if (maskValue === null || numBins === 1) return hashBuckets(x, numBins, salt ?? undefined);
    const buckets = hashBuckets(x, numBins - 1, salt ?? undefined);
    const others = tf.add(buckets, tf.scalar(1, 'int32'));
    return tf.where(this.masked(x, maskValue), tf.zerosLike(others), others);
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.tidy(() => {
      const bins = this.binsOf(singleInput(inputs));
      const { outputMode, numBins } = this.own;
      return outputMode === 'int' ? bins : encoded(bins, outputMode, numBins);
    });
  }

  override getConfig(): LayerConfig {
    const { salt } = this.own;
    return { ...super.getConfig(), salt: salt === null ? null : [...salt] };
  }
}
register(Hashing);

interface CategoryEncodingFields {
  readonly numTokens: number;
  readonly outputMode: Exclude<CategoryMode, 'int' | 'tf_idf'>;
  readonly sparse: false;
}

export class CategoryEncoding extends KerasLayer<CategoryEncodingFields> {
  static readonly className: string = 'CategoryEncoding';

  constructor(args: object) {
    super(args, { numTokens: 1, outputMode: 'multi_hot', sparse: false });
    this.supportsMasking = false;
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const { outputMode, numTokens } = this.own;
    return categoryShape(this.name, outputMode, inputShape as Shape, numTokens); // one input
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.tidy(() => {
      const x = singleInput(inputs);
      if (x.dtype === 'string') throw wrongCategory(this.name, describe(x));
      const { numTokens, outputMode } = this.own;
      return encoded(this.checked(x), outputMode, numTokens);
    });
  }

  /** The categories, if all of them are there: by an operation that says so in compiled steps, too. */
  private checked(x: Tensor): Tensor {
    const { numTokens } = this.own;
    const isThere = tf.logicalAnd(tf.greaterEqual(x, 0), tf.less(x, numTokens));
    const none = tf.where(isThere, tf.zerosLike(tf.cast(x, 'float32')), tf.fill(x.shape, NaN));
    const what = `layer '${this.name}': a category that is not in 0 to ${numTokens - 1}; numTokens must be larger than any of them`;
    return tf.add(tf.cast(x, 'int32'), tf.cast(native.checkNumerics(none, what), 'int32'));
  }
}
register(CategoryEncoding);

const wrongCategory = (layer: string, received: string): KerasArgumentError =>
  new KerasArgumentError({
    layer,
    expected: `layer '${layer}' takes whole numbers`,
    received,
    advice: 'Make numbers of texts with layerStringLookup',
  });
