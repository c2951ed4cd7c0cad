/** A model as the objects that Keras 2.13 keeps of it in checkpoints: its layers, and its optimizer. */
import type { LayerVariable } from '@tensorflow/tfjs';
import type { Layer } from '../../../layers/internal/target';
import type { KerasModel } from '../../../models/model';
import type { Optimizer } from '../../../optimizers/optimizer';
import { TYPES } from '../../../tfjs/binding';
import { variableOf } from '../../../tfjs/private';
import type { Tensor, Variable } from '../../../tfjs/tensorflow';
import { trainedWeights } from '../layer-weights';
import { optimizerValues } from '../optimizer-state';
import { LayerObjects, type LayerPart } from './layer-objects';
import { listObject, Trackable } from './trackable';

/** A model's objects. */
export interface ModelObjects {
  readonly root: Trackable;
  readonly layers: ReadonlyMap<Layer, Trackable>;
  readonly parts: readonly LayerPart[];
  readonly variables: ReadonlyMap<Variable, Trackable>;
}

/** The names of the objects that an optimizer has. */
export const OPTIMIZER = {
  name: 'optimizer',
  iterations: '_iterations',
  /** Before Keras 2.11. */
  oldIterations: 'iter',
  learningRate: '_learning_rate',
  variables: '_variables',
} as const;

const numberObject = (
  name: string,
  dtype: number,
  shape: readonly number[],
  values: () => Promise<ArrayBufferView>,
): Trackable =>
  new Trackable({ kind: 'variable', name, isTrainable: false, numbers: { dtype, shape, values } });

/** The values of a tensor, which goes. */
const valuesOf = async (tensor: Tensor): Promise<ArrayBufferView> => {
  try {
    return await tensor.data();
  } finally {
    tensor.dispose();
  }
};

const optimizerObject = (optimizer: Optimizer, weights: readonly LayerVariable[]): Trackable | undefined => {
  const values = optimizerValues(optimizer, weights);
  if (values === undefined) return undefined;
  const iterations = numberObject('iteration', TYPES.int64, [], async () =>
    Promise.resolve(BigInt64Array.of(BigInt(values.steps))),
  );
  const rate = numberObject('learning_rate', TYPES.float, [], async () =>
    Promise.resolve(Float32Array.of(optimizer.learningRate)),
  );
  const slots = values.slots.map(({ name, shape, read }) =>
    numberObject(name.replace(/:0$/, ''), TYPES.float, shape, async () => valuesOf(read())),
  );
  return new Trackable({ kind: 'object', identifier: 'experimentalOptimizer', version: 2 })
    .add(OPTIMIZER.iterations, iterations)
    .add(OPTIMIZER.learningRate, rate)
    .add(OPTIMIZER.variables, listObject([iterations, ...slots]));
};

/** The objects of a model; with how it is trained, what its optimizer remembers is among them. */
export const modelObjects = ({ tf: model, state }: KerasModel, includeOptimizer: boolean): ModelObjects => {
  const layers = new LayerObjects();
  const root = layers.of(model);
  // A weight that no field leads to would have no place in the file.
  for (const weight of model.weights) {
    if (!layers.variables.has(weight)) throw new Error(`no layer has the weight '${weight.originalName}'`);
  }
  const optimizer =
    includeOptimizer && state.compilation !== undefined
      ? optimizerObject(state.compilation.optimizer, trainedWeights(model))
      : undefined;
  if (optimizer !== undefined) root.add(OPTIMIZER.name, optimizer);
  return {
    root,
    layers: layers.layers,
    parts: layers.parts,
    variables: new Map([...layers.variables].map(([weight, object]) => [variableOf(weight), object])),
  };
};
