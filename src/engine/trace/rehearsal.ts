import type { Steps } from '../../base/steps';
import type { Layer } from '../../layers/internal/target';
import { hasCell } from '../../step/layers';
import { tf, type Tensor } from '../../tfjs/tensorflow';
import { record } from './record';

/** What the steps of recurrent layers consist of, on a tensor `[2, 2]`. */
const OPERATIONS: readonly ((x: Tensor) => unknown)[] = [
  (x) => tf.add(x, x),
  (x) => tf.mul(x, x),
  (x) => tf.sub(1, x),
  (x) => tf.matMul(x, x),
  (x) => tf.reshape(x, [1, 4]),
  (x) => tf.transpose(x),
  (x) => tf.split(x, 2, 1),
  (x) => tf.unstack(x),
  (x) => tf.stack([x, x]),
  (x) => tf.concat([x, x], 0),
  (x) => tf.slice(x, 1, 1),
  (x) => tf.squeeze(tf.expandDims(x, 0), [0]),
  (x) => tf.zeros([2, ...x.shape]),
  (x) => tf.sigmoid(x),
  (x) => tf.tanh(x),
  (x) => tf.customGrad((y) => ({ value: tf.clone(y as Tensor), gradFunc: (dy: Tensor) => dy }))(x),
];

let isDone = false;

/**
 * Traces the operations of recurrent layers once, one after the other, before the first of such layers is traced: nobody has compiled their
 * JavaScript then, so that a layer as a whole would take several times as long as later.
 */
export function* rehearse(layers: Iterable<Layer>): Steps<void> {
  if (isDone || ![...layers].some(hasCell)) return;
  isDone = true;
  for (const operation of OPERATIONS) {
    tf.tidy(() => {
      const x = tf.zeros([2, 2]);
      record(() => void operation(x), new Map());
    });
    yield;
  }
}
