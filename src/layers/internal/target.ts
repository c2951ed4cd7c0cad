import type { layers, SymbolicTensor } from '@tensorflow/tfjs';
import { tf } from '../../tfjs/tensorflow';
import type { Learned } from './learned';

/** A tfjs layer. */
export type Layer = layers.Layer;

/** Whether a layer is itself a model, with layers inside. */
export const hasLayers = (layer: Layer): layer is Layer & { readonly layers: readonly Layer[] } =>
  'layers' in layer && Array.isArray(layer.layers);

/** The layers inside a layer of the user's own. */
export const sublayersOf = (layer: Layer): readonly Layer[] =>
  'sublayers' in layer && Array.isArray(layer.sublayers) ? (layer.sublayers as readonly Layer[]) : []; // of layers, as such a layer has it

/** What a layer does with texts: it reads them, and gives what it says; or keeps them, in another order or shape. */
export type TextRule = 'read' | 'kept';

/** A layer that is still to be made, once it is known where it goes. */
export interface NewLayer {
  /** The function that the user called, for errors: `layerDense`. */
  readonly functionName: string;
  /** What the layer is called if the user gave no name: `dense`, then `dense_1`, … */
  readonly baseName: string;
  /** The name that the user gave. */
  readonly name: string | undefined;
  /** The input shape that the user gave, batch axis first. */
  readonly batchInputShape: readonly (number | null)[] | undefined;
  /** The input shape of a first layer that needs none from the user. */
  readonly defaultInputShape: readonly (number | null)[] | undefined;
  /** The ranks of input, batch axis included, that the layer takes, and what to do about another one. */
  readonly rank: RankRule | undefined;
  /** What else the shapes of the input must satisfy: what is wrong with them, if anything. */
  readonly shapeRequirement:
    ((shapes: readonly (readonly (number | null)[])[]) => UnmetRequirement | undefined) | undefined;
  /** Whether the layer takes integers and truth values as they are; others get them as floats. */
  readonly keepsTypes: boolean;
  /** What the layer does with texts; others refuse them. */
  readonly texts?: TextRule | undefined;
  /** What the layer is called with, besides its inputs: options that Keras takes at the call. */
  readonly callArguments?: Readonly<Record<string, unknown>> | undefined;
  /** Whether the layer takes states as further inputs. */
  readonly takesStates?: boolean;
  /** The states before a recurrent layer's first step: inputs of the layer, after the first. */
  readonly states?: readonly SymbolicTensor[] | undefined;
  /** The option by which the layer has several outputs, if it has. */
  readonly manyOutputs?: string | undefined;
  /** What all layers of this step have learned together from data. */
  readonly learned?: Learned | undefined;
  /** The line of the user's program that added the layer. */
  readonly definedAt: string | undefined;
  make(name: string, batchInputShape?: readonly (number | null)[]): Layer;
}

/** The ranks, batch axis included, of a layer's input. */
export interface RankRule {
  readonly minNDim: number;
  readonly maxNDim: number;
  readonly advice: string;
  /** How many inputs it is about, from the first; all by default. */
  readonly inputs?: number;
}

/** Why a layer cannot take an input: what it needs, as a clause, and what to do. */
export interface UnmetRequirement {
  readonly needs: string;
  readonly advice: string;
}

/** The key of the method by which a model takes a layer. */
export const addLayer: unique symbol = Symbol('addLayer');

/** The key by which the compiler knows a stack of layers; there is no such value. */
export declare const layerStack: unique symbol;

/** A linear stack of layers that layer functions add to in place: a Sequential model. */
export interface LayerStack {
  readonly [layerStack]: true;
}

/** How a stack takes a layer. */
interface LayerSink extends LayerStack {
  [addLayer](layer: NewLayer): void;
}

/** The key by which the compiler knows a step that adds one layer; there is no such value. */
export declare const layerStep: unique symbol;

/** What a layer function takes: a Sequential model, or a symbolic tensor of the functional API. */
export type LayerTarget = LayerStack | SymbolicTensor;

/**
 * A layer to be added. Each application to a model or tensor builds a fresh layer.
 *
 * A Sequential model is changed in place and comes back; for a symbolic tensor, the layer's output comes back.
 */
export interface LayerStep {
  <T extends LayerTarget>(object: T): T;
  readonly [layerStep]: true;
  /** @internal Builds the layer alone, for wrappers. */
  readonly newLayer: () => NewLayer;
}

export const isStack = (value: unknown): value is LayerSink =>
  typeof value === 'object' && value !== null && addLayer in value;

export const isLayer = (value: unknown): value is Layer => value instanceof tf.layers.Layer;

export const isSymbolicTensor = (value: unknown): value is SymbolicTensor =>
  value instanceof tf.SymbolicTensor;

export const isTarget = (value: unknown): value is LayerTarget => isStack(value) || isSymbolicTensor(value);
