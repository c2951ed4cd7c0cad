import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs';
import type { Layer } from '../layers/internal/target';
import { innerLayersOf } from '../tfjs/private';
import { tf } from '../tfjs/tensorflow';

/** Layers that give values as they come, in another order or shape. */
const PASSING: ReadonlySet<string> = new Set([
  'Concatenate',
  'Cropping1D',
  'Cropping2D',
  'Flatten',
  'Masking',
  'Permute',
  'RepeatVector',
  'Reshape',
  'ZeroPadding1D',
  'ZeroPadding2D',
]);

/** The layer itself, or the one inside a wrapper, if it takes ids. */
const embeddingIn = (layer: Layer): Layer | undefined => {
  if (layer.getClassName() === 'Embedding') return layer;
  if (layer instanceof tf.LayersModel || !('layer' in layer)) return undefined;
  return innerLayersOf(layer).find((inner) => inner.getClassName() === 'Embedding');
};

const idsOf = (embedding: Layer): IdsOf => ({
  layer: embedding.name,
  count: Number(embedding.getConfig()['inputDim']),
});

const nodeOf = ({ sourceLayer, nodeIndex }: SymbolicTensor): Layer['inboundNodes'][number] | undefined =>
  sourceLayer.inboundNodes[nodeIndex];

/** The positions of the model's inputs whose values come to a tensor as they are. */
const originsOf = (model: LayersModel, tensor: SymbolicTensor): number[] => {
  const position = model.inputs.indexOf(tensor);
  if (position !== -1) return [position];
  const { sourceLayer: layer } = tensor;
  const inputs = nodeOf(tensor)?.inputTensors ?? [];
  if (PASSING.has(layer.getClassName())) return inputs.flatMap((input) => originsOf(model, input));
  if (!(layer instanceof tf.LayersModel)) return [];
  const output = layer.outputs[tensor.outputTensorIndex ?? 0];
  const inner = output === undefined ? [] : originsOf(layer, output);
  return inner.flatMap((index) => originsOf(model, inputs[index] as SymbolicTensor)); // it has an input for each of its own
};

/** The applications of layers from which a model's outputs come. */
const applicationsOf = (model: LayersModel): SymbolicTensor[] => {
  const seen = new Set<SymbolicTensor>();
  const visit = (tensor: SymbolicTensor): void => {
    if (seen.has(tensor) || model.inputs.includes(tensor)) return;
    seen.add(tensor);
    nodeOf(tensor)?.inputTensors.forEach(visit);
  };
  model.outputs.forEach(visit);
  return [...seen];
};

/** The embedding that an input's values are ids for. */
export interface IdsOf {
  readonly layer: string;
  /** How many ids there are, counted from 0. */
  readonly count: number;
}

const findIdInputs = (model: LayersModel): Map<number, IdsOf> => {
  const found = new Map<number, IdsOf>();
  for (const tensor of applicationsOf(model)) {
    const { sourceLayer: layer } = tensor;
    const inputs = nodeOf(tensor)?.inputTensors ?? [];
    const embedding = embeddingIn(layer);
    const ids: [SymbolicTensor, IdsOf][] =
      embedding !== undefined
        ? inputs.map((input) => [input, idsOf(embedding)])
        : layer instanceof tf.LayersModel
          ? // It has an input for each of its own.
            [...idInputs(layer)].map(([index, of]) => [inputs[index] as SymbolicTensor, of])
          : [];
    for (const [input, of] of ids) {
      for (const index of originsOf(model, input)) if (!found.has(index)) found.set(index, of);
    }
  }
  return found;
};

const idInputsOf = new WeakMap<readonly SymbolicTensor[], ReadonlyMap<number, IdsOf>>();

/** The inputs of a model, by position, that are ids for an embedding, and for which. */
export const idInputs = (model: LayersModel): ReadonlyMap<number, IdsOf> => {
  const inputs = idInputsOf.get(model.outputs) ?? findIdInputs(model);
  idInputsOf.set(model.outputs, inputs);
  return inputs;
};
