import type { SymbolicTensor } from '@tensorflow/tfjs';
import { callSite } from '../../base/call-site';
import { checkOptions, type CheckedOptions, type OptionChecks } from '../../base/checks';
import {
  callable,
  type BareOption,
  type callForm,
  type CallForm,
  type SubjectKind,
  type WithoutSubject,
} from '../../base/call-styles';
import { KerasShapeError, describeShape } from '../../base/errors';
import { makeAll } from '../../base/maker';
import { ancestors, applyNew, applyTo, attentionInputs, layerTarget, tensorList } from './apply';
import { noteLayerFunction } from './layer-functions';
import { learnedOf, type Learned } from './learned';
import {
  asWeights,
  batchShapeOf,
  layerOptionChecks,
  type CheckedLayerOptions,
  type InputType,
  type LayerOptions,
} from './options';
import {
  type Layer,
  type LayerStep,
  type LayerTarget,
  type UnmetRequirement,
  type NewLayer,
  type RankRule,
  type TextRule,
} from './target';

/** A layer function whose options include required ones: piped, or plain, with what the layer is added to first. */
export interface LayerFunction<Options> {
  (options: Options & WithoutSubject): LayerStep;
  <T extends LayerTarget>(object: T, options: Options): T;
  readonly [callForm]: CallForm<['layer', Options]>;
}

/** A layer function whose options may all be left out: piped, or plain, with what the layer is added to first. */
export interface OptionalLayerFunction<Options> {
  (options?: Options & WithoutSubject): LayerStep;
  <T extends LayerTarget>(object: T, options?: Options): T;
  readonly [callForm]: CallForm<['optional layer', Options]>;
}

/** A merging layer: takes a list of symbolic tensors, piped or plain. */
export interface MergeLayerFunction<Options> {
  (tensors: readonly SymbolicTensor[], options?: Options): SymbolicTensor;
  (options?: Options): <T extends readonly SymbolicTensor[]>(tensors: T) => SymbolicTensor;
  readonly [callForm]: CallForm<['merging layer', Options]>;
}

/** A merging layer one of whose options is required: takes a list of symbolic tensors, piped or plain. */
export interface ListLayerFunction<Options> {
  (tensors: readonly SymbolicTensor[], options: Options): SymbolicTensor;
  (options: Options): (tensors: readonly SymbolicTensor[]) => SymbolicTensor;
  readonly [callForm]: CallForm<['merging layer', Options]>;
}

/** Whether the attention scores come out, too. */
interface ScoresOption<Scores extends boolean> {
  /** Whether the distribution of attention is put out, too, as the second of two outputs; false by default. */
  returnAttentionScores?: Scores | undefined;
}

/** The output of an attention layer, and the scores if they are asked for. */
type Attended<Scores extends boolean> = Scores extends true
  ? [output: SymbolicTensor, scores: SymbolicTensor]
  : SymbolicTensor;

/** An attention layer: takes a list of symbolic tensors, `[query, value]` or more, piped or plain. */
export interface AttentionLayerFunction<Options> {
  <Scores extends boolean = false>(
    tensors: readonly SymbolicTensor[],
    options: Options & ScoresOption<Scores>,
  ): Attended<Scores>;
  <Scores extends boolean = false>(
    options: Options & ScoresOption<Scores>,
  ): (tensors: readonly SymbolicTensor[]) => Attended<Scores>;
  readonly [callForm]: CallForm<['attention layer', Options]>;
}

/** An attention layer whose options may all be left out. */
export interface OptionalAttentionLayerFunction<Options> {
  <Scores extends boolean = false>(
    tensors: readonly SymbolicTensor[],
    options?: Options & ScoresOption<Scores>,
  ): Attended<Scores>;
  <Scores extends boolean = false>(
    options?: Options & ScoresOption<Scores>,
  ): (tensors: readonly SymbolicTensor[]) => Attended<Scores>;
  readonly [callForm]: CallForm<['optional attention layer', Options]>;
}

/** The checks of a layer's own options: the common ones are checked besides. */
export type OwnChecks<Options extends LayerOptions> = OptionChecks<Omit<Options, keyof LayerOptions>>;

/** A layer's checked options, its own and the common ones. */
type Checked<Checks> = CheckedOptions<Checks> & CheckedLayerOptions;

/** What defines a layer. `Checks` is the type of its checks, for those definitions that read checked options. */
export interface Definition<Options extends LayerOptions, Checks extends OwnChecks<Options>> {
  /** The name before numbering, as Keras's: `max_pooling2d`. */
  readonly baseName: string;
  /** The checks of the layer's own options, with R's defaults where tfjs's differ. */
  readonly options: Checks;
  readonly rank?: RankRule;
  /** What else the shapes of the input must satisfy. */
  readonly shapeRequirement?: (
    shapes: readonly Shape[],
    options: Checked<Checks>,
  ) => UnmetRequirement | undefined;
  /** Whether the layer takes integers and truth values as they are; others get them as floats. */
  readonly keepsTypes?: boolean;
  /** Whether the layer takes texts: reads them and gives numbers, or keeps them as they are. */
  readonly texts?: TextRule;
  /** The input shape, batch axis included, of a first layer that needs none from the user. */
  readonly inputShape?: (options: Checked<Checks>) => (number | null)[];
  /** The options that Keras takes when the layer is called, and not when it is made. */
  readonly callOptions?: readonly (keyof Checks & string)[];
  /** What the layers of a step learn together from data, of a layer that does. */
  readonly learn?: (options: Checked<Checks>) => Learned;
  /** The type of the input where the layer comes first, if it is not that of numbers. */
  readonly inputType?: (options: Checked<Checks>) => InputType;
  /** A last check of options against each other. */
  readonly check?: (options: Checked<Checks>) => void;
  /** The option that may be given bare. */
  readonly bare?: BareOption;
  /** What is known of the layer by its options only: of a wrapper, what it wraps. */
  readonly refine?: (layer: NewLayer, options: Checked<Checks>) => NewLayer;
}

export type Make = (args: never) => Layer;
type Shape = readonly (number | null)[];

/** Options of recurrent layers, checked. */
interface StatesOptions {
  readonly initialState?: readonly SymbolicTensor[];
  readonly returnState?: boolean;
}

/** What a first layer is made with: the shape and the type of its input. */
const firstOf = (batchInputShape: Shape, dtype: InputType | undefined): object => ({
  batchInputShape,
  ...(dtype === undefined ? {} : { dtype }),
});

const learning = (newLayer: () => NewLayer, learned: Learned | undefined): NewLayerSource =>
  learned === undefined ? newLayer : Object.assign(newLayer, { [learnedOf]: learned });

/** Makes layers that are still to be added, all of the same options; and what they learn together, if they do. */
type NewLayerSource = (() => NewLayer) & { readonly [learnedOf]?: Learned };

const newLayerOf = <Options extends LayerOptions, Checks extends OwnChecks<Options>>(
  functionName: string,
  make: Make,
  definition: Definition<Options, Checks>,
  options: unknown,
): NewLayerSource => {
  const checks: OptionChecks = { ...definition.options, ...layerOptionChecks };
  const definedAt = callSite();
  // Checked at once, so that the error's stack shows the line of the mistake, and so that later changes do not count.
  const checked = checkOptions(functionName, options, checks) as Checked<Checks>; // the generic checks, spread above
  definition.check?.(checked);
  const { shapeRequirement } = definition;
  const batchInputShape = batchShapeOf(functionName, checked);
  const defaultInputShape = definition.inputShape?.(checked);
  const learned = definition.learn?.(checked);
  const { initialState: states, returnState } = checked as StatesOptions;
  const ofCall = new Set<string>(definition.callOptions);
  const callArguments = Object.fromEntries(Object.entries(checked).filter(([option]) => ofCall.has(option)));
  const refine = definition.refine ?? ((layer: NewLayer): NewLayer => layer);
  const newLayer = (): NewLayer => ({
    functionName,
    baseName: definition.baseName,
    name: checked.name,
    batchInputShape,
    defaultInputShape,
    rank: definition.rank,
    shapeRequirement:
      shapeRequirement === undefined ? undefined : (shapes) => shapeRequirement(shapes, checked),
    keepsTypes: definition.keepsTypes ?? false,
    texts: definition.texts,
    callArguments,
    learned,
    takesStates: 'initialState' in checks,
    states,
    manyOutputs: returnState === true ? 'returnState' : undefined,
    definedAt,
    make: (name, inputShape) => {
      const {
        inputShape: _inputShape,
        batchInputShape: _batchInputShape,
        batchSize: _batchSize,
        weights,
        ...layerOptions
      } = checked;
      // Initial states are inputs of the layer.
      const ofLayer = Object.fromEntries(
        Object.entries(layerOptions).filter(([option]) => option !== 'initialState' && !ofCall.has(option)),
      );
      const layer = make({
        ...makeAll(ofLayer), // each layer that is built has initializers with seeds of its own
        name,
        ...(learned === undefined ? {} : { learned }),
        ...(inputShape === undefined
          ? {}
          : firstOf(inputShape, checked.dtype ?? definition.inputType?.(checked))),
      } as never); // the checks above make it what the tfjs factory takes
      if (weights !== undefined) giveWeights(functionName, layer, weights);
      return layer;
    },
  });
  return learning(() => refine(newLayer(), checked), learned);
};

/** Gives a layer its initial weights, once it is built. */
export const giveWeights = (
  functionName: string,
  layer: Layer,
  weights: NonNullable<CheckedLayerOptions['weights']>,
): void => {
  const build = layer.build.bind(layer);
  layer.build = (inputShape) => {
    build(inputShape);
    const { tensors, free } = asWeights(functionName, weights);
    try {
      layer.setWeights(tensors);
    } catch (cause) {
      const shapes = (list: readonly { readonly shape: Shape }[]): string =>
        list.length === 0 ? 'none' : list.map(({ shape }) => describeShape(shape)).join(', ');
      throw new KerasShapeError({
        function: functionName,
        layer: layer.name,
        argument: 'weights',
        expected: `\`weights\` must have the shapes of the weights of layer '${layer.name}': ${shapes(layer.weights)}`,
        received: shapes(tensors),
        advice: 'Give one array for each weight, of its shape',
        cause,
      });
    } finally {
      free();
    }
  };
};

/** Both call styles of a layer function, for what it is added to: a model or tensor, or a list of tensors. */
export const layerFunction = <Options extends LayerOptions, Checks extends OwnChecks<Options>, Subject>(
  functionName: string,
  make: Make,
  definition: Definition<Options, Checks>,
  subject: SubjectKind<Subject>,
  add: (layer: NewLayer, subject: Subject) => unknown,
): unknown => {
  const optionNames = Object.keys(definition.options);
  const call = callable({
    name: functionName,
    subject,
    optionNames: [...optionNames, ...Object.keys(layerOptionChecks)],
    ...(definition.bare === undefined ? {} : { bare: definition.bare }),
    checkOptions: (options) => newLayerOf(functionName, make, definition, options),
    run: (object, _, newLayer) => add(newLayer(), object),
    stepFields: (newLayer) => ({
      newLayer,
      ...(newLayer[learnedOf] === undefined ? {} : { [learnedOf]: newLayer[learnedOf] }),
    }),
  });
  noteLayerFunction(definition.baseName, {
    functionName,
    optionNames,
    callOptions: definition.callOptions ?? [],
    step: (options) => call(options),
  });
  return call;
};

/** Defines a layer function one of whose options is required. */
export const defineLayer = <
  Options extends LayerOptions,
  Checks extends OwnChecks<Options> = OwnChecks<Options>,
>(
  functionName: string,
  make: Make,
  definition: Definition<Options, Checks>,
): LayerFunction<Options> =>
  // The call styles are told apart by the arguments, which the implementation's type cannot say.
  layerFunction(functionName, make, definition, layerTarget, applyTo) as LayerFunction<Options>;

/** Defines a layer function all of whose options may be left out. */
export const defineOptionalLayer = <
  Options extends LayerOptions,
  Checks extends OwnChecks<Options> = OwnChecks<Options>,
>(
  functionName: string,
  make: Make,
  definition: Definition<Options, Checks>,
): OptionalLayerFunction<Options> =>
  // The call styles are told apart by the arguments, which the implementation's type cannot say.
  layerFunction(functionName, make, definition, layerTarget, applyTo) as OptionalLayerFunction<Options>;

const mergeLayer = <Options extends LayerOptions, Checks extends OwnChecks<Options>>(
  functionName: string,
  make: Make,
  definition: Definition<Options, Checks>,
): unknown =>
  layerFunction(functionName, make, definition, tensorList, (layer, tensors) => {
    const taken = new Set([...ancestors(tensors)].map(({ name }) => name));
    return applyNew(layer, taken, tensors).output;
  });

/** Defines a merging layer. */
export const defineMergeLayer = <
  Options extends LayerOptions,
  Checks extends OwnChecks<Options> = OwnChecks<Options>,
>(
  functionName: string,
  make: Make,
  definition: Definition<Options, Checks>,
): MergeLayerFunction<Options> =>
  // The call styles are told apart by the arguments, which the implementation's type cannot say.
  mergeLayer(functionName, make, definition) as MergeLayerFunction<Options>;

/** Defines a merging layer one of whose options is required. */
export const defineListLayer = <
  Options extends LayerOptions,
  Checks extends OwnChecks<Options> = OwnChecks<Options>,
>(
  functionName: string,
  make: Make,
  definition: Definition<Options, Checks>,
): ListLayerFunction<Options> => mergeLayer(functionName, make, definition) as ListLayerFunction<Options>; // as in defineMergeLayer

/** Defines an attention layer. */
export const defineAttentionLayer = <
  Options extends LayerOptions,
  Checks extends OwnChecks<Options> = OwnChecks<Options>,
>(
  functionName: string,
  make: Make,
  definition: Definition<Options, Checks>,
): unknown =>
  layerFunction(functionName, make, definition, attentionInputs, (layer, tensors) => {
    const taken = new Set([...ancestors(tensors)].map(({ name }) => name));
    const { output, outputs } = applyNew(layer, taken, tensors);
    return outputs.length === 1 ? output : outputs;
  });
