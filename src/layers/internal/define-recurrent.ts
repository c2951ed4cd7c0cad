import type { SymbolicTensor } from '@tensorflow/tfjs';
import type { WithoutSubject } from '../../base/call-styles';
import { argumentError, boolean, optional, type Check } from '../../base/checks';
import { describeShape, KerasArgumentError, KerasShapeError } from '../../base/errors';
import type { SequenceCount } from './recurrent-layer';
import { ancestors, applyNew, layerTarget, notATarget } from './apply';
import {
  layerFunction,
  type Definition,
  type LayerFunction,
  type Make,
  type OwnChecks,
} from './define-layer';
import type { LayerOptions } from './options';
import {
  addLayer,
  isStack,
  isSymbolicTensor,
  type Layer,
  type LayerStep,
  type LayerTarget,
  type NewLayer,
} from './target';

/** The key by which the compiler knows what a step puts out; there is no such value. */
export declare const stepOutputs: unique symbol;

/** The key by which the compiler knows a recurrent layer function; there is no such value. */
export declare const recurrentForm: unique symbol;

/** A layer to be applied to symbolic tensors, which puts out several. Each application builds a fresh layer. */
export interface ManyOutputsStep<Outputs extends readonly SymbolicTensor[]> {
  (tensor: SymbolicTensor): Outputs;
  readonly [stepOutputs]: Outputs;
  /** @internal Builds the layer alone, for wrappers. */
  readonly newLayer: () => NewLayer;
}

/** Says that the states come out, too. */
export interface ReturnState {
  /** Whether the states after the last step are put out, too, after the output; false by default. Not in a Sequential model. */
  returnState: true;
}

/** Says that they do not. */
export interface NoReturnState {
  /** Whether the states after the last step are put out, too, after the output; false by default. Not in a Sequential model. */
  returnState?: false | undefined;
}

/**
 * A recurrent layer: piped, or plain, with what the layer is added to first. With `returnState` it gives an array of its output and its
 * states.
 */
export interface RecurrentLayerFunction<
  Options,
  Outputs extends readonly SymbolicTensor[],
> extends LayerFunction<Options & NoReturnState> {
  // First for options whose type says nothing, and inherited last, for the messages of mistakes.
  (options: Options & NoReturnState & WithoutSubject): LayerStep;
  <T extends LayerTarget>(object: T, options: Options & NoReturnState): T;
  (options: Options & ReturnState & WithoutSubject): ManyOutputsStep<Outputs>;
  (object: SymbolicTensor, options: Options & ReturnState): Outputs;
  readonly [recurrentForm]: { readonly options: Options; readonly outputs: Outputs };
}

/** States before the first step: outputs of layers. */
export type InitialState = SymbolicTensor | readonly SymbolicTensor[];

/** The check of states before the first step. */
export const initialState: Check<readonly SymbolicTensor[]> = (value, place) => {
  const states: unknown[] = Array.isArray(value) ? value : [value];
  if (states.length > 0 && states.every(isSymbolicTensor)) return states;
  throw argumentError(
    place,
    'an output of a layer, or an array of them, one for each state',
    value,
    'Give what another recurrent layer puts out with returnState: true, or what layerInput() gives',
  );
};

/** The checks of what all recurrent layers put out and begin with. */
export const statesChecks = {
  returnState: optional(boolean),
  initialState: optional(initialState),
};

/** The error for several outputs or inputs in a Sequential model. */
const notSequential = ({ functionName }: NewLayer, option: string, what: string): KerasArgumentError =>
  new KerasArgumentError({
    function: functionName,
    argument: option,
    expected: `\`${option}\` must be left out in a Sequential model, whose layers have one ${what} each`,
    received: `\`${option}\` in a layer for a Sequential model`,
    advice: `Apply the layer to the output of layerInput() or of another layer, and make a kerasModel(inputs, outputs)`,
  });

/** A layer that is told how many of its inputs are sequences. */
const takesSequences = (layer: Layer): layer is Layer & { takeSequences(count: SequenceCount): void } =>
  'takeSequences' in layer;

/** The same layer, told how many of its inputs are sequences. */
export const toldSequences = (layer: NewLayer, count: SequenceCount): NewLayer => ({
  ...layer,
  make: (...args) => {
    const made = layer.make(...args);
    if (takesSequences(made)) made.takeSequences(count);
    return made;
  },
});

const notTogether = (
  { functionName }: NewLayer,
  sequences: readonly SymbolicTensor[],
): KerasShapeError | undefined => {
  const differ = (axis: number): boolean => {
    const known = sequences.map(({ shape }) => shape[axis] ?? null).filter((size) => size !== null);
    return known.some((size) => size !== known[0]);
  };
  if (sequences.every(({ rank }) => rank >= 3) && !differ(0) && !differ(1)) return undefined;
  return new KerasShapeError({
    function: functionName,
    expected: 'a list of sequences must be of as many steps each, [batch, steps, …]',
    received: sequences.map(({ shape }) => describeShape(shape)).join(' and '),
    advice: 'Cut or pad the sequences to one number of steps',
  });
};

/** What takes steps of several sequences together, or puts out several: the outputs, and then the states, in a list. */
export const addToSequences = (layer: NewLayer, sequences: readonly SymbolicTensor[]): SymbolicTensor[] => {
  const wrong = notTogether(layer, sequences);
  if (wrong !== undefined) throw wrong;
  const { states = [] } = layer;
  const incoming = [...sequences, ...states];
  const taken = new Set([...ancestors(incoming)].map(({ name }) => name));
  return applyNew(toldSequences(layer, sequences.length), taken, incoming).outputs;
};

/** Adds a layer that may have several outputs to a Sequential model, or applies it to a symbolic tensor and its initial states. */
export const addRecurrent = (layer: NewLayer, object: LayerTarget): unknown => {
  const { states = [], manyOutputs } = layer;
  if (isStack(object)) {
    if (manyOutputs !== undefined) throw notSequential(layer, manyOutputs, 'output');
    if (states.length > 0) throw notSequential(layer, 'initialState', 'input');
    object[addLayer](layer);
    return object;
  }
  if (!isSymbolicTensor(object)) throw notATarget(layer.functionName, object);
  const incoming = [object, ...states];
  const taken = new Set([...ancestors(incoming)].map(({ name }) => name));
  const { output, outputs } = applyNew(layer, taken, incoming);
  if (outputs.length > 1 && manyOutputs === undefined) {
    throw new KerasArgumentError({
      function: layer.functionName,
      argument: 'cell',
      expected: 'a layer whose cell has several outputs must be applied to a list of sequences',
      received: `a cell with ${outputs.length} outputs, and one tensor`,
      advice: `Write const [a, b] = ${layer.functionName}([tensor], { cell })`,
    });
  }
  return outputs.length === 1 ? output : outputs;
};

interface AnyReturnState {
  returnState?: boolean | undefined;
}

/** Defines a recurrent layer. */
export const defineRecurrentLayer = <
  Options extends LayerOptions,
  Outputs extends readonly SymbolicTensor[],
  Checks extends OwnChecks<Options & AnyReturnState>,
>(
  functionName: string,
  make: Make,
  definition: Definition<Options & AnyReturnState, Checks>,
): RecurrentLayerFunction<Options, Outputs> =>
  // The call styles are told apart by the arguments, which the implementation's type cannot say.
  layerFunction(functionName, make, definition, layerTarget, addRecurrent) as RecurrentLayerFunction<
    Options,
    Outputs
  >;
