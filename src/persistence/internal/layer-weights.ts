/** The weights of layers as Keras's HDF5 files have them: the trainable ones first, under unique names. */
import type { LayerVariable, LayersModel } from '@tensorflow/tfjs';
import { isAdaptive, learnedOf } from '../../layers/internal/learned';
import type { Layer } from '../../layers/internal/target';
import { tf } from '../../tfjs/tensorflow';

/** A weight, and what it is called in a file. */
export interface NamedWeight {
  readonly name: string;
  readonly weight: LayerVariable;
}

const isModel = (layer: Layer): layer is LayersModel => layer instanceof tf.LayersModel;

const unique = (weights: readonly LayerVariable[]): LayerVariable[] => [...new Set(weights)];

/** Those that are trained, and those that are not, as Keras orders them: of a frozen model all, what would be trained first. */
const trainableOf = (layer: Layer): LayerVariable[] => {
  if (!isModel(layer)) return layer.trainableWeights;
  return layer.trainable ? unique(layer.layers.flatMap(trainableOf)) : [];
};

const nonTrainableOf = (layer: Layer): LayerVariable[] => {
  if (!isModel(layer)) return layer.nonTrainableWeights;
  const others = layer.layers.flatMap(nonTrainableOf);
  return unique(layer.trainable ? others : [...layer.layers.flatMap(trainableOf), ...others]);
};

/** The weights of a layer in the order of Keras's files. */
export const orderedWeights = (layer: Layer): LayerVariable[] =>
  unique([...trainableOf(layer), ...nonTrainableOf(layer)]);

/** The weights of a model that are trained, in Keras's order. */
export const trainedWeights = (model: LayersModel): LayerVariable[] =>
  unique(model.layers.flatMap(trainableOf));

/** Names with `:0`, as TensorFlow's variables have them; one that is there already gets a number. */
export const uniqueName = (name: string, taken: Set<string>): string => {
  const base = name === '' ? 'weight' : name;
  let candidate = `${base}:0`;
  for (let number = 1; taken.has(candidate); number++) candidate = `${base}_${number}:0`;
  taken.add(candidate);
  return candidate;
};

/** The weights of a layer with their names, in the order of Keras's files. */
export const namedWeights = (layer: Layer): NamedWeight[] => {
  const taken = new Set<string>();
  return orderedWeights(layer).map((weight) => ({ name: uniqueName(weight.originalName, taken), weight }));
};

/** Whether a layer learns what Keras 2 counts among its weights: a vocabulary, or a summary of values. */
export const learnsState = (layer: Layer): boolean =>
  isModel(layer) ? layer.layers.some(learnsState) : isAdaptive(layer) && !layer[learnedOf].isGiven;

/** The layers of a model that have a place in its file: Keras does not count a stack's input. */
export const savedLayers = (model: LayersModel): readonly Layer[] =>
  model instanceof tf.Sequential
    ? model.layers.filter((layer) => layer.getClassName() !== 'InputLayer')
    : model.layers;
