import { activation, type ActivationLike } from '../activations/registry';
import {
  boolean,
  checkBareOptions,
  checkOptions,
  dropRate,
  layerName,
  optional,
  required,
  type OptionChecks,
} from '../base/checks';
import { asFunction, refuseSurplus } from '../base/function-name';
import { makeAll } from '../base/maker';
import { CellMaker, cells, type CellRecipe, type CellSource } from './internal/cell-sources';
import { GRUCell, LSTMCell, SimpleRNNCell, type GatedCell } from './internal/gated-cells';
import { noteLayerFunction } from './internal/layer-functions';
import { recurrenceChecks, type RecurrenceOptions } from './internal/recurrence-options';
import { StackedRNNCells } from './internal/stacked-cells';

/** Options of all cells. */
export interface CellOptions extends RecurrenceOptions {
  /** The cell's name; by default `lstm_cell` and its like. */
  name?: string | undefined;
  /** Whether training changes the cell's weights; true by default. */
  trainable?: boolean | undefined;
}

const cellChecks = {
  ...recurrenceChecks,
  dropout: optional(dropRate, 0),
  recurrentDropout: optional(dropRate, 0),
  name: optional(layerName),
  trainable: optional(boolean),
};

/** Defines a function that gives a cell. */
const defineCell = <Options>(
  functionName: string,
  baseName: string,
  checks: OptionChecks,
  make: (args: object) => GatedCell,
): ((options: Options) => CellRecipe) => {
  const call = (options: Options, ...surplus: []): CellRecipe =>
    asFunction(functionName, () => {
      refuseSurplus(functionName, ['options'], surplus);
      const checked = checkOptions(functionName, options, checks);
      return new CellMaker(() => make({ name: baseName, ...makeAll(checked) })); // each with initializers of its own
    });
  Object.defineProperty(call, 'name', { value: functionName });
  noteLayerFunction(baseName, {
    functionName,
    optionNames: Object.keys(checks),
    callOptions: [],
    step: (options) => call(options as Options), // which checks them
  });
  return call;
};

/**
 * The cell of a fully connected recurrent layer: `h' = tanh(x · W + h · U + b)`. For {@link layerRnn} and
 * {@link layerStackedRnnCells}; each layer that it is given to has weights of its own.
 *
 * A step's input is `[batch, features]`, its output and its state `[batch, units]`. Weights as of {@link layerSimpleRnn}.
 *
 * @throws KerasArgumentError for an unknown option or name, or a rate that is not in [0, 1).
 * @example
 * const model = pipe(kerasModelSequential({ inputShape: [10, 8] }), layerRnn({ cell: layerSimpleRnnCell({ units: 4 }) }))
 * assert.strictEqual(countParams(model), 4 * (8 + 4 + 1))
 * @see R keras `layer_simple_rnn_cell`
 */
export const layerSimpleRnnCell = defineCell<CellOptions>(
  'layerSimpleRnnCell',
  'simple_rnn_cell',
  cellChecks,
  (args) => new SimpleRNNCell(args),
);

/** Options of {@link layerLstmCell}. */
export interface LstmCellOptions extends CellOptions {
  /** The activation of the gates: 'sigmoid' by default. */
  recurrentActivation?: ActivationLike | undefined;
  /** Whether the forget gate starts with a bias of 1; true by default. */
  unitForgetBias?: boolean | undefined;
}

/**
 * The cell of an LSTM: `c' = f · c + i · tanh(…)`, `h' = o · tanh(c')`, with the gates `i, f, o = σ(x · W + h · U + b)`. For
 * {@link layerRnn} and {@link layerStackedRnnCells}; each layer that it is given to has weights of its own.
 *
 * A step's input is `[batch, features]`, its output `[batch, units]`, and so are its two states. Weights as of {@link layerLstm}.
 *
 * @throws KerasArgumentError for an unknown option or name, or a rate that is not in [0, 1).
 * @example
 * const model = pipe(kerasModelSequential({ inputShape: [10, 8] }), layerRnn({ cell: layerLstmCell({ units: 4 }) }))
 * assert.strictEqual(countParams(model), 4 * 4 * (8 + 4 + 1))
 * @see R keras `layer_lstm_cell`; Hochreiter and Schmidhuber 1997
 */
export const layerLstmCell = defineCell<LstmCellOptions>(
  'layerLstmCell',
  'lstm_cell',
  {
    ...cellChecks,
    recurrentActivation: optional(activation, 'sigmoid'),
    unitForgetBias: optional(boolean, true),
  },
  (args) => new LSTMCell(args),
);

/** Options of {@link layerGruCell}. */
export interface GruCellOptions extends CellOptions {
  /** The activation of the gates: 'sigmoid' by default. */
  recurrentActivation?: ActivationLike | undefined;
  /** Whether the reset gate works after the product with the recurrent kernel; true by default. */
  resetAfter?: boolean | undefined;
}

/**
 * The cell of a gated recurrent unit: `h' = z · h + (1 − z) · tanh(x · W + r · (h · U + b))`. For {@link layerRnn} and
 * {@link layerStackedRnnCells}; each layer that it is given to has weights of its own.
 *
 * A step's input is `[batch, features]`, its output and its state `[batch, units]`. Weights as of {@link layerGru}.
 *
 * @throws KerasArgumentError for an unknown option or name, or a rate that is not in [0, 1).
 * @example
 * const model = pipe(kerasModelSequential({ inputShape: [10, 8] }), layerRnn({ cell: layerGruCell({ units: 4 }) }))
 * assert.strictEqual(countParams(model), 3 * 4 * (8 + 4 + 2))
 * @see R keras `layer_gru_cell`; Cho et al. 2014
 */
export const layerGruCell = defineCell<GruCellOptions>(
  'layerGruCell',
  'gru_cell',
  {
    ...cellChecks,
    recurrentActivation: optional(activation, 'sigmoid'),
    resetAfter: optional(boolean, true),
  },
  (args) => new GRUCell(args),
);

/** Options of {@link layerStackedRnnCells}. */
export interface StackedRnnCellsOptions {
  /** The cells, the first of which gets the input. */
  cells: readonly CellSource[];
}

/**
 * Cells one after the other as one cell: the output of each is the input of the next, in each step. For {@link layerRnn}. `cells`, the
 * only option, may be given bare.
 *
 * Its states are those of all cells, in their order.
 *
 * @throws KerasArgumentError if there is no cell, or something that is none.
 * @example
 * const stack = layerStackedRnnCells([layerLstmCell({ units: 8 }), layerGruCell({ units: 4 })])
 * const model = pipe(kerasModelSequential({ inputShape: [10, 2] }), layerRnn({ cell: stack }))
 * assert.deepStrictEqual(outputShape(model), [null, 4])
 * @see R keras `layer_stacked_rnn_cells`
 */
export const layerStackedRnnCells = (
  options: StackedRnnCellsOptions | readonly CellSource[],
  ...surplus: []
): CellRecipe =>
  asFunction('layerStackedRnnCells', () => {
    refuseSurplus('layerStackedRnnCells', ['options'], surplus);
    const { cells: makers } = checkBareOptions('layerStackedRnnCells', options, { cells: required(cells) });
    return new CellMaker(
      () => new StackedRNNCells({ name: 'stacked_rnn_cells', cells: makers.map(({ make }) => make()) }),
    );
  });
noteLayerFunction('stacked_rnn_cells', {
  functionName: 'layerStackedRnnCells',
  optionNames: ['cells'],
  callOptions: [],
  // Their names are of no account.
  step: (options) => layerStackedRnnCells({ cells: (options as StackedRnnCellsOptions).cells }), // which checks them
});
