import { boolean, fraction, integer, optional } from '../base/checks';
import { logitsOf } from '../ops/logits';
import { attribute, run } from '../ops/native';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { axisOf, defineLoss, defineSparseLoss, EPSILON, type LossOptions } from './define-loss';

const clipped = (probabilities: Tensor): Tensor => tf.clipByValue(probabilities, EPSILON, 1 - EPSILON);

/** What a native crossentropy gives: the loss of each row of logits, and its gradient. */
type RowLosses = (rows: Tensor) => readonly [Tensor, Tensor];

/**
 * The crossentropy of rows of logits, in one native op that gives the gradient with the value. `ofLabels` makes the gradient of
 * the labels, where they may be computed from weights, too.
 */
const softmaxCrossentropy = (
  labels: Tensor,
  logits: Tensor,
  losses: RowLosses,
  ofLabels?: (dy: Tensor, rows: Tensor) => Tensor,
): Tensor =>
  tf.customGrad((...inputs) => {
    // tfjs passes the tensors that customGrad was called with, then the function that saves for the backward pass.
    const rows = inputs[0] as Tensor;
    const save = inputs.at(-1) as unknown as (tensors: Tensor[]) => void;
    const [loss, gradient] = losses(rows);
    save([gradient, rows]);
    return {
      value: loss,
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [slope, x] = saved as [Tensor, Tensor]; // as saved above
        const ofRows = tf.mul(slope, tf.expandDims(dy, -1));
        return ofLabels === undefined ? ofRows : [ofRows, ofLabels(dy, x)];
      },
    };
  })(...(ofLabels === undefined ? [logits] : [logits, labels]));

/** Crossentropy of rows of logits with the probabilities that the labels say. */
const categoricalCrossentropy = (labels: Tensor, logits: Tensor): Tensor => {
  const rows = (x: Tensor): Tensor => tf.reshape(x, [-1, x.shape.at(-1) ?? 1]);
  const losses = softmaxCrossentropy(
    rows(labels),
    rows(logits),
    (x) => {
      const types = [attribute.type('T', 'float')];
      return run('SoftmaxCrossEntropyWithLogits', types, [x, rows(labels)], 2) as [Tensor, Tensor]; // two outputs
    },
    (dy, x) => tf.neg(tf.mul(tf.logSoftmax(x), tf.expandDims(dy, -1))),
  );
  return tf.reshape(losses, logits.shape.slice(0, -1));
};

/** Crossentropy of rows of logits with class numbers. */
const sparseCrossentropy = (labels: Tensor, logits: Tensor): Tensor => {
  const rows = tf.reshape(logits, [labels.size, logits.shape.at(-1) ?? 1]);
  const numbers = tf.reshape(labels, [labels.size]);
  const losses = softmaxCrossentropy(numbers, rows, (x) => {
    const types = [attribute.type('T', 'float'), attribute.type('Tlabels', 'int32')];
    return run('SparseSoftmaxCrossEntropyWithLogits', types, [x, numbers], 2) as [Tensor, Tensor]; // two outputs
  });
  return tf.reshape(losses, labels.shape);
};

/**
 * Crossentropy of each logit with the probability that its label says: `max(x, 0) − x · y + log(1 + exp(−|x|))`, with the
 * gradient `σ(x) − y`.
 */
const sigmoidCrossentropy = (labels: Tensor, logits: Tensor): Tensor =>
  tf.customGrad((...inputs) => {
    // As in softmaxCrossentropy.
    const [x, y] = inputs as [Tensor, Tensor];
    const save = inputs.at(-1) as unknown as (tensors: Tensor[]) => void;
    save([x, y]);
    const value = tf.add(tf.sub(tf.relu(x), tf.mul(x, y)), tf.log1p(tf.exp(tf.neg(tf.abs(x)))));
    return {
      value,
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [logit, label] = saved as [Tensor, Tensor]; // as saved above
        return [tf.mul(dy, tf.sub(tf.sigmoid(logit), label)), tf.neg(tf.mul(dy, logit))];
      },
    };
  })(logits, labels);

/** Options of losses of probabilities. */
interface LogitsOptions extends LossOptions {
  /** Whether predictions are logits, before softmax or sigmoid; false by default. */
  readonly fromLogits?: boolean | undefined;
}

const logitsChecks = { fromLogits: optional(boolean, false) };

/** Options of {@link lossCategoricalCrossentropy}. */
export interface CategoricalCrossentropyOptions extends LogitsOptions {
  /** How much of each label, from 0 to 1, is shared out evenly among the classes. Default 0. */
  readonly labelSmoothing?: number | undefined;
  /** The axis of the classes. Default −1. */
  readonly axis?: number | undefined;
}

/** Options of {@link lossSparseCategoricalCrossentropy}. */
export interface SparseCategoricalCrossentropyOptions extends LogitsOptions {
  /** The axis of the classes. Default −1. */
  readonly axis?: number | undefined;
}

/** Options of {@link lossBinaryCrossentropy}. */
export interface BinaryCrossentropyOptions extends LogitsOptions {
  /** How much of each label, from 0 to 1, becomes 0.5. Default 0. */
  readonly labelSmoothing?: number | undefined;
  /** The axis over which the mean is taken. Default −1. */
  readonly axis?: number | undefined;
}

/** Labels of which a part becomes `even`. */
const smoothed = (labels: Tensor, part: number, even: number): Tensor =>
  part === 0 ? labels : tf.add(tf.mul(labels, 1 - part), part * even);

/** A tensor with an axis as its last one. */
const classesLast = (tensor: Tensor, axis: number): Tensor => {
  if (axis === tensor.rank - 1) return tensor;
  const others = tensor.shape.map((_, index) => index).filter((index) => index !== axis);
  return tf.transpose(tensor, [...others, axis]);
};

/**
 * Crossentropy of one-hot labels: `−Σ yTrue · log(p)`, where `p = yPred / Σ yPred`, clipped to 1e-7 … 1 −
 * 1e-7.
 *
 * Both `[batch, ..., classes]`, out `[batch, ...]`. `yPred` holds probabilities, as softmax gives them. Where they are a
 * model's output, in training and evaluation, and its last layer ends in the activation `'softmax'` (or `'sigmoid'`) or is
 * `layerActivationSoftmax`, `p` is the softmax of that layer's logits, which are not clipped: as in Keras, saturated outputs
 * have a loss and a gradient.
 *
 * Passed as the loss itself, it is the loss `'categorical_crossentropy'`; without labels and predictions it makes a loss of its
 * options. With `fromLogits`, `p` is the softmax of `yPred`. Labels are smoothed to `y · (1 − s) + s / classes`.
 *
 * @throws KerasShapeError if the shapes differ.
 * @example
 * const yPred = tf.tensor2d([[0.5, 0.5]])
 * const [loss = NaN] = lossCategoricalCrossentropy(tf.tensor2d([[0, 1]]), yPred).dataSync()
 * assert.ok(Math.abs(loss - Math.log(2)) < 1e-6)
 * @see R keras `loss_categorical_crossentropy`
 */
export const lossCategoricalCrossentropy = defineLoss<CategoricalCrossentropyOptions>()(
  'lossCategoricalCrossentropy',
  ['categorical_crossentropy'],
  { ...logitsChecks, labelSmoothing: optional(fraction, 0), axis: optional(integer, -1) },
  (yTrue, yPred, { fromLogits, labelSmoothing, axis }) => {
    const along = axisOf('lossCategoricalCrossentropy', axis, yPred);
    // As Keras has it: the share of each class is that of the last axis, whichever axis the classes are on.
    const labels = smoothed(yTrue, labelSmoothing, 1 / (yTrue.shape.at(-1) ?? 1));
    const logits = logitsOf(yPred, 'classes') ?? (fromLogits ? yPred : undefined);
    if (logits !== undefined)
      return categoricalCrossentropy(classesLast(labels, along), classesLast(logits, along));
    const probabilities = clipped(tf.div(yPred, tf.sum(yPred, along, true)));
    return tf.neg(tf.sum(tf.mul(labels, tf.log(probabilities)), along));
  },
);

/**
 * Crossentropy of class numbers: `−log(p[yTrue] / Σ p)`, where `p` is `yPred` clipped to 1e-7 … 1 − 1e-7.
 *
 * `yTrue` `[batch, ...]` or `[batch, ..., 1]`, integers from 0 in int32 or float32; `yPred`
 * `[batch, ..., classes]`, probabilities; out `[batch, ...]`. Of a model's output, `p` is the softmax of the logits, as in
 * {@link lossCategoricalCrossentropy}.
 *
 * Passed as the loss itself, it is the loss `'sparse_categorical_crossentropy'`; without labels and predictions it makes a loss
 * of its options. With `fromLogits`, `p` is the softmax of `yPred`.
 *
 * @throws KerasShapeError if the shapes do not fit.
 * @example
 * const yPred = tf.tensor2d([[0.5, 0.5]])
 * const [loss = NaN] = lossSparseCategoricalCrossentropy(tf.tensor1d([1]), yPred).dataSync()
 * assert.ok(Math.abs(loss - Math.log(2)) < 1e-6)
 * @see R keras `loss_sparse_categorical_crossentropy`
 */
export const lossSparseCategoricalCrossentropy = defineSparseLoss<SparseCategoricalCrossentropyOptions>()(
  'lossSparseCategoricalCrossentropy',
  ['sparse_categorical_crossentropy'],
  { ...logitsChecks, axis: optional(integer, -1) },
  (yTrue, yPred, { fromLogits, axis }) => {
    const logits = logitsOf(yPred, 'classes') ?? (fromLogits ? yPred : tf.log(clipped(yPred)));
    return sparseCrossentropy(
      yTrue,
      classesLast(logits, axisOf('lossSparseCategoricalCrossentropy', axis, yPred)),
    );
  },
);

/**
 * Crossentropy of binary labels: the mean over the last axis of `−(y · log(p + ε) + (1 − y) · log(1 − p +
 * ε))`, with `ε` = 1e-7 and `p` = `yPred` clipped to `ε … 1 − ε`.
 *
 * Both `[batch, ..., outputs]`, out `[batch, ...]`. `yPred` holds probabilities, as sigmoid gives them. Where they are a
 * model's output, in training and evaluation, and its last layer ends in the activation `'sigmoid'` (or `'softmax'`), `p` is
 * the sigmoid of that layer's logits, without `ε` and not clipped: as in Keras, saturated outputs have a loss and a gradient.
 *
 * Passed as the loss itself, it is the loss `'binary_crossentropy'`; without labels and predictions it makes a loss of its
 * options. With `fromLogits`, `p` is the sigmoid of `yPred`. Labels are smoothed to `y · (1 − s) + s / 2`.
 *
 * @throws KerasShapeError if the shapes differ (a missing last axis of 1 in `yTrue` is put in).
 * @example
 * const [loss = NaN] = lossBinaryCrossentropy(tf.tensor1d([1]), tf.tensor2d([[0.5]])).dataSync()
 * assert.ok(Math.abs(loss - Math.log(2)) < 1e-6)
 * const model = pipe(
 *   kerasModelSequential(),
 *   layerDense({ units: 1, inputShape: [2] }),
 *   compile({ loss: lossBinaryCrossentropy({ fromLogits: true, labelSmoothing: 0.1 }) }),
 * )
 * @see R keras `loss_binary_crossentropy`
 */
export const lossBinaryCrossentropy = defineLoss<BinaryCrossentropyOptions>()(
  'lossBinaryCrossentropy',
  ['binary_crossentropy', 'bce', 'BCE'],
  { ...logitsChecks, labelSmoothing: optional(fraction, 0), axis: optional(integer, -1) },
  (yTrue, yPred, { fromLogits, labelSmoothing, axis }) => {
    const along = axisOf('lossBinaryCrossentropy', axis, yPred);
    const labels = smoothed(yTrue, labelSmoothing, 0.5);
    const logits = logitsOf(yPred, 'binary') ?? (fromLogits ? yPred : undefined);
    if (logits !== undefined) return tf.mean(sigmoidCrossentropy(labels, logits), along);
    const probabilities = clipped(yPred);
    const positive = tf.mul(labels, tf.log(tf.add(probabilities, EPSILON)));
    const negative = tf.mul(tf.sub(1, labels), tf.log(tf.add(tf.sub(1, probabilities), EPSILON)));
    return tf.neg(tf.mean(tf.add(positive, negative), along));
  },
);

/** The formula is Keras's; both are clipped, so that no logarithm is infinite. */
const klDivergence = (yTrue: Tensor, yPred: Tensor): Tensor => {
  const labels = tf.clipByValue(yTrue, EPSILON, 1);
  return tf.sum(tf.mul(labels, tf.log(tf.div(labels, tf.clipByValue(yPred, EPSILON, 1)))), -1);
};

/**
 * Kullback-Leibler divergence: `Σ yTrue · log(yTrue / yPred)` over the last axis, both clipped to 1e-7 … 1.
 *
 * Both `[batch, ..., classes]`, probabilities; out `[batch, ...]`.
 *
 * @throws KerasShapeError if the shapes differ.
 * @example
 * const p = tf.tensor2d([[0.25, 0.75]])
 * assert.strictEqual(lossKlDivergence(p, p).dataSync()[0], 0)
 * @see R keras `loss_kl_divergence`
 */
export const lossKlDivergence = defineLoss()(
  'lossKlDivergence',
  ['kl_divergence', 'KLDivergence', 'kld', 'KLD'],
  {},
  klDivergence,
);

/**
 * Kullback-Leibler divergence under the longer of its two names: the same as {@link lossKlDivergence}.
 *
 * Both `[batch, ..., classes]`, probabilities; out `[batch, ...]`.
 *
 * @throws KerasShapeError if the shapes differ.
 * @example
 * const p = tf.tensor2d([[0.25, 0.75]])
 * assert.strictEqual(lossKullbackLeiblerDivergence(p, p).dataSync()[0], 0)
 * @see R keras `loss_kullback_leibler_divergence`
 */
export const lossKullbackLeiblerDivergence = defineLoss()(
  'lossKullbackLeiblerDivergence',
  ['kullback_leibler_divergence', 'kullbackLeiblerDivergence'],
  {},
  klDivergence,
  'kl_divergence',
);

/**
 * Poisson loss: the mean of `yPred − yTrue · log(yPred + 1e-7)` over the last axis.
 *
 * Both `[batch, ..., outputs]`, out `[batch, ...]`. `yPred` is a rate, more than 0.
 *
 * @throws KerasShapeError if the shapes differ.
 * @example
 * assert.deepStrictEqual(lossPoisson(tf.zeros([2, 3]), tf.ones([2, 3])).arraySync(), [1, 1])
 * @see R keras `loss_poisson`
 */
export const lossPoisson = defineLoss()('lossPoisson', ['poisson'], {}, (yTrue, yPred) =>
  tf.mean(tf.sub(yPred, tf.mul(yTrue, tf.log(tf.add(yPred, EPSILON)))), -1),
);
