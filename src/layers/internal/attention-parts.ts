import { attention, type AttentionWeights } from '../../ops/attention';
import { isRecording } from '../../ops/scan';
import { tf, type Tensor } from '../../tfjs/tensorflow';
import { sizesOfParts } from './batch-parts';

/**
 * Weights of attention. A batch of at least twice as many runs in parts of at least so many, so that they are still in a processor's cache when they are
 * read again, but never in more parts than {@link MAX_PARTS}, of which each has operations of its own. bench, transformer, with {@link attention}'s gradient: 0.8 of a step on 1.15, 0.93 on 2.21.
 */
const MIN_WEIGHTS_PER_PART = 2 ** 19;
const MAX_PARTS = 8;

/** What attends to what: `[batch, steps, size]` each. */
export interface Attending {
  readonly query: Tensor;
  readonly key: Tensor;
  readonly value: Tensor;
}

/** How attention is paid. */
export interface AttentionRun {
  /** How many rows the batch has, each of which may be several of what attends, one for each head. */
  readonly rows: number;
  /** What may be seen; its first axis has all rows, or one for all. */
  readonly seen: Tensor | undefined;
  /** The scores of products `[…, queries, keys]`, of as many numbers: a softmax over the keys of what may be seen. */
  readonly scoresOf: (products: Tensor, seen: Tensor | undefined) => Tensor;
  /** Drops some of the scores, in training. */
  readonly drop: ((scores: Tensor) => Tensor) | undefined;
  readonly returnsScores: boolean;
}

/** In how many parts so many rows run, which have so many weights. */
export const attentionParts = (rows: number, weights: number): number =>
  Math.max(1, Math.min(rows, MAX_PARTS, Math.floor(weights / MIN_WEIGHTS_PER_PART)));

/** Attention of a batch, in parts of its rows where TensorFlow has it all in one graph. */
const attendInParts = ({ query, key, value }: Attending, { rows, seen, scoresOf }: AttentionRun): Tensor => {
  const weightsOf: AttentionWeights = (products, ofPart) =>
    tf.reshape(scoresOf(products, ofPart), products.shape);
  const [batch, queries, keys] = [query.shape[0], query.shape[1], key.shape[1]] as [number, number, number];
  const parts = isRecording() ? attentionParts(rows, batch * queries * keys) : 1;
  if (parts === 1) return attention(query, key, value, weightsOf, seen);
  const sizes = sizesOfParts(rows, parts);
  const perRow = batch / rows;
  const cut = (x: Tensor): Tensor[] => tf.split(x, sizes.map((size) => size * perRow)); // prettier-ignore
  const [queryParts, keyParts, valueParts] = [cut(query), cut(key), cut(value)];
  const seenParts = seen === undefined || seen.shape[0] === 1 ? undefined : tf.split(seen, sizes);
  const sums = queryParts.map((part, index) =>
    // There is one of each for each part.
    attention(
      part,
      keyParts[index] as Tensor,
      valueParts[index] as Tensor,
      weightsOf,
      seenParts?.[index] ?? seen,
    ),
  );
  return tf.concat(sums);
};

/** The weighted sums of the values, `[batch, queries, values]`, and the scores where they are wanted. */
export const attended = (
  attending: Attending,
  run: AttentionRun,
): { readonly sums: Tensor; readonly scores: Tensor | undefined } => {
  const { seen, scoresOf, drop, returnsScores } = run;
  if (drop === undefined && !returnsScores) return { sums: attendInParts(attending, run), scores: undefined };
  const products = tf.matMul(attending.query, attending.key, false, true);
  const scores = scoresOf(products, seen);
  const weights = tf.reshape(drop === undefined ? scores : drop(scores), products.shape);
  return { sums: tf.matMul(weights, attending.value), scores: returnsScores ? scores : undefined };
};
