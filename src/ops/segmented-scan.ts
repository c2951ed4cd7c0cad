import { tf, type Tensor } from '../tfjs/tensorflow';
import { scan, type ScanArguments, type ScanStep, type ScanVjp } from './scan';

/**
 * Time steps in a segment, at most. What a turn of a loop costs by itself, and what can be done for several steps at once, is then done
 * once for so many; more make the graph larger, which has all of them side by side, and leave the caches. bench, words-gru: of 500 steps,
 * segments of 5 take 0.8 of the processors' time of single steps, of 10 as much as single ones do.
 */
const MAX_STEPS_PER_SEGMENT = 8;

/** How many time steps a segment has, of a number of steps: as many as divide it, if that is not far from the most. */
export const stepsPerSegment = (steps: number): number => {
  for (let size = Math.min(steps, MAX_STEPS_PER_SEGMENT); 2 * size >= MAX_STEPS_PER_SEGMENT; size--) {
    if (steps % size === 0) return size;
  }
  return Math.min(steps, MAX_STEPS_PER_SEGMENT);
};

/** Rows of `[steps, batch, size]` one below the other. */
export const flat = (x: Tensor): Tensor => tf.reshape(x, [-1, x.shape.at(-1) ?? 0]);

/** The last of a segment's states. */
const lastOf = (states: Tensor): Tensor => tf.squeeze(tf.slice(states, states.shape[0] - 1, 1), [0]);

/** A segment that is zeros but for the last step. */
const onlyLast = (last: Tensor, size: number): Tensor => {
  const row = tf.expandDims(last, 0);
  return size === 1 ? row : tf.concat([tf.zeros([size - 1, ...last.shape]), row], 0);
};

/** The steps of a segment on the way back. */
export interface Segment {
  /** The steps' inputs, `[steps, batch, …]` each. */
  readonly inputs: readonly Tensor[];
  /** The states before each step, `[steps, batch, size]`. */
  readonly before: Tensor;
  /** The states after each step, likewise. */
  readonly after: Tensor;
  readonly weights: readonly Tensor[];
  /** The gradients of the states after, one for each step, of what comes after the segment included. */
  readonly gradients: readonly Tensor[];
}

/** The gradients of a segment's inputs, of the state before its first step, `[batch, size]`, and of the weights. */
export type SegmentVjp = (segment: Segment) => ReturnType<ScanVjp>;

/** Several steps: from the steps' inputs, `[steps, batch, …]` each, and the state before the first to the state after each. */
export type SegmentStep = (
  inputs: readonly Tensor[],
  state: Tensor,
  weights: readonly Tensor[],
) => readonly Tensor[];

/** A recurrence over steps that are so many segments of one size. */
const scanSegments = (
  step: SegmentStep,
  vjp: SegmentVjp,
  { inputs, state, weights }: ScanArguments,
  size: number,
): Tensor => {
  const steps = inputs[0]?.shape[0] ?? 0;
  // The state of the scan is all states of a segment, of which the next one takes the last.
  const segmentStep: ScanStep = (parts, states, all) => tf.stack([...step(parts, lastOf(states), all)]);
  const segmentVjp: ScanVjp = ({ inputs: parts, state: states, after, weights: all, gradient }) => {
    const first = tf.slice(states, size - 1, 1);
    const before = size === 1 ? first : tf.concat([first, tf.slice(after, 0, size - 1)], 0);
    const made = vjp({ inputs: parts, before, after, weights: all, gradients: tf.unstack(gradient) });
    return { ...made, state: onlyLast(made.state, size) };
  };
  const cut = (x: Tensor): Tensor => tf.reshape(x, [steps / size, size, ...x.shape.slice(1)]);
  const states = scan(
    segmentStep,
    { inputs: inputs.map(cut), state: onlyLast(state, size), weights },
    segmentVjp,
  );
  return tf.reshape(states, [steps, ...state.shape]);
};

/**
 * A recurrence over time as `scan` is one, several steps at a time: all states, `[steps, batch, size]`.
 *
 * What does not wait for the state before is done for all steps of a segment at once. Where segments of one size do not fill the steps, the
 * first one is a shorter one.
 */
export const segmentedScan = (step: SegmentStep, vjp: SegmentVjp, args: ScanArguments): Tensor => {
  const steps = args.inputs[0]?.shape[0] ?? 0;
  const size = stepsPerSegment(steps);
  const rest = steps % size;
  if (rest === 0) return scanSegments(step, vjp, args, size);
  const part = (from: number, count: number): readonly Tensor[] =>
    args.inputs.map((input) => tf.slice(input, from, count));
  const begun = scanSegments(step, vjp, { ...args, inputs: part(0, rest) }, rest);
  const others = scanSegments(
    step,
    vjp,
    { ...args, inputs: part(rest, steps - rest), state: lastOf(begun) },
    size,
  );
  return tf.concat([begun, others], 0);
};
