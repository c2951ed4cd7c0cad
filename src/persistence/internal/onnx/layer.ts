/** How layers are written: what a class needs to know of a layer, and what is refused. */
import type { LayerVariable } from '@tensorflow/tfjs';
import { KerasArgumentError } from '../../../base/errors';
import type { Layer } from '../../../layers/internal/target';
import type { Config } from '../../../models/config/forms';
import { layerConfig } from '../../../models/config/write-model';
import type { Emitter, Shape, Value } from './emitter';

/** A layer that is written. */
export interface Written {
  readonly layer: Layer;
  readonly config: Readonly<Config>;
  /** The shapes of its outputs. */
  readonly shapes: readonly Shape[];
  /** What else it is called with. */
  readonly call: Readonly<Config>;
  readonly emit: Emitter;
  /** Writes another layer: one inside. */
  readonly apply: (layer: Layer, inputs: readonly Value[]) => Value[];
}

/** Writes a layer of a class. */
export type LayerWriter = (written: Written, ...inputs: [Value, ...Value[]]) => Value | Value[];

/** Writers of classes of layers, by Keras's names. */
export type LayerWriters = Readonly<Record<string, LayerWriter>>;

/** Throws for what has no counterpart in ONNX. */
export const refuse = (layer: Layer, reason: string, advice: string): never => {
  throw new KerasArgumentError({
    layer: layer.name,
    argument: 'model',
    expected: 'all layers must have a form in ONNX',
    received: `layer '${layer.name}' of the class ${layer.getClassName()}: ${reason}`,
    advice,
  });
};

/** The weight of a layer of a name, such as `kernel` or `query/kernel`; undefined if it has none. */
export const weightOf = (layer: Layer, name: string): LayerVariable | undefined =>
  layer.weights.find(({ originalName }) => originalName === name || originalName.endsWith(`/${name}`));

/** The same, of a weight that is there once the layer is built. */
export const neededWeight = (layer: Layer, name: string): LayerVariable =>
  weightOf(layer, name) ?? refuse(layer, `it has no weight '${name}'`, 'Build it first');

/** An option that is a number. */
export const numberIn = (config: Readonly<Config>, key: string): number => Number(config[key]);

/** An option that is a text, or what it is by default. */
export const textIn = (config: Readonly<Config>, key: string, byDefault: string): string =>
  typeof config[key] === 'string' ? config[key] : byDefault;

/** An option that is a list of numbers, or one number for as many axes. */
export const numbersOf = (value: unknown, length: number): number[] =>
  Array.isArray(value) ? value.map(Number) : Array<number>(length).fill(Number(value));

/** A layer's configuration; one that has none cannot be written. */
export const configOfLayer = (layer: Layer): Config => {
  try {
    return layerConfig(layer);
  } catch (error) {
    if (!(error instanceof KerasArgumentError)) throw error;
    return refuse(layer, error.received ?? error.expected, ADVICE);
  }
};

export const ADVICE =
  'Take it out of what is exported and compute it in the program that runs the model, or build it of layers that docs/onnx.md lists';

/** The axis counted from 0. */
export const axisOf = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** Axes counted from 0. */
export const axesOf = (axis: unknown, rank: number): number[] =>
  [axis].flat().map((one) => axisOf(Number(one), rank));
