import type { SymbolicTensor } from '@tensorflow/tfjs';
import { callSite } from '../../base/call-site';
import { checkOptions, type CheckedOptions, type OptionChecks } from '../../base/checks';
import { KerasArgumentError, KerasShapeError, describe, describeShape } from '../../base/errors';
import { makeAll } from '../../base/maker';
import { ancestors, applyNew, applyTo, notATarget } from './apply';
import {
  asWeights,
  batchShapeOf,
  layerOptionChecks,
  type CheckedLayerOptions,
  type LayerOptions,
} from './options';
import {
  isStack,
  isSymbolicTensor,
  type Layer,
  type LayerStep,
  type LayerTarget,
  type Misfit,
  type NewLayer,
  type RankRule,
} from './target';

/** A layer function whose options include required ones: piped or plain. */
export interface LayerFunction<Options> {
  <T extends LayerTarget>(object: T, options: Options): T;
  (options: Options): LayerStep;
}

/** A layer function whose options may all be left out: piped or plain. */
export interface OptionalLayerFunction<Options> {
  <T extends LayerTarget>(object: T, options?: Options): T;
  (options?: Options): LayerStep;
}

/** A merging layer: takes a list of symbolic tensors, piped or plain. */
export interface MergeLayerFunction<Options> {
  (tensors: readonly SymbolicTensor[], options?: Options): SymbolicTensor;
  (options?: Options): (tensors: readonly SymbolicTensor[]) => SymbolicTensor;
}

/** The checks of a layer's own options: the common ones are checked besides. */
export type OwnChecks<Options extends LayerOptions> = OptionChecks<Omit<Options, keyof LayerOptions>>;

/** A layer's checked options, its own and the common ones. */
type Checked<Checks> = CheckedOptions<Checks> & CheckedLayerOptions;

/** What defines a layer. `Checks` is the type of its checks, for those definitions that read checked options. */
interface Definition<Options extends LayerOptions, Checks extends OwnChecks<Options>> {
  /** The name before numbering, as Keras's: `max_pooling2d`. */
  readonly baseName: string;
  /** The checks of the layer's own options, with R's defaults where tfjs's differ. */
  readonly options: Checks;
  readonly rank?: RankRule;
  /** What else the shapes of the input must satisfy. */
  readonly misfit?: (shapes: readonly Shape[], options: Checked<Checks>) => Misfit | undefined;
  /** Whether the layer takes integers and truth values as they are; others get them as floats. */
  readonly keepsTypes?: boolean;
  /** The input shape, batch axis included, of a first layer that needs none from the user. */
  readonly inputShape?: (options: Checked<Checks>) => (number | null)[];
  /** A last check of options against each other. */
  readonly check?: (options: Checked<Checks>) => void;
}

type Make = (args: never) => Layer;
type Shape = readonly (number | null)[];

const newLayerOf = <Options extends LayerOptions, Checks extends OwnChecks<Options>>(
  verb: string,
  make: Make,
  definition: Definition<Options, Checks>,
  options: unknown,
): (() => NewLayer) => {
  const checks: OptionChecks = { ...definition.options, ...layerOptionChecks };
  const definedAt = callSite();
  // Checked at once, so that the error's stack shows the line of the mistake, and so that later changes do not count.
  const checked = checkOptions(verb, options, checks) as Checked<Checks>; // the generic checks, spread above
  definition.check?.(checked);
  const { misfit } = definition;
  const batchInputShape = batchShapeOf(verb, checked);
  const usualInputShape = definition.inputShape?.(checked);
  return () => ({
    verb,
    baseName: definition.baseName,
    name: checked.name,
    batchInputShape,
    usualInputShape,
    rank: definition.rank,
    misfit: misfit === undefined ? undefined : (shapes) => misfit(shapes, checked),
    keepsTypes: definition.keepsTypes ?? false,
    definedAt,
    make: (name, inputShape) => {
      const {
        inputShape: _inputShape,
        batchInputShape: _batchInputShape,
        batchSize: _batchSize,
        weights,
        ...own
      } = checked;
      const layer = make({
        ...makeAll(own), // each layer that is built has initializers with seeds of its own
        name,
        ...(inputShape === undefined ? {} : { batchInputShape: inputShape }),
      } as never); // the checks above make it what the tfjs factory takes
      if (weights !== undefined) giveWeights(verb, layer, weights);
      return layer;
    },
  });
};

const giveWeights = (
  verb: string,
  layer: Layer,
  weights: NonNullable<CheckedLayerOptions['weights']>,
): void => {
  const build = layer.build.bind(layer);
  layer.build = (inputShape) => {
    build(inputShape);
    const { tensors, free } = asWeights(verb, weights);
    try {
      layer.setWeights(tensors);
    } catch (cause) {
      const shapes = (list: readonly { readonly shape: Shape }[]): string =>
        list.length === 0 ? 'none' : list.map(({ shape }) => describeShape(shape)).join(', ');
      throw new KerasShapeError({
        function: verb,
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

const isTarget = (value: unknown): value is LayerTarget => isStack(value) || isSymbolicTensor(value);

/** Something that was meant as the object of a layer function, though it is not one: for a good error. */
const looksLikeTarget = (value: unknown): boolean =>
  Array.isArray(value) ||
  (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) !== Object.prototype);

const layerFunction = <Options extends LayerOptions, Checks extends OwnChecks<Options> = OwnChecks<Options>>(
  verb: string,
  make: Make,
  definition: Definition<Options, Checks>,
): ((...args: readonly unknown[]) => unknown) => {
  return (...args) => {
    const [first, second] = args;
    if (isTarget(first)) return applyTo(newLayerOf(verb, make, definition, second)(), first);
    if (args.length > 1 || looksLikeTarget(first)) throw notATarget(verb, first);
    const newLayer = newLayerOf(verb, make, definition, first);
    return Object.assign((object: LayerTarget) => applyTo(newLayer(), object), { newLayer });
  };
};

/** Defines a layer function one of whose options is required. */
export const defineLayer = <
  Options extends LayerOptions,
  Checks extends OwnChecks<Options> = OwnChecks<Options>,
>(
  verb: string,
  make: Make,
  definition: Definition<Options, Checks>,
): LayerFunction<Options> =>
  // The two call styles are told apart by the first argument, which overloads say and the implementation's type cannot.
  layerFunction(verb, make, definition) as unknown as LayerFunction<Options>;

/** Defines a layer function all of whose options may be left out. */
export const defineOptionalLayer = <
  Options extends LayerOptions,
  Checks extends OwnChecks<Options> = OwnChecks<Options>,
>(
  verb: string,
  make: Make,
  definition: Definition<Options, Checks>,
): OptionalLayerFunction<Options> =>
  layerFunction(verb, make, definition) as unknown as OptionalLayerFunction<Options>; // as in defineLayer

/** Defines a merging layer. */
export const defineMergeLayer = <
  Options extends LayerOptions,
  Checks extends OwnChecks<Options> = OwnChecks<Options>,
>(
  verb: string,
  make: Make,
  definition: Definition<Options, Checks>,
): MergeLayerFunction<Options> => {
  const merge = (newLayer: () => NewLayer, tensors: unknown): SymbolicTensor => {
    if (!Array.isArray(tensors) || tensors.length < 2 || !tensors.every(isSymbolicTensor)) {
      throw new KerasArgumentError({
        function: verb,
        argument: 'tensors',
        expected: 'a merging layer takes an array of two or more outputs of layers',
        received: describe(tensors),
        advice: `Write ${verb}([a, b]), where a and b come from layerInput() or other layers`,
      });
    }
    const taken = new Set([...ancestors(tensors)].map(({ name }) => name));
    return applyNew(newLayer(), taken, tensors).output;
  };
  const both = (...args: readonly unknown[]): unknown => {
    const [first, second] = args;
    if (Array.isArray(first) || isTarget(first))
      return merge(newLayerOf(verb, make, definition, second), first);
    const newLayer = newLayerOf(verb, make, definition, first);
    return (tensors: unknown) => merge(newLayer, tensors);
  };
  return both as unknown as MergeLayerFunction<Options>; // as in defineLayer
};
