import { sizeOf } from '../base/shapes';
import { isWithinGradient } from '../tfjs/private';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { attribute, run } from './native';

/** A batch that was normalized by its own moments. */
export interface NormalizedBatch {
  readonly value: Tensor;
  /** The batch's mean `[features]`. */
  readonly mean: Tensor;
  /** The batch's variance times n / (n − 1), which moving ones follow. */
  readonly sample: Tensor;
}

/** What the batch is multiplied with, and what is added: `[features]` each. */
interface ScaleAndOffset {
  readonly scale: Tensor;
  readonly offset: Tensor;
}

const attributesWith = (epsilon: number) => [
  attribute.type('T', 'float'),
  attribute.type('U', 'float'),
  attribute.float('epsilon', epsilon),
  attribute.text('data_format', 'NHWC'),
  attribute.bool('is_training', true),
];

/** The same gradients in operations that have gradients themselves. */
const differentiableGradients = (dy: Tensor, x: Tensor, scale: Tensor, epsilon: number): Tensor[] => {
  const axes = x.shape.map((_, axis) => axis).slice(0, -1);
  const count = sizeOf(x.shape.slice(0, -1));
  const { mean, variance } = tf.moments(x, axes);
  const factor = tf.rsqrt(tf.add(variance, epsilon));
  const normalized = tf.mul(tf.sub(x, mean), factor);
  const ofOffset = tf.sum(dy, axes);
  const ofScale = tf.sum(tf.mul(dy, normalized), axes);
  const common = tf.div(tf.add(ofOffset, tf.mul(normalized, ofScale)), count);
  return [tf.mul(tf.mul(scale, factor), tf.sub(dy, common)), ofScale, ofOffset];
};

/** Of images `[batch, height, width, features]`. */
const normalizeImages = (x: Tensor, { scale, offset }: ScaleAndOffset, epsilon: number): NormalizedBatch => {
  const attributes = attributesWith(epsilon);
  const moments: Tensor[] = [];
  const normalize = tf.customGrad((...args) => {
    const [images, factor, shift, save] = args as unknown as [
      ...[Tensor, Tensor, Tensor],
      (tensors: Tensor[]) => void,
    ]; // tfjs hands `save` last
    const none = tf.tensor1d([]);
    const outputs = run('FusedBatchNormV3', attributes, [images, factor, shift, none, none], 6);
    const [value, mean, sample, ...reserved] = outputs as [Tensor, Tensor, Tensor, ...Tensor[]]; // as asked for
    // tfjs frees what is made here but for the value and what is saved.
    moments.push(tf.keep(mean), tf.keep(sample));
    save([images, factor, ...reserved]);
    return {
      value,
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [before, its, ...spaces] = saved as [Tensor, Tensor, ...Tensor[]]; // as saved
        // Those of a gradient within a gradient must have gradients themselves.
        if (isWithinGradient()) return differentiableGradients(dy, before, its, epsilon);
        return run('FusedBatchNormGradV3', attributes, [dy, before, its, ...spaces], 5).slice(0, 3);
      },
    };
  });
  const value = normalize(x, scale, offset);
  const [mean, sample] = moments.map((moment) => tf.clone(moment)) as [Tensor, Tensor]; // the two
  tf.dispose(moments);
  return { value, mean, sample };
};

/**
 * Normalizes each feature of a batch by the batch's mean and variance, in one operation, whose gradient is one: passes over the
 * batch are what takes time. In `[batch, …, features]` with three axes or more, out the same shape:
 * `scale · (x − mean) / √(variance + epsilon) + offset`.
 */
export const normalizeBatch = (x: Tensor, parts: ScaleAndOffset, epsilon: number): NormalizedBatch => {
  if (x.rank === 4) return normalizeImages(x, parts, epsilon);
  const [batch = 1, ...rest] = x.shape;
  const features = rest.at(-1) ?? 1;
  const images = tf.reshape(x, [batch, 1, sizeOf(rest.slice(0, -1)), features]);
  const { value, ...moments } = normalizeImages(images, parts, epsilon);
  return { value: tf.reshape(value, x.shape), ...moments };
};
