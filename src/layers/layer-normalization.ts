import type { LayerVariable } from '@tensorflow/tfjs';
import { argumentError, integer, optional, positiveNumber, type Check } from '../base/checks';
import { KerasLayer } from '../tfjs/keras-layer';
import { register, singleInput, type Shape } from '../tfjs/layer-classes';
import { tf, type Tensor } from '../tfjs/tensorflow';
import {
  Affine,
  AFFINE_DEFAULTS,
  affineChecks,
  axesOf,
  axesThere,
  axisCheck,
  standardized,
  type AffineFields,
  type AffineOptions,
} from './internal/affine';
import { defineOptionalLayer } from './internal/define-layer';
import type { LayerOptions } from './internal/options';

interface LayerNormalizationFields extends AffineFields {
  readonly axis: number | readonly number[];
}

/** tfjs's own gives other numbers along several axes. */
class LayerNormalization extends Affine<LayerNormalizationFields> {
  static readonly className: string = 'LayerNormalization';

  constructor(args: object) {
    super(args, { ...AFFINE_DEFAULTS, axis: -1 } as unknown as LayerNormalizationFields); // names of objects
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = inputShape as Shape; // one input
    const axes = axesOf(this.own.axis, shape.length);
    this.addAffine(axes.map((axis) => shape[axis] as number)); // known, as is checked
    this.inputSpec = [
      new tf.InputSpec({
        ndim: shape.length,
        axes: Object.fromEntries(axes.map((axis) => [axis, shape[axis] as number])),
      }),
    ];
    super.build(inputShape);
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.tidy(() => {
      const x = singleInput(inputs);
      const axes = axesOf(this.own.axis, x.rank);
      const shape = x.shape.map((size, axis) => (axes.includes(axis) ? size : 1));
      return this.affine(standardized(x, axes, this.own.epsilon), shape);
    });
  }
}
register(LayerNormalization);

interface GroupNormalizationFields extends AffineFields {
  readonly groups: number;
  readonly axis: number;
}

class GroupNormalization extends Affine<GroupNormalizationFields> {
  static readonly className: string = 'GroupNormalization';

  constructor(args: object) {
    super(args, { ...AFFINE_DEFAULTS, groups: 32, axis: -1 } as unknown as GroupNormalizationFields); // as above
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = inputShape as Shape; // one input
    const [axis = 0] = axesOf(this.own.axis, shape.length);
    const size = shape[axis] as number; // known, as is checked
    this.addAffine([size]);
    this.inputSpec = [new tf.InputSpec({ ndim: shape.length, axes: { [axis]: size } })];
    super.build(inputShape);
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.tidy(() => {
      const x = singleInput(inputs);
      const [axis = 0] = axesOf(this.own.axis, x.rank);
      const size = x.shape[axis] as number; // it has that axis
      const groups = this.own.groups === -1 ? size : this.own.groups;
      const divided = [...x.shape.slice(0, axis), groups, size / groups, ...x.shape.slice(axis + 1)];
      const others = divided.map((_, index) => index).filter((index) => index !== 0 && index !== axis);
      const normal = standardized(tf.reshape(x, divided), others, this.own.epsilon);
      return this.affine(
        tf.reshape(normal, x.shape),
        x.shape.map((length, index) => (index === axis ? length : 1)),
      );
    });
  }
}
register(GroupNormalization);

interface RmsNormalizationFields {
  readonly axis: number | readonly number[];
  readonly epsilon: number;
}

class RmsNormalization extends KerasLayer<RmsNormalizationFields> {
  static readonly className: string = 'RMSNormalization';
  private factor: LayerVariable | undefined;

  constructor(args: object) {
    super(args, { axis: -1, epsilon: 1e-6 });
    this.supportsMasking = false; // as in Keras 3
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = inputShape as Shape; // one input
    const sizes = axesOf(this.own.axis, shape.length).map((axis) => shape[axis] as number); // known, as is checked
    this.factor = this.addWeight('scale', sizes, 'float32', tf.initializers.ones());
    super.build(inputShape);
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.tidy(() => {
      const x = singleInput(inputs);
      const axes = axesOf(this.own.axis, x.rank);
      const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(x), axes, true), this.own.epsilon));
      const shape = x.shape.map((size, axis) => (axes.includes(axis) ? size : 1));
      return tf.mul(tf.mul(x, inverse), tf.reshape((this.factor as LayerVariable).read(), shape)); // it has been built
    });
  }
}
register(RmsNormalization);

interface UnitNormalizationFields {
  readonly axis: number | readonly number[];
}

/** What a length is at least, as TensorFlow has it. */
const SMALLEST = 1e-12;

class UnitNormalization extends KerasLayer<UnitNormalizationFields> {
  static readonly className: string = 'UnitNormalization';

  constructor(args: object) {
    super(args, { axis: -1 });
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.tidy(() => {
      const x = singleInput(inputs);
      const squares = tf.sum(tf.square(x), axesOf(this.own.axis, x.rank), true);
      return tf.mul(x, tf.rsqrt(tf.maximum(squares, SMALLEST)));
    });
  }
}
register(UnitNormalization);

/** Options of {@link layerLayerNormalization}. */
export interface LayerNormalizationOptions extends AffineOptions {
  /** The axis or axes of the mean and the variance, counted with the batch axis as 0; −1, the last, by default. */
  axis?: number | readonly number[] | undefined;
}

const layerNormalizationChecks = { axis: optional(axisCheck, -1), ...affineChecks };

/**
 * Normalizes each sample, or each step of it, by itself: `gamma · (x − mean) / √(variance + epsilon) + beta`, with mean and variance
 * along `axis`.
 *
 * In `[batch, …]`, out the same shape. Weights: gamma and beta, of the sizes of the axes.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError for an unknown option or name.
 * @throws KerasShapeError if the input has no such axis.
 * @example
 * const model = pipe(kerasModelSequential(), layerLayerNormalization({ inputShape: [10, 8] }))
 * assert.strictEqual(countParams(model), 2 * 8)
 * @see R keras `layer_layer_normalization`; Ba et al. 2016
 */
export const layerLayerNormalization = defineOptionalLayer<
  LayerNormalizationOptions,
  typeof layerNormalizationChecks
>('layerLayerNormalization', (args: object) => new LayerNormalization(args), {
  baseName: 'layer_normalization',
  options: layerNormalizationChecks,
  shapeRequirement: (shapes, { axis }) => axesThere(shapes, axis, true),
});

/** Options of {@link layerGroupNormalization}. */
export interface GroupNormalizationOptions extends AffineOptions {
  /** Into how many groups the channels are divided; 32 by default, −1 for as many as there are channels. */
  groups?: number | undefined;
  /** The axis of the channels, counted with the batch axis as 0; −1, the last, by default. */
  axis?: number | undefined;
}

const groupCount: Check<number> = (value, place) => {
  const groups = integer(value, place);
  if (groups > 0 || groups === -1) return groups;
  throw argumentError(place, 'a positive integer, or −1 for as many as there are channels', value);
};

const groupNormalizationChecks = {
  groups: optional(groupCount, 32),
  axis: optional(integer, -1),
  ...affineChecks,
};

/**
 * Normalizes groups of channels of each sample: `gamma · (x − mean) / √(variance + epsilon) + beta`, with mean and variance over a group
 * and all axes between batch and channels.
 *
 * In `[batch, …, channels]`, out the same shape. Weights: gamma and beta, `[channels]`.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError for an unknown option or name.
 * @throws KerasShapeError if the groups do not divide the channels.
 * @example
 * const model = pipe(kerasModelSequential(), layerGroupNormalization({ groups: 2, inputShape: [8, 8, 6] }))
 * assert.strictEqual(countParams(model), 2 * 6)
 * @see R keras3 `layer_group_normalization`; Wu and He 2018
 */
export const layerGroupNormalization = defineOptionalLayer<
  GroupNormalizationOptions,
  typeof groupNormalizationChecks
>('layerGroupNormalization', (args: object) => new GroupNormalization(args), {
  baseName: 'group_normalization',
  options: groupNormalizationChecks,
  shapeRequirement: (shapes, { axis, groups }) => {
    const unmet = axesThere(shapes, axis, true);
    const channels = shapes[0]?.at(axis) ?? 1;
    if (unmet !== undefined || groups === -1 || channels % groups === 0) return unmet;
    return {
      needs: `a number of channels that its ${groups} groups divide, and has ${channels}`,
      advice: 'Change `groups`, or the number of channels before it',
    };
  },
});

/** Options of {@link layerRmsNormalization}. */
export interface RmsNormalizationOptions extends LayerOptions {
  /** The axis or axes of the mean of squares, counted with the batch axis as 0; −1, the last, by default. */
  axis?: number | readonly number[] | undefined;
  /** What is added to the mean of squares; 1e-6 by default. */
  epsilon?: number | undefined;
}

const rmsChecks = { axis: optional(axisCheck, -1), epsilon: optional(positiveNumber, 1e-6) };

/**
 * Divides by the root of the mean of squares: `scale · x / √(mean(x²) + epsilon)`.
 *
 * In `[batch, …]`, out the same shape. Weights: scale, of the sizes of the axes.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasShapeError if the input has no such axis.
 * @example
 * const model = pipe(kerasModelSequential(), layerRmsNormalization({ inputShape: [10, 8] }))
 * assert.strictEqual(countParams(model), 8)
 * @see R keras3 `layer_rms_normalization`; Zhang and Sennrich 2019
 */
export const layerRmsNormalization = defineOptionalLayer<RmsNormalizationOptions, typeof rmsChecks>(
  'layerRmsNormalization',
  (args: object) => new RmsNormalization(args),
  {
    baseName: 'rms_normalization',
    options: rmsChecks,
    shapeRequirement: (shapes, { axis }) => axesThere(shapes, axis, true),
  },
);

/** Options of {@link layerUnitNormalization}. */
export interface UnitNormalizationOptions extends LayerOptions {
  /** The axis or axes of the length, counted with the batch axis as 0; −1, the last, by default. */
  axis?: number | readonly number[] | undefined;
}

const unitChecks = { axis: optional(axisCheck, -1) };

/**
 * Divides by the length, so that each vector has the length 1: `x / √Σ x²`.
 *
 * In `[batch, …]`, out the same shape. No weights. Adds the layer to a Sequential model in place and returns that model.
 *
 * `axis` is counted from 0, with the batch axis; R counts from 1.
 *
 * @throws KerasShapeError if the input has no such axis.
 * @example
 * const model = pipe(kerasModelSequential(), layerUnitNormalization({ inputShape: [8] }))
 * assert.deepStrictEqual(outputShape(model), [null, 8])
 * @see R keras `layer_unit_normalization`
 */
export const layerUnitNormalization = defineOptionalLayer<UnitNormalizationOptions, typeof unitChecks>(
  'layerUnitNormalization',
  (args: object) => new UnitNormalization(args),
  {
    baseName: 'unit_normalization',
    options: unitChecks,
    shapeRequirement: (shapes, { axis }) => axesThere(shapes, axis, false),
  },
);
