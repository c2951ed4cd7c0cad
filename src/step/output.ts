import { argumentError } from '../base/checks';
import { describeShape, KerasShapeError } from '../base/errors';
import type { Loss } from '../losses/registry';
import { tf, type Scalar, type Tensor } from '../tfjs/tensorflow';

/** What is known of one output of a compiled model. */
export interface Output {
  readonly name: string;
  readonly shape: readonly (number | null)[];
  readonly loss: Loss;
  readonly lossWeight: number;
  /** Resolved once the labels' shape is known, which 'accuracy' depends on. */
  readonly metrics: readonly unknown[];
}

/** The loss of one output: the weighted sum of its samples' losses over the number of them, as Keras has it. */
export const outputLoss = (
  output: Output,
  y: Tensor,
  prediction: Tensor,
  weights: Tensor | undefined,
): Scalar => {
  const given: unknown = output.loss.call(y, prediction); // of the user's own, it may give anything
  if (!(given instanceof tf.Tensor)) {
    throw argumentError(
      { function: 'compile', argument: 'loss' },
      'a function that returns a tensor',
      given,
      `Let ${output.loss.name} return what tfjs operations give, one loss for each row`,
    );
  }
  const losses = given as Tensor; // of any rank, which `instanceof` leaves untyped
  if (weights === undefined) return tf.mean(losses);
  if (losses.rank > 0 && losses.shape[0] !== weights.shape[0]) {
    throw new KerasShapeError({
      function: 'compile',
      argument: 'loss',
      expected: `with weights of rows or classes, the loss must return one loss for each of ${weights.shape[0]} rows`,
      received: `shape ${describeShape(losses.shape)} from ${output.loss.name}`,
      advice: 'Let it return a tensor [rows], without a mean over the rows',
    });
  }
  const spread =
    losses.rank > 1 ? tf.reshape(weights, [-1, ...Array<number>(losses.rank - 1).fill(1)]) : weights;
  return tf.mean(tf.mul(losses, losses.rank === 0 ? tf.mean(weights) : spread));
};
