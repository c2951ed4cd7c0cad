import { tf, type Tensor } from '../../tfjs/tensorflow';
import { nextSeed } from '../../base/random';
import { blockLstm } from '../../ops/block-lstm';
import { lastStep, swapAxes } from '../../ops/time-major';
import { dropout } from '../../ops/random';
import { inParts } from './batch-parts';
import { derivativesOfValues, type ElementwiseFunction } from '../../ops/elementwise';
import { gatedStates } from '../../ops/gated-recurrence';
import { scan, type ScanStep } from '../../ops/scan';
import { simpleStates, type StatesArguments } from '../../ops/simple-recurrence';

/** Something that a cell computes with: a weight. */
interface Weight {
  read(): Tensor;
}

interface Activation {
  apply(x: Tensor): Tensor;
  getClassName(): string;
}

/** What a recurrence with gates is made of. */
export interface GatedCellParts {
  readonly units: number;
  readonly dropout: number;
  readonly recurrentDropout: number;
  readonly activation: Activation;
  readonly recurrentActivation: Activation;
  readonly kernel: Weight;
  readonly recurrentKernel: Weight;
  readonly bias: Weight | undefined;
}

/** A batch of sequences that goes through a cell. */
export interface SequenceRun {
  /** `[batch, steps, …]`, or `[steps, batch, …]` if it is time-major. */
  readonly x: Tensor;
  /** The shapes of what a step takes, where that is several arrays: `x` has their values side by side. */
  readonly parts?: readonly (readonly number[])[] | undefined;
  readonly timeMajor: boolean;
  /** Whether the last step comes first. */
  readonly backwards: boolean;
  /** The states before the first step; zeros if there are none. */
  readonly first: readonly Tensor[] | undefined;
  /** Which steps are there, as 0 and 1, `[steps, batch, 1]` in the order of the run. */
  readonly present: Tensor | undefined;
  /** Whether nothing is put out for a step that is not there, instead of the output of the step before. */
  readonly zeroOutputs: boolean;
  readonly training: boolean;
  /** Whether the outputs of all steps are wanted. */
  readonly sequences: boolean;
  /** Whether the states after the last step are wanted. */
  readonly ends: boolean;
}

/** What comes of it. */
export interface SequenceResult {
  /** The outputs of all steps, `[steps, batch, …]` in the order of the run, or the last one, `[batch, …]`. */
  readonly output: Tensor;
  /** The states after the last step. */
  readonly ends: Tensor[];
}

/** The sequences as `[steps, batch, …]`, in the order of the run. */
export const inOrder = (
  x: Tensor,
  { timeMajor, backwards }: Pick<SequenceRun, 'timeMajor' | 'backwards'>,
): Tensor => {
  if (!timeMajor) return swapAxes(x, backwards);
  return backwards ? tf.reverse(x, 0) : x;
};

/** How many sequences and steps there are. */
export const sizesOf = ({ x, timeMajor }: SequenceRun): { rows: number; steps: number } => {
  const [first, second] = x.shape as [number, number];
  return timeMajor ? { rows: second, steps: first } : { rows: first, steps: second };
};

/** A recurrence: how many states it has, and its step. */
export interface Recurrence {
  readonly states: 1 | 2;
  /** How many products a step makes of the state, side by side in the kernels. */
  readonly gates: 1 | 3 | 4;
  /** The weights of a step, the recurrent kernel first. */
  readonly weights: readonly Tensor[];
  /** The bias of the inputs' product with the kernel. */
  readonly inputBias: Tensor | undefined;
  /**
   * One step, from the input's product with the kernel, and the state (both of them side by side, if there are two). The
   * dropout masks of the state, one for each gate side by side, are for what enters the gates' products only: the state that
   * is carried on is not masked.
   */
  step(projected: Tensor, state: Tensor, weights: readonly Tensor[], masks: Tensor | undefined): Tensor;
  /** All states at once, where the states have no dropout masks; what `step` gives, by a quicker way. */
  readonly all?: ((args: StatesArguments) => Tensor) | undefined;
}

/** Seeds of a layer's dropout masks. */
export class MaskSeeds {
  private readonly seed = nextSeed();
  /** Masks for inputs of a shape side by side, `[batch, 1, count · features]`, the same in all time steps, as Keras has them. */
  inputs([rows, features]: readonly [number, number], rate: number, count: number): Tensor {
    return dropout(tf.ones([rows, 1, count * features]), rate, this.seed);
  }
  /** Masks for the state side by side, `[batch, count · units]`, the same in all time steps. */
  state(rows: number, units: number, rate: number, count: number): Tensor {
    return dropout(tf.ones([rows, count * units]), rate, this.seed + 1);
  }
}

const matMul = (a: Tensor, b: Tensor): Tensor => tf.matMul(a, b);

const plus = (a: Tensor, b: Tensor | undefined): Tensor => (b === undefined ? a : tf.add(a, b));

/** As many parts of one size; tfjs has no gradient of splitting into one. */
const parts = (x: Tensor, count: number, axis: number): Tensor[] =>
  count === 1 ? [x] : tf.split(x, count, axis);

/** The product of a state with a kernel, where each of the kernel's gates has a mask of its own for the state. */
const maskedProduct = (state: Tensor, kernel: Tensor, masks: Tensor | undefined): Tensor => {
  if (masks === undefined) return matMul(state, kernel);
  const gates = (masks.shape[1] ?? 0) / (state.shape[1] ?? 1);
  const kernels = parts(kernel, gates, 1);
  const products = parts(masks, gates, 1).map((mask, gate) =>
    matMul(tf.mul(state, mask), kernels[gate] as Tensor),
  );
  return gates === 1 ? (products[0] as Tensor) : tf.concat(products, 1);
};

/** Activations that are known to be elementwise. */
const ELEMENTWISE: ReadonlySet<string> = new Set([
  'elu',
  'hardSigmoid',
  'linear',
  'relu',
  'relu6',
  'selu',
  'sigmoid',
  'softplus',
  'softsign',
  'tanh',
]);

/** An activation that is known to be elementwise. */
const elementwise = (activation: Activation): ElementwiseFunction | undefined => {
  const name = activation.getClassName();
  return ELEMENTWISE.has(name)
    ? { apply: (x) => activation.apply(x), derivativeOfValue: derivativesOfValues[name] }
    : undefined;
};

/** `h' = activation(x·W + b + h·U)`. */
export const simpleRecurrence = (cell: GatedCellParts): Recurrence => {
  const activation = elementwise(cell.activation);
  const kernel = cell.recurrentKernel.read();
  return {
    states: 1,
    gates: 1,
    weights: [kernel],
    inputBias: cell.bias?.read(),
    step: (projected, state, [weights], masks) =>
      cell.activation.apply(tf.add(projected, maskedProduct(state, weights as Tensor, masks))), // the first weight
    all: activation === undefined ? undefined : (args) => simpleStates(args, kernel, activation),
  };
};

/** A gated recurrent unit, in both of its forms. Gates: update, reset, candidate. */
export const gruRecurrence = (cell: GatedCellParts, resetAfter: boolean): Recurrence => {
  const { units } = cell;
  const activation = elementwise(cell.activation);
  const recurrentActivation = elementwise(cell.recurrentActivation);
  const kernel = cell.recurrentKernel.read();
  const biases = cell.bias?.read();
  const [inputBias, stateBias] =
    biases === undefined || !resetAfter ? [biases, undefined] : (tf.unstack(biases, 0) as [Tensor, Tensor]);
  return {
    states: 1,
    gates: 3,
    weights: [kernel, ...(stateBias === undefined ? [] : [stateBias])],
    inputBias,
    all:
      activation === undefined || recurrentActivation === undefined
        ? undefined
        : (args) =>
            gatedStates(args, { kernel, bias: stateBias }, { activation, recurrentActivation }, resetAfter),
    step: (projected, before, [first, bias], masks) => {
      const recurrent = first as Tensor; // the first weight
      const gates = (sum: Tensor): [Tensor, Tensor] =>
        tf.split(cell.recurrentActivation.apply(sum), 2, 1) as [Tensor, Tensor];
      const [input, inputCandidate] = tf.split(projected, [2 * units, units], 1) as [Tensor, Tensor];
      let update: Tensor;
      let candidate: Tensor;
      if (resetAfter) {
        const product = plus(maskedProduct(before, recurrent, masks), bias);
        const [state, stateCandidate] = tf.split(product, [2 * units, units], 1) as [Tensor, Tensor];
        const [updating, reset] = gates(tf.add(input, state));
        update = updating;
        candidate = tf.add(inputCandidate, tf.mul(reset, stateCandidate));
      } else {
        const [ofGates, ofCandidate] = tf.split(recurrent, [2 * units, units], 1) as [Tensor, Tensor];
        const [gateMasks, candidateMask] =
          masks === undefined ? [] : (tf.split(masks, [2 * units, units], 1) as [Tensor, Tensor]);
        const [updating, reset] = gates(tf.add(input, maskedProduct(before, ofGates, gateMasks)));
        update = updating;
        candidate = tf.add(inputCandidate, maskedProduct(tf.mul(reset, before), ofCandidate, candidateMask));
      }
      const active = cell.activation.apply(candidate);
      return tf.add(active, tf.mul(update, tf.sub(before, active)));
    },
  };
};

/** An LSTM's products of its state. */
const LSTM_GATES = 4;

/** Long short-term memory with any activations; the states are h and c. Gates: input, forget, cell, output. */
const lstmRecurrence = (cell: GatedCellParts): Recurrence => ({
  states: 2,
  gates: LSTM_GATES,
  weights: [cell.recurrentKernel.read()],
  inputBias: cell.bias?.read(),
  step: (projected, state, [kernel], masks) => {
    const [hidden, memory] = tf.split(state, 2, 1) as [Tensor, Tensor];
    const sum = tf.add(projected, maskedProduct(hidden, kernel as Tensor, masks)); // the first weight
    const [input, forget, value, output] = tf.split(sum, 4, 1) as [Tensor, Tensor, Tensor, Tensor];
    const kept = tf.mul(cell.recurrentActivation.apply(forget), memory);
    const added = tf.mul(cell.recurrentActivation.apply(input), cell.activation.apply(value));
    const next = tf.add(kept, added);
    return tf.concat([tf.mul(cell.recurrentActivation.apply(output), cell.activation.apply(next)), next], 1);
  },
});

/** What is put out of the outputs of all steps, where the state before the first step may be other than zeros. */
export const masked = (outputs: Tensor, { present, zeroOutputs, first }: SequenceRun): Tensor => {
  if (present === undefined) return outputs;
  const shape = [...present.shape.slice(0, 2), ...Array<number>(outputs.rank - 2).fill(1)];
  const steps = tf.reshape(present, shape);
  if (zeroOutputs) return tf.mul(outputs, steps);
  // As Keras has it, there is no output before the first step that is there, though there may be a state.
  return first === undefined ? outputs : tf.mul(outputs, tf.minimum(tf.cumsum(steps, 0), 1));
};

/** What is wanted of all states in time, the first of which are the outputs. */
const finish = (run: SequenceRun, states: readonly Tensor[]): SequenceResult => {
  const outputs = masked(states[0] as Tensor, run); // there is one
  return {
    output: run.sequences ? outputs : lastStep(outputs),
    ends: run.ends ? states.map(lastStep) : [],
  };
};

/** The inputs, masked by dropout with one mask for each gate, or one for all. */
const droppedInputs = (run: SequenceRun, rate: number, count: number, seeds: MaskSeeds): Tensor[] => {
  const { x, timeMajor } = run;
  const { rows } = sizesOf(run);
  return parts(seeds.inputs([rows, x.shape[2] ?? 0], rate, count), count, 2).map((mask) =>
    tf.mul(x, timeMajor ? tf.reshape(mask, [1, rows, -1]) : mask),
  );
};

/**
 * The inputs of all steps, masked by dropout, times the kernel: only what depends on the state is done step by step. As in
 * Keras, each gate has a mask of its own where the states have masks, too.
 */
const projectedInputs = (
  cell: GatedCellParts,
  { gates, inputBias }: Recurrence,
  run: SequenceRun,
  dropsStates: boolean,
  seeds: MaskSeeds,
): Tensor => {
  const kernel = cell.kernel.read();
  // What is less is put in order: the inputs, or their products.
  const isNarrow = (run.x.shape[2] ?? 0) <= gates * cell.units;
  const source = isNarrow ? { ...run, x: inOrder(run.x, run), timeMajor: true, backwards: false } : run;
  const [outer, inner, features] = source.x.shape as [number, number, number];
  const product = (x: Tensor, part: Tensor): Tensor => matMul(tf.reshape(x, [-1, features]), part);
  const sums = (): Tensor => {
    if (!run.training || cell.dropout === 0) return product(source.x, kernel);
    const count = dropsStates ? gates : 1;
    const kernels = parts(kernel, count, 1);
    const products = droppedInputs(source, cell.dropout, count, seeds).map((x, gate) =>
      product(x, kernels[gate] as Tensor),
    );
    return tf.concat(products, 1);
  };
  return inOrder(tf.reshape(plus(sums(), inputBias), [outer, inner, -1]), source);
};

/** Whether masks are drawn, which are those of the batch as a whole. */
const drops = (cell: GatedCellParts, { training }: SequenceRun): boolean =>
  training && (cell.dropout > 0 || cell.recurrentDropout > 0);

/** Runs a batch in parts where these pay, unless masks are drawn. */
const inPartsOrWhole = (
  cell: GatedCellParts,
  gates: number,
  run: SequenceRun,
  ofPart: (part: SequenceRun) => SequenceResult,
): SequenceResult => (drops(cell, run) ? ofPart(run) : inParts(run, { units: cell.units, gates }, ofPart));

/** Runs a recurrence over a batch of sequences. */
export const recur = (
  cell: GatedCellParts,
  recurrence: Recurrence,
  run: SequenceRun,
  seeds: MaskSeeds,
): SequenceResult => {
  const whole = (part: SequenceRun): SequenceResult => recurWhole(cell, recurrence, part, seeds);
  return inPartsOrWhole(cell, recurrence.gates, run, whole);
};

const recurWhole = (
  cell: GatedCellParts,
  recurrence: Recurrence,
  run: SequenceRun,
  seeds: MaskSeeds,
): SequenceResult => {
  const { present, training } = run;
  const { rows } = sizesOf(run);
  const dropsStates = training && cell.recurrentDropout > 0;
  const projected = projectedInputs(cell, recurrence, run, dropsStates, seeds);
  const stateMasks = dropsStates
    ? [seeds.state(rows, cell.units, cell.recurrentDropout, recurrence.gates)]
    : [];
  const step: ScanStep = ([input, there], state, all) => {
    const weights = all.slice(0, recurrence.weights.length);
    const next = recurrence.step(input as Tensor, state, weights, all[weights.length]); // there is an input
    // A step that is masked leaves the state as it is.
    return there === undefined ? next : tf.add(state, tf.mul(there, tf.sub(next, state)));
  };
  const [hidden, memory] = run.first ?? [];
  const first =
    hidden === undefined
      ? tf.zeros([rows, recurrence.states * cell.units])
      : memory === undefined
        ? hidden
        : tf.concat([hidden, memory], 1);
  if (recurrence.all !== undefined && !dropsStates) {
    return finish(run, [recurrence.all({ projected, state: first, present })]);
  }
  const all = scan(step, {
    inputs: [projected, ...(present === undefined ? [] : [present])],
    state: first,
    // The masks go with the weights: what the step only captures is gone by the time of its gradient.
    weights: [...recurrence.weights, ...stateMasks],
  });
  return finish(run, recurrence.states === 1 ? [all] : tf.split(all, 2, 2));
};

/** Runs an LSTM: all steps in one op of TensorFlow, if it has the activations that the op has, and no masks. */
export const recurLstm = (cell: GatedCellParts, run: SequenceRun, seeds: MaskSeeds): SequenceResult => {
  const usual =
    cell.activation.getClassName() === 'tanh' &&
    cell.recurrentActivation.getClassName() === 'sigmoid' &&
    (cell.recurrentDropout === 0 || !run.training) &&
    run.present === undefined;
  if (!usual) return recur(cell, lstmRecurrence(cell), run, seeds);
  return inPartsOrWhole(cell, LSTM_GATES, run, (part) => blockRun(cell, part, seeds));
};

/** All steps in one op of TensorFlow. */
const blockRun = (cell: GatedCellParts, run: SequenceRun, seeds: MaskSeeds): SequenceResult => {
  const drops = run.training && cell.dropout > 0;
  const x = drops ? (droppedInputs(run, cell.dropout, 1, seeds)[0] as Tensor) : run.x; // one for all gates
  const zeros = (): Tensor => tf.zeros([sizesOf(run).rows, cell.units]);
  const [hidden = zeros(), memory = zeros()] = run.first ?? [];
  const output = blockLstm(inOrder(x, run), hidden, memory, {
    weights: {
      kernel: cell.kernel.read(),
      recurrentKernel: cell.recurrentKernel.read(),
      bias: cell.bias?.read(),
    },
    output: run.ends ? 'hidden and memory' : run.sequences ? 'hidden' : 'last hidden',
  });
  return run.ends ? finish(run, tf.split(output, 2, 2)) : { output, ends: [] };
};
