import type { SymbolicTensor } from '@tensorflow/tfjs';
import { activation, type ActivationLike } from '../activations/registry';
import { boolean, optional } from '../base/checks';
import { activityOptionCheck, type ActivityOption } from './internal/kernel-options';
import { defineRecurrentLayer, statesChecks, type InitialState } from './internal/define-recurrent';
import type { LayerOptions } from './internal/options';
import { recurrenceChecks, type RecurrenceOptions } from './internal/recurrence-options';
import { GRU, LSTM, SimpleRNN } from './internal/recurrent-layer';
import { sequences, stepsRequirement } from './internal/sequence-rules';

/** Options of all recurrent layers. */
export interface RecurrentOptions extends LayerOptions, RecurrenceOptions, ActivityOption {
  /** Whether the output of every step is put out instead of the last one only; false by default. */
  returnSequences?: boolean | undefined;
  /** Whether the sequence is read from its end; false by default. */
  goBackwards?: boolean | undefined;
  /** Whether a batch starts from the states in which the one before ended; needs `batchInputShape`. */
  stateful?: boolean | undefined;
  /**
   * Whether the steps are laid out one after the other, which needs to know how many there are. Taken as R has it: here a sequence is one
   * loop in either case, and the numbers are the same. False by default.
   */
  unroll?: boolean | undefined;
  /** The states before the first step: outputs of layers, one for each state. Zeros by default. Not in a Sequential model. */
  initialState?: InitialState | undefined;
}

/** An option of recurrent layers whose sequences may come step by step. */
export interface TimeMajorOption {
  /** Whether input and output are `[steps, batch, …]` instead of `[batch, steps, …]`; false by default. */
  timeMajor?: boolean | undefined;
}

const recurrentOptionChecks = {
  ...recurrenceChecks,
  ...activityOptionCheck,
  returnSequences: optional(boolean),
  goBackwards: optional(boolean),
  stateful: optional(boolean),
  unroll: optional(boolean),
  ...statesChecks,
};

const timeMajorCheck = { timeMajor: optional(boolean) };

/** Options of {@link layerLstm}. */
export interface LstmOptions extends RecurrentOptions, TimeMajorOption {
  /** The activation of the gates: 'sigmoid' by default. */
  recurrentActivation?: ActivationLike | undefined;
  /** Whether the forget gate starts with a bias of 1; true by default. */
  unitForgetBias?: boolean | undefined;
}

const lstmChecks = {
  ...recurrentOptionChecks,
  ...timeMajorCheck,
  recurrentActivation: optional(activation, 'sigmoid'),
  unitForgetBias: optional(boolean, true),
};

/**
 * Long short-term memory: `c' = f · c + i · tanh(…)`, `h' = o · tanh(c')`, with the gates
 * `i, f, o = σ(x · W + h · U + b)`.
 *
 * In `[batch, steps, features]`, out `[batch, units]`, or `[batch, steps, units]` with `returnSequences`.
 * Weights: kernel `[features, 4 units]`, recurrent kernel `[units, 4 units]`, bias `[4 units]`; gates in the order
 * input, forget, cell, output. Adds the layer to a Sequential model in place and returns that model.
 *
 * With the default activations the whole sequence is one op of TensorFlow. With `returnState` it gives `[output, h, c]`, and it begins with
 * the states of `initialState: [h, c]`, `[batch, units]` each: so an encoder hands on to a decoder.
 *
 * @throws KerasArgumentError for an unknown option or name, or a rate that is not in [0, 1).
 * @throws KerasShapeError if the input has other than three dimensions.
 * @example
 * const model = pipe(kerasModelSequential(), layerLstm({ units: 32, inputShape: [10, 8] }))
 * assert.deepStrictEqual(outputShape(model), [null, 32])
 * assert.strictEqual(countParams(model), 4 * 32 * (8 + 32 + 1))
 *
 * const source = layerInput({ shape: [null, 8] })
 * const target = layerInput({ shape: [null, 5] })
 * const [, h, c] = pipe(source, layerLstm({ units: 16, returnState: true }))
 * const decoded = pipe(target, layerLstm({ units: 16, returnSequences: true, initialState: [h, c] }))
 * assert.deepStrictEqual(outputShape(kerasModel([source, target], decoded)), [null, null, 16])
 * @see R keras `layer_lstm`; Hochreiter and Schmidhuber 1997
 */
export const layerLstm = defineRecurrentLayer<
  LstmOptions,
  [output: SymbolicTensor, h: SymbolicTensor, c: SymbolicTensor],
  typeof lstmChecks
>('layerLstm', (args: object) => new LSTM(args), {
  baseName: 'lstm',
  options: lstmChecks,
  rank: sequences,
  shapeRequirement: stepsRequirement,
});

/** Options of {@link layerGru}. */
export interface GruOptions extends RecurrentOptions, TimeMajorOption {
  /** The activation of the gates: 'sigmoid' by default. */
  recurrentActivation?: ActivationLike | undefined;
  /** Whether the reset gate works after the product with the recurrent kernel; true by default. */
  resetAfter?: boolean | undefined;
}

const gruChecks = {
  ...recurrentOptionChecks,
  ...timeMajorCheck,
  recurrentActivation: optional(activation, 'sigmoid'),
  resetAfter: optional(boolean, true),
};

/**
 * Gated recurrent unit: `h' = z · h + (1 − z) · tanh(x · W + r · (h · U + b))`, with the update gate `z` and the reset
 * gate `r` as sigmoids of the same form.
 *
 * In `[batch, steps, features]`, out `[batch, units]`, or `[batch, steps, units]` with `returnSequences`.
 * Weights: kernel `[features, 3 units]`, recurrent kernel `[units, 3 units]`, bias `[2, 3 units]` with `resetAfter`
 * and `[3 units]` without; gates in the order update, reset, candidate.
 * With `returnState` it gives `[output, h]`, and it begins with the state of `initialState: h`, `[batch, units]`.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError for an unknown option or name, or a rate that is not in [0, 1).
 * @throws KerasShapeError if the input has other than three dimensions.
 * @example
 * const model = pipe(kerasModelSequential(), layerGru({ units: 32, inputShape: [10, 8] }))
 * assert.strictEqual(countParams(model), 3 * 32 * (8 + 32 + 2))
 * @see R keras `layer_gru`; Cho et al. 2014
 */
export const layerGru = defineRecurrentLayer<
  GruOptions,
  [output: SymbolicTensor, h: SymbolicTensor],
  typeof gruChecks
>('layerGru', (args: object) => new GRU(args), {
  baseName: 'gru',
  options: gruChecks,
  rank: sequences,
  shapeRequirement: stepsRequirement,
});

/**
 * A fully connected recurrent layer: `h' = tanh(x · W + h · U + b)`.
 *
 * In `[batch, steps, features]`, out `[batch, units]`, or `[batch, steps, units]` with `returnSequences`.
 * Weights: kernel `[features, units]`, recurrent kernel `[units, units]`, bias `[units]`.
 * With `returnState` it gives `[output, h]`, and it begins with the state of `initialState: h`, `[batch, units]`.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError for an unknown option or name, or a rate that is not in [0, 1).
 * @throws KerasShapeError if the input has other than three dimensions.
 * @example
 * const model = pipe(kerasModelSequential(), layerSimpleRnn({ units: 32, inputShape: [10, 8] }))
 * assert.strictEqual(countParams(model), 32 * (8 + 32 + 1))
 * @see R keras `layer_simple_rnn`
 */
export const layerSimpleRnn = defineRecurrentLayer<
  RecurrentOptions,
  [output: SymbolicTensor, h: SymbolicTensor],
  typeof recurrentOptionChecks
>('layerSimpleRnn', (args: object) => new SimpleRNN(args), {
  baseName: 'simple_rnn',
  options: recurrentOptionChecks,
  rank: sequences,
  shapeRequirement: stepsRequirement,
});
