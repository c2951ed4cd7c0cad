import { tf, type Tensor } from '../../tfjs/tensorflow';
import { nextSeed } from '../../base/random';
import { blockLstm } from '../../ops/block-lstm';
import { lastStep, swapAxes } from '../../ops/time-major';
import { only, type CallOptions } from '../../tfjs/layer-classes';
import { dropout } from '../../ops/random';
import type { CellView, RecurrentView } from '../../tfjs/private';
import { scan, type ScanStep } from '../../ops/scan';
import { simpleStates } from '../../ops/simple-recurrence';

export type Output = Tensor | Tensor[];

/** A recurrence: how many states it has, and its step. */
export interface Recurrence {
  readonly states: 1 | 2;
  /** The weights of a step, the recurrent kernel first. */
  readonly weights: readonly Tensor[];
  /** The bias of the inputs' product with the kernel. */
  readonly inputBias: Tensor | undefined;
  /**
   * One step, from the input's product with the kernel, and the state (both of them side by side, if there are two). The
   * first state comes twice: as it is and with its dropout mask.
   */
  step(projected: Tensor, state: Tensor, dropped: Tensor, weights: readonly Tensor[]): Tensor;
  /** All states at once, where there are no masks; what `step` gives, by a quicker way. */
  unmasked?(projected: Tensor, state: Tensor): Tensor;
}

/** Seeds of a layer's dropout masks. */
export class MaskSeeds {
  private readonly seed = nextSeed();
  /** A mask for the inputs, the same in all time steps, as Keras has it. */
  inputs(x: Tensor, rate: number): Tensor {
    return dropout(tf.ones([x.shape[0], 1, x.shape[2] ?? 0]), rate, this.seed);
  }
  /** A mask for the state, the same in all time steps. */
  state(shape: readonly number[], rate: number): Tensor {
    return dropout(tf.ones([...shape]), rate, this.seed + 1);
  }
}

const matMul = (a: Tensor, b: Tensor): Tensor => tf.matMul(a, b);

const plus = (a: Tensor, b: Tensor | undefined): Tensor => (b === undefined ? a : tf.add(a, b));

/** Activations that are known to be of each element by itself. */
const OF_EACH: ReadonlySet<string> = new Set([
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
  weights: [cell.recurrentKernel.read()],
  inputBias: cell.bias?.read(),
  step: (projected, _state, dropped, [kernel]) =>
    cell.activation.apply(tf.add(projected, matMul(dropped, kernel as Tensor))), // the first weight
  ...(!OF_EACH.has(cell.activation.getClassName())
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
    weights: [cell.recurrentKernel.read(), ...(stateBias === undefined ? [] : [stateBias])],
    inputBias,
    step: (projected, _state, dropped, [kernel, bias]) => {
      const recurrent = kernel as Tensor; // the first weight
      const gates = (sum: Tensor): [Tensor, Tensor] =>
        tf.split(cell.recurrentActivation.apply(sum), 2, 1) as [Tensor, Tensor];
      const [input, inputCandidate] = tf.split(projected, [2 * units, units], 1) as [Tensor, Tensor];
      let update: Tensor;
      let candidate: Tensor;
      if (resetAfter) {
        const product = plus(matMul(dropped, recurrent), bias);
        const [state, stateCandidate] = tf.split(product, [2 * units, units], 1) as [Tensor, Tensor];
        const [first, reset] = gates(tf.add(input, state));
        update = first;
        candidate = tf.add(inputCandidate, tf.mul(reset, stateCandidate));
      } else {
        const [ofGates, ofCandidate] = tf.split(recurrent, [2 * units, units], 1) as [Tensor, Tensor];
        const [first, reset] = gates(tf.add(input, matMul(dropped, ofGates)));
        update = first;
        candidate = tf.add(inputCandidate, matMul(tf.mul(reset, dropped), ofCandidate));
      }
      const active = cell.activation.apply(candidate);
      return tf.add(active, tf.mul(update, tf.sub(dropped, active)));
    },
  };
};

/** Long short-term memory with any activations; the states are h and c. Gates: input, forget, cell, output. */
const lstmRecurrence = (cell: CellView): Recurrence => ({
  states: 2,
  weights: [cell.recurrentKernel.read()],
  inputBias: cell.bias?.read(),
  step: (projected, state, dropped, [kernel]) => {
    const [, memory] = tf.split(state, 2, 1) as [Tensor, Tensor];
    const sum = tf.add(projected, matMul(dropped, kernel as Tensor)); // the first weight
    const [input, forget, value, output] = tf.split(sum, 4, 1) as [Tensor, Tensor, Tensor, Tensor];
    const kept = tf.mul(cell.recurrentActivation.apply(forget), memory);
    const added = tf.mul(cell.recurrentActivation.apply(input), cell.activation.apply(value));
    const next = tf.add(kept, added);
    return tf.concat([tf.mul(cell.recurrentActivation.apply(output), cell.activation.apply(next)), next], 1);
  },
});

/** The states before the first step: given, kept from the last batch, or zeros. */
const firstStates = (layer: RecurrentView, count: number, rows: number, options: CallOptions): Tensor[] => {
  const given = options['initialState'] as readonly Tensor[] | null | undefined;
  const kept = layer.stateful ? layer.states : [];
  return Array.from(
    { length: count },
    (_, index) => given?.[index] ?? kept[index] ?? tf.zeros([rows, layer.cell.units]),
  );
};

/** What the layer puts out, of all states in time. */
const finish = (layer: RecurrentView, states: readonly Tensor[]): Output => {
  const hidden = states[0] as Tensor; // there is one
  const output = layer.returnSequences ? swapAxes(hidden) : lastStep(hidden);
  if (!layer.stateful && !layer.returnState) return output;
  const ends = states.map(lastStep);
  // As when not training: while training, tfjs would keep the states before for good.
  if (layer.stateful) layer.resetStates(ends, false);
  return layer.returnState ? [output, ...ends] : output;
};

const droppedInputs = (x: Tensor, { cell }: RecurrentView, options: CallOptions, seeds: MaskSeeds): Tensor =>
  options['training'] === true && cell.dropout > 0 ? tf.mul(x, seeds.inputs(x, cell.dropout)) : x;

/** Runs a recurrence over a batch of sequences `[batch, steps, features]`. */
export const recur = (
  layer: RecurrentView,
  recurrence: Recurrence,
  inputs: Output,
  options: CallOptions,
  seeds: MaskSeeds,
): Output => {
  const { cell, goBackwards } = layer;
  const training = options['training'] === true;
  const x = droppedInputs(only(inputs), layer, options, seeds);
  const [rows, steps, features] = x.shape as [number, number, number];
  // One product for all steps: only what depends on the state is done step by step.
  const product = plus(matMul(tf.reshape(x, [-1, features]), cell.kernel.read()), recurrence.inputBias);
  const projected = swapAxes(tf.reshape(product, [rows, steps, -1]), goBackwards);
  const masks = options['mask'] as Tensor | null | undefined;
  const mask =
    masks === null || masks === undefined
      ? undefined
      : swapAxes(tf.expandDims(tf.cast(masks, 'float32'), 2), goBackwards);
  const stateMask =
    training && cell.recurrentDropout > 0
      ? seeds.state([rows, cell.units], cell.recurrentDropout)
      : undefined;
  const step: ScanStep = ([input, present], state, all) => {
    const [weights, droppedBy] = stateMask === undefined ? [all, undefined] : [all.slice(0, -1), all.at(-1)];
    const hidden = recurrence.states === 1 ? state : (tf.split(state, 2, 1) as [Tensor, Tensor])[0];
    const dropped = droppedBy === undefined ? hidden : tf.mul(hidden, droppedBy);
    const next = recurrence.step(input as Tensor, state, dropped, weights); // there is an input
    // A step that is masked leaves the state as it is.
    return present === undefined ? next : tf.add(state, tf.mul(present, tf.sub(next, state)));
  };
  const before = firstStates(layer, recurrence.states, rows, options);
  const first = before.length === 1 ? (before[0] as Tensor) : tf.concat(before, 1);
  if (recurrence.unmasked !== undefined && mask === undefined && stateMask === undefined) {
    return finish(layer, [recurrence.unmasked(projected, first)]);
  }
  const all = scan(step, {
    inputs: [projected, ...(mask === undefined ? [] : [mask])],
    state: first,
    // The mask goes with the weights: what the step only captures is gone by the time of its gradient.
    weights: [...recurrence.weights, ...(stateMask === undefined ? [] : [stateMask])],
  });
  return finish(layer, recurrence.states === 1 ? [all] : tf.split(all, 2, 2));
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
  const x = droppedInputs(only(inputs), layer, options, seeds);
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
