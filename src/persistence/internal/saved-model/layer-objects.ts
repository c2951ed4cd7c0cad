/** The layers of a model as the objects that Keras 2.13 keeps in checkpoints. */
import type { LayerVariable, LayersModel } from '@tensorflow/tfjs';
import type { Layer } from '../../../layers/internal/target';
import { typeNumber } from '../../../tfjs/binding';
import { variableOf } from '../../../tfjs/private';
import { tf } from '../../../tfjs/tensorflow';
import { learnsState, savedLayers } from '../layer-weights';
import { listObject, Trackable } from './trackable';

/** The fields in which layers have other layers, here and in Keras. */
const INNER_FIELDS = [
  ['cell', 'cell'],
  ['cells', 'cells'],
  ['layer', 'layer'],
  ['backwardLayer', 'backward_layer'],
] as const;

/** Keras's fields for the parts of attention, which are layers there. */
const ATTENTION_PARTS: Readonly<Record<string, string>> = {
  query: '_query_dense',
  key: '_key_dense',
  value: '_value_dense',
  attention_output: '_output_dense',
};

/** What Keras calls kinds of objects. */
export const IDENTIFIERS = {
  layer: '_tf_keras_layer',
  input: '_tf_keras_input_layer',
  recurrent: '_tf_keras_rnn_layer',
  stack: '_tf_keras_sequential',
  network: '_tf_keras_network',
} as const;

/** What Keras calls the kind of a layer. */
export const identifierOf = (layer: Layer): string => {
  if (layer instanceof tf.Sequential) return IDENTIFIERS.stack;
  if (layer instanceof tf.LayersModel) return IDENTIFIERS.network;
  if (layer.getClassName() === 'InputLayer') return IDENTIFIERS.input;
  return 'cell' in layer ? IDENTIFIERS.recurrent : IDENTIFIERS.layer;
};

/** The field of Keras's in which a layer has one inside for some of its weights, which are its own here. */
const partOf = (className: string, place: string): string | undefined => {
  if (/^ConvLSTM\dD$/.test(className)) return 'cell';
  // A layer of texts has one that looks up their tokens.
  if (className === 'TextVectorization') return '_lookup_layer';
  return /Attention$/.test(className) ? ATTENTION_PARTS[place] : undefined;
};

/** A layer of Keras's that is part of one here. */
export interface LayerPart {
  readonly layer: Layer;
  readonly name: string;
  readonly object: Trackable;
}

/** A model's layers and weights as objects, each once. */
export class LayerObjects {
  /** The objects of layers, in the order in which they are met. */
  readonly layers = new Map<Layer, Trackable>();
  readonly variables = new Map<LayerVariable, Trackable>();
  readonly parts: LayerPart[] = [];

  /** With `countsLearned`, layers that learn count among those with weights, as in what Keras writes. */
  constructor(private readonly countsLearned = false) {}

  /** The object of a layer. */
  of(layer: Layer): Trackable {
    const known = this.layers.get(layer);
    if (known !== undefined) return known;
    const object = new Trackable({ kind: 'object', identifier: identifierOf(layer), version: 1 });
    this.layers.set(layer, object);
    if (layer instanceof tf.LayersModel) this.addLayers(object, layer);
    else this.addFields(object, layer);
    return object;
  }

  private addLayers(object: Trackable, model: LayersModel): void {
    let withWeights = 0;
    savedLayers(model).forEach((layer, index) => {
      const one = this.of(layer);
      if (layer.weights.length > 0 || (this.countsLearned && learnsState(layer)))
        object.add(`layer_with_weights-${withWeights++}`, one);
      object.add(`layer-${index}`, one);
    });
  }

  private addFields(object: Trackable, layer: Layer): void {
    const fields = layer as unknown as Readonly<Record<string, unknown>>; // layers in fields that tfjs's types do not say
    const inside = new Set<LayerVariable>();
    for (const [field, name] of INNER_FIELDS) {
      const value = fields[field];
      const inner = (Array.isArray(value) ? value : [value]).filter((one) => one instanceof tf.layers.Layer);
      if (inner.length === 0) continue;
      const objects = inner.map((one) => this.of(one));
      // The layer that goes forward has a name of its own where there is one that goes backward.
      object.add(
        field === 'layer' && 'backwardLayer' in fields ? 'forward_layer' : name,
        Array.isArray(value) ? listObject(objects) : (objects[0] as Trackable),
      ); // there is one
      for (const { weights } of inner) weights.forEach((weight) => inside.add(weight));
    }
    for (const weight of layer.weights) if (!inside.has(weight)) this.addWeight(object, layer, weight);
  }

  private addWeight(object: Trackable, layer: Layer, weight: LayerVariable): void {
    const parts = weight.originalName.split('/');
    const name = parts.at(-1) ?? '';
    const part = partOf(layer.getClassName(), parts.at(-2) ?? '');
    const variable = this.variable(weight);
    if (part === undefined) {
      object.add(name, variable);
      return;
    }
    const known = object.children.get(part);
    const inner = known ?? new Trackable({ kind: 'object', identifier: IDENTIFIERS.layer, version: 1 });
    if (known === undefined) this.parts.push({ layer, name: parts.at(-2) ?? '', object: inner });
    object.add(part, inner.add(name, variable));
  }

  /** The object of a weight. */
  variable(weight: LayerVariable): Trackable {
    const known = this.variables.get(weight);
    if (known !== undefined) return known;
    const variable = variableOf(weight);
    const made = new Trackable({
      kind: 'variable',
      name: weight.originalName,
      isTrainable: weight.trainable,
      numbers: {
        dtype: typeNumber(variable.dtype),
        shape: variable.shape,
        values: async () => variable.data(),
      },
    });
    this.variables.set(weight, made);
    return made;
  }
}
