import { tf, type Tensor } from '../tfjs/tensorflow';
import { anyNumber, nonNegativeNumber, optional, positiveInteger, type Place } from '../base/checks';
import { constraint, type ConstraintLike } from '../constraints/registry';
import { initializer, type InitializerLike } from '../initializers/registry';
import { regularizer, type RegularizerLike } from '../regularizers/registry';
import { KerasLayer } from '../tfjs/keras-layer';
import { classOf, singleInput, register } from '../tfjs/layer-classes';
import { defineOptionalLayer } from './internal/define-layer';
import type { LayerOptions } from './internal/options';

/** Options of {@link layerActivationRelu}. */
export interface ReluOptions extends LayerOptions {
  /** The largest output; none by default. */
  maxValue?: number | undefined;
  /** The slope below the threshold; 0 by default. */
  negativeSlope?: number | undefined;
  /** Where the unit begins to pass its input; 0 by default. */
  threshold?: number | undefined;
}

interface ReluFields {
  readonly maxValue: number | null;
  readonly negativeSlope: number;
  readonly threshold: number;
}

/** tfjs's ReLU has no slope and no threshold. */
class ReLU extends KerasLayer<ReluFields> {
  static readonly className: string = 'ReLU';

  constructor(args: object = {}) {
    super(args, { maxValue: null, negativeSlope: 0, threshold: 0 });
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.tidy(() => {
      const x = singleInput(inputs);
      const { maxValue, negativeSlope, threshold } = this.own;
      if (threshold === 0 && negativeSlope === 0 && maxValue === null) return tf.relu(x);
      const passes = tf.cast(tf.greaterEqual(x, threshold), 'float32');
      const above = tf.mul(x, passes);
      const capped = maxValue === null ? above : tf.minimum(above, maxValue);
      if (negativeSlope === 0) return capped;
      const below = tf.mul(tf.sub(x, threshold), tf.sub(1, passes));
      return tf.add(capped, tf.mul(below, negativeSlope));
    });
  }
}
register(ReLU);

/**
 * Rectified linear unit: `min(max(x, 0), maxValue)`; below `threshold`, `negativeSlope · (x − threshold)`.
 *
 * In `[batch, …]`, out the same shape. Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError for a negative `maxValue` or `negativeSlope`.
 * @example
 * const model = pipe(kerasModelSequential(), layerActivationRelu({ maxValue: 6, inputShape: [3] }))
 * assert.deepStrictEqual(outputShape(model), [null, 3])
 * @see R keras `layer_activation_relu`
 */
export const layerActivationRelu = defineOptionalLayer<ReluOptions>(
  'layerActivationRelu',
  (args: object) => new ReLU(args),
  {
    baseName: 're_lu',
    options: {
      maxValue: optional(nonNegativeNumber),
      negativeSlope: optional(nonNegativeNumber),
      threshold: optional(nonNegativeNumber),
    },
  },
);

/** Options of {@link layerActivationLeakyRelu}. */
export interface LeakyReluOptions extends LayerOptions {
  /** The slope below zero; 0.3 by default. */
  alpha?: number | undefined;
}

const TfjsLeakyRelu = classOf(tf.layers.leakyReLU());

/** tfjs's own does not let masks pass. */
class LeakyReLU extends TfjsLeakyRelu {
  static readonly className: string = 'LeakyReLU';

  constructor(args: LeakyReluOptions) {
    super(args as never); // `classOf` cannot know the factory's arguments
    this.supportsMasking = true;
  }
}
register(LeakyReLU);

/**
 * Leaky rectified linear unit: `x` above zero, `alpha · x` below.
 *
 * In `[batch, …]`, out the same shape. Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if `alpha` is negative.
 * @example
 * const model = pipe(kerasModelSequential(), layerActivationLeakyRelu({ alpha: 0.1, inputShape: [3] }))
 * assert.deepStrictEqual(outputShape(model), [null, 3])
 * @see R keras `layer_activation_leaky_relu`
 */
export const layerActivationLeakyRelu = defineOptionalLayer<LeakyReluOptions>(
  'layerActivationLeakyRelu',
  (args: LeakyReluOptions) => new LeakyReLU(args),
  { baseName: 'leaky_re_lu', options: { alpha: optional(nonNegativeNumber, 0.3) } },
);

/** Options of {@link layerActivationElu}. */
export interface EluOptions extends LayerOptions {
  /** The factor below zero; 1 by default. */
  alpha?: number | undefined;
}

/** tfjs's ELU throws for any `alpha` but 1. */
class ELU extends KerasLayer<{ readonly alpha: number }> {
  static readonly className: string = 'ELU';

  constructor(args: object = {}) {
    super(args, { alpha: 1 });
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.tidy(() => {
      const { alpha } = this.own;
      const elu = tf.elu(singleInput(inputs));
      return alpha === 1 ? elu : tf.add(tf.relu(elu), tf.mul(alpha, tf.minimum(elu, 0)));
    });
  }
}
register(ELU);

/**
 * Exponential linear unit: `x` above zero, `alpha · (exp(x) − 1)` below.
 *
 * In `[batch, …]`, out the same shape. Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if `alpha` is no number.
 * @example
 * const model = pipe(kerasModelSequential(), layerActivationElu({ alpha: 0.5, inputShape: [3] }))
 * assert.deepStrictEqual(outputShape(model), [null, 3])
 * @see R keras `layer_activation_elu`
 */
export const layerActivationElu = defineOptionalLayer<EluOptions>(
  'layerActivationElu',
  (args: object) => new ELU(args),
  { baseName: 'elu', options: { alpha: optional(anyNumber, 1) } },
);

/** Options of {@link layerActivationParametricRelu}. */
export interface ParametricReluOptions extends LayerOptions {
  /** 'zeros' by default. */
  alphaInitializer?: InitializerLike | undefined;
  /** A penalty on the slopes, added to the loss. */
  alphaRegularizer?: RegularizerLike | undefined;
  /** What the slopes must satisfy after each update. */
  alphaConstraint?: ConstraintLike | undefined;
  /** The axes along which the slopes are the same, counted with the batch axis; none by default. */
  sharedAxes?: number | readonly number[] | undefined;
}

const axes = (value: unknown, place: Place): number[] =>
  (Array.isArray(value) ? value : [value]).map((axis) => positiveInteger(axis, place));

const parametricReluChecks = {
  alphaInitializer: optional(initializer, 'zeros'),
  alphaRegularizer: optional(regularizer),
  alphaConstraint: optional(constraint),
  sharedAxes: optional(axes),
};

/**
 * Leaky rectified linear unit whose slopes are learned: `x` above zero, `alpha · x` below.
 *
 * In `[batch, …]`, out the same shape. Weights: alpha, of the shape of one input.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError for an unknown initializer, regularizer or constraint.
 * @example
 * const model = pipe(kerasModelSequential(), layerActivationParametricRelu({ inputShape: [3] }))
 * assert.strictEqual(countParams(model), 3)
 * @see R keras `layer_activation_parametric_relu`; He et al. 2015
 */
export const layerActivationParametricRelu = defineOptionalLayer<
  ParametricReluOptions,
  typeof parametricReluChecks
>('layerActivationParametricRelu', tf.layers.prelu, {
  baseName: 'p_re_lu',
  options: parametricReluChecks,
  shapeRequirement: ([shape = []], { sharedAxes = [] }) => {
    const missing = sharedAxes.find((axis) => axis >= shape.length);
    if (missing === undefined) return undefined;
    return {
      needs: `input with an axis ${missing}, along which its slopes are to be the same`,
      advice: `Give \`sharedAxes\` from 1 to ${shape.length - 1}`,
    };
  },
});

/** Options of {@link layerActivationThresholdedRelu}. */
export interface ThresholdedReluOptions extends LayerOptions {
  /** Where the unit begins to pass its input; 1 by default. */
  theta?: number | undefined;
}

/** tfjs's own has no gradient. */
class ThresholdedReLU extends KerasLayer<{ readonly theta: number }> {
  static readonly className: string = 'ThresholdedReLU';

  constructor(args: object = {}) {
    super(args, { theta: 1 });
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.tidy(() => {
      const x = singleInput(inputs);
      return tf.mul(x, tf.cast(tf.greater(x, this.own.theta), 'float32'));
    });
  }
}
register(ThresholdedReLU);

/**
 * Thresholded rectified linear unit: `x` above `theta`, 0 below.
 *
 * In `[batch, …]`, out the same shape. Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if `theta` is negative.
 * @example
 * const model = pipe(kerasModelSequential(), layerActivationThresholdedRelu({ theta: 0.5, inputShape: [3] }))
 * assert.deepStrictEqual(outputShape(model), [null, 3])
 * @see R keras `layer_activation_thresholded_relu`; Konda et al. 2014
 */
export const layerActivationThresholdedRelu = defineOptionalLayer<ThresholdedReluOptions>(
  'layerActivationThresholdedRelu',
  (args: object) => new ThresholdedReLU(args),
  { baseName: 'thresholded_re_lu', options: { theta: optional(nonNegativeNumber, 1) } },
);
