import { isArrayLike, toTensor, type ArrayLike } from '../arrays/tensors';
import { SparseMatrix } from '../arrays/sparse-matrix';
import { argumentError, type Place } from '../checks';
import { describe, describeShape, KerasArgumentError, KerasShapeError } from '../errors';
import { lossOfName } from '../losses';
import { builtModel, type KerasModel } from '../models/model';
import { tf, type Tensor } from '../tensorflow';
import type { InputArray } from './batches';
import type { Output } from './compile';

/** Data for a model with several inputs or outputs: a list in their order, or by their names. */
export type DataFor =
  | ArrayLike
  | SparseMatrix
  | readonly (ArrayLike | SparseMatrix)[]
  | Readonly<Record<string, ArrayLike | SparseMatrix>>;

/** Tensors of one call, and which of them the library made and frees. */
export class Tensors {
  private readonly made: Tensor[] = [];

  /** Takes over a tensor, to be freed with the others. */
  own(tensor: Tensor): Tensor {
    this.made.push(tensor);
    return tensor;
  }

  /** A value of the user's as a tensor. */
  of(value: unknown, place: Place, dtype?: 'float32' | 'int32'): Tensor {
    const { tensor, made } = toTensor(value, place, dtype);
    return made ? this.own(tensor) : tensor;
  }

  dispose(): void {
    for (const tensor of this.made) tensor.dispose();
    this.made.length = 0;
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !isArrayLike(value) && !(value instanceof SparseMatrix);

/** The values for inputs or outputs in order. With one of them, a value stands for itself. */
const inOrder = (names: readonly string[], value: unknown, place: Place): unknown[] => {
  if (isRecord(value)) {
    const unknown = Object.keys(value).find((key) => !names.includes(key));
    const missing = names.find((name) => value[name] === undefined);
    if (unknown !== undefined || missing !== undefined) {
      throw new KerasArgumentError({
        function: place.function,
        argument: place.argument,
        expected: `\`${place.argument}\` must be keyed by ${names.map((name) => `'${name}'`).join(', ')}`,
        received: unknown === undefined ? `nothing for '${missing}'` : `the unknown key '${unknown}'`,
        advice: 'Give one array for each, under its name, or a list in that order',
      });
    }
    return names.map((name) => value[name]);
  }
  if (names.length === 1) {
    const list: unknown = value;
    return Array.isArray(list) && list.length === 1 && list[0] instanceof tf.Tensor ? list : [value];
  }
  if (Array.isArray(value) && value.length === names.length) return value;
  throw new KerasArgumentError({
    function: place.function,
    argument: place.argument,
    expected: `\`${place.argument}\` must be a list of ${names.length} arrays, for ${names.join(', ')}`,
    received: Array.isArray(value) ? `${value.length} of them` : describe(value),
    advice: 'Give one array for each, in that order, or an object keyed by these names',
  });
};

const label = (place: Place, names: readonly string[], index: number): string =>
  names.length === 1 ? `\`${place.argument}\`` : `\`${place.argument}\` for '${names[index] ?? ''}'`;

/** Throws if a tensor holds NaN or an infinity, and says where the first one is. */
const checkFinite = (tensor: Tensor, what: string, place: Place): void => {
  if (tensor.dtype !== 'float32') return;
  // A few numbers are quicker to look at from here than by TensorFlow.
  const finite = tensor.size > 5000 && tf.tidy(() => tf.all(tf.isFinite(tensor)).dataSync()[0]) !== 0;
  if (finite) return;
  const data = tensor.dataSync();
  if (data.every(Number.isFinite)) return;
  const first = data.findIndex((value) => !Number.isFinite(value));
  const position = tensor.shape.map((size, axis) => {
    const inner = tensor.shape.slice(axis + 1).reduce((product, length) => product * length, 1);
    return Math.floor(first / inner) % size;
  });
  throw new KerasArgumentError({
    function: place.function,
    argument: place.argument,
    expected: `${what} must be made of finite numbers`,
    received: `${String(data[first])} at ${place.argument}[${position.join('][')}]`,
    advice: 'Remove or replace such values before training, or find the division or logarithm that made them',
  });
};

const fits = (shape: readonly number[], expected: readonly (number | null)[]): boolean =>
  shape.length === expected.length &&
  expected.every((size, axis) => axis === 0 || size === null || size === shape[axis]);

/** How many rows the arrays have, all the same number. */
export const rowsOf = (
  verb: string,
  arrays: readonly { readonly what: string; readonly tensor: InputArray }[],
): number => {
  const [first, ...others] = arrays;
  const rows = first?.tensor.shape[0] ?? 0;
  if (first !== undefined && rows === 0) {
    throw new KerasArgumentError({
      function: verb,
      argument: first.what,
      expected: `${first.what} must have at least one row`,
      received: `shape ${describeShape(first.tensor.shape)}`,
      advice: 'Check how the data was read and split',
    });
  }
  const different = others.find(({ tensor }) => tensor.shape[0] !== rows);
  if (first !== undefined && different !== undefined) {
    throw new KerasShapeError({
      function: verb,
      argument: different.what,
      expected: `${first.what} and ${different.what} must have the same number of rows`,
      received: `${rows} and ${different.tensor.shape[0] ?? 0}`,
      advice: 'Each row of one belongs to a row of the other; check how they were split',
    });
  }
  return rows;
};

/** The inputs of a model as tensors of the shapes that it takes. Builds a model that waits for its first data. */
export const prepareInputs = (
  verb: string,
  model: KerasModel,
  x: unknown,
  tensors: Tensors,
  argument = 'x',
): InputArray[] => {
  const place = { function: verb, argument };
  if (!model.built) model.buildFor(verb, firstShape(x, place, tensors));
  const { tf: tfjs } = builtModel(verb, model);
  const names = tfjs.inputNames;
  return inOrder(names, x, place).map((value, index) => {
    const input = tfjs.inputs[index];
    const expected = input?.shape ?? [];
    if (value instanceof SparseMatrix)
      return sparseInput(verb, model, index, value, label(place, names, index), argument);
    const given = tensors.of(value, place, input?.dtype === 'int32' ? 'int32' : 'float32');
    const tensor =
      given.rank === 1 && expected.length === 2 && expected[1] === 1
        ? tensors.own(tf.expandDims(given, 1))
        : given;
    const what = label(place, names, index);
    if (!fits(tensor.shape, expected))
      throw inputShapeError(verb, model, what, argument, tensor.shape, expected);
    checkFinite(tensor, what, place);
    return tensor;
  });
};

/** A sparse input: it must go into dense layers and nothing else. */
const sparseInput = (
  verb: string,
  model: KerasModel,
  index: number,
  value: SparseMatrix,
  what: string,
  argument: string,
): SparseMatrix => {
  const input = model.tf.inputs[index];
  const expected = input?.shape ?? [];
  if (!fits(value.shape, expected)) throw inputShapeError(verb, model, what, argument, value.shape, expected);
  const takers = input?.sourceLayer.outboundNodes.map(({ outboundLayer }) => outboundLayer) ?? [];
  const other = takers.find((layer) => layer.getClassName() !== 'Dense' && layer !== model.tf);
  if (other === undefined) return value;
  throw new KerasArgumentError({
    function: verb,
    argument,
    layer: other.name,
    expected: `${what}, a sparse matrix, must go into dense layers only`,
    received: `the layer '${other.name}' (${other.getClassName()}) that takes it`,
    advice: `Give it as a tensor: ${argument}.toTensor()`,
  });
};

const firstShape = (x: unknown, place: Place, tensors: Tensors): (number | null)[] => {
  const { shape } = x instanceof SparseMatrix ? x : tensors.of(x, place);
  // A flat array is one feature of each row.
  return shape.length === 1 ? [null, 1] : [null, ...shape.slice(1)];
};

const inputShapeError = (
  verb: string,
  model: KerasModel,
  what: string,
  argument: string,
  shape: readonly number[],
  expected: readonly (number | null)[],
): KerasShapeError => {
  const rest = expected.slice(1);
  const single =
    shape.length === rest.length && rest.every((size, axis) => size === null || size === shape[axis]);
  const count = (sizes: readonly (number | null)[]): number =>
    sizes.reduce((product: number, size) => product * (size ?? NaN), 1);
  const reshapes = count(shape.slice(1)) === count(rest);
  return new KerasShapeError({
    function: verb,
    argument,
    expected: `${what} must have the shape ${describeShape(expected)} of the input of model '${model.name}'`,
    received: `shape ${describeShape(shape)}`,
    advice: single
      ? `For one sample, put it into a batch of one: [${argument}], or tf.expandDims(${argument}, 0)`
      : reshapes
        ? `Reshape it: arrayReshape(${argument}, ${describeShape([shape[0] ?? null, ...rest])})`
        : "Reshape the data, or change the first layer's inputShape",
  });
};

/** Whether a loss is one of the library's, whose labels are known; a user's own may take any. */
const isKnown = (output: Output): boolean => lossOfName(output.loss.name)?.call === output.loss.call;

/** The labels of a model's outputs as tensors of the shapes and in the range that the losses take. */
export const prepareTargets = (
  verb: string,
  outputs: readonly Output[],
  y: unknown,
  tensors: Tensors,
  argument = 'y',
): Tensor[] => {
  const place = { function: verb, argument };
  const names = outputs.map(({ name }) => name);
  return inOrder(names, y, place).map((value, index) => {
    const output = outputs[index] as Output; // one value for each output
    const given = tensors.of(
      value,
      place,
      output.loss.labels === 'sparse' && isInteger(value) ? 'int32' : 'float32',
    );
    const what = label(place, names, index);
    checkFinite(given, what, place);
    if (!isKnown(output)) return given;
    return output.loss.labels === 'sparse'
      ? sparseTarget(verb, output, given, what, argument)
      : sameTarget(verb, output, given, what, argument, tensors);
  });
};

const isInteger = (value: unknown): boolean => value instanceof tf.Tensor && value.dtype === 'int32';

const range = (tensor: Tensor): [number, number] =>
  tf.tidy(() => [tf.min(tensor).dataSync()[0] ?? 0, tf.max(tensor).dataSync()[0] ?? 0]);

const sparseTarget = (
  verb: string,
  output: Output,
  given: Tensor,
  what: string,
  argument: string,
): Tensor => {
  const classes = output.shape.at(-1) ?? 0;
  const rows = output.shape.slice(0, -1);
  const received = `shape ${describeShape(given.shape)} for the output ${describeShape(output.shape)} of '${output.name}'`;
  const error = (expected: string, text: string, advice: string): KerasArgumentError =>
    new KerasArgumentError({
      function: verb,
      argument,
      layer: output.name,
      expected,
      received: text,
      advice,
    });
  if (classes === 1) {
    throw error(
      `the loss '${output.loss.name}' needs an output with one unit for each class`,
      `one unit in '${output.name}'`,
      "For two classes, use 'binary_crossentropy' with one sigmoid unit, or two softmax units",
    );
  }
  if (!fits(given.shape, rows) && !fits(given.shape, [...rows, 1])) {
    throw error(
      `${what} must hold class numbers, one for each prediction`,
      received,
      fits(given.shape, output.shape)
        ? "For one-hot labels use the loss 'categorical_crossentropy'"
        : 'Give one label for each row',
    );
  }
  const [least, most] = range(given);
  if (least < 0 || most >= classes) {
    throw error(
      `${what} must be class numbers from 0 to ${classes - 1}, for the ${classes} units of '${output.name}'`,
      least < 0 ? String(least) : String(most),
      'Count classes from 0, or give the last layer more units',
    );
  }
  if (given.dtype === 'float32' && !tf.tidy(() => tf.all(tf.equal(given, tf.round(given))).dataSync()[0])) {
    throw error(`${what} must be whole numbers`, describe(given), 'Class numbers are 0, 1, 2, …');
  }
  return given;
};

const sameTarget = (
  verb: string,
  output: Output,
  given: Tensor,
  what: string,
  argument: string,
  tensors: Tensors,
): Tensor => {
  const last = output.shape.at(-1);
  const flat = last === 1 && fits(given.shape, output.shape.slice(0, -1));
  const labels = flat ? tensors.own(tf.expandDims(given, -1)) : given;
  if (!fits(labels.shape, output.shape)) {
    const rows = output.shape.slice(0, -1);
    const numbers = fits(given.shape, rows) || fits(given.shape, [...rows, 1]);
    throw new KerasShapeError({
      function: verb,
      argument,
      layer: output.name,
      expected: `${what} must have the shape ${describeShape(output.shape)} of the output of '${output.name}' for the loss '${output.loss.name}'`,
      received: `shape ${describeShape(given.shape)}`,
      advice:
        numbers && output.loss.name === 'categorical_crossentropy'
          ? `If they are class numbers, use the loss 'sparse_categorical_crossentropy', or toCategorical(${argument}, { numClasses: ${String(last)} })`
          : 'Reshape the labels, or change the units of the last layer',
    });
  }
  if (output.loss.name.endsWith('crossentropy')) {
    const [least, most] = range(labels);
    if (least < 0 || most > 1) {
      throw argumentError(
        { function: verb, argument },
        `made of numbers from 0 to 1 for the loss '${output.loss.name}'`,
        least < 0 ? least : most,
        "For class numbers use 'sparse_categorical_crossentropy', for other numbers 'mean_squared_error'",
      );
    }
    if (output.loss.name === 'categorical_crossentropy' && last === 1) {
      throw argumentError(
        { function: 'compile', argument: 'loss' },
        `one that fits the single unit of '${output.name}'`,
        output.loss.name,
        "Use 'binary_crossentropy' with a sigmoid unit: over one class, this loss is always 0",
      );
    }
  }
  return labels;
};

/** Weights of samples, one vector for each output, or undefined where all count the same. */
export const prepareSampleWeights = (
  verb: string,
  outputs: readonly Output[],
  sampleWeight: unknown,
  tensors: Tensors,
): (Tensor | undefined)[] => {
  if (sampleWeight === undefined) return outputs.map(() => undefined);
  const place = { function: verb, argument: 'sampleWeight' };
  const names = outputs.map(({ name }) => name);
  const several =
    outputs.length > 1 &&
    (isRecord(sampleWeight) || (Array.isArray(sampleWeight) && typeof sampleWeight[0] !== 'number'));
  const values = several ? inOrder(names, sampleWeight, place) : names.map(() => sampleWeight);
  return values.map((value) => {
    const weights = tensors.of(value, place, 'float32');
    checkFinite(weights, '`sampleWeight`', place);
    if (weights.rank !== 1) throw argumentError(place, 'a list of numbers, one for each row', value);
    if (range(weights)[0] < 0) throw argumentError(place, 'made of numbers of 0 or more', value);
    return weights;
  });
};
