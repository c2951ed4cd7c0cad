import { tf, type Tensor } from '../tfjs/tensorflow';
import { derivativeAt, type ElementwiseFunction } from './elementwise';
import { flat, segmentedScan, type SegmentStep, type SegmentVjp } from './segmented-scan';

/** What a recurrence of one state runs over. */
export interface StatesArguments {
  /** The inputs' part of each step, `[steps, batch, …]`. */
  readonly projected: Tensor;
  /** The state before the first step, `[batch, units]`. */
  readonly state: Tensor;
  /** Which steps are there, as 0 and 1, `[steps, batch, 1]`; all if undefined. A step that is not leaves the state as it is. */
  readonly present: Tensor | undefined;
}

/** The state after a step, or the one before where the step is not there. */
export const stepped = (before: Tensor, after: Tensor, present: Tensor | undefined): Tensor =>
  present === undefined ? after : tf.add(before, tf.mul(present, tf.sub(after, before)));

/** The tensors that a scan takes besides the first state: what is there. */
export const sequencesOf = ({ projected, present }: StatesArguments): Tensor[] =>
  present === undefined ? [projected] : [projected, present];

/**
 * `h[t] = activation(z[t] + h[t − 1]·U)` for an elementwise activation: all states, `[steps, batch, units]`.
 *
 * The same as `scan`, with a quicker gradient. The derivatives of the activation are computed for several steps at once, and so
 * is the gradient of `U`; only that of `z` goes back step by step.
 */
export const simpleStates = (
  args: StatesArguments,
  kernel: Tensor,
  activation: ElementwiseFunction,
): Tensor => {
  const step: SegmentStep = ([z, there], before, [u]) => {
    const present = there === undefined ? [] : tf.unstack(there);
    const states: Tensor[] = [];
    let state = before;
    tf.unstack(z as Tensor).forEach((row, index) => {
      const next = activation.apply(tf.add(row, tf.matMul(state, u as Tensor))); // as given below
      state = stepped(state, next, present[index]);
      states.push(state);
    });
    return states;
  };
  const vjp: SegmentVjp = ({ inputs: [z, there], before, after, weights: [u], gradients }) => {
    const weights = u as Tensor; // as given below
    const sums = (): Tensor =>
      tf.add(z as Tensor, tf.reshape(tf.matMul(flat(before), weights), before.shape));
    // A state is an activation's value only where the step is there.
    const value = there === undefined ? after : activation.apply(sums());
    const derivative = derivativeAt(activation, value, sums);
    const derivatives = tf.unstack(there === undefined ? derivative : tf.mul(derivative, there));
    const kept = there === undefined ? [] : tf.unstack(tf.sub(1, there));
    const ofSums: Tensor[] = [];
    const ofState = gradients.reduceRight<Tensor | undefined>((later, gradient, index) => {
      const ofAfter = later === undefined ? gradient : tf.add(gradient, later);
      const ofSum = tf.mul(ofAfter, derivatives[index] as Tensor); // one for each
      ofSums.unshift(ofSum);
      const back = tf.matMul(ofSum, weights, false, true);
      const skipped = kept[index];
      return skipped === undefined ? back : tf.add(back, tf.mul(ofAfter, skipped));
    }, undefined) as Tensor; // there is a step
    const all = tf.stack(ofSums);
    return {
      inputs: there === undefined ? [all] : [all, tf.zerosLike(there)],
      state: ofState,
      weights: [tf.matMul(flat(before), flat(all), true, false)],
    };
  };
  return segmentedScan(step, vjp, { inputs: sequencesOf(args), state: args.state, weights: [kernel] });
};
