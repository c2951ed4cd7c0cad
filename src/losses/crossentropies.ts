import { attribute, run } from '../ops/native';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { defineLoss, defineSparseLoss, EPSILON } from './define-loss';

const clipped = (probabilities: Tensor): Tensor => tf.clipByValue(probabilities, EPSILON, 1 - EPSILON);

/**
 * Crossentropy of one-hot labels: `−Σ yTrue · log(p)`, where `p = yPred / Σ yPred`, clipped to 1e-7 … 1 −
 * 1e-7.
 *
 * Both `[batch, ..., classes]`, out `[batch, ...]`. `yPred` holds probabilities, as softmax gives them.
 *
 * Passed as the loss itself, it is the loss `'categorical_crossentropy'`.
 *
 * @throws KerasShapeError if the shapes differ.
 * @example
 * const yPred = tf.tensor2d([[0.5, 0.5]])
 * const [loss = NaN] = lossCategoricalCrossentropy(tf.tensor2d([[0, 1]]), yPred).dataSync()
 * assert.ok(Math.abs(loss - Math.log(2)) < 1e-6)
 * @see R keras `loss_categorical_crossentropy`
 */
export const lossCategoricalCrossentropy = defineLoss(
  'lossCategoricalCrossentropy',
  ['categorical_crossentropy'],
  (yTrue, yPred) => {
    const probabilities = clipped(tf.div(yPred, tf.sum(yPred, -1, true)));
    return tf.neg(tf.sum(tf.mul(yTrue, tf.log(probabilities)), -1));
  },
);

/**
 * Crossentropy of rows of logits with class numbers, in one native op that gives the gradient with the value.
 */
const sparseSoftmaxCrossentropy = (labels: Tensor, logits: Tensor): Tensor =>
  tf.customGrad((...inputs) => {
    // tfjs passes the tensor that customGrad was called with, then the function that saves for the backward
    // pass.
    const [rows, save] = inputs as [Tensor, (tensors: Tensor[]) => void];
    const types = [attribute.type('T', 'float'), attribute.type('Tlabels', 'int32')];
    const outputs = run('SparseSoftmaxCrossEntropyWithLogits', types, [rows, labels], 2);
    const [loss, gradient] = outputs as [Tensor, Tensor]; // two outputs were asked for
    save([gradient]);
    return {
      value: loss,
      gradFunc: (dy: Tensor, saved: Tensor[]) => tf.mul(saved[0] ?? gradient, tf.expandDims(dy, -1)),
    };
  })(logits);

/**
 * Crossentropy of class numbers: `−log(p[yTrue] / Σ p)`, where `p` is `yPred` clipped to 1e-7 … 1 − 1e-7.
 *
 * `yTrue` `[batch, ...]` or `[batch, ..., 1]`, integers from 0 in int32 or float32; `yPred`
 * `[batch, ..., classes]`, probabilities; out `[batch, ...]`.
 *
 * Passed as the loss itself, it is the loss `'sparse_categorical_crossentropy'`.
 *
 * @throws KerasShapeError if the shapes do not fit.
 * @example
 * const yPred = tf.tensor2d([[0.5, 0.5]])
 * const [loss = NaN] = lossSparseCategoricalCrossentropy(tf.tensor1d([1]), yPred).dataSync()
 * assert.ok(Math.abs(loss - Math.log(2)) < 1e-6)
 * @see R keras `loss_sparse_categorical_crossentropy`
 */
export const lossSparseCategoricalCrossentropy = defineSparseLoss(
  'lossSparseCategoricalCrossentropy',
  ['sparse_categorical_crossentropy'],
  (yTrue, yPred) => {
    const logits = tf.log(clipped(yPred));
    if (logits.rank === 2) return sparseSoftmaxCrossentropy(yTrue, logits);
    const rows = tf.reshape(logits, [yTrue.size, yPred.shape.at(-1) ?? 1]);
    return tf.reshape(sparseSoftmaxCrossentropy(tf.reshape(yTrue, [yTrue.size]), rows), yTrue.shape);
  },
);

/**
 * Crossentropy of binary labels: the mean over the last axis of `−(y · log(p + ε) + (1 − y) · log(1 − p +
 * ε))`, with `ε` = 1e-7 and `p` = `yPred` clipped to `ε … 1 − ε`.
 *
 * Both `[batch, ..., outputs]`, out `[batch, ...]`. `yPred` holds probabilities, as sigmoid gives them.
 *
 * Passed as the loss itself, it is the loss `'binary_crossentropy'`.
 *
 * @throws KerasShapeError if the shapes differ (a missing last axis of 1 in `yTrue` is put in).
 * @example
 * const [loss = NaN] = lossBinaryCrossentropy(tf.tensor1d([1]), tf.tensor2d([[0.5]])).dataSync()
 * assert.ok(Math.abs(loss - Math.log(2)) < 1e-6)
 * @see R keras `loss_binary_crossentropy`
 */
export const lossBinaryCrossentropy = defineLoss(
  'lossBinaryCrossentropy',
  ['binary_crossentropy', 'bce', 'BCE'],
  (yTrue, yPred) => {
    const probabilities = clipped(yPred);
    const yes = tf.mul(yTrue, tf.log(tf.add(probabilities, EPSILON)));
    const no = tf.mul(tf.sub(1, yTrue), tf.log(tf.add(tf.sub(1, probabilities), EPSILON)));
    return tf.neg(tf.mean(tf.add(yes, no), -1));
  },
);

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
export const lossKlDivergence = defineLoss(
  'lossKlDivergence',
  ['kl_divergence', 'kullback_leibler_divergence', 'kullbackLeiblerDivergence', 'KLDivergence', 'kld', 'KLD'],
  (yTrue, yPred) => {
    const labels = tf.clipByValue(yTrue, EPSILON, 1);
    return tf.sum(tf.mul(labels, tf.log(tf.div(labels, tf.clipByValue(yPred, EPSILON, 1)))), -1);
  },
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
export const lossPoisson = defineLoss('lossPoisson', ['poisson'], (yTrue, yPred) =>
  tf.mean(tf.sub(yPred, tf.mul(yTrue, tf.log(tf.add(yPred, EPSILON)))), -1),
);
