import type { SymbolicTensor } from '@tensorflow/tfjs';
import type { SubjectKind, WithoutSubject } from '../base/call-styles';
import { boolean, optional, required, type Check } from '../base/checks';
import type { Maker } from '../base/maker';
import { layerTarget } from './internal/apply';
import { cell, cells, CellMaker, type CellSource, type NestedRnnCell } from './internal/cell-sources';
import { layerFunction, type LayerFunction } from './internal/define-layer';
import {
  addRecurrent,
  addToSequences,
  statesChecks,
  type InitialState,
  type ManyOutputsStep,
  type NoReturnState,
  type recurrentForm,
  type ReturnState,
} from './internal/define-recurrent';
import { activityOptionCheck, type ActivityOption } from './internal/kernel-options';
import type { LayerOptions } from './internal/options';
import { RNN } from './internal/recurrent-layer';
import type { RecurrentCell } from './internal/recurrent-cell';
import { sequences, stepsRequirement } from './internal/sequence-rules';
import { StackedRNNCells } from './internal/stacked-cells';
import { isSymbolicTensor, type LayerStep, type LayerTarget, type NewLayer } from './internal/target';
import type { TimeMajorOption } from './recurrent';

/** Options of {@link layerRnn}. */
export interface RnnOptions extends LayerOptions, TimeMajorOption, ActivityOption {
  /** The cell: of `layerLstmCell` and its like, one of your own, or an array of cells, which is a stack of them. */
  cell: CellSource | readonly CellSource[];
  /** Whether the output of every step is put out instead of the last one only; false by default. */
  returnSequences?: boolean | undefined;
  /** Whether the sequence is read from its end; false by default. */
  goBackwards?: boolean | undefined;
  /** Whether a batch starts from the states in which the one before ended; needs `batchInputShape`. */
  stateful?: boolean | undefined;
  /** Taken as R has it: a sequence is one loop in either case. Needs to know the number of steps. False by default. */
  unroll?: boolean | undefined;
  /** Whether zeros are put out for a step that is masked, instead of the output of the step before; false by default. */
  zeroOutputForMask?: boolean | undefined;
  /** The states before the first step: outputs of layers, one for each state. Zeros by default. Not in a Sequential model. */
  initialState?: InitialState | undefined;
}

/** Options of {@link layerRnn} on a list of sequences. */
export interface NestedRnnOptions extends Omit<RnnOptions, 'cell'> {
  /** The cell, or an array of cells, of which the first takes the arrays of a step. */
  cell: NestedRnnCell | CellSource | readonly (NestedRnnCell | CellSource)[];
  /** Whether the states after the last step are put out, too, after the outputs; false by default. */
  returnState?: boolean | undefined;
}

/** The same in a pipe, where the cell says that a list comes: its steps take several arrays. */
export interface PipedNestedRnnOptions extends NestedRnnOptions {
  /** The cell, or an array of cells, of which the first takes the arrays of a step. */
  cell: NestedRnnCell | readonly [NestedRnnCell, ...(NestedRnnCell | CellSource)[]];
}

/** What {@link layerRnn} puts out with `returnState`. */
export type RnnOutputs = [output: SymbolicTensor, state: SymbolicTensor, ...states: SymbolicTensor[]];

/** What comes out of a list of sequences: the outputs, and with `returnState` the states. */
export type NestedRnnOutputs = [output: SymbolicTensor, ...others: SymbolicTensor[]];

/** A layer to be applied to a list of sequences. Each application builds a fresh layer. */
export type NestedRnnStep = (<Sequences extends readonly SymbolicTensor[]>(
  sequences: Sequences,
) => NestedRnnOutputs) & {
  /** @internal Builds the layer alone, for wrappers. */
  readonly newLayer: () => NewLayer;
};

/** {@link layerRnn}: piped, or plain, with what the layer is added to first; or a list of sequences, which gives a list. */
export interface RnnFunction extends LayerFunction<RnnOptions & NoReturnState> {
  // In the order of those of other recurrent layers, and inherited last, for the messages of mistakes.
  (options: RnnOptions & NoReturnState & WithoutSubject): LayerStep;
  <T extends LayerTarget>(object: T, options: RnnOptions & NoReturnState): T;
  (options: RnnOptions & ReturnState & WithoutSubject): ManyOutputsStep<RnnOutputs>;
  (object: SymbolicTensor, options: RnnOptions & ReturnState): RnnOutputs;
  (sequences: readonly SymbolicTensor[], options: NestedRnnOptions): NestedRnnOutputs;
  (options: PipedNestedRnnOptions): NestedRnnStep;
  readonly [recurrentForm]: { readonly options: RnnOptions; readonly outputs: RnnOutputs };
}

const isList = (value: unknown): value is readonly SymbolicTensor[] =>
  Array.isArray(value) && value.length > 0 && value.every(isSymbolicTensor);

/** What the layer is added to, or a list of sequences. */
const rnnTarget: SubjectKind<LayerTarget | readonly SymbolicTensor[]> = {
  ...layerTarget,
  is: (value) => layerTarget.is(value) || isList(value),
  check: (functionName, value) => (isList(value) ? value : layerTarget.check(functionName, value)),
};

const oneOrSeveral: Check<Maker<RecurrentCell<object>>> = (value, place) => {
  if (!Array.isArray(value)) return cell(value, place);
  const makers = cells(value, place);
  const [first] = makers;
  return new CellMaker(
    () => new StackedRNNCells({ name: 'stacked_rnn_cells', cells: makers.map(({ make }) => make()) }),
    takesAnyShape(first),
  );
};

/** Whether the input of a step may have other shapes than vectors. */
const takesAnyShape = (maker: unknown): boolean => maker instanceof CellMaker && maker.takesAnyShape;

const rnnChecks = {
  cell: required(oneOrSeveral),
  ...activityOptionCheck,
  returnSequences: optional(boolean),
  goBackwards: optional(boolean),
  stateful: optional(boolean),
  unroll: optional(boolean),
  timeMajor: optional(boolean),
  zeroOutputForMask: optional(boolean),
  ...statesChecks,
};

/**
 * Any cell over sequences: `output, state = cell(x[t], state)` for each step.
 *
 * In `[batch, steps, features]`, out `[batch, size of the cell's output]`, or with `returnSequences` one for each step, and with
 * `returnState` an array of it and the states. Weights: the cell's. The steps of a cell of your own may have more axes, and so may its
 * states: `stateSize: [[4, 2]]` is one state of matrices `[batch, 4, 2]`.
 *
 * A cell of your own is an object, or an instance of a class, with `stateSize`, `build`, which makes weights, and `call`, which gives the
 * output of a step and the states after it. It must be of tfjs operations on what it is handed; it runs, and trains, as one loop in
 * TensorFlow. A layer class of your own with a `stateSize` is a cell, too: its `call` takes `[x, ...states]`, and gives the output and the
 * states. In a configuration a cell is its class and its fields, or what its `getConfig` gives: reading it takes the class in
 * `customObjects`, which is made with that.
 *
 * Of a list of sequences, `layerRnn([a, b], { cell })`, a step takes a list of arrays, `[batch, …]` each, and what comes out is a list, too:
 * the outputs, of which a cell of your own with `outputSize: [8, [4, 2]]` has several, and with `returnState` the states.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError for an unknown option, or something that is no cell.
 * @throws KerasShapeError if the input has other than three dimensions, the initial states have other shapes than the cell's, or sequences
 * in a list are of other numbers of steps.
 * @example
 * const minimal: RnnCell = {
 *   stateSize: 4,
 *   build: ([, features], addWeight) => {
 *     addWeight('kernel', [features ?? 0, 4])
 *     addWeight('recurrent', [4, 4], { initializer: 'orthogonal' })
 *   },
 *   call: (x, [h], { weight }) => {
 *     const output = tf.tanh(tf.add(tf.matMul(x, weight('kernel')), tf.matMul(h, weight('recurrent'))))
 *     return [output, [output]]
 *   },
 * }
 * const model = pipe(kerasModelSequential({ inputShape: [10, 8] }), layerRnn({ cell: minimal }))
 * assert.strictEqual(countParams(model), 8 * 4 + 4 * 4)
 *
 * const stack = [layerLstmCell({ units: 8 }), layerLstmCell({ units: 3 })]
 * const stacked = pipe(kerasModelSequential({ inputShape: [10, 8] }), layerRnn({ cell: stack, returnSequences: true }))
 * assert.deepStrictEqual(outputShape(stacked), [null, 10, 3])
 *
 * const sums: NestedRnnCell = {
 *   stateSize: [3, [2, 2]],
 *   outputSize: [3, [2, 2]],
 *   call: ([a, b], [ofA, ofB]) => {
 *     const after = [tf.add(a as tf.Tensor, ofA), tf.add(b as tf.Tensor, ofB as tf.Tensor)]
 *     return [after, after]
 *   },
 * }
 * const [vectors, matrices] = [layerInput({ shape: [5, 3] }), layerInput({ shape: [5, 2, 2] })]
 * const nested = kerasModel([vectors, matrices], layerRnn([vectors, matrices], { cell: sums }))
 * assert.deepStrictEqual(nested.tf.outputs.map(({ shape }) => shape), [[null, 3], [null, 2, 2]])
 * @see R keras `layer_rnn`
 */
export const layerRnn = layerFunction<RnnOptions, typeof rnnChecks, LayerTarget | readonly SymbolicTensor[]>(
  'layerRnn',
  (args: { readonly cell: unknown }) => new RNN(args),
  {
    baseName: 'rnn',
    options: rnnChecks,
    rank: sequences,
    shapeRequirement: stepsRequirement,
    refine: (layer, { cell: maker }) =>
      takesAnyShape(maker) ? { ...layer, rank: { ...sequences, maxNDim: Infinity } } : layer,
  },
  rnnTarget,
  (layer, object) => (isList(object) ? addToSequences(layer, object) : addRecurrent(layer, object)),
) as RnnFunction; // the call styles are told apart by the arguments, which the implementation's type cannot say
