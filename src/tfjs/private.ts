import type { LayerVariable, LayersModel, layers, Sequential, SymbolicTensor } from '@tensorflow/tfjs';
import { keepSurroundings, type Surroundings } from '../base/steps';
import { tf, type Tensor, type Variable } from './tensorflow';

/**
 * What this library reads and writes of tfjs's objects though tfjs's types call it private, all of it: a typed view for each
 * kind of object, and {@link PRIVATE_FIELDS}, the list that the contract tests hold against the tfjs that is installed.
 */

/** Something of tfjs's that a layer computes with: a weight. */
export interface WeightView {
  read(): Tensor;
  write(value: Tensor): unknown;
}

/** The activation that a layer keeps. */
export interface ActivationView {
  apply(x: Tensor, axis?: number): Tensor;
  getClassName(): string;
}

/** A dense layer. */
export interface DenseView {
  readonly kernel: WeightView;
  readonly bias: WeightView | null;
  readonly activation: ActivationView | null;
}

/** A batch normalization. */
export interface BatchNormalizationView {
  readonly axis: number;
  readonly epsilon: number;
  readonly momentum: number;
  readonly gamma?: WeightView;
  readonly beta?: WeightView;
  readonly movingMean: Omit<WeightView, 'read'> & { read(): Variable };
  readonly movingVariance: Omit<WeightView, 'read'> & { read(): Variable };
}

/** A recurrent layer. */
export interface RecurrentView {
  readonly states: readonly (Tensor | null)[];
  /** Without states, to zeros. */
  resetStates(states: Tensor[] | undefined, training: boolean): void;
}

// Each of these says nothing but another type of the same object: the fields are in PRIVATE_FIELDS, and tested there.
export const denseView = (layer: object): DenseView => layer as DenseView;
export const batchNormalizationView = (layer: object): BatchNormalizationView =>
  layer as BatchNormalizationView;
export const recurrentView = (layer: object): RecurrentView => layer as RecurrentView;

/** Something that adds weights: a layer, or the cell of a recurrent one. */
interface WeightOwner {
  addWeight(name: unknown, shape: (number | null)[], ...rest: unknown[]): unknown;
}

/** Has the weights that a layer is about to make named after a part of the layer that it is in: `forward_lstm/kernel`. */
export const scopeWeights = (layer: layers.Layer, scope: string): void => {
  const owner = layer as unknown as WeightOwner; // its own method, which is protected
  const add = owner.addWeight.bind(owner);
  const value: WeightOwner['addWeight'] = (name, ...rest) =>
    add(typeof name === 'string' ? `${scope}/${name}` : name, ...rest);
  // Not to be seen by what copies or prints the layer.
  Object.defineProperty(owner, 'addWeight', { value, configurable: true, writable: true });
  for (const inner of innerLayersOf(layer)) scopeWeights(inner, scope);
};

/** Runs something for which weights have other values: it must depend on what it is handed only. */
export const withWeightValues = <T>(
  weights: readonly LayerVariable[],
  values: readonly Tensor[],
  run: () => T,
): T => {
  weights.forEach((weight, index) => {
    Object.defineProperty(weight, 'read', { value: () => values[index], configurable: true });
  });
  try {
    return run();
  } finally {
    for (const weight of weights) delete (weight as { read?: unknown }).read; // the class's own is seen again
  }
};

/** What tfjs's engine runs: an operation on tensors, of which a gradient is noted. */
interface KernelCall {
  readonly inputs: Readonly<Record<string, Tensor | readonly Tensor[]>>;
}

interface KernelRunner {
  runKernelFunc(call: KernelCall): unknown;
}

/**
 * Runs something for which variables have other values, those that its operations are handed: as what computes with the variables
 * themselves takes them, and its gradient is one by these values.
 */
export const withVariableValues = <T>(
  variables: readonly Variable[],
  values: readonly Tensor[],
  run: () => T,
): T => {
  const others = new Map<Tensor, Tensor>(
    variables.map((variable, index) => [variable, values[index] as Tensor]),
  ); // one for each
  const other = (tensor: Tensor): Tensor => others.get(tensor) ?? tensor;
  const engine = tf.engine() as unknown as KernelRunner; // its own method, which is private
  // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with its engine below
  const { runKernelFunc: runKernel } = engine;
  const before = variables.map(({ dataId }) => dataId);
  // For operations that do not go through the engine.
  variables.forEach((variable) => Object.assign(variable, { dataId: other(variable).dataId }));
  const replaced: KernelRunner['runKernelFunc'] = (call) => {
    const inputs = Object.entries(call.inputs).map(([name, given]) => [
      name,
      Array.isArray(given) ? (given as readonly Tensor[]).map(other) : other(given as Tensor), // one or several
    ]);
    return runKernel.call(engine, { ...call, inputs: Object.fromEntries(inputs) as KernelCall['inputs'] });
  };
  engine.runKernelFunc = replaced;
  try {
    return run();
  } finally {
    engine.runKernelFunc = runKernel;
    variables.forEach((variable, index) => Object.assign(variable, { dataId: before[index] }));
  }
};

/** Has the shape of each weight looked at before a layer, or its cell, makes it. */
export const beforeWeights = (
  layer: layers.Layer,
  look: (name: string, shape: readonly (number | null)[]) => void,
): void => {
  const cell = 'cell' in layer && layer.cell instanceof tf.layers.Layer ? [layer.cell] : [];
  for (const owner of [layer, ...cell] as unknown as WeightOwner[]) {
    const add = owner.addWeight.bind(owner);
    const value: WeightOwner['addWeight'] = (name, shape, ...rest) => {
      // Of a layer of the user's own it is first called with options.
      if (typeof name === 'string') look(name, shape);
      return add(name, shape, ...rest);
    };
    // Not to be seen by what copies or prints the layer.
    Object.defineProperty(owner, 'addWeight', { value, configurable: true, writable: true });
  }
};

/** The shape that a reshape layer gives each sample. */
export const targetShapeOf = (layer: object): (number | null)[] =>
  (layer as { targetShape: (number | null)[] }).targetShape;

/** The axis along which a layer joins its inputs. */
export const joinedAxisOf = (layer: object): number => (layer as { axis: number }).axis;

/** What a weight must satisfy after each update. */
export const constraintOf = (variable: LayerVariable): { apply(weight: Tensor): Tensor } | null =>
  (variable as unknown as { constraint: { apply(weight: Tensor): Tensor } | null }).constraint;

/** The variable behind a weight: its value changes under the optimizer's hands. */
export const variableOf = (variable: { read(): Tensor }): Variable => variable.read() as Variable;

/** Makes a weight satisfy its constraint, if it has one. */
export const constrain = (weight: LayerVariable): void => {
  const constraint = constraintOf(weight);
  if (constraint === null) return;
  const variable = variableOf(weight);
  tf.tidy(() => variable.assign(constraint.apply(variable)));
};

interface TrainableFields {
  trainable_: boolean;
  /** Of a bidirectional layer, in the place of the other. */
  _trainable?: boolean;
}

/** Whether a layer says of itself that it may be trained; wrappers say what the layer inside says. */
export const ownTrainable = (layer: layers.Layer): boolean => {
  const fields = layer as unknown as TrainableFields;
  return fields._trainable ?? fields.trainable_;
};

/** Sets that of the layer alone: `trainable` sets that of its weights, and of the layers inside it. */
export const setOwnTrainable = (layer: layers.Layer, trainable: boolean): void => {
  const fields = layer as unknown as TrainableFields;
  if (fields._trainable === undefined) fields.trainable_ = trainable;
  else fields._trainable = trainable;
};

/** The layers inside a layer: of a model, a wrapper, a recurrent layer or its stacked cells, one of the user's own. */
export const innerLayersOf = (layer: layers.Layer): layers.Layer[] => {
  const { layers: list, layer: wrapped, forwardLayer, backwardLayer, cell, cells, sublayers } = layer as unknown as Record<string, unknown>; // prettier-ignore
  const all = new Set([list, wrapped, forwardLayer, backwardLayer, cell, cells, sublayers].flat()); // some have two names for one
  return [...all].filter((inner): inner is layers.Layer => inner instanceof tf.layers.Layer);
};

/** The variables in which a stateful layer of this library keeps its states. */
export const keptVariablesOf = (layer: object): readonly Variable[] =>
  (layer as { readonly stateVariables?: readonly Variable[] }).stateVariables ?? [];

/** What a stateful recurrent layer keeps from one batch to the next. */
export const keptStatesOf = (layer: object): Tensor[] => {
  const { states_: states, keptStates } = layer as {
    readonly states_?: Tensor[] | null;
    readonly keptStates?: Tensor[][];
  };
  return [...(states ?? []), ...(keptStates ?? []).flat(), ...keptVariablesOf(layer)];
};

/** The applications of the layers of a model, by their distance from the outputs. */
export const nodesByDepth = (model: LayersModel): layers.Layer['inboundNodes'][] =>
  Object.values(
    (model as unknown as { nodesByDepth: Record<string, layers.Layer['inboundNodes']> }).nodesByDepth,
  );

/** Makes tfjs build a Sequential's inner model anew: it would go on with the one of the layers before. */
export const forgetInnerModel = (stack: Sequential): void => {
  (stack as unknown as { model: unknown }).model = null;
  stack.built = false;
};

/** Takes a connected layer into a Sequential: what its `add` does after connecting, without connecting again. */
export const adoptLayer = (stack: Sequential, layer: layers.Layer): void => {
  const output = layer.inboundNodes.at(-1)?.outputTensors[0] as SymbolicTensor; // it has just been connected
  stack.outputs = [output];
  const node = stack.inboundNodes[0];
  if (node !== undefined) Object.assign(node, { outputTensors: [output], outputShapes: [output.shape] });
  stack.layers.push(layer);
};

/** Empties a Sequential. */
export const clearStack = (stack: Sequential): void => {
  stack.layers.length = 0;
  Object.assign(stack, { inputs: [], outputs: [], inboundNodes: [], outboundNodes: [] });
};

/** Rows of texts: tfjs's `gather` refuses them, while its kernel takes them. */
export const gatherTexts = (x: Tensor, indices: Tensor): Tensor =>
  tf.engine().runKernel<Tensor>('GatherV2', { x, indices }, { axis: 0, batchDims: 0 });

/** A second tensor over a tensor's data, of another shape; each of the two frees the data once. */
export const aliasOf = (tensor: Tensor, shape: readonly number[]): Tensor => {
  const { dataId } = tensor;
  tf.backend().incRef(dataId);
  return tf.engine().makeTensorFromTensorInfo({ dataId, shape: [...shape], dtype: tensor.dtype });
};

/**
 * tfjs has one tape at a time, and forgets it when a gradient is done. The one that is being walked back must outlive a
 * gradient taken within.
 */
export const withOwnTape = <T>(run: () => T): T => {
  const { state } = tf.engine();
  const outer = state.activeTape;
  try {
    return run();
  } finally {
    state.activeTape = outer; // absent outside of gradients, which its type denies
  }
};

/**
 * The gradients of a function's output by tensors, given the gradient of the output. Of a tensor that the output does not depend on
 * there is none: tfjs's `grads` refuses these.
 */
export const gradientsBy = (
  run: () => Tensor,
  tensors: readonly Tensor[],
  gradient: Tensor,
): (Tensor | undefined)[] => {
  const { grads } = tf.engine().gradients(run, [...tensors], gradient, true);
  return grads; // which the type denies
};

// Scopes, and the tape of a gradient. The list of scopes is changed in place.
keepSurroundings({
  get: () => {
    const { activeScope, activeTape, gradientDepth, kernelDepth, scopeStack } = tf.engine().state;
    return { activeScope, activeTape, gradientDepth, kernelDepth, scopeStack: [...scopeStack] };
  },
  set: (value) => Object.assign(tf.engine().state, value),
});

/** Has a variable have another value, and not look for its own first where that is elsewhere. */
export const putValue = (variable: Variable, { dataId }: Pick<Tensor, 'dataId'>): void => {
  Object.defineProperty(variable, 'dataId', {
    value: dataId,
    writable: true,
    enumerable: true,
    configurable: true,
  });
};

/** The values of variables as they are, also of those whose value is elsewhere. */
export const valuesOf = (variables: readonly Variable[]): Surroundings<readonly PropertyDescriptor[]> => ({
  // It is a property of each variable's own.
  get: () =>
    variables.map((variable) => Object.getOwnPropertyDescriptor(variable, 'dataId') as PropertyDescriptor),
  set: (values) =>
    variables.forEach((variable, index) => {
      Object.defineProperty(variable, 'dataId', values[index] as PropertyDescriptor); // one for each
    }),
});

/** Whether a gradient is being taken of what is computed now, which may itself be a gradient. */
export const isWithinGradient = (): boolean => tf.engine().state.gradientDepth > 0;

/** Frees what a gradient has kept whose function threw: tfjs forgets it. */
export const freeTape = (): void => {
  const { state } = tf.engine();
  if (state.gradientDepth > 0) return; // it belongs to a gradient around this one
  const tape = state.activeTape as typeof state.activeTape | undefined; // absent outside of gradients, which its type denies
  for (const { saved } of tape ?? []) tf.dispose(saved ?? []);
  state.activeTape = [];
};

/** Private fields of one kind of tfjs's objects. */
export interface PrivateFields {
  /** What has them. */
  readonly of: string;
  readonly fields: readonly string[];
  /** What they are for here, and so what breaks when tfjs changes them. */
  readonly use: string;
  /** One such object. */
  readonly make: () => object;
}

const built = (layer: layers.Layer, inputShape: (number | null)[]): layers.Layer => {
  layer.build(inputShape);
  layer.built = true;
  return layer;
};

/** All private fields of tfjs that this library uses. */
export const PRIVATE_FIELDS: readonly PrivateFields[] = [
  {
    of: 'a dense layer',
    fields: ['kernel', 'bias', 'activation'],
    use: 'products of sparse batches with the kernel',
    make: () => built(tf.layers.dense({ units: 2, activation: 'relu' }), [null, 3]),
  },
  {
    of: 'a batch normalization',
    fields: ['axis', 'epsilon', 'momentum', 'gamma', 'beta', 'movingMean', 'movingVariance'],
    use: "batch normalization by Keras's formulas",
    make: () => built(tf.layers.batchNormalization(), [null, 3]),
  },
  {
    of: 'a layer',
    fields: ['addWeight'],
    use: 'weights that do not fit into memory are an error',
    make: () => tf.layers.dense({ units: 2 }),
  },
  {
    of: 'a recurrent layer',
    fields: ['cell', 'states', 'resetStates'],
    use: 'the states of stateful layers of tfjs, and their penalties',
    make: () => tf.layers.lstm({ units: 2 }),
  },
  {
    of: 'a recurrent layer',
    fields: ['states_', 'keptStates'],
    use: 'freeing the states of a stateful layer with its model',
    make: () => tf.layers.lstm({ units: 2 }),
  },
  {
    of: 'a reshape layer',
    fields: ['targetShape'],
    use: 'output shapes of reshaping',
    make: () => tf.layers.reshape({ targetShape: [2, 3] }),
  },
  {
    of: 'a concatenation',
    fields: ['axis'],
    use: 'concatenation along negative axes, and its output shape',
    make: () => tf.layers.concatenate({ axis: -2 }),
  },
  {
    of: 'a layer',
    fields: ['trainable_'],
    use: 'training with the layers trainable as they were when the model was compiled',
    make: () => tf.layers.dense({ units: 2 }),
  },
  {
    of: 'a bidirectional layer',
    fields: ['_trainable', 'forwardLayer', 'backwardLayer'],
    use: 'training with the layers trainable as they were when the model was compiled',
    make: () => tf.layers.bidirectional({ layer: tf.layers.lstm({ units: 2 }) }),
  },
  {
    of: 'a wrapper',
    fields: ['layer'],
    use: 'training with the layers trainable as they were when the model was compiled',
    make: () => tf.layers.timeDistributed({ layer: tf.layers.dense({ units: 2 }) }),
  },
  {
    of: 'stacked cells',
    fields: ['cells'],
    use: 'training with the layers trainable as they were when the model was compiled',
    make: () => tf.layers.stackedRNNCells({ cells: [tf.layers.gruCell({ units: 2 })] }),
  },
  {
    of: 'a weight of a layer',
    fields: ['constraint'],
    use: 'constraints after each update',
    make: () => built(tf.layers.dense({ units: 2 }), [null, 3]).trainableWeights[0] as object, // it has a kernel
  },
  {
    of: 'a model',
    fields: ['nodesByDepth'],
    use: 'the connections in a summary',
    make: () => tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] }),
  },
  {
    of: 'a Sequential model',
    fields: ['model', 'built', 'inputs', 'outputs', 'inboundNodes', 'outboundNodes', 'layers'],
    use: 'layers added in place without building the inner model each time, popLayer',
    make: () => {
      const stack = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] });
      stack.build();
      return stack;
    },
  },
  {
    of: "tfjs's engine",
    fields: ['activeTape', 'gradientDepth', 'kernelDepth', 'scopeStack', 'activeScope', 'nextTapeNodeId'],
    use: 'gradients within gradients, the memory of a gradient that threw, tapes of our own, and others that run in between',
    make: () => {
      let state = {};
      tf.grad((x) => {
        state = Object.assign({}, tf.engine().state); // as it is now
        return tf.square(x);
      })(tf.scalar(1));
      return state;
    },
  },
  {
    of: "tfjs's engine",
    fields: ['runKernelFunc', 'addTapeNode', 'customGrad'],
    use: 'cells of classes of the user’s own, which compute with their variables, and tapes of our own',
    make: () => tf.engine(),
  },
  {
    of: "tfjs's engine",
    fields: ['registeredVariables'],
    use: 'variables that a program has forgotten free their memory',
    make: () => tf.engine().state,
  },
  {
    of: "tfjs-node's backend",
    fields: ['binding', 'getInputTensorIds', 'createOutputTensor', 'incRef', 'tensorMap'],
    use: 'operations that tfjs has not, and recording those of a step',
    make: () => tf.backend(),
  },
];
