import type { SymbolicTensor } from '@tensorflow/tfjs';
import type { callForm, CallForm, WithoutSubject } from '../base/call-styles';
import { argumentError, oneOf, optional, required, type Check } from '../base/checks';
import { layerTarget } from './internal/apply';
import { Bidirectional, type MergeMode } from './internal/bidirectional-layer';
import { layerFunction, type Definition } from './internal/define-layer';
import {
  addRecurrent,
  initialState,
  type InitialState,
  type ManyOutputsStep,
} from './internal/define-recurrent';
import type { LayerOptions } from './internal/options';
import { StatefulLayer } from './internal/stateful-layer';
import type { LayerStep, LayerTarget, NewLayer } from './internal/target';
import { TimeDistributed } from './internal/time-distributed-layer';
import { isWrappable, wrapped, type SingleSource, type Wrapped } from './internal/wrapped';

type Tensors = readonly SymbolicTensor[];

/** The output of two layers, made one, and the states of both. */
export type Merged<Outputs extends Tensors> = Outputs extends readonly [
  infer Output extends SymbolicTensor,
  ...infer States extends Tensors,
]
  ? [output: Output, ...States, ...States]
  : never;

/** The outputs of two layers, and the states of both. */
export type Unmerged<Outputs extends Tensors> = Outputs extends readonly [
  infer Output extends SymbolicTensor,
  ...infer States extends Tensors,
]
  ? [forward: Output, backward: Output, ...States, ...States]
  : never;

/** Options of {@link bidirectional}, of a layer and of what becomes of the outputs. */
export interface BidirectionalOptions<
  Source = SingleSource,
  Mode extends MergeMode | undefined = Exclude<MergeMode, null> | undefined,
> extends Omit<LayerOptions, 'trainable'> {
  /** The recurrent layer that goes forwards. */
  layer: Source;
  /** How the two outputs become one: 'concat' by default, side by side; null gives both. */
  mergeMode?: Mode | undefined;
  /** The layer that goes backwards, which has `goBackwards: true`; by default one with the options of `layer`. */
  backwardLayer?: Source | undefined;
  /** Whether training changes the layers' weights; true by default. */
  trainable?: boolean | undefined;
  /** The states before the first step, those of `layer` first: outputs of layers. Zeros by default. Not in a Sequential model. */
  initialState?: InitialState | undefined;
}

type BothOptions<Source> = BidirectionalOptions<Source, null> & { mergeMode: null };

/** {@link bidirectional}: piped, or plain, with what the layer is added to first. */
export interface BidirectionalFunction {
  <Outputs extends Tensors>(
    layer: ManyOutputsStep<Outputs> | (BidirectionalOptions<ManyOutputsStep<Outputs>> & WithoutSubject),
  ): ManyOutputsStep<Merged<Outputs>>;
  <Outputs extends Tensors>(
    options: BothOptions<ManyOutputsStep<Outputs>> & WithoutSubject,
  ): ManyOutputsStep<Unmerged<Outputs>>;
  (
    options: BothOptions<SingleSource> & WithoutSubject,
  ): ManyOutputsStep<[forward: SymbolicTensor, backward: SymbolicTensor]>;
  <Outputs extends Tensors>(
    object: SymbolicTensor,
    layer: ManyOutputsStep<Outputs> | BidirectionalOptions<ManyOutputsStep<Outputs>>,
  ): Merged<Outputs>;
  <Outputs extends Tensors>(
    object: SymbolicTensor,
    options: BothOptions<ManyOutputsStep<Outputs>>,
  ): Unmerged<Outputs>;
  (
    object: SymbolicTensor,
    options: BothOptions<SingleSource>,
  ): [forward: SymbolicTensor, backward: SymbolicTensor];
  (layer: SingleSource | (BidirectionalOptions & WithoutSubject)): LayerStep;
  <T extends LayerTarget>(object: T, layer: SingleSource | BidirectionalOptions): T;
  readonly [callForm]: CallForm<['layer of', SingleSource | BidirectionalOptions]>;
}

const MODES = oneOf('sum', 'mul', 'concat', 'ave');

const mergeMode: Check<MergeMode> = (value, place) => {
  if (value === null) return null;
  try {
    return MODES(value, place);
  } catch {
    throw argumentError(place, "'sum', 'mul', 'concat', 'ave', or null for both outputs", value);
  }
};

const bidirectionalChecks = {
  layer: required(wrapped),
  mergeMode: optional(mergeMode, 'concat'),
  backwardLayer: optional(wrapped),
  initialState: optional(initialState),
};

type BareDefinition = Definition<LayerOptions & BidirectionalOptions, typeof bidirectionalChecks>;

const bare = { name: 'layer', is: isWrappable, isRequired: true } as const;

/** Makes the layer inside a wrapper under its own name. */
const makeInner = (layer: NewLayer): ReturnType<NewLayer['make']> => layer.make(layer.name ?? layer.baseName);

const definition: BareDefinition = {
  baseName: 'bidirectional',
  options: bidirectionalChecks,
  bare,
  // What is said of the layer inside holds for both.
  refine: (layer, { layer: inner, mergeMode: mode }) => {
    const { rank, shapeRequirement, batchInputShape, manyOutputs, states } = inner.newLayer();
    return {
      ...layer,
      rank,
      shapeRequirement,
      batchInputShape: layer.batchInputShape ?? batchInputShape,
      states: layer.states ?? states,
      manyOutputs: mode === null ? 'mergeMode' : manyOutputs,
    };
  },
};

/**
 * A recurrent layer over the sequences as they are, and another one backwards: `[forward[t], backward[t]]` side by side for each step,
 * in the order of the steps, or as `mergeMode` says. `layer`, alone, may be given bare.
 *
 * In what the layer takes; out the layer's output, twice as wide with 'concat'. With `returnState` of the layer it gives an array of the
 * output and the states of the forward layer, then those of the backward one; with `mergeMode: null` there are two outputs.
 * `initialState` has the states of both. Weights: the forward layer's, then the backward one's.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if `layer` is no recurrent layer, or if `backwardLayer` does not put out the same or goes the same way.
 * @example
 * const model = pipe(
 *   kerasModelSequential({ inputShape: [10, 8] }),
 *   bidirectional(layerLstm({ units: 4, returnSequences: true })),
 *   bidirectional({ layer: layerGru({ units: 3 }), mergeMode: 'sum' }),
 * )
 * assert.deepStrictEqual(getLayer(model, { index: 0 }).outputShape, [null, 10, 8])
 * assert.deepStrictEqual(outputShape(model), [null, 3])
 * @see R keras `bidirectional`; Schuster and Paliwal 1997
 */
export const bidirectional = layerFunction(
  'bidirectional',
  ({ layer, backwardLayer, ...args }: BidirectionalArguments) => {
    const forward = makeInner(layer.newLayer());
    const backward = makeInner((backwardLayer ?? layer).newLayer());
    // A layer of its own, with other initial weights.
    if (backwardLayer === undefined && backward !== forward && backward instanceof StatefulLayer)
      backward.reverse();
    return new Bidirectional({
      ...args,
      layer: forward,
      backwardLayer: backwardLayer === undefined && backward === forward ? undefined : backward,
      hasOwnBackward: backwardLayer !== undefined,
    });
  },
  definition,
  layerTarget,
  addRecurrent,
) as BidirectionalFunction; // the call styles are told apart by the arguments

interface BidirectionalArguments {
  readonly layer: Wrapped;
  readonly backwardLayer?: Wrapped;
  readonly mergeMode: MergeMode;
}

/** Options of {@link timeDistributed}. */
export interface TimeDistributedOptions<Source = SingleSource> extends LayerOptions {
  /** The layer or the model that is applied to each step. */
  layer: Source;
}

/** {@link timeDistributed}: piped, or plain, with what the layer is added to first. */
export interface TimeDistributedFunction {
  <Outputs extends Tensors>(
    layer: ManyOutputsStep<Outputs> | (TimeDistributedOptions<ManyOutputsStep<Outputs>> & WithoutSubject),
  ): ManyOutputsStep<Outputs>;
  <Outputs extends Tensors>(
    object: SymbolicTensor,
    layer: ManyOutputsStep<Outputs> | TimeDistributedOptions<ManyOutputsStep<Outputs>>,
  ): Outputs;
  (layer: SingleSource | (TimeDistributedOptions & WithoutSubject)): LayerStep;
  <T extends LayerTarget>(object: T, layer: SingleSource | TimeDistributedOptions): T;
  readonly [callForm]: CallForm<['layer of', SingleSource | TimeDistributedOptions]>;
}

const distributedChecks = { layer: required(wrapped) };

type DistributedDefinition = Definition<LayerOptions & TimeDistributedOptions, typeof distributedChecks>;

/** What the layer inside sees of a shape. */
const stepShape = ([rows = null, , ...sizes]: readonly (number | null)[]): (number | null)[] => [
  rows,
  ...sizes,
];

const distributed: DistributedDefinition = {
  baseName: 'time_distributed',
  options: distributedChecks,
  bare,
  check: ({ layer: inner }) => {
    const { states } = inner.newLayer();
    if (states === undefined) return;
    throw argumentError(
      { function: 'timeDistributed', argument: 'layer' },
      'a layer without `initialState`, since each step begins anew',
      states,
      'Leave it out',
    );
  },
  refine: (layer, { layer: inner }) => {
    const { rank, shapeRequirement, manyOutputs, keepsTypes } = inner.newLayer();
    return {
      ...layer,
      keepsTypes,
      manyOutputs,
      rank: {
        minNDim: (rank?.minNDim ?? 2) + 1,
        maxNDim: (rank?.maxNDim ?? Infinity) + 1,
        advice:
          `Give it sequences, [batch, steps, …], of what the layer inside takes. ${rank?.advice ?? ''}`.trim(),
      },
      ...(shapeRequirement === undefined
        ? {}
        : { shapeRequirement: (shapes) => shapeRequirement(shapes.map(stepShape)) }),
    };
  },
};

/**
 * A layer, or a model, applied to each step of sequences by itself, with the same weights: `output[t] = layer(input[t])`. `layer`, alone,
 * may be given bare.
 *
 * In `[batch, steps, …]`, out `[batch, steps, …]`, as the layer makes it of one step. All steps are one batch for the layer. Weights:
 * the layer's. A mask goes on; masks of parts of the steps go to the layer.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if `layer` is no layer.
 * @throws KerasShapeError if the input has no axis of steps, or its steps are not what the layer takes.
 * @example
 * const model = pipe(
 *   kerasModelSequential({ inputShape: [5, 8, 8, 1] }),
 *   timeDistributed(layerConv2d({ filters: 4, kernelSize: 3 })),
 *   timeDistributed(layerGlobalAveragePooling2d()),
 * )
 * assert.deepStrictEqual(outputShape(model), [null, 5, 4])
 * @see R keras `time_distributed`
 */
export const timeDistributed = layerFunction(
  'timeDistributed',
  ({ layer, ...args }: { readonly layer: Wrapped }) =>
    new TimeDistributed({ ...args, layer: makeInner(layer.newLayer()) }),
  distributed,
  layerTarget,
  addRecurrent,
) as TimeDistributedFunction; // the call styles are told apart by the arguments
