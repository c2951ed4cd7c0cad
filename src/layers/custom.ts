import type { SymbolicTensor } from '@tensorflow/tfjs';
import { callSite } from '../base/call-site';
import { callable, type callForm, type CallForm, type SubjectKind } from '../base/call-styles';
import { argumentError, checkOptions, required, type Check, type Place } from '../base/checks';
import { isOfLibraryClass } from '../tfjs/base-classes';
import { tf } from '../tfjs/tensorflow';
import { ancestors, applyNew, applyTo, automaticBaseName, definitionOf, layerTarget } from './internal/apply';
import {
  isLayer,
  isSymbolicTensor,
  isTarget,
  type Layer,
  type LayerStep,
  type LayerTarget,
  type NewLayer,
} from './internal/target';

/** A layer of tfjs for {@link layerTf}, or a function that makes one. */
export type TfLayerSource = Layer | (() => Layer);

/** {@link layerTf}: piped, or plain, with what the layer is added to first; a merging layer takes a list. */
export interface TfLayerFunction {
  (layer: TfLayerSource): LayerStep;
  (tensors: readonly SymbolicTensor[], layer: TfLayerSource): SymbolicTensor;
  <T extends LayerTarget>(object: T, layer: TfLayerSource): T;
  readonly [callForm]: CallForm<['layer of', TfLayerSource]>;
}

const NAME = 'layerTf';
const PLACE: Place = { function: NAME, argument: 'layer' };

const layerOfTfjs: Check<Layer> = (value, place) => {
  if (!isLayer(value)) {
    const advice = 'Write layerTf(tf.layers.dense({ units: 3 })), or give an instance of a class of your own';
    throw argumentError(place, 'a layer of tfjs, or a function that makes one', value, advice);
  }
  if (value instanceof tf.LayersModel) {
    throw argumentError(place, 'a layer of tfjs, and no model', value, 'Write layerModel(model)');
  }
  if (value.getClassName() === 'InputLayer') {
    throw argumentError(place, 'a layer that computes something', value, 'Write layerInput({ shape: […] })');
  }
  if (value.inboundNodes.length > 0) {
    throw argumentError(
      place,
      'a layer that is not in use yet',
      `'${value.name}', which is in a model or has been applied`,
      'Make another one, or give a function that does: layerTf(() => tf.layers.dense({ units: 3 })). ' +
        'For one layer in several places write shared(layerTf(layer))',
    );
  }
  return value;
};

const source: Check<TfLayerSource> = (value, place) =>
  typeof value === 'function' ? (value as () => Layer) : layerOfTfjs(value, place); // what it makes is checked then

/** The name that tfjs gave a layer by itself, `dense_Dense1`, begins with what Keras calls it. */
const automaticName = (layer: Layer): string | undefined => {
  const suffix = `_${layer.getClassName()}`;
  const start = layer.name.lastIndexOf(suffix);
  const isNumbered = /^\d+$/.test(layer.name.slice(start + suffix.length));
  return start > 0 && isNumbered ? layer.name.slice(0, start) : undefined;
};

const newLayerOf = (source: TfLayerSource, definedAt: string | undefined): NewLayer => {
  const layer = layerOfTfjs(typeof source === 'function' ? source() : source, PLACE);
  // What this library knows of the layer, if it has made it: `fromConfig` does.
  const known = definitionOf(layer);
  const baseName = known === undefined ? automaticName(layer) : automaticBaseName(layer);
  return {
    defaultInputShape: undefined,
    rank: undefined,
    shapeRequirement: undefined,
    keepsTypes: true,
    texts: isOfLibraryClass(layer) ? undefined : 'read',
    ...known,
    functionName: NAME,
    baseName: baseName ?? layer.name,
    name: baseName === undefined ? layer.name : undefined,
    batchInputShape: layer.batchInputShape, // undefined but for a first layer
    definedAt,
    make: (name, batchInputShape) => {
      layer.name = name;
      if (batchInputShape !== undefined) {
        const { dtype } = layer as { dtype?: Layer['dtype'] }; // not there in a layer without an input shape
        Object.assign(layer, { batchInputShape: [...batchInputShape], dtype: dtype ?? 'float32' });
      }
      return layer;
    },
  };
};

const isList = (value: unknown): value is readonly SymbolicTensor[] =>
  Array.isArray(value) && value.length > 0 && value.every(isSymbolicTensor);

const target: SubjectKind<LayerTarget | readonly SymbolicTensor[]> = {
  argument: 'model',
  is: (value) => isTarget(value) || isList(value),
  check: (functionName, value) => (isList(value) ? value : layerTarget.check(functionName, value)),
};

/**
 * A layer of tfjs, one of `tf.layers` or of a class of your own, as a layer of a Sequential model or of a graph.
 *
 * `layer` is the layer, which can be added once, or a function that makes one, which is then called for each place. In and
 * out are the layer's; a merging layer is applied to a list: `layerTf([a, b], tf.layers.maximum())`.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if it is no layer, or is in use already.
 * @throws KerasShapeError if the layer does not take its input.
 * @example
 * const model = pipe(
 *   kerasModelSequential({ inputShape: [4] }),
 *   layerTf(tf.layers.repeatVector({ n: 3 })),
 *   layerDense({ units: 2 }),
 * )
 * assert.deepStrictEqual(outputShape(model), [null, 3, 2])
 * @see R keras: any layer of Keras's, `create_layer`
 */
export const layerTf: TfLayerFunction = callable({
  name: NAME,
  subject: target,
  optionNames: ['layer'],
  // Alone it is the layer, whatever it is.
  bare: { name: 'layer', is: () => true, isRequired: true },
  checkOptions: (options) => {
    const line = callSite();
    const { layer } = checkOptions(NAME, options, { layer: required(source) });
    return () => newLayerOf(layer, line);
  },
  run: (object, _, newLayer) => {
    if (isTarget(object)) return applyTo(newLayer(), object);
    const taken = new Set([...ancestors(object)].map(({ name }) => name));
    return applyNew(newLayer(), taken, object).output;
  },
  stepFields: (newLayer) => ({ newLayer }),
}) as unknown as TfLayerFunction; // the call styles are told apart by the arguments
