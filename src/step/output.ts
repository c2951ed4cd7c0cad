import { argumentError } from '../base/checks';
import { describeShape, KerasShapeError } from '../base/errors';
import { isKnownLoss, type Loss } from '../losses/registry';
import type { Metric } from '../metrics/registry';
import type { Mask } from '../tfjs/run-graph';
import { tf, type Scalar, type Tensor } from '../tfjs/tensorflow';

/** What is known of one output of a compiled model. */
export interface Output {
  readonly name: string;
  readonly shape: readonly (number | null)[];
  /** None for an output that is not trained. */
  readonly loss: Loss | undefined;
  readonly lossWeight: number;
  /** Resolved once the labels' shape is known, which 'accuracy' depends on. */
  readonly metrics: readonly unknown[];
  /** Those in which the weights of rows count, too. */
  readonly weightedMetrics: readonly unknown[];
}

/** What a batch says of one output. */
export interface OutputBatch {
  readonly labels: Tensor;
  readonly prediction: Tensor;
  /** The weight of each row. */
  readonly weights: Tensor | undefined;
  /** Which steps are there, `[batch, steps]`; the others are padding. */
  readonly mask: Mask;
}

/** A tensor `[rows]` or `[rows, steps]` with axes of 1 behind, so that it broadcasts over values of a higher rank. */
const spread = (tensor: Tensor, rank: number): Tensor =>
  tensor.rank === rank
    ? tensor
    : tf.reshape(tensor, [...tensor.shape, ...Array<number>(rank - tensor.rank).fill(1)]);

/** Whether a tensor has one or several values for each value of the mask. */
const fitsMask = ({ shape }: Tensor, mask: Tensor): boolean =>
  mask.shape.every((size, axis) => size === shape[axis]);

/** The tensor, but for `filling` where the mask says that there is nothing, whatever it holds there: NaN, too. */
const filledUnder = (mask: Tensor, tensor: Tensor, filling: Tensor): Tensor =>
  tf.where(spread(mask, tensor.rank), tensor, filling);

/**
 * Labels as losses and metrics take them: under the padding there may be anything. Zeros go there, which the library's losses
 * all take; for a loss of the user's own ones, of which there are a logarithm and a quotient, too.
 */
export const labelsUnder = (mask: Mask, labels: Tensor, loss: Loss | undefined): Tensor => {
  if (mask === null || !fitsMask(labels, mask)) return labels;
  const isOwn = loss !== undefined && !isKnownLoss(loss);
  return filledUnder(mask, labels, isOwn ? tf.onesLike(labels) : tf.zerosLike(labels));
};

const wrongLossShape = (
  loss: Loss,
  losses: Tensor,
  forWhat: string,
  one: string,
  advice: string,
): KerasShapeError =>
  new KerasShapeError({
    function: 'compile',
    argument: 'loss',
    expected: `with ${forWhat}, the loss must return one loss for each ${one}`,
    received: `shape ${describeShape(losses.shape)} from ${loss.name}`,
    advice,
  });

/** What a loss function gives for each sample; of the user's own, it may give anything. */
const lossesOf = (loss: Loss, labels: Tensor, prediction: Tensor): Tensor => {
  const losses: unknown = loss.call(labels, prediction);
  if (losses instanceof tf.Tensor) return losses as Tensor; // of any rank, which `instanceof` leaves untyped
  throw argumentError(
    { function: 'compile', argument: 'loss' },
    'a function that returns a tensor',
    losses,
    `Let ${loss.name} return what tfjs operations give, one loss for each row`,
  );
};

/**
 * The loss of one output: the weighted sum of the losses over the number of them, as Keras has it, or, with the reduction 'sum', the
 * sum itself. Where there is a mask, the sum and the number are those of the steps that are there; where there are none, the loss
 * is 0.
 */
export const outputLoss = (loss: Loss, { labels, prediction, weights, mask }: OutputBatch): Scalar => {
  const losses = lossesOf(loss, labelsUnder(mask, labels, loss), prediction);
  if (weights !== undefined && losses.rank > 0 && losses.shape[0] !== weights.shape[0]) {
    throw wrongLossShape(
      loss,
      losses,
      'weights of rows or classes',
      `of ${weights.shape[0]} rows`,
      'Let it return a tensor [rows], without a mean over the rows',
    );
  }
  const isSum = loss.reduction === 'sum';
  if (mask === null) {
    const total = isSum ? tf.sum : tf.mean;
    if (weights === undefined) return total<Scalar>(losses);
    return total<Scalar>(tf.mul(losses, losses.rank === 0 ? tf.mean(weights) : spread(weights, losses.rank)));
  }
  const present = tf.cast(mask, 'float32');
  const steps = tf.maximum(tf.sum(present), 1);
  if (losses.rank === 0) {
    if (weights === undefined) return losses as Scalar; // of rank 0
    return tf.mul(losses, tf.div(tf.sum(tf.mul(present, spread(weights, mask.rank))), steps));
  }
  if (!fitsMask(losses, mask)) {
    throw wrongLossShape(
      loss,
      losses,
      'masked sequences',
      `step of shape ${describeShape(mask.shape)}`,
      'Let it return a tensor [rows, steps], without a mean over the steps',
    );
  }
  const kept = filledUnder(mask, losses, tf.zerosLike(losses));
  const weighted = weights === undefined ? kept : tf.mul(kept, spread(weights, losses.rank));
  if (isSum) return tf.sum(weighted);
  return tf.div<Scalar>(tf.sum(weighted), tf.mul(steps, losses.size / mask.size));
};

/** The weights that count for metrics: those of the mask, and for `weightedMetrics` those of the rows, too. */
const metricWeights = (mask: Mask, weights: Tensor | undefined): Tensor | undefined => {
  if (mask === null) return weights;
  const present = tf.cast(mask, 'float32');
  return weights === undefined ? present : tf.mul(present, spread(weights, mask.rank));
};

/** What a metric's `sums` give; of a metric of the user's own, they may be anything. */
const sumsOf = (metric: Metric, yTrue: Tensor, yPred: Tensor, weights: Tensor | undefined): Tensor => {
  const sums: unknown = metric.sums(yTrue, yPred, weights);
  if (sums instanceof tf.Tensor && sums.size === metric.size && (sums as Tensor).dtype !== 'string')
    return sums as Tensor; // of any rank, which `instanceof` leaves untyped
  throw argumentError(
    { function: 'compile', argument: 'metrics' },
    `made of metrics whose \`sums\` are a tensor of as many numbers as \`size\` says, ${metric.size}`,
    sums,
    `Let \`sums\` of '${metric.name}' return tf.stack([…]) of ${metric.size}`,
  );
};

/** The sums of an output's metrics. As in Keras, masks count for them, and weights of rows only for `weightedMetrics`. */
export const outputMetrics = (
  metrics: readonly Metric[],
  loss: Loss | undefined,
  { labels, prediction, weights, mask }: OutputBatch,
): Tensor[] => {
  if (metrics.length === 0) return [];
  const clean = labelsUnder(mask, labels, loss);
  return metrics.map((metric) =>
    sumsOf(metric, clean, prediction, metricWeights(mask, metric.isWeighted === true ? weights : undefined)),
  );
};
