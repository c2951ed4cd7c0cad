import { tf, type Tensor } from '../../tfjs/tensorflow';
import { nextSeed } from '../../base/random';
import { blockLstm } from '../../ops/block-lstm';
import { lastStep, swapAxes } from '../../ops/time-major';
import { singleInput, type CallOptions } from '../../tfjs/layer-classes';
import { dropout } from '../../ops/random';
import type { CellView, RecurrentView } from '../../tfjs/private';
import { scan, type ScanStep } from '../../ops/scan';
import { simpleStates } from '../../ops/simple-recurrence';

export type Output = Tensor | Tensor[];

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
  /** All states at once, where there are no masks; what `step` gives, by a quicker way. */
  unmasked?(projected: Tensor, state: Tensor): Tensor;
}

/** Seeds of a layer's dropout masks. */
export class MaskSeeds {
  private readonly seed = nextSeed();
  /** Masks for the inputs side by side, `[batch, 1, count · features]`, the same in all time steps, as Keras has them. */
  inputs(x: Tensor, rate: number, count: number): Tensor {
    return dropout(tf.ones([x.shape[0], 1, count * (x.shape[2] ?? 0)]), rate, this.seed);
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

/** `h' = activation(x·W + b + h·U)`. */
export const simpleRecurrence = (cell: CellView): Recurrence => ({
  states: 1,
  gates: 1,
  weights: [cell.recurrentKernel.read()],
  inputBias: cell.bias?.read(),
  step: (projected, state, [kernel], masks) =>
    cell.activation.apply(tf.add(projected, maskedProduct(state, kernel as Tensor, masks))), // the first weight
  ...(!ELEMENTWISE.has(cell.activation.getClassName())
    ? {}
    : {
        unmasked: (projected: Tensor, state: Tensor) =>
          simpleStates(projected, state, cell.recurrentKernel.read(), (x) => cell.activation.apply(x)),
      }),
});

/** A gated recurrent unit, in both of its forms. Gates: update, reset, candidate. */
export const gruRecurrence = (cell: CellView, resetAfter: boolean): Recurrence => {
  const { units } = cell;
  const biases = cell.bias?.read();
  const [inputBias, stateBias] =
    biases === undefined || !resetAfter ? [biases, undefined] : (tf.unstack(biases, 0) as [Tensor, Tensor]);
  return {
    states: 1,
    gates: 3,
    weights: [cell.recurrentKernel.read(), ...(stateBias === undefined ? [] : [stateBias])],
    inputBias,
    step: (projected, before, [kernel, bias], masks) => {
      const recurrent = kernel as Tensor; // the first weight
      const gates = (sum: Tensor): [Tensor, Tensor] =>
        tf.split(cell.recurrentActivation.apply(sum), 2, 1) as [Tensor, Tensor];
      const [input, inputCandidate] = tf.split(projected, [2 * units, units], 1) as [Tensor, Tensor];
      let update: Tensor;
      let candidate: Tensor;
      if (resetAfter) {
        const product = plus(maskedProduct(before, recurrent, masks), bias);
        const [state, stateCandidate] = tf.split(product, [2 * units, units], 1) as [Tensor, Tensor];
        const [first, reset] = gates(tf.add(input, state));
        update = first;
        candidate = tf.add(inputCandidate, tf.mul(reset, stateCandidate));
      } else {
        const [ofGates, ofCandidate] = tf.split(recurrent, [2 * units, units], 1) as [Tensor, Tensor];
        const [gateMasks, candidateMask] =
          masks === undefined ? [] : (tf.split(masks, [2 * units, units], 1) as [Tensor, Tensor]);
        const [first, reset] = gates(tf.add(input, maskedProduct(before, ofGates, gateMasks)));
        update = first;
        candidate = tf.add(inputCandidate, maskedProduct(tf.mul(reset, before), ofCandidate, candidateMask));
      }
      const active = cell.activation.apply(candidate);
      return tf.add(active, tf.mul(update, tf.sub(before, active)));
    },
  };
};

/** Long short-term memory with any activations; the states are h and c. Gates: input, forget, cell, output. */
const lstmRecurrence = (cell: CellView): Recurrence => ({
  states: 2,
  gates: 4,
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

/** The states before the first step: given, kept from the last batch, or zeros. */
const firstStates = (layer: RecurrentView, count: number, rows: number, options: CallOptions): Tensor[] => {
  const initial = options['initialState'] as readonly Tensor[] | null | undefined;
  const last = layer.stateful ? layer.states : [];
  return Array.from(
    { length: count },
    (_, index) => initial?.[index] ?? last[index] ?? tf.zeros([rows, layer.cell.units]),
  );
};

/** What the layer puts out, of all states in time. */
const finish = (layer: RecurrentView, states: readonly Tensor[], mask?: Tensor): Output => {
  const hidden = states[0] as Tensor; // there is one
  // As Keras has it, there is no output before the first step that is there, though there may be a state.
  const fromFirstStep = mask === undefined ? hidden : tf.mul(hidden, tf.minimum(tf.cumsum(mask, 0), 1));
  const output = layer.returnSequences ? swapAxes(fromFirstStep) : lastStep(fromFirstStep);
  if (!layer.stateful && !layer.returnState) return output;
  const ends = states.map(lastStep);
  // As when not training: while training, tfjs would keep the states before for good.
  if (layer.stateful) layer.resetStates(ends, false);
  return layer.returnState ? [output, ...ends] : output;
};

/**
 * The inputs of all steps, masked by dropout, times the kernel: only what depends on the state is done step by step. As in
 * Keras, each gate has a mask of its own where the states have masks, too.
 */
const projectedInputs = (
  layer: RecurrentView,
  { gates, inputBias }: Recurrence,
  inputs: Tensor,
  dropsStates: boolean,
  options: CallOptions,
  seeds: MaskSeeds,
): Tensor => {
  const { cell, goBackwards } = layer;
  const kernel = cell.kernel.read();
  const [rows, steps, features] = inputs.shape as [number, number, number];
  const product = (x: Tensor, part: Tensor): Tensor => matMul(tf.reshape(x, [-1, features]), part);
  const sums = (): Tensor => {
    if (options['training'] !== true || cell.dropout === 0) return product(inputs, kernel);
    const count = dropsStates ? gates : 1;
    const masks = parts(seeds.inputs(inputs, cell.dropout, count), count, 2);
    const kernels = parts(kernel, count, 1);
    return tf.concat(
      masks.map((mask, gate) => product(tf.mul(inputs, mask), kernels[gate] as Tensor)),
      1,
    );
  };
  return swapAxes(tf.reshape(plus(sums(), inputBias), [rows, steps, -1]), goBackwards);
};

/** Runs a recurrence over a batch of sequences `[batch, steps, features]`. */
export const recur = (
  layer: RecurrentView,
  recurrence: Recurrence,
  inputs: Output,
  options: CallOptions,
  seeds: MaskSeeds,
): Output => {
  const { cell, goBackwards } = layer;
  const x = singleInput(inputs);
  const rows = x.shape[0];
  const dropsStates = options['training'] === true && cell.recurrentDropout > 0;
  const projected = projectedInputs(layer, recurrence, x, dropsStates, options, seeds);
  const maskOption = options['mask'] as Tensor | null | undefined;
  const mask =
    maskOption === null || maskOption === undefined
      ? undefined
      : swapAxes(tf.expandDims(tf.cast(maskOption, 'float32'), 2), goBackwards);
  const stateMasks = dropsStates
    ? [seeds.state(rows, cell.units, cell.recurrentDropout, recurrence.gates)]
    : [];
  const step: ScanStep = ([input, present], state, all) => {
    const weights = all.slice(0, recurrence.weights.length);
    const next = recurrence.step(input as Tensor, state, weights, all[weights.length]); // there is an input
    // A step that is masked leaves the state as it is.
    return present === undefined ? next : tf.add(state, tf.mul(present, tf.sub(next, state)));
  };
  const before = firstStates(layer, recurrence.states, rows, options);
  const first = before.length === 1 ? (before[0] as Tensor) : tf.concat(before, 1);
  if (recurrence.unmasked !== undefined && mask === undefined && !dropsStates) {
    return finish(layer, [recurrence.unmasked(projected, first)]);
  }
  const all = scan(step, {
    inputs: [projected, ...(mask === undefined ? [] : [mask])],
    state: first,
    // The masks go with the weights: what the step only captures is gone by the time of its gradient.
    weights: [...recurrence.weights, ...stateMasks],
  });
  const states = recurrence.states === 1 ? [all] : tf.split(all, 2, 2);
  // Without a state from before, the first ones are zeros in any case.
  const hasState = layer.stateful || options['initialState'] !== undefined;
  return finish(layer, states, hasState ? mask : undefined);
};

/** Runs an LSTM: all steps in one op of TensorFlow, if it has the activations that the op has, and no masks. */
export const recurLstm = (
  layer: RecurrentView,
  inputs: Output,
  options: CallOptions,
  seeds: MaskSeeds,
): Output => {
  const { cell, goBackwards } = layer;
  const usual =
    cell.activation.getClassName() === 'tanh' &&
    cell.recurrentActivation.getClassName() === 'sigmoid' &&
    (cell.recurrentDropout === 0 || options['training'] !== true) &&
    (options['mask'] === undefined || options['mask'] === null);
  if (!usual) return recur(layer, lstmRecurrence(cell), inputs, options, seeds);
  const drops = options['training'] === true && cell.dropout > 0;
  const whole = singleInput(inputs);
  const x = drops ? tf.mul(whole, seeds.inputs(whole, cell.dropout, 1)) : whole;
  const [hidden, memory] = firstStates(layer, 2, x.shape[0], options) as [Tensor, Tensor];
  const keeps = layer.stateful || layer.returnState;
  const output = blockLstm(swapAxes(x, goBackwards), hidden, memory, {
    weights: {
      kernel: cell.kernel.read(),
      recurrentKernel: cell.recurrentKernel.read(),
      bias: cell.bias?.read(),
    },
    output: keeps ? 'hidden and memory' : layer.returnSequences ? 'hidden' : 'last hidden',
  });
  if (keeps) return finish(layer, tf.split(output, 2, 2));
  return layer.returnSequences ? swapAxes(output) : output;
};
