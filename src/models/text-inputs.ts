import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs';
import type { Layer } from '../layers/internal/target';
import type { GraphPart } from '../tfjs/run-graph';

/** A model that takes texts as two parts: what makes numbers of them, and what computes with the numbers. */
export interface TextModel {
  /** From the model's inputs to the numbers. */
  readonly reading: GraphPart;
  /** From the numbers, with the inputs that are numbers already, to the outputs. */
  readonly computing: GraphPart;
  /** The layers of the first part. */
  readonly readers: readonly Layer[];
}

const isText = ({ dtype }: SymbolicTensor): boolean => dtype === 'string';

const inputsOf = ({ sourceLayer, nodeIndex }: SymbolicTensor): readonly SymbolicTensor[] =>
  sourceLayer.inboundNodes[nodeIndex]?.inputTensors ?? [];

/** The tensors at which numbers begin: inputs, and what layers make of texts. Undefined if texts come out of the model. */
const beginningsOf = ({ inputs, outputs }: LayersModel): SymbolicTensor[] | undefined => {
  const seen = new Set<SymbolicTensor>();
  const beginnings: SymbolicTensor[] = [];
  const visit = (tensor: SymbolicTensor): boolean => {
    if (seen.has(tensor)) return true;
    seen.add(tensor);
    if (isText(tensor)) return false;
    const before = inputsOf(tensor);
    if (!inputs.includes(tensor) && !before.some(isText)) return before.every(visit);
    beginnings.push(tensor);
    return true;
  };
  return outputs.every(visit) ? beginnings : undefined;
};

/** The layers between a model's inputs and some tensors. */
const layersBefore = (model: LayersModel, tensors: readonly SymbolicTensor[]): Layer[] => {
  const layers = new Set<Layer>();
  const visit = (tensor: SymbolicTensor): void => {
    if (model.inputs.includes(tensor) || layers.has(tensor.sourceLayer)) return;
    layers.add(tensor.sourceLayer);
    inputsOf(tensor).forEach(visit);
  };
  tensors.forEach(visit);
  return [...layers];
};

const partsOf = (model: LayersModel): TextModel | undefined => {
  if (!model.inputs.some(isText)) return undefined;
  const numbers = beginningsOf(model);
  if (numbers === undefined) return undefined;
  return {
    reading: { inputs: model.inputs, outputs: numbers },
    computing: { inputs: numbers, outputs: model.outputs },
    readers: layersBefore(model, numbers),
  };
};

const known = new WeakMap<readonly SymbolicTensor[], TextModel | null>();

/** The parts of a model that takes texts; undefined for others, and for one that gives texts. */
export const textModel = (model: LayersModel): TextModel | undefined => {
  const parts = known.get(model.outputs);
  if (parts !== undefined) return parts ?? undefined;
  const found = partsOf(model);
  known.set(model.outputs, found ?? null);
  return found;
};
