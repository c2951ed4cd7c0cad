import type { SymbolicTensor } from '@tensorflow/tfjs';
import { describe, describeShape, KerasArgumentError, KerasError, KerasShapeError } from '../../base/errors';
import { isStack, isSymbolicTensor, addLayer, type Layer, type LayerTarget, type NewLayer } from './target';

type Shape = readonly (number | null)[];

/** What is remembered of layers that this library made: which names it chose itself, and where they were added. */
const autoNamed = new WeakMap<Layer, string>();
const definitions = new WeakMap<Layer, NewLayer>();

/** The name that the layer would have got if it were alone (`dense`), for layers that the user did not name. */
export const automaticBaseName = (layer: Layer): string | undefined => autoNamed.get(layer);

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

/** A layer's name and the line that added it. */
const named = (name: string, line: string | undefined): string =>
  line === undefined ? `layer '${name}'` : `layer '${name}' (added at ${line})`;

const where = (incoming: readonly SymbolicTensor[]): string =>
  incoming.length === 0
    ? 'the input'
    : incoming.map(({ sourceLayer }) => named(sourceLayer.name, definedAt(sourceLayer))).join(' and ');

const shapesOf = (incoming: readonly Shape[]): string => incoming.map(describeShape).join(' and ');

const shapeError = (
  layer: NewLayer,
  name: string,
  expected: string,
  incoming: readonly SymbolicTensor[],
  shapes: readonly Shape[],
  advice: string,
  cause?: unknown,
): KerasShapeError =>
  new KerasShapeError({
    function: layer.verb,
    layer: name,
    expected: `${named(name, layer.definedAt)} ${expected}`,
    received: `${shapesOf(shapes)} from ${where(incoming)}`,
    advice,
    cause,
  });

const checkInput = (
  layer: NewLayer,
  name: string,
  incoming: readonly SymbolicTensor[],
  shapes: readonly Shape[],
): void => {
  if (layer.rank !== undefined) {
    const { least, most, advice } = layer.rank;
    for (const shape of shapes) {
      if (shape.length >= least && shape.length <= most) continue;
      const ranks =
        least === most ? `${least}` : most === Infinity ? `at least ${least}` : `${least} to ${most}`;
      const needs = `needs input of ${ranks} dimensions, the batch axis included`;
      throw shapeError(layer, name, needs, incoming, shapes, advice);
    }
  }
  const misfit = layer.misfit?.(shapes);
  if (misfit !== undefined) {
    throw shapeError(layer, name, `needs ${misfit.needs}`, incoming, shapes, misfit.advice);
  }
};

/** What tfjs found wrong, as an error in this library's words; errors of this library's own pass. */
const told = (
  cause: unknown,
  layer: NewLayer,
  name: string,
  incoming: readonly SymbolicTensor[],
  shapes: readonly Shape[],
): unknown => {
  if (cause instanceof KerasError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  const advice = `Change its options or its input; TensorFlow.js says: ${reason}`;
  return shapeError(layer, name, 'must fit its input', incoming, shapes, advice, cause);
};

const checkOutput = (
  layer: NewLayer,
  made: Layer,
  incoming: readonly SymbolicTensor[],
  shapes: readonly Shape[],
): void => {
  let output: unknown;
  const input = shapes.map((shape) => [...shape]);
  try {
    output = made.computeOutputShape(input.length === 1 ? (input[0] ?? []) : input);
  } catch (cause) {
    throw told(cause, layer, made.name, incoming, shapes);
  }
  const sizes = Array.isArray(output) ? output.flat() : [];
  if (sizes.some((size) => typeof size === 'number' && size <= 0)) {
    throw shapeError(
      layer,
      made.name,
      `would put out ${describeShape(sizes as number[])}, which has no elements`,
      incoming,
      shapes,
      "Use a smaller kernel, pool or stride, padding: 'same', or a larger input",
    );
  }
};

/**
 * Applies a fresh layer to symbolic tensors. All shape checks come before tfjs is asked, so that a failure leaves the
 * graph as it was; what tfjs itself finds wrong is told with both layers' names.
 */
export const applyNew = (
  layer: NewLayer,
  taken: ReadonlySet<string>,
  incoming: readonly SymbolicTensor[],
): { made: Layer; output: SymbolicTensor } => {
  const name = layer.name ?? freeName(layer.baseName, taken);
  const shapes = incoming.map((tensor) => tensor.shape);
  checkInput(layer, name, incoming, shapes);
  const made = makeLayer(layer, name);
  try {
    return { made, output: connect(layer, made, incoming) };
  } catch (error) {
    freeUnused(made);
    throw error;
  }
};

/** Frees what a layer that came to nothing has made of its weights. */
export const freeUnused = (layer: Layer): void => layer.weights.forEach((weight) => weight.dispose());

/** Builds a layer and remembers what is to be known of it. */
export const makeLayer = (layer: NewLayer, name: string, batchInputShape?: Shape): Layer => {
  const made = layer.make(name, batchInputShape);
  definitions.set(made, layer);
  if (layer.name === undefined) autoNamed.set(made, layer.baseName);
  return made;
};

/** Applies a layer that exists; also the second and later uses of a shared one. */
export const connect = (
  layer: NewLayer,
  made: Layer,
  incoming: readonly SymbolicTensor[],
): SymbolicTensor => {
  const shapes = incoming.map((tensor) => tensor.shape);
  checkInput(layer, made.name, incoming, shapes);
  checkOutput(layer, made, incoming, shapes);
  let output: SymbolicTensor | SymbolicTensor[];
  try {
    output = made.apply(incoming.length === 1 ? (incoming[0] as SymbolicTensor) : [...incoming]) as
      SymbolicTensor | SymbolicTensor[]; // a layer applied to symbolic tensors gives symbolic tensors
  } catch (cause) {
    throw told(cause, layer, made.name, incoming, shapes);
  }
  // A recurrent layer with `returnState` gives several; its sequence comes first.
  return Array.isArray(output) ? (output[0] as SymbolicTensor) : output;
};

/** Checks the input shape of a model's first layer, which comes from the user and not from a layer. */
export const checkFirst = (layer: NewLayer, name: string, batchInputShape: Shape): void =>
  checkInput(layer, name, [], [batchInputShape]);

/** The same for its output, once the layer exists. */
export const checkFirstOutput = (layer: NewLayer, made: Layer, batchInputShape: Shape): void =>
  checkOutput(layer, made, [], [batchInputShape]);

/** What tfjs found wrong with a model's first layer, in this library's words. */
export const firstError = (cause: unknown, layer: NewLayer, name: string, batchInputShape: Shape): unknown =>
  told(cause, layer, name, [], [batchInputShape]);

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
  throw notATarget(layer.verb, object);
};

/** The error for something that no layer can be added to. */
export const notATarget = (verb: string, object: unknown): KerasArgumentError =>
  new KerasArgumentError({
    function: verb,
    argument: 'object',
    expected: 'a layer is added to a Sequential model or to the output of layerInput() or of another layer',
    received: describe(object),
    advice: `Write pipe(kerasModelSequential(), ${verb}({ … })), or ${verb}(model, { … })`,
  });
