import { tf, type Tensor } from '../tfjs/tensorflow';
import { derivativeAt, type ElementwiseFunction } from './elementwise';
import { flat, segmentedScan, type SegmentStep, type SegmentVjp } from './segmented-scan';
import { sequencesOf, stepped, type StatesArguments } from './simple-recurrence';

/** The weights of a gated recurrent unit that meet its state. Gates: update, reset, candidate. */
export interface GatedWeights {
  /** `[units, 3 units]`. */
  readonly kernel: Tensor;
  /** What is added to the state's products, `[3 units]`; only where the reset gate comes after the product. */
  readonly bias: Tensor | undefined;
}

export interface GatedFunctions {
  readonly activation: ElementwiseFunction;
  /** Of the gates. */
  readonly recurrentActivation: ElementwiseFunction;
}

const plus = (a: Tensor, b: Tensor | undefined): Tensor => (b === undefined ? a : tf.add(a, b));

/** What is of the two gates, and what is of the candidate, side by side. */
const gatesAndCandidate = (x: Tensor): [Tensor, Tensor] => {
  const units = (x.shape.at(-1) ?? 0) / 3;
  return tf.split(x, [2 * units, units], x.rank - 1) as [Tensor, Tensor];
};

const halves = (x: Tensor): [Tensor, Tensor] => tf.split(x, 2, x.rank - 1) as [Tensor, Tensor];

const side = (...parts: readonly Tensor[]): Tensor => tf.concat([...parts], 1);

/** The rows of the steps of a segment, from all of its rows one below the other. */
const byStep = (rows: Tensor, [steps = 0, batch = 0]: readonly number[]): Tensor[] =>
  tf.unstack(tf.reshape(rows, [steps, batch, -1]));

/** What the state's products have come to, and what is left to do of a step. */
type StepRest = (inputs: readonly [Tensor, Tensor], state: Tensor) => { update: Tensor; candidate: Tensor };

const stepOf = (
  { activation, recurrentActivation }: GatedFunctions,
  resetAfter: boolean,
  [kernel, bias]: readonly Tensor[],
): StepRest => {
  const weights = kernel as Tensor; // the first weight
  const gatesOf = (sum: Tensor): [Tensor, Tensor] => halves(recurrentActivation.apply(sum));
  if (resetAfter) {
    return ([input, inputCandidate], state) => {
      const [product, stateCandidate] = gatesAndCandidate(plus(tf.matMul(state, weights), bias));
      const [update, reset] = gatesOf(tf.add(input, product));
      const sum = tf.add(inputCandidate, tf.mul(reset, stateCandidate));
      return { update, candidate: activation.apply(sum) };
    };
  }
  const [ofGates, ofCandidate] = gatesAndCandidate(weights);
  return ([input, inputCandidate], state) => {
    const [update, reset] = gatesOf(tf.add(input, tf.matMul(state, ofGates)));
    const sum = tf.add(inputCandidate, tf.matMul(tf.mul(reset, state), ofCandidate));
    return { update, candidate: activation.apply(sum) };
  };
};

/** The steps of a segment, one after the other. */
const segmentStep =
  (functions: GatedFunctions, resetAfter: boolean): SegmentStep =>
  ([projected, there], before, weights) => {
    const rest = stepOf(functions, resetAfter, weights);
    const shape = (projected as Tensor).shape; // there is one
    const [gates, candidates] = gatesAndCandidate(projected as Tensor).map((part) => byStep(part, shape)) as [
      Tensor[],
      Tensor[],
    ];
    const present = there === undefined ? [] : tf.unstack(there);
    const states: Tensor[] = [];
    let state = before;
    gates.forEach((input, index) => {
      const { update, candidate } = rest([input, candidates[index] as Tensor], state); // one for each
      const next = tf.add(candidate, tf.mul(update, tf.sub(state, candidate)));
      state = stepped(state, next, present[index]);
      states.push(state);
    });
    return states;
  };

/** What the gradients of a segment's steps are made of: all rows of it one below the other. */
interface SegmentFactors {
  readonly reset: Tensor;
  /** The derivative of the reset gate. */
  readonly ofReset: Tensor;
  /** The gradient of what the update gate is of, of the sum of the candidate, and of the state, for one of the state after. */
  readonly update: Tensor;
  readonly candidate: Tensor;
  readonly kept: Tensor;
}

/** The gates and derivatives of all steps of a segment, from the sums that they are of. */
const factorsOf = (
  { activation, recurrentActivation }: GatedFunctions,
  sumOfGates: Tensor,
  sumOfCandidate: (reset: Tensor) => Tensor,
  before: Tensor,
  there: Tensor | undefined,
): SegmentFactors => {
  const gates = recurrentActivation.apply(sumOfGates);
  const [update, reset] = halves(gates);
  const [ofUpdate, ofReset] = halves(derivativeAt(recurrentActivation, gates, () => sumOfGates));
  const sum = sumOfCandidate(reset);
  const candidate = activation.apply(sum);
  const present = there === undefined ? undefined : flat(there);
  const ifThere = (x: Tensor): Tensor => (present === undefined ? x : tf.mul(x, present));
  const fresh = ifThere(tf.sub(1, update));
  return {
    reset,
    ofReset,
    update: ifThere(tf.mul(tf.sub(before, candidate), ofUpdate)),
    candidate: tf.mul(
      fresh,
      derivativeAt(activation, candidate, () => sum),
    ),
    kept: there === undefined ? update : tf.sub(1, fresh),
  };
};

/**
 * Goes back through the steps of a segment: `ofStep` gives what of the gradient of a step's state goes to the state before. Gives that of the
 * state before the first step, and those of the states after each, one below the other.
 */
const goBack = (
  gradients: readonly Tensor[],
  ofStep: (gradient: Tensor, step: number) => Tensor,
): { first: Tensor; ofStates: Tensor } => {
  const ofStates: Tensor[] = [];
  const first = gradients.reduceRight<Tensor | undefined>((later, own, index) => {
    const gradient = later === undefined ? own : tf.add(own, later);
    ofStates.unshift(gradient);
    return ofStep(gradient, index);
  }, undefined);
  return { first: first as Tensor, ofStates: tf.concat(ofStates, 0) }; // there is a step
};

/** The gradient of steps whose reset gate comes after the product: of one step, one product. */
const vjpResetAfter =
  (functions: GatedFunctions): SegmentVjp =>
  ({ inputs: [projected, there], before, weights: [kernel, bias], gradients }) => {
    const { shape } = projected as Tensor; // there is one
    const states = flat(before);
    const [inputs, inputCandidates] = gatesAndCandidate(flat(projected as Tensor));
    const [products, candidates] = gatesAndCandidate(plus(tf.matMul(states, kernel as Tensor), bias));
    const sumOfCandidate = (reset: Tensor): Tensor => tf.add(inputCandidates, tf.mul(reset, candidates));
    const factors = factorsOf(functions, tf.add(inputs, products), sumOfCandidate, states, there);
    const { update, candidate, reset, ofReset, kept } = factors;
    // For a gradient of the state after, those of the three products.
    const ofProducts = [update, tf.mul(candidate, tf.mul(candidates, ofReset)), tf.mul(candidate, reset)];
    const byProduct = ofProducts.map((factor) => byStep(factor, shape));
    const keptByStep = byStep(kept, shape);
    const all: Tensor[] = [];
    const { first, ofStates } = goBack(gradients, (gradient, step) => {
      const made = side(...byProduct.map((factor) => tf.mul(gradient, factor[step] as Tensor))); // one for each
      all.unshift(made);
      const back = tf.matMul(made, kernel as Tensor, false, true);
      return tf.add(back, tf.mul(gradient, keptByStep[step] as Tensor)); // one for each
    });
    const made = tf.concat(all, 0);
    const [ofGates] = gatesAndCandidate(made);
    const ofInputs = tf.reshape(side(ofGates, tf.mul(ofStates, candidate)), shape);
    return {
      inputs: there === undefined ? [ofInputs] : [ofInputs, tf.zerosLike(there)],
      state: first,
      weights: [tf.matMul(states, made, true, false), ...(bias === undefined ? [] : [tf.sum(made, 0)])],
    };
  };

/** The gradient of steps whose reset gate comes before the product: of one step, two products. */
const vjpResetBefore =
  (functions: GatedFunctions): SegmentVjp =>
  ({ inputs: [projected, there], before, weights: [kernel], gradients }) => {
    const { shape } = projected as Tensor; // there is one
    const states = flat(before);
    const [inputs, inputCandidates] = gatesAndCandidate(flat(projected as Tensor));
    const [gateKernel, candidateKernel] = gatesAndCandidate(kernel as Tensor); // the first weight
    const sumOfGates = tf.add(inputs, tf.matMul(states, gateKernel));
    const sumOfCandidate = (reset: Tensor): Tensor =>
      tf.add(inputCandidates, tf.matMul(tf.mul(reset, states), candidateKernel));
    const factors = factorsOf(functions, sumOfGates, sumOfCandidate, states, there);
    const { update, candidate, reset, ofReset, kept } = factors;
    const [updates, candidates, resets, ofResets, keptByStep] = [
      update,
      candidate,
      reset,
      tf.mul(states, ofReset),
      kept,
    ].map((factor) => byStep(factor, shape)) as [Tensor[], Tensor[], Tensor[], Tensor[], Tensor[]];
    const at = (factor: readonly Tensor[], step: number): Tensor => factor[step] as Tensor; // one for each
    const all: { gates: Tensor; candidate: Tensor }[] = [];
    const { first } = goBack(gradients, (gradient, step) => {
      const ofCandidate = tf.mul(gradient, at(candidates, step));
      const ofMasked = tf.matMul(ofCandidate, candidateKernel, false, true);
      const ofGates = side(tf.mul(gradient, at(updates, step)), tf.mul(ofMasked, at(ofResets, step)));
      all.unshift({ gates: ofGates, candidate: ofCandidate });
      const back = tf.add(tf.matMul(ofGates, gateKernel, false, true), tf.mul(ofMasked, at(resets, step)));
      return tf.add(back, tf.mul(gradient, at(keptByStep, step)));
    });
    const ofGates = tf.concat(
      all.map(({ gates }) => gates),
      0,
    );
    const ofCandidates = tf.concat(
      all.map((one) => one.candidate),
      0,
    );
    const ofInputs = tf.reshape(side(ofGates, ofCandidates), shape);
    return {
      inputs: there === undefined ? [ofInputs] : [ofInputs, tf.zerosLike(there)],
      state: first,
      weights: [
        side(
          tf.matMul(states, ofGates, true, false),
          tf.matMul(tf.mul(reset, states), ofCandidates, true, false),
        ),
      ],
    };
  };

/**
 * All states of a gated recurrent unit, `[steps, batch, units]`, from its inputs' products, `[steps, batch, 3 units]`, for elementwise
 * activations: `h' = z · h + (1 − z) · activation(x + r · (h·U + b))`, or, where the reset gate comes before the product,
 * `activation(x + (r · h)·U)`, with the update gate `z` and the reset gate `r`.
 *
 * The same as `scan`, with a quicker gradient: gates and derivatives are computed for several steps at once, and so are the gradients of the
 * weights; only that of the state goes back step by step.
 */
export const gatedStates = (
  args: StatesArguments,
  { kernel, bias }: GatedWeights,
  functions: GatedFunctions,
  resetAfter: boolean,
): Tensor =>
  segmentedScan(
    segmentStep(functions, resetAfter),
    resetAfter ? vjpResetAfter(functions) : vjpResetBefore(functions),
    {
      inputs: sequencesOf(args),
      state: args.state,
      weights: bias === undefined ? [kernel] : [kernel, bias],
    },
  );
