/** What is inside of layers, as Keras 3 has it: it keeps the weights of each layer, and of each layer in a layer, by themselves. */
import type { LayerVariable } from '@tensorflow/tfjs';
import { kernelOf } from '../../../layers/internal/spectral-normalization-layer';
import { WrappedCell } from '../../../layers/internal/own-cells';
import type { Layer } from '../../../layers/internal/target';
import { isList, snakeCase } from '../../../models/config/forms';
import { innerLayersOf } from '../../../tfjs/private';
import { tf } from '../../../tfjs/tensorflow';
import { orderedWeights } from '../layer-weights';

/** One name or more: some versions of Keras call an attribute otherwise, by names that come after. */
export type Names = readonly [string, ...string[]];

/** An attribute of a layer: a layer, layers, or weights of ours that are a layer's in Keras. */
export type Part = { readonly attributes: Names } & (
  | { readonly layer: Layer }
  | { readonly layers: readonly Layer[] }
  | { readonly weights: readonly LayerVariable[] }
);

const isLayer = (value: unknown): value is Layer => value instanceof tf.layers.Layer;

/** The layers in which Keras has the projections of attention of several heads, by how the names of their weights begin. */
const PROJECTIONS: readonly (readonly [string, string])[] = [
  ['query/', 'query_dense'],
  ['key/', 'key_dense'],
  ['value/', 'value_dense'],
  ['attention_output/', 'output_dense'],
];

const projectionsOf = (layer: Layer, namesOf: (attribute: string) => Names): Part[] => {
  // A layer around this one may have put its name before.
  const isOf = (name: string, prefix: string): boolean =>
    name.startsWith(prefix) || name.includes(`/${prefix}`);
  return PROJECTIONS.map(([prefix, attribute]) => ({
    attributes: namesOf(attribute),
    weights: orderedWeights(layer).filter(({ originalName }) => isOf(originalName, prefix)),
  }));
};

/** A layer of texts has one that looks their tokens up, in which Keras has the weights of tokens, too. */
const tokenLookup = (layer: Layer): Part[] =>
  layer.weights.length === 0 ? [] : [{ attributes: ['_lookup_layer'], weights: orderedWeights(layer) }];

const convolutionalCell = (layer: Layer): Part[] => [
  { attributes: ['cell'], weights: orderedWeights(layer) },
];

/** The parts of layers of Keras's classes that are not under the same names here, in the order in which Keras has their weights. */
const PARTS: Readonly<Record<string, (layer: Layer) => readonly Part[]>> = {
  Bidirectional: (layer) => {
    const [forward, backward] = innerLayersOf(layer) as [Layer, Layer]; // of the two directions
    return [
      { attributes: ['forward_layer'], layer: forward },
      { attributes: ['backward_layer'], layer: backward },
    ];
  },
  MultiHeadAttention: (layer) => projectionsOf(layer, (name) => [name, `_${name}`]),
  GroupQueryAttention: (layer) => projectionsOf(layer, (name) => [`_${name}`, name]),
  TextVectorization: tokenLookup,
  ConvLSTM1D: convolutionalCell,
  ConvLSTM2D: convolutionalCell,
  ConvLSTM3D: convolutionalCell,
};

/** Weights that a layer has besides those of its parts, where Keras has some of these a second time. */
const OWN: Readonly<
  Record<string, (layer: Layer, others: readonly LayerVariable[]) => readonly LayerVariable[]>
> = {
  TextVectorization: (layer) => orderedWeights(layer),
  // The kernel that is normalized is its own, too.
  SpectralNormalization: (layer, others) => [kernelOf(innerLayersOf(layer)[0] as Layer), ...others], // it has one
};

/** The weights in a layer's own group, of those that are in none of its parts. */
export const ownWeights = (layer: Layer, others: readonly LayerVariable[]): readonly LayerVariable[] =>
  OWN[layer.getClassName()]?.(layer, others) ?? others;

const fieldOf = (layer: Layer, field: string): unknown =>
  (layer as unknown as Record<string, unknown>)[field]; // what class it is of is not known

/** The parts under some fields, of the layers that are inside. */
const partsIn = (layer: Layer, fields: readonly string[]): Part[] => {
  const inner = new Set(innerLayersOf(layer));
  const layerIn = (value: unknown): Layer | undefined => {
    // What a layer of one's own calls is a function, which has the layer.
    const found = typeof value === 'function' && 'layer' in value ? value.layer : value;
    return isLayer(found) && inner.has(found) ? found : undefined;
  };
  return fields.flatMap((field): Part[] => {
    const value = fieldOf(layer, field);
    const one = layerIn(value);
    if (one !== undefined) return [{ attributes: [snakeCase(field)], layer: one }];
    const layers = isList(value) ? value.map(layerIn).filter(isLayer) : [];
    return layers.length > 0 ? [{ attributes: [snakeCase(field)], layers }] : [];
  });
};

const layersIn = (part: Part): readonly Layer[] =>
  'layer' in part ? [part.layer] : 'layers' in part ? part.layers : [];

/** The fields under which wrappers, recurrent layers and stacks of cells have layers, here as in Keras. */
const FIELDS = ['layer', 'cell', 'cells'];

/** The parts of a layer that is no model. */
export const partsOf = (layer: Layer): readonly Part[] => {
  const known = PARTS[layer.getClassName()];
  if (known !== undefined) return known(layer);
  const usual = partsIn(layer, FIELDS);
  if (usual.length > 0) return usual;
  // A layer of one's own has them under fields of its own, as its counterpart in Python has attributes.
  const parts = partsIn(layer, Object.keys(layer).sort());
  const found = new Set(parts.flatMap(layersIn));
  const others = innerLayersOf(layer).filter((inner) => !found.has(inner));
  return others.length === 0 ? parts : [...parts, { attributes: ['_layers'], layers: others }];
};

/** All weights in a part. */
export const weightsIn = (part: Part): readonly LayerVariable[] =>
  'weights' in part ? part.weights : layersIn(part).flatMap(({ weights }) => weights);

/** The layer that Keras knows: a cell of tfjs's kind runs in one of this library's. */
export const knownLayer = (layer: Layer): Layer => (layer instanceof WrappedCell ? layer.layer : layer);
