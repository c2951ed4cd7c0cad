import { describeShape, KerasShapeError } from '../base/errors';
import { scan } from '../ops/scan';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { defineFreeLoss } from './define-loss';

/** The logarithm of what cannot be. */
const IMPOSSIBLE = -1e5;

/** `log(exp(a) + exp(b))`, exact if one of them is as good as −∞, and with its gradient where both are alike. */
const logAddExp = (a: Tensor, b: Tensor): Tensor => {
  const above = (x: Tensor, y: Tensor): Tensor => tf.add(x, tf.softplus(tf.sub(y, x)));
  return tf.where(tf.greaterEqual(a, b), above(a, b), above(b, a));
};

/** The state after a blank, `[batch, labels + 1]`, to which is added what comes from the labels before. */
const withAdded = (blanks: Tensor, added: Tensor): Tensor => {
  const count = added.shape[1] ?? 0;
  const first = tf.slice(blanks, [0, 0], [-1, 1]);
  return tf.concat([first, logAddExp(tf.slice(blanks, [0, 1], [-1, count]), added)], 1);
};

/** One step in time: from the chances of having put out so many labels, ending in a blank or in a label, to those after. */
const step = (inputs: readonly Tensor[], state: Tensor, weights: readonly Tensor[]): Tensor => {
  const [labelChances, blankChances] = inputs as [Tensor, Tensor]; // as below
  const [repeats] = weights as [Tensor];
  const count = labelChances.shape[1] ?? 0;
  const blanks = tf.slice(state, [0, 0], [-1, count + 1]);
  const labels = tf.slice(state, [0, count + 1], [-1, count]);
  // From a label straight to the next one, unless that is the same.
  const before = withAdded(blanks, tf.add(labels, tf.mul(repeats, IMPOSSIBLE)));
  const nextLabels = logAddExp(
    tf.add(tf.slice(before, [0, 0], [-1, count]), labelChances),
    tf.add(labels, labelChances),
  );
  const staying = tf.add(before, blankChances);
  const fromLabels = tf.add(tf.add(labels, blankChances), tf.mul(tf.sub(1, repeats), IMPOSSIBLE));
  return tf.concat([withAdded(staying, fromLabels), nextLabels], 1);
};

const checkShapes = (yTrue: Tensor, yPred: Tensor): void => {
  if (yTrue.rank === 2 && yPred.rank === 3 && yTrue.shape[0] === yPred.shape[0]) return;
  throw new KerasShapeError({
    function: 'lossCtc',
    argument: 'yTrue',
    expected: 'labels must be [batch, labels] and predictions [batch, steps, classes]',
    received: `labels of shape ${describeShape(yTrue.shape)} for predictions of shape ${describeShape(yPred.shape)}`,
    advice: 'Give class numbers from 1 on, filled up with 0 at the end',
  });
};

/**
 * Connectionist temporal classification: minus the logarithm of the chance that the steps put out the labels, each for any number of
 * steps, with any number of blanks between.
 *
 * `yTrue` `[batch, labels]`, class numbers from 1 on, filled up at the end with 0, which is the blank; `yPred` `[batch, steps, classes]`,
 * logits; out `[batch]`.
 *
 * @throws KerasArgumentError if an option is unknown.
 * @throws KerasShapeError if the shapes do not fit.
 * @example
 * // One step, of two classes alike: the label 1 has the chance 1/2.
 * const [loss = NaN] = lossCtc([[1]], [[[0, 0]]]).dataSync()
 * assert.ok(Math.abs(loss - Math.log(2)) < 1e-5)
 * @see R keras 3 `loss_ctc`; Graves et al. 2006
 */
export const lossCtc = defineFreeLoss()('lossCtc', ['ctc'], {}, (yTrue, yPred) => {
  checkShapes(yTrue, yPred);
  const [batch = 0, count = 0] = yTrue.shape;
  const classes = yPred.shape[2] ?? 1;
  const labels = tf.cast(yTrue, 'int32');
  const chances = tf.logSoftmax(yPred);
  const oneHot = tf.cast(tf.oneHot(labels, classes), 'float32');
  // [steps, batch, labels] and [steps, batch, 1]
  const ofLabels = tf.transpose(tf.matMul(chances, oneHot, false, true), [1, 0, 2]);
  const ofBlanks = tf.transpose(tf.slice(chances, [0, 0, 0], [-1, -1, 1]), [1, 0, 2]);
  const next = tf.concat([tf.slice(labels, [0, 1], [-1, count - 1]), tf.fill([batch, 1], -1, 'int32')], 1);
  const repeats = tf.cast(tf.equal(labels, next), 'float32');
  const start = tf.concat([tf.zeros([batch, 1]), tf.fill([batch, 2 * count], IMPOSSIBLE)], 1);
  const states = scan(step, { inputs: [ofLabels, ofBlanks], state: start, weights: [repeats] });
  const last = tf.squeeze(tf.slice(states, [states.shape[0] - 1, 0, 0], [1, -1, -1]), [0]);
  const blanks = withAdded(
    tf.slice(last, [0, 0], [-1, count + 1]),
    tf.slice(last, [0, count + 1], [-1, count]),
  );
  const lengths = tf.sum(tf.cast(tf.notEqual(labels, 0), 'int32'), 1);
  const atLength = tf.cast(tf.oneHot(tf.cast(lengths, 'int32').as1D(), count + 1), 'float32');
  return tf.neg(tf.sum(tf.mul(blanks, atLength), 1));
});
