import { keepSurroundings, type Leave } from '../base/steps';
import { gradientsBy, withOwnTape } from '../tfjs/private';
import { tf, type Tensor } from '../tfjs/tensorflow';

/**
 * One step of a recurrence: from the step's inputs and the state before to the state after. Built of tfjs operations on
 * its arguments only: a tensor that it captures may be gone by the time of its gradient.
 */
export type ScanStep = (inputs: readonly Tensor[], state: Tensor, weights: readonly Tensor[]) => Tensor;

/** What a recurrence runs over. */
export interface ScanArguments {
  /** One tensor `[steps, batch, …]` for each input of a step. */
  readonly inputs: readonly Tensor[];
  /** The state before the first step, `[batch, size]`. */
  readonly state: Tensor;
  /** Weights that the step uses, the same in all steps. */
  readonly weights: readonly Tensor[];
}

/**
 * Who records a step in order to run it inside a graph takes a recurrence as one operation, of which one step is
 * recorded; otherwise it would be as many operations as there are time steps.
 */
export interface ScanRecorder {
  forward(step: ScanStep, args: ScanArguments): Tensor;
  backward(vjp: ScanVjp, args: ScanArguments, states: Tensor, gradient: Tensor): Tensor[];
}

/** One step of a recurrence on the way back. */
export interface ScanMoment {
  readonly inputs: readonly Tensor[];
  /** The state before. */
  readonly state: Tensor;
  readonly weights: readonly Tensor[];
  /** The state after. */
  readonly after: Tensor;
  /** The gradient of the state after. */
  readonly gradient: Tensor;
}

/** The vector-Jacobian product of one step: the gradients of the inputs, of the state before, and of the weights. */
export type ScanVjp = (moment: ScanMoment) => {
  readonly inputs: readonly Tensor[];
  readonly state: Tensor;
  readonly weights: readonly Tensor[];
};

let recorder: ScanRecorder | undefined;

/** Whether a computation is being recorded, in order to run inside a graph. */
export const isRecording = (): boolean => recorder !== undefined;

keepSurroundings({ get: () => recorder, set: (value) => (recorder = value) });

/** Lets a recorder take the recurrences of a computation. */
export const enterScanRecorder = (taking: ScanRecorder): Leave => {
  const outer = recorder;
  recorder = taking;
  return () => (recorder = outer);
};

const vjpOf =
  (step: ScanStep): ScanVjp =>
  ({ inputs, state, weights, gradient }) => {
    const count = inputs.length;
    const args = [...inputs, state, ...weights];
    const gradients = withOwnTape(() =>
      tf.tidy(() =>
        gradientsBy(() => step(inputs, state, weights), args, gradient).map(
          (one, index) => one ?? tf.zerosLike(args[index] as Tensor), // a step need not use all
        ),
      ),
    );
    return {
      inputs: gradients.slice(0, count),
      state: gradients[count] as Tensor, // one for each argument
      weights: gradients.slice(count + 1),
    };
  };

const at = (x: Tensor, index: number): Tensor => tf.squeeze(tf.slice(x, index, 1), [0]);

/** All states, step by step in JavaScript. */
const forwardLoop = (step: ScanStep, { inputs, state, weights }: ScanArguments): Tensor =>
  tf.tidy(() => {
    const steps = inputs[0]?.shape[0] ?? 0;
    const states: Tensor[] = [];
    let current = state;
    for (let index = 0; index < steps; index++) {
      current = tf.tidy(() =>
        step(
          inputs.map((input) => at(input, index)),
          current,
          weights,
        ),
      );
      states.push(current);
    }
    return tf.stack(states);
  });

/** The gradients of all arguments, back from the last step. Steps are computed again rather than kept. */
const backwardLoop = (vjp: ScanVjp, args: ScanArguments, states: Tensor, gradient: Tensor): Tensor[] =>
  tf.tidy(() => {
    const { inputs, state, weights } = args;
    const steps = states.shape[0];
    let ofState: Tensor = tf.zerosLike(state);
    let ofWeights: readonly Tensor[] = weights.map((weight) => tf.zerosLike(weight));
    const ofInputs: Tensor[][] = inputs.map(() => []);
    for (let index = steps - 1; index >= 0; index--) {
      const before = index === 0 ? state : at(states, index - 1);
      const [made, next, sums] = tf.tidy(() => {
        const gradients = vjp({
          inputs: inputs.map((input) => at(input, index)),
          state: before,
          weights,
          after: at(states, index),
          gradient: tf.add(ofState, at(gradient, index)),
        });
        return [
          [...gradients.inputs],
          gradients.state,
          ofWeights.map((sum, position) => tf.add(sum, gradients.weights[position] as Tensor)), // one for each
        ] as [Tensor[], Tensor, Tensor[]];
      });
      tf.dispose([ofState, ...ofWeights]);
      ofState = next;
      ofWeights = sums;
      made.forEach((one, position) => ofInputs[position]?.unshift(one));
    }
    return [...ofInputs.map((list) => tf.stack(list)), ofState, ...ofWeights];
  });

/** All states of a recurrence, without a gradient. */
export const allStates = (step: ScanStep, args: ScanArguments): Tensor =>
  recorder === undefined ? forwardLoop(step, args) : recorder.forward(step, args);

/**
 * A recurrence over time: `state[t] = step(inputs[t], state[t − 1], weights)`.
 *
 * In `inputs` `[steps, batch, …]` and the first state `[batch, size]`; out all states, `[steps, batch, size]`. Its
 * gradient keeps the states only, and computes each step again on the way back, if no quicker `vjp` is given.
 */
export const scan = (
  step: ScanStep,
  { inputs, state, weights }: ScanArguments,
  vjp: ScanVjp = vjpOf(step),
): Tensor => {
  const count = inputs.length;
  const split = (args: readonly Tensor[]): ScanArguments => ({
    inputs: args.slice(0, count),
    state: args[count] as Tensor, // in this order below
    weights: args.slice(count + 1, count + 1 + weights.length),
  });
  // tfjs hands `save` after the tensors, though its type speaks of tensors only.
  const whole = tf.customGrad((...all) => {
    const save = all.at(-1) as unknown as (tensors: Tensor[]) => void;
    const args = split(all as Tensor[]);
    const states = allStates(step, args);
    save([...args.inputs, args.state, ...args.weights, states]);
    return {
      value: states,
      gradFunc: (gradient: Tensor, saved: Tensor[]) => {
        const savedStates = saved.at(-1) as Tensor; // saved last
        return recorder === undefined
          ? backwardLoop(vjp, split(saved), savedStates, gradient)
          : recorder.backward(vjp, split(saved), savedStates, gradient);
      },
    };
  });
  return whole(...inputs, state, ...weights);
};
