import { tf, type Tensor } from '../tfjs/tensorflow';
import { normalizeBatch } from '../ops/batch-normalization';
import { boolean, fraction, integer, optional, positiveNumber } from '../base/checks';
import { constraint, type ConstraintLike } from '../constraints/registry';
import { initializer, type InitializerLike } from '../initializers/registry';
import { regularizer, type RegularizerLike } from '../regularizers/registry';
import { batchNormalizationView, type BatchNormalizationView } from '../tfjs/private';
import { classOf, singleInput, register, type CallOptions } from '../tfjs/layer-classes';
import { defineOptionalLayer } from './internal/define-layer';
import { knownSize } from './internal/shape-rules';
import type { LayerOptions } from './internal/options';

/** Options of {@link layerBatchNormalization}. */
export interface BatchNormalizationOptions extends LayerOptions {
  /** The axis of features, counted with the batch axis; −1, the last, by default. */
  axis?: number | undefined;
  /** How much of the moving mean and variance stays at each step; 0.99 by default. */
  momentum?: number | undefined;
  /** Added to the variance; 0.001 by default. */
  epsilon?: number | undefined;
  /** Whether `beta` is added; true by default. */
  center?: boolean | undefined;
  /** Whether `gamma` multiplies; true by default. */
  scale?: boolean | undefined;
  /** 'zeros' by default. */
  betaInitializer?: InitializerLike | undefined;
  /** 'ones' by default. */
  gammaInitializer?: InitializerLike | undefined;
  /** 'zeros' by default. */
  movingMeanInitializer?: InitializerLike | undefined;
  /** 'ones' by default. */
  movingVarianceInitializer?: InitializerLike | undefined;
  /** A penalty on `beta`, added to the loss. */
  betaRegularizer?: RegularizerLike | undefined;
  /** A penalty on `gamma`, added to the loss. */
  gammaRegularizer?: RegularizerLike | undefined;
  /** What `beta` must satisfy after each update. */
  betaConstraint?: ConstraintLike | undefined;
  /** What `gamma` must satisfy after each update. */
  gammaConstraint?: ConstraintLike | undefined;
}

const TfjsBatchNormalization = classOf(tf.layers.batchNormalization());

/** Moments of a batch along all axes but that of the features. */
interface Moments {
  readonly mean: Tensor;
  readonly variance: Tensor;
  /** The variance that the moving one follows. */
  readonly sample: Tensor;
  /** 0 where nothing is there that the moving averages could follow, 1 elsewhere. */
  readonly fraction?: Tensor;
}

/** Whether Keras's fused kernel normalizes such an input. */
const isFused = ({ rank }: Tensor, axis: number): boolean =>
  (rank === 4 || rank === 5) && (axis === 1 || axis === rank - 1);

const momentsOf = (x: Tensor, axis: number, others: number[]): Moments => {
  const { mean, variance } = tf.moments(x, others);
  const count = others.reduce((product, index) => product * (x.shape[index] ?? 1), 1);
  const fused = isFused(x, axis);
  return { mean, variance, sample: fused && count > 1 ? tf.mul(variance, count / (count - 1)) : variance };
};

/** The same over the steps that a mask `[batch, steps]` leaves. */
const maskedMoments = (x: Tensor, mask: Tensor, others: number[]): Moments => {
  const ones = Array<number>(x.rank - mask.rank).fill(1);
  const present = tf.reshape(tf.cast(mask, 'float32'), [...mask.shape, ...ones]);
  // Each step that is there counts once for each value that it has of a feature.
  const values = others.reduce(
    (product, index) => product * (index < mask.rank ? 1 : (x.shape[index] ?? 1)),
    1,
  );
  const count = tf.mul(tf.sum(present, others, true), values);
  const divisor = tf.maximum(count, 1);
  const mean = tf.div(tf.sum(tf.mul(x, present), others, true), divisor);
  const deviations = tf.mul(tf.square(tf.sub(x, mean)), present);
  const variance = tf.div(tf.sum(deviations, others, true), divisor);
  const flat = (tensor: Tensor): Tensor => tf.reshape(tensor, [-1]);
  return {
    mean: flat(mean),
    variance: flat(variance),
    sample: flat(variance),
    fraction: flat(tf.minimum(count, 1)),
  };
};

/**
 * tfjs's own fails without `center` or `scale`, and spreads the moving variance wider than Keras does: Keras takes the
 * batch's variance as it is, except over images and volumes, where its fused kernel multiplies it by n / (n − 1).
 */
class BatchNormalization extends TfjsBatchNormalization {
  static readonly className: string = 'BatchNormalization';

  override call(inputs: Tensor | Tensor[], options: CallOptions): Tensor {
    return tf.tidy(() => {
      const x = singleInput(inputs);
      const parts = batchNormalizationView(this);
      const axis = parts.axis < 0 ? parts.axis + x.rank : parts.axis;
      const others = x.shape.map((_, index) => index).filter((index) => index !== axis);
      const spread = (tensor: Tensor): Tensor =>
        axis === x.rank - 1
          ? tensor
          : tf.reshape(
              tensor,
              x.shape.map((size, index) => (index === axis ? size : 1)),
            );
      const normalized = (mean: Tensor, variance: Tensor): Tensor => {
        const deviation = tf.rsqrt(tf.add(variance, parts.epsilon));
        const factor = parts.gamma === undefined ? deviation : tf.mul(deviation, parts.gamma.read());
        const shift = tf.neg(tf.mul(mean, factor));
        const offset = parts.beta === undefined ? shift : tf.add(parts.beta.read(), shift);
        return tf.add(tf.mul(x, spread(factor)), spread(offset));
      };
      if (options['training'] !== true || !this.trainable) {
        return normalized(parts.movingMean.read(), parts.movingVariance.read());
      }
      const mask = options['mask'] as Tensor | null | undefined;
      const move = (
        variable: BatchNormalizationView['movingMean'],
        value: Tensor,
        fraction?: Tensor,
      ): void => {
        const old = variable.read();
        const way = tf.mul(tf.sub(old, value), 1 - parts.momentum);
        variable.write(tf.sub(old, fraction === undefined ? way : tf.mul(way, fraction)));
      };
      const isMasked = mask !== null && mask !== undefined;
      if (!isMasked && isFused(x, axis) && axis === x.rank - 1) {
        const features = [x.shape[axis] ?? 1];
        const scale = parts.gamma?.read() ?? tf.ones(features);
        const offset = parts.beta?.read() ?? tf.zeros(features);
        const batch = normalizeBatch(x, { scale, offset }, parts.epsilon);
        move(parts.movingMean, batch.mean);
        move(parts.movingVariance, batch.sample);
        return batch.value;
      }
      const { mean, variance, sample, fraction } = isMasked
        ? maskedMoments(x, mask, others)
        : momentsOf(x, axis, others);
      move(parts.movingMean, mean, fraction);
      move(parts.movingVariance, sample, fraction);
      return normalized(mean, variance);
    });
  }
}
register(BatchNormalization);

const batchNormalizationChecks = {
  axis: optional(integer, -1),
  momentum: optional(fraction),
  epsilon: optional(positiveNumber),
  center: optional(boolean),
  scale: optional(boolean),
  betaInitializer: optional(initializer, 'zeros'),
  gammaInitializer: optional(initializer, 'ones'),
  movingMeanInitializer: optional(initializer, 'zeros'),
  movingVarianceInitializer: optional(initializer, 'ones'),
  betaRegularizer: optional(regularizer),
  gammaRegularizer: optional(regularizer),
  betaConstraint: optional(constraint),
  gammaConstraint: optional(constraint),
};

/**
 * Normalizes each feature: `gamma · (x − mean) / √(variance + epsilon) + beta`.
 *
 * While training, mean and variance are the batch's, of the steps that a mask leaves (see `maskZero` of `layerEmbedding`), and
 * the moving ones follow them; otherwise, and when the layer is frozen, they are the moving ones. In `[batch, …, features]`, out
 * the same shape.
 * Weights: gamma, beta, moving mean, moving variance, each `[features]`; training changes the first two.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * `axis` is counted from 0, with the batch axis; R counts from 1.
 *
 * @throws KerasArgumentError for an unknown option or name.
 * @example
 * const model = pipe(kerasModelSequential(), layerBatchNormalization({ inputShape: [8] }))
 * assert.strictEqual(countParams(model), 4 * 8)
 * @see R keras `layer_batch_normalization`; Ioffe and Szegedy 2015
 */
export const layerBatchNormalization = defineOptionalLayer<
  BatchNormalizationOptions,
  typeof batchNormalizationChecks
>(
  'layerBatchNormalization',
  (args: ConstructorParameters<typeof BatchNormalization>[0]) => new BatchNormalization(args),
  {
    baseName: 'batch_normalization',
    options: batchNormalizationChecks,
    rank: { minNDim: 2, maxNDim: Infinity, advice: 'Give each sample at least one feature: inputShape: [1]' },
    shapeRequirement: ([shape = []], { axis }) => {
      if (axis < -shape.length || axis >= shape.length || axis === 0 || axis === -shape.length) {
        return {
          needs: `input with an axis ${axis} of features`,
          advice: `Give an \`axis\` from 1 to ${shape.length - 1}, or −1 for the last`,
        };
      }
      return shape.at(axis) === null ? knownSize('the axis of features') : undefined;
    },
  },
);
