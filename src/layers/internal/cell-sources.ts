import { argumentError, boolean, checkOptions, isPlainObject, optional, type Check } from '../../base/checks';
import { describe, KerasArgumentError } from '../../base/errors';
import { makeAll, Maker } from '../../base/maker';
import { constraint, type ConstraintLike } from '../../constraints/registry';
import { initializer, type InitializerLike } from '../../initializers/registry';
import { regularizer, type RegularizerLike } from '../../regularizers/registry';
import { tf, type SymbolicTensor, type Tensor } from '../../tfjs/tensorflow';
import { cellOf } from './cell-of';
import {
  isStepLayer,
  OwnCell,
  type CellWeightOptions,
  type OwnCellParts,
  type StepInput,
  type TfjsCell,
} from './own-cells';
import {
  outputShapesOf,
  stateShapesOf,
  type OutputSize,
  type RecurrentCell,
  type StateSize,
} from './recurrent-cell';
import type { LayerStep } from './target';

/** The key by which the compiler knows a cell to be made; there is no such value. */
declare const cellRecipe: unique symbol;

/** A cell to be made, as `layerLstmCell` and its like give it: each recurrent layer makes its own. */
export interface CellRecipe {
  readonly [cellRecipe]: true;
}

/** How it is made. */
export class CellMaker extends Maker<RecurrentCell<object>> implements CellRecipe {
  declare readonly [cellRecipe]: true;

  constructor(
    make: () => RecurrentCell<object>,
    /** Whether the step's input may have any shape: that is a cell's own affair. */
    readonly takesAnyShape = false,
  ) {
    super(make);
  }
}

/** How a cell of one's own makes a weight. */
export interface CellWeight {
  /** 'glorot_uniform' by default. */
  initializer?: InitializerLike | undefined;
  /** A penalty on the weight, added to the loss. */
  regularizer?: RegularizerLike | undefined;
  /** What the weight must satisfy after each update. */
  constraint?: ConstraintLike | undefined;
  /** Whether training changes it; true by default. */
  trainable?: boolean | undefined;
}

/** What the step of a cell of one's own learns besides its input and its states. */
export interface CellContext {
  /** The value of the weight of a name. */
  readonly weight: (name: string) => Tensor;
  /** Whether it is a step of training. */
  readonly training: boolean;
}

/** A cell of one's own: an object, or an instance of a class. All recurrent layers that it is given to have weights of their own. */
export interface RnnCell {
  /** The length of the state, or a list of the length or the shape of each state: `8`, `[8, 8]`, `[[4, 2]]`. */
  readonly stateSize: number | readonly StateSize[];
  /** The length of the output, or its shape; by default that of the first state. */
  readonly outputSize?: StateSize | undefined;
  /** Makes the weights for a step's input, `[batch, features]`, or with more axes. */
  build?(
    inputShape: readonly (number | null)[],
    addWeight: (name: string, shape: readonly number[], options?: CellWeight) => void,
  ): void;
  /** One step, of tfjs operations on its arguments: the output, and the states after it. */
  call(
    x: Tensor,
    states: readonly [Tensor, ...Tensor[]],
    context: CellContext,
  ): readonly [output: Tensor, states: readonly Tensor[]];
}

/** The shape of an array, batch axis first; null where a size is not known. */
type OpenShape = readonly (number | null)[];

/** A cell of one's own whose step takes several arrays, or puts out several: for a list of sequences. */
export interface NestedRnnCell {
  /** A list of the length or the shape of each state: `[8, [4, 2]]`. */
  readonly stateSize: number | readonly StateSize[];
  /** A list of the length or the shape of each output, with an array in it: `[8, [4, 2]]`. By default one, of the first state's shape. */
  readonly outputSize?: OutputSize | undefined;
  /** Makes the weights for what a step takes: a list of shapes, `[batch, …]` each. */
  build?(
    inputShapes: readonly OpenShape[],
    addWeight: (name: string, shape: readonly number[], options?: CellWeight) => void,
  ): void;
  /** One step, of tfjs operations on its arguments: the output, or a list of the outputs, and the states after it. */
  call(
    inputs: readonly Tensor[],
    states: readonly [Tensor, ...Tensor[]],
    context: CellContext,
  ): readonly [outputs: Tensor | readonly Tensor[], states: readonly Tensor[]];
}

/** A layer class of one's own whose instances have a `stateSize`, as `createLayerWrapper` gives it: `layerMinimalCell({ units: 4 })`. */
export type CellStep = (tensors: readonly SymbolicTensor[]) => unknown;

/** What stands for the cell of a recurrent layer. */
export type CellSource = CellRecipe | RnnCell | TfjsCell | CellStep;

const weightChecks = {
  initializer: optional(initializer, 'glorot_uniform'),
  regularizer: optional(regularizer),
  constraint: optional(constraint),
  trainable: optional(boolean, true),
};

const weightOptions = (options: CellWeight | undefined): CellWeightOptions => {
  const made = makeAll(checkOptions('addWeight', options, weightChecks));
  // What is optional is made, too, which the type of `makeAll` does not say.
  return { regularizer: null, constraint: null, ...made } as unknown as CellWeightOptions;
};

const isLength = (value: unknown): value is number => Number.isInteger(value) && (value as number) > 0;

const isSize = (value: unknown): value is StateSize =>
  isLength(value) || (Array.isArray(value) && value.length > 0 && value.every(isLength));

const wrongResult = (expected: string, received: unknown): KerasArgumentError =>
  new KerasArgumentError({
    argument: 'cell',
    expected: `\`call\` of the cell must give ${expected}`,
    received: describe(received),
    advice: 'End it with: return [output, [state]]',
  });

const isTensor = (value: unknown): value is Tensor => value instanceof tf.Tensor;

/** What `call` of a cell gave, checked. */
const resultOf = (result: unknown, outputCount: number, count: number): ReturnType<OwnCellParts['step']> => {
  const [output, states] = (Array.isArray(result) ? result : []) as unknown[];
  const outputs: unknown[] =
    outputCount === 1 && isTensor(output) ? [output] : Array.isArray(output) ? output : [];
  const areThere = outputs.length === outputCount && outputs.every(isTensor);
  if (!areThere || !Array.isArray(states) || !states.every(isTensor)) {
    const what = outputCount === 1 ? 'the output' : `an array of the ${outputCount} outputs`;
    throw wrongResult(`an array of ${what} and an array of the states after the step`, result);
  }
  if (states.length !== count) {
    throw wrongResult(`${count} ${count === 1 ? 'state' : 'states'}, as \`stateSize\` says`, states);
  }
  return { outputs, states };
};

const partsOf = (cell: RnnCell | NestedRnnCell): OwnCellParts => {
  const stateShapes = stateShapesOf(cell.stateSize);
  const stepShapes = outputShapesOf(cell.outputSize, stateShapes);
  // What it takes is its own affair.
  const anyCell = cell as {
    build?: (inputShape: unknown, addWeight: Parameters<NonNullable<RnnCell['build']>>[1]) => void;
    call: (
      x: StepInput,
      ...rest: Parameters<RnnCell['call']> extends [unknown, ...infer Rest] ? Rest : never
    ) => unknown;
  };
  return {
    source: cell,
    stateShapes,
    stepShapes,
    build: (inputShape, addWeight) =>
      anyCell.build?.([...inputShape], (name, shape, options) =>
        addWeight(name, shape, weightOptions(options)),
      ),
    step: (x, states, weights, training) => {
      const weight = (name: string): Tensor => {
        const value = weights[name];
        if (value !== undefined) return value;
        throw argumentError(
          { argument: 'name' },
          'the name of a weight that `build` of the cell has added',
          name,
          `It has added: ${Object.keys(weights).join(', ')}`,
        );
      };
      const result = anyCell.call(x, states as [Tensor, ...Tensor[]], { weight, training }); // there is one
      return resultOf(result, stepShapes.length, stateShapes.length);
    },
  };
};

const isOwnCell = (value: unknown): value is RnnCell => {
  if (typeof value !== 'object' || value === null || !('stateSize' in value) || !('call' in value))
    return false;
  const { stateSize, call } = value;
  const areSizes = Array.isArray(stateSize) && stateSize.length > 0 && stateSize.every(isSize);
  return (isLength(stateSize) || areSizes) && typeof call === 'function';
};

const isStep = (value: unknown): value is LayerStep =>
  typeof value === 'function' && 'newLayer' in value && typeof value.newLayer === 'function';

/** The check of one cell. */
export const cell: Check<Maker<RecurrentCell<object>>> = (value, place) => {
  if (value instanceof CellMaker) return value;
  if (value instanceof tf.layers.Layer && 'stateSize' in value)
    return new CellMaker(() => cellOf(value), isStepLayer(value));
  // A layer that came out of a configuration.
  if (isStep(value)) {
    return new CellMaker(() => {
      const layer = value.newLayer();
      return cellOf(layer.make(layer.name ?? layer.baseName));
    }, true);
  }
  if (isOwnCell(value)) return new CellMaker(() => new OwnCell({ name: 'cell' }, partsOf(value)), true);
  throw argumentError(
    place,
    'a cell',
    isPlainObject(value) ? { ...value } : value,
    'Write layerLstmCell({ units: 32 }), or give { stateSize, build, call } of your own',
  );
};

/** The check of cells one after the other. */
export const cells: Check<readonly Maker<RecurrentCell<object>>[]> = (value, place) => {
  if (Array.isArray(value) && value.length > 0) {
    return value.map((one, index) => cell(one, { ...place, argument: `${place.argument}[${index}]` }));
  }
  throw argumentError(
    place,
    'an array of one or more cells',
    value,
    'Write [layerLstmCell({ units: 32 }), layerLstmCell({ units: 16 })]',
  );
};
