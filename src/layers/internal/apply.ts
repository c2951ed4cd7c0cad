import type { SymbolicTensor } from '@tensorflow/tfjs';
import type { SubjectKind } from '../../base/call-styles';
import { describe, describeShape, KerasArgumentError, KerasShapeError } from '../../base/errors';
import { excessOf } from '../../base/memory';
import { isPromise } from '../../base/streams';
import { reasonOf } from '../../tfjs/errors';
import { setBeforeApply, type BeforeApply } from '../../tfjs/layer-apply';
import { beforeWeights } from '../../tfjs/private';
import { tf, type Tensor } from '../../tfjs/tensorflow';
import { markTexts, noteInputTypes, typesOf, type Types } from '../../tfjs/text-types';
import {
  checkApplication,
  checkInput,
  checkOutput,
  shapeError,
  titleOf,
  type Application,
  type Shape,
} from './input-checks';
import {
  isStack,
  isSymbolicTensor,
  isTarget,
  addLayer,
  type Layer,
  type LayerTarget,
  type NewLayer,
} from './target';

/** What is remembered of layers that this library made: which names it chose itself, and where they were added. */
const autoNamed = new WeakMap<Layer, string>();
const definitions = new WeakMap<Layer, NewLayer>();

/** The name that the layer would have got if it were alone (`dense`), for layers that the user did not name. */
export const automaticBaseName = (layer: Layer): string | undefined => autoNamed.get(layer);

/** What is known of a layer that this library made. */
export const definitionOf = (layer: Layer): NewLayer | undefined => definitions.get(layer);

/** The line of the user's program that added a layer. */
export const definedAt = (layer: Layer): string | undefined => definitions.get(layer)?.definedAt;

/** `base`, or `base_1`, `base_2`, … : the first that is not taken. Keras counts inputs from `input_1`. */
export const freeName = (base: string, taken: ReadonlySet<string>): string => {
  if (base !== 'input' && !taken.has(base)) return base;
  let number = 1;
  while (taken.has(`${base}_${number}`)) number++;
  return `${base}_${number}`;
};

/** All layers from which symbolic tensors come, in no special order. */
export const ancestors = (tensors: readonly SymbolicTensor[]): Set<Layer> => {
  const layers = new Set<Layer>();
  const seen = new Set<SymbolicTensor>();
  const waiting = [...tensors];
  for (let tensor = waiting.pop(); tensor !== undefined; tensor = waiting.pop()) {
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    layers.add(tensor.sourceLayer);
    // Only the application that made this tensor counts: a shared layer has others, in other models.
    waiting.push(...(tensor.sourceLayer.inboundNodes[tensor.nodeIndex]?.inputTensors ?? []));
  }
  return layers;
};

const shapesOf = (incoming: readonly SymbolicTensor[]): Shape[] => incoming.map(({ shape }) => shape);

const namesOf = (incoming: readonly SymbolicTensor[]): string =>
  incoming.length === 0
    ? 'the input'
    : incoming.map(({ sourceLayer }) => titleOf(sourceLayer.name, definedAt(sourceLayer))).join(' and ');

/** A layer that is being added, and what it is added to. */
const additionOf = (
  layer: NewLayer,
  name: string,
  incoming: readonly SymbolicTensor[],
  shapes: readonly Shape[],
): Application => ({
  functionName: layer.functionName,
  title: titleOf(name, layer.definedAt),
  name,
  shapes,
  from: namesOf(incoming),
});

/** What tfjs found wrong, in this library's words. This library's errors pass, and those of functions that the user gave. */
const wrapBuildError = (cause: unknown, application: Application): unknown => {
  const reason = reasonOf(cause);
  if (reason === undefined) return cause;
  const advice = `Change its options or its input; TensorFlow.js says: ${reason}`;
  return shapeError(application, 'must fit its input', advice, cause);
};

/** Throws if a layer that takes numbers would get texts, or a model of texts numbers. */
export const checkTypes = (layer: NewLayer, tfjsLayer: Layer, types: Types, from = namesOf([])): void => {
  noteInputTypes(tfjsLayer, types);
  const title = titleOf(tfjsLayer.name, layer.definedAt);
  const wrong = (expected: string, received: string, advice: string): KerasArgumentError =>
    new KerasArgumentError({
      function: layer.functionName,
      layer: tfjsLayer.name,
      expected: `${title} takes ${expected}`,
      received: `${received} from ${from}`,
      advice,
    });
  const isModel = tfjsLayer instanceof tf.LayersModel;
  types.forEach((type, index) => {
    const takesTexts = isModel ? tfjsLayer.inputs[index]?.dtype === 'string' : layer.texts !== undefined;
    if (type === 'string' && !takesTexts) {
      throw wrong('numbers', 'texts', 'Put a layer before it that reads texts and gives numbers');
    }
    if (type !== 'string' && isModel && takesTexts) {
      throw wrong(
        'texts',
        'numbers',
        "Give the model an input of texts: layerInput({ shape: [1], dtype: 'string' })",
      );
    }
  });
};

/** Says of what comes out of a layer whether it is texts, where the layer's class does not. */
export const markKept = (
  layer: NewLayer,
  tfjsLayer: Layer,
  types: Types,
  outputs: readonly SymbolicTensor[],
): void => {
  if (tfjsLayer instanceof tf.LayersModel)
    markTexts(outputs, (index) => tfjsLayer.outputs[index]?.dtype === 'string');
  else if (layer.texts === 'kept') markTexts(outputs, () => types.includes('string'));
};

/** The check of the shapes that a layer would put out. */
const checkAddition = (tfjsLayer: Layer, application: Application): void => {
  try {
    checkOutput(tfjsLayer, application);
  } catch (cause) {
    throw wrapBuildError(cause, application);
  }
};

/**
 * Applies a fresh layer to symbolic tensors. All shape checks come before tfjs is asked, so that a failure leaves the
 * graph as it was; what tfjs itself finds wrong is an error with both layers' names.
 */
export const applyNew = (
  layer: NewLayer,
  taken: ReadonlySet<string>,
  incoming: readonly SymbolicTensor[],
): { tfjsLayer: Layer; output: SymbolicTensor; outputs: SymbolicTensor[] } => {
  const name = layer.name ?? freeName(layer.baseName, taken);
  checkInput(layer, additionOf(layer, name, incoming, shapesOf(incoming)));
  const tfjsLayer = makeLayer(layer, name);
  try {
    const outputs = connectAll(layer, tfjsLayer, incoming);
    return { tfjsLayer, output: outputs[0] as SymbolicTensor, outputs }; // a layer has an output
  } catch (error) {
    freeUnused(tfjsLayer);
    throw error;
  }
};

/** Frees what a layer that came to nothing has made of its weights. */
export const freeUnused = (layer: Layer): void => layer.weights.forEach((weight) => weight.dispose());

/** Builds a layer and remembers what is to be known of it. */
export const makeLayer = (layer: NewLayer, name: string, batchInputShape?: Shape): Layer => {
  const tfjsLayer = layer.make(name, batchInputShape);
  definitions.set(tfjsLayer, layer);
  if (layer.name === undefined) autoNamed.set(tfjsLayer, layer.baseName);
  beforeWeights(tfjsLayer, (weight, shape) => checkWeight(layer, name, weight, shape));
  return tfjsLayer;
};

/** How many numbers weights may still have that are made, where that is limited. */
let budget: { left: number } | undefined;

/**
 * Runs what makes layers whose weights together have no more than so many numbers: those of a file, which must all be in it. More is
 * an error before memory is taken for it.
 */
export const withWeightBudget = <Result>(numbers: number, run: () => Result): Result => {
  const outer = budget;
  budget = { left: numbers };
  try {
    return run();
  } finally {
    budget = outer;
  }
};

const checkBudget = (layer: NewLayer, name: string, weight: string, shape: Shape): void => {
  if (budget === undefined) return;
  budget.left -= shape.reduce<number>((product, size) => product * (size ?? 1), 1);
  if (budget.left >= 0) return;
  throw new KerasShapeError({
    function: layer.functionName,
    layer: name,
    expected: 'a model must have the weights that its file has',
    received: `'${weight}' of shape ${describeShape(shape)} in layer '${name}', for which the file has too few numbers`,
    advice: 'The configuration and the weights are not of one model',
  });
};

/** Throws if a weight does not fit into memory. */
const checkWeight = (layer: NewLayer, name: string, weight: string, shape: Shape): void => {
  checkBudget(layer, name, weight, shape);
  const excess = excessOf(shape.reduce<number>((product, size) => product * (size ?? 1), 1));
  if (excess === undefined) return;
  throw new KerasShapeError({
    function: layer.functionName,
    layer: name,
    expected: `the weights of ${titleOf(name, layer.definedAt)} must fit into memory twice`,
    received: `'${weight}' of shape ${describeShape(shape)}, which takes ${excess}`,
    advice: 'Give a smaller size, such as units, filters, kernelSize or inputDim, or a smaller input',
  });
};

/** Applies a layer that exists; also the second and later uses of a shared one. Gives its first output. */
export const connect = (
  layer: NewLayer,
  tfjsLayer: Layer,
  incoming: readonly SymbolicTensor[],
): SymbolicTensor => connectAll(layer, tfjsLayer, incoming)[0] as SymbolicTensor; // a layer has an output

/** The same; gives all outputs. */
export const connectAll = (
  layer: NewLayer,
  tfjsLayer: Layer,
  incoming: readonly SymbolicTensor[],
): SymbolicTensor[] => {
  const addition = additionOf(layer, tfjsLayer.name, incoming, shapesOf(incoming));
  checkInput(layer, addition);
  const types = typesOf(incoming);
  checkTypes(layer, tfjsLayer, types, namesOf(incoming));
  checkAddition(tfjsLayer, addition);
  let output: SymbolicTensor | SymbolicTensor[];
  try {
    output = tfjsLayer.apply(incoming.length === 1 ? (incoming[0] as SymbolicTensor) : [...incoming], {
      ...layer.callArguments,
    }) as SymbolicTensor | SymbolicTensor[]; // a layer applied to symbolic tensors gives symbolic tensors
  } catch (cause) {
    throw wrapBuildError(cause, addition);
  }
  // A recurrent layer with `returnState` gives several; its sequence comes first.
  const outputs = [output].flat();
  markKept(layer, tfjsLayer, types, outputs);
  return outputs;
};

/** Checks the input shape of a model's first layer, which comes from the user and not from a layer. */
export const checkFirst = (layer: NewLayer, name: string, batchInputShape: Shape): void => {
  checkInput(layer, additionOf(layer, name, [], [batchInputShape]));
};

/** The same for its output, once the layer exists. */
export const checkFirstOutput = (layer: NewLayer, tfjsLayer: Layer, batchInputShape: Shape): void => {
  checkAddition(tfjsLayer, additionOf(layer, tfjsLayer.name, [], [batchInputShape]));
};

/** What tfjs found wrong with a model's first layer, in this library's words. */
export const wrapFirstError = (
  cause: unknown,
  layer: NewLayer,
  name: string,
  batchInputShape: Shape,
): unknown => wrapBuildError(cause, additionOf(layer, name, [], [batchInputShape]));

const isTensor = (value: unknown): value is Tensor => value instanceof tf.Tensor;

/** Shapes that layers were last applied to, and that were right. */
const lastShapes = new WeakMap<object, string>();

/** Checks the values that a layer that this library made is applied to: sizes that were open as it was added are known now. */
const checkValues: BeforeApply = (applied, inputs) => {
  const layer = definitions.get(applied as Layer); // others are not in there
  const tensors: readonly unknown[] = [inputs].flat();
  if (layer === undefined || !tensors.every(isTensor)) return inputs;
  const tfjsLayer = applied as Layer; // it is in the list of those
  const shapes = tensors.map(({ shape }) => shape);
  const key = shapes.join(';');
  if (lastShapes.get(tfjsLayer) !== key) {
    checkApplication(layer, tfjsLayer, shapes);
    lastShapes.set(tfjsLayer, key);
  }
  if (layer.keepsTypes || tensors.every(({ dtype }) => dtype === 'float32')) return inputs;
  checkTypes(layer, tfjsLayer, typesOf(tensors));
  // Layers compute with floats, as their weights are.
  const floats = tensors.map((tensor) => tf.cast(tensor, 'float32'));
  return Array.isArray(inputs) ? floats : floats[0];
};
setBeforeApply(checkValues);

/** Adds a layer to a Sequential model in place, or applies it to a symbolic tensor. */
export const applyTo = <T extends LayerTarget>(layer: NewLayer, object: T): T => {
  if (isStack(object)) {
    object[addLayer](layer);
    return object;
  }
  if (isSymbolicTensor(object)) {
    const taken = new Set([...ancestors([object])].map(({ name }) => name));
    // `T` is the symbolic tensor's type here, which narrowing does not tell the compiler.
    return applyNew(layer, taken, [object]).output as T;
  }
  throw notATarget(layer.functionName, object);
};

/** What to do about something that no layer can be added to. */
const adviceFor = (functionName: string, object: unknown): string => {
  if (object instanceof tf.Sequential)
    return `Write kerasModel(model), which makes it a model of this library`;
  if (typeof object === 'object' && object !== null) {
    if (isPromise(object)) return 'Await the promise first';
    // A graph, whose layers are in place.
    if (object instanceof tf.LayersModel || 'tf' in object) {
      return "A graph is complete; layers go onto the outputs of its layers: getLayer(model, 'dense').output";
    }
  }
  if (Array.isArray(object) && object.length > 0 && object.every(isSymbolicTensor)) {
    return `Join the outputs first, with layerConcatenate([a, b]) for example, or apply ${functionName} to one of them`;
  }
  return `Write pipe(kerasModelSequential(), ${functionName}({ … })), or ${functionName}(model, { … })`;
};

/** The error for something that no layer can be added to. */
export const notATarget = (functionName: string, object: unknown): KerasArgumentError =>
  new KerasArgumentError({
    function: functionName,
    argument: 'object',
    expected: 'a layer is added to a Sequential model or to the output of layerInput() or of another layer',
    received: describe(object),
    advice: adviceFor(functionName, object),
  });

/** What a layer is added to. */
export const layerTarget: SubjectKind<LayerTarget> = {
  argument: 'model',
  is: isTarget,
  check: (functionName, value) => {
    if (isTarget(value)) return value;
    throw notATarget(functionName, value);
  },
};

const listOf = (what: string, argument: string): SubjectKind<readonly SymbolicTensor[]> => {
  const notAList = (functionName: string, args: readonly unknown[]): KerasArgumentError =>
    new KerasArgumentError({
      function: functionName,
      argument: 'tensors',
      expected: `${what} takes an array of two or more outputs of layers`,
      received: args.map(describe).join(', '),
      advice: `Write ${functionName}(${argument}), whose tensors come from layerInput() or other layers`,
    });
  return {
    argument,
    is: Array.isArray,
    checkArguments: (functionName, args) => {
      if (args.length > 1 && args.every(isSymbolicTensor)) throw notAList(functionName, args);
    },
    check: (functionName, value) => {
      if (Array.isArray(value) && value.length >= 2 && value.every(isSymbolicTensor)) return value;
      throw notAList(functionName, [value]);
    },
  };
};

/** What a merging layer is applied to. */
export const tensorList = listOf('a merging layer', '[a, b]');

/** What an attention layer is applied to. */
export const attentionInputs = listOf('an attention layer', '[query, value]');
