import type { LayersModel } from '@tensorflow/tfjs';
import { arrayInSteps, isArrayLike, toTensor, type DataArray } from '../arrays/tensors';
import { SparseMatrix } from '../arrays/sparse-matrix';
import { isText, textTensor, type NestedText } from '../arrays/texts';
import { argumentError, isPlainObject, ownValue, type Place } from '../base/checks';
import type { Steps } from '../base/steps';
import { describe, describeShape, KerasArgumentError, KerasShapeError } from '../base/errors';
import { entriesOf, SparseInput } from '../arrays/sparse-input';
import { idInputs } from '../models/id-inputs';
import { builtModel, type KerasModel } from '../models/model';
import { tf, type Tensor } from '../tfjs/tensorflow';
import type { InputArray } from '../step/batches';
import type { Output } from '../step/output';
import { checkFinite, checkIds, checkNotEmpty, checkWhole, isInteger, type WholeReason } from './values';

/** Data for a model with several inputs or outputs: a list in their order, or by their names. */
export type DataFor =
  | DataArray
  | SparseMatrix
  | readonly NestedText[]
  | readonly (DataArray | SparseMatrix | readonly NestedText[])[]
  // No numbers, so that options in the data's place do not compile: fit(x, { epochs: 5 }).
  | Readonly<Record<string, DataArray | SparseMatrix | readonly NestedText[]>>;

/** Tensors of one call, and which of them the library made and frees. */
export class Tensors {
  private readonly owned: Tensor[] = [];
  /** What was made of each value: data of a model that is not built yet is asked for twice, weights once for each output. */
  private readonly converted = new Map<unknown, Map<string, Tensor>>();

  /** Takes over a tensor, to be freed with the others. */
  takeOver(tensor: Tensor): Tensor {
    this.owned.push(tensor);
    return tensor;
  }

  /** A value of the user's as a tensor. */
  of(value: unknown, place: Place, dtype: 'float32' | 'int32' = 'float32'): Tensor {
    const known = this.converted.get(value)?.get(dtype);
    if (known?.isDisposed === false) return known;
    const { tensor, isNew } = toTensor(value, place, dtype);
    return isNew ? this.remember(value, tensor) : tensor;
  }

  /** Converts arrays of the user's, so that {@link of} need not. Whoever does not go to the end calls `return`. */
  *convert(value: unknown, place: Place): Steps<Tensor> {
    return this.remember(value, yield* arrayInSteps(value, place, 'float32'));
  }

  private remember(value: unknown, tensor: Tensor): Tensor {
    const ofValue = this.converted.get(value) ?? new Map<string, Tensor>();
    this.converted.set(value, ofValue.set(tensor.dtype, tensor));
    return this.takeOver(tensor);
  }

  /** Texts as a tensor. */
  ofTexts(value: unknown, place: Place): Tensor {
    return value instanceof tf.Tensor && !value.isDisposed
      ? (value as Tensor) // of any rank, which `instanceof` leaves untyped
      : this.takeOver(textTensor(value, place));
  }

  /** A sparse matrix as an input. */
  ofSparse(matrix: SparseMatrix): SparseInput {
    const input = SparseInput.of(matrix);
    this.owned.push(...entriesOf(input.parts).map(([, part]) => part));
    return input;
  }

  dispose(): void {
    for (const tensor of this.owned) tensor.dispose();
    this.owned.length = 0;
    this.converted.clear();
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  isPlainObject(value) && !isArrayLike(value);

/** Whether a value is what `scale()` gives, where R's gives the matrix. */
const isScaled = (value: Readonly<Record<string, unknown>>): boolean =>
  Object.keys(value).join() === 'x,center,scale';

/**
 * The values for inputs or outputs in order. With one of them, a value stands for itself. `isOptional` says by position which
 * of them may be missing or null.
 */
export const inOrder = (
  names: readonly string[],
  value: unknown,
  place: Place,
  isOptional: (index: number) => boolean = () => false,
): unknown[] => {
  if (isRecord(value)) {
    const unknown = Object.keys(value).find((key) => !names.includes(key));
    const missing = names.find((name, index) => ownValue(value, name) === undefined && !isOptional(index));
    if (unknown !== undefined || missing !== undefined) {
      throw new KerasArgumentError({
        function: place.function,
        argument: place.argument,
        expected: `\`${place.argument}\` must be keyed by ${names.map((name) => `'${name}'`).join(', ')}`,
        received: unknown === undefined ? `nothing for '${missing}'` : `the unknown key '${unknown}'`,
        advice: isScaled(value)
          ? 'Write scale(…).x: beside the numbers, scale() gives their center and scale'
          : 'Give one array for each, under its name, or a list in that order',
      });
    }
    return names.map((name) => ownValue(value, name));
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

/** What an array is called in messages. */
export const label = (argument: string, names: readonly string[], index: number): string =>
  names.length === 1 ? `\`${argument}\`` : `\`${argument}\` for '${names[index] ?? ''}'`;

/** Whether a shape is the expected one; the batch axis and null stand for any size. */
export const fits = (shape: readonly number[], expected: readonly (number | null)[]): boolean =>
  shape.length === expected.length &&
  expected.every((size, axis) => axis === 0 || size === null || size === shape[axis]);

/** An array, and what it is called in messages. */
export interface NamedArray {
  readonly argument: string;
  readonly what: string;
  readonly tensor: InputArray;
}

/** Arrays under the names that messages give them, with the input's or output's if there are several. */
export const named = (
  argument: string,
  names: readonly string[],
  tensors: readonly (InputArray | undefined)[],
): NamedArray[] =>
  tensors.flatMap((tensor, index) =>
    tensor === undefined ? [] : [{ argument, what: label(argument, names, index), tensor }],
  );

/** How many rows the arrays have, all the same number. */
export const rowsOf = (arrays: readonly NamedArray[]): number => {
  const [first, ...others] = arrays;
  const rows = first?.tensor.shape[0] ?? 0;
  const different = others.find(({ tensor }) => tensor.shape[0] !== rows);
  if (first !== undefined && different !== undefined) {
    throw new KerasShapeError({
      argument: different.argument,
      expected: `${first.what} and ${different.what} must have the same number of rows`,
      received: `${rows} and ${different.tensor.shape[0]}`,
      advice: 'Each row of one belongs to a row of the other; check how they were read and split',
    });
  }
  return rows;
};

/** Why an input of a model takes whole numbers only, if it does. */
const wholeReason = (model: LayersModel, index: number): WholeReason | undefined => {
  if (model.inputs[index]?.dtype === 'int32') {
    return {
      why: 'as the input of type int32 takes them',
      advice: 'Round the numbers, or make the input one of floats',
    };
  }
  const ids = idInputs(model).get(index);
  return ids === undefined
    ? undefined
    : {
        why: `since they are ids for the layer '${ids.layer}'`,
        advice: 'Ids count from 0: 0, 1, 2, …; round the numbers if they are meant so',
      };
};

/** The inputs of a model as tensors of the shapes that it takes. Builds a model that waits for its first data. */
export const prepareInputs = (
  model: KerasModel,
  x: unknown,
  tensors: Tensors,
  argument = 'x',
): InputArray[] => {
  const place = { argument };
  if (!model.built) buildByData(model, x, place, tensors);
  const { tf: tfjs } = builtModel(model);
  const names = tfjs.inputNames;
  return inOrder(names, x, place).map((value, index) => {
    const input = tfjs.inputs[index];
    const what = label(argument, names, index);
    if (input?.dtype === 'string') return textInput(model, value, { index, what, place, tensors });
    if (typeof value !== 'string' && isText(value)) throw noTexts(value, place, input?.sourceLayer.name);
    const whole = input?.dtype === 'int32';
    const array =
      value instanceof SparseMatrix
        ? value
        : tensors.of(value, place, whole && isInteger(value) ? 'int32' : 'float32');
    checkNotEmpty(array, what, place);
    if (array instanceof SparseMatrix) {
      checkSparse(model, index, array, what, argument);
      return tensors.ofSparse(array);
    }
    const tensor = shapedInput(model, array, { index, what, place, tensors });
    checkFinite(tensor, what, place);
    if (input?.dtype === 'bool' && tensor.dtype !== 'bool') return tensors.takeOver(tf.cast(tensor, 'bool'));
    const reason = wholeReason(tfjs, index);
    if (reason !== undefined && tensor.dtype === 'float32') checkWhole(tensor, what, place, reason);
    const ids = idInputs(tfjs).get(index);
    if (ids !== undefined && tensor.dtype === 'float32' && !whole) checkIds(tensor, value, place, ids);
    return whole && tensor.dtype !== 'int32' ? tensors.takeOver(tf.cast(tensor, 'int32')) : tensor;
  });
};

/** An input of a model, and what it is called in messages. */
interface InputPlace {
  readonly index: number;
  readonly what: string;
  readonly place: Place;
  readonly tensors: Tensors;
}

/** An input in the shape that the model takes: a flat array is one feature of each row. */
const shapedInput = (
  model: KerasModel,
  array: Tensor,
  { index, what, place, tensors }: InputPlace,
): Tensor => {
  const expected = model.tf.inputs[index]?.shape ?? [];
  const tensor =
    array.rank === 1 && expected.length === 2 && expected[1] === 1
      ? tensors.takeOver(tf.expandDims(array, 1))
      : array;
  if (!fits(tensor.shape, expected))
    throw inputShapeError(model, what, place.argument, tensor.shape, expected);
  return tensor;
};

/** An input of texts. */
const textInput = (model: KerasModel, value: unknown, input: InputPlace): Tensor => {
  const { what, place, tensors } = input;
  if (Array.isArray(value) && value.length === 0) checkNotEmpty({ shape: [0] }, what, place);
  if (!isText(value)) {
    const advice = "Write [['one'], ['two']], or tf.tensor2d(values, [rows, columns], 'string')";
    throw argumentError(place, `made of texts, which the model '${model.name}' takes`, value, advice);
  }
  const texts = tensors.ofTexts(value, place);
  checkNotEmpty(texts, what, place);
  return shapedInput(model, texts, input);
};

/** The error about texts where a model takes numbers. */
const noTexts = (value: unknown, place: Place, input = ''): KerasArgumentError =>
  argumentError(
    place,
    value instanceof tf.Tensor ? 'a tensor of numbers' : 'made of numbers only',
    value,
    `The input '${input}' takes numbers; for texts make it layerInput({ shape: [1], dtype: 'string' }), and put a layer behind it that reads them`,
  );

/** A sparse input must go into dense layers and nothing else. */
const checkSparse = (
  model: KerasModel,
  index: number,
  value: SparseMatrix,
  what: string,
  argument: string,
): void => {
  const input = model.tf.inputs[index];
  const expected = input?.shape ?? [];
  if (!fits(value.shape, expected)) throw inputShapeError(model, what, argument, value.shape, expected);
  const takers = input?.sourceLayer.outboundNodes.map(({ outboundLayer }) => outboundLayer) ?? [];
  const other = takers.find((layer) => layer.getClassName() !== 'Dense' && layer !== model.tf);
  if (other === undefined) return;
  throw new KerasArgumentError({
    argument,
    layer: other.name,
    expected: `${what}, a sparse matrix, must go into dense layers only`,
    received: `the layer '${other.name}' (${other.getClassName()}) that takes it`,
    advice: `Give it as a tensor: ${argument}.toTensor()`,
  });
};

/** Builds a model by the shape of its first data, and by their type, if they are texts. */
const buildByData = (model: KerasModel, x: unknown, place: Place, tensors: Tensors): void => {
  const areTexts = typeof x !== 'string' && isText(x);
  const { shape } =
    x instanceof SparseMatrix
      ? x
      : areTexts
        ? tensors.ofTexts(x, place)
        : tensors.of(x, place, isInteger(x) ? 'int32' : 'float32');
  // A flat array is one feature of each row.
  const batchShape = shape.length === 1 ? [null, 1] : [null, ...shape.slice(1)];
  if (areTexts) model.buildFor(batchShape, 'string');
  else model.buildFor(batchShape);
};

const inputShapeError = (
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

/** Weights of samples, one vector for each output, or undefined where all count the same. */
export const prepareSampleWeights = (
  outputs: readonly Output[],
  sampleWeight: unknown,
  tensors: Tensors,
  argument = 'sampleWeight',
): (Tensor | undefined)[] => {
  if (sampleWeight === undefined) return outputs.map(() => undefined);
  const place = { argument };
  const names = outputs.map(({ name }) => name);
  const several =
    outputs.length > 1 &&
    (isRecord(sampleWeight) || (Array.isArray(sampleWeight) && typeof sampleWeight[0] !== 'number'));
  const values = several ? inOrder(names, sampleWeight, place) : names.map(() => sampleWeight);
  return values.map((value, index) => {
    const weights = tensors.of(value, place, 'float32');
    const what = label(argument, several ? names : [argument], index);
    if (weights.rank !== 1) {
      throw new KerasShapeError({
        argument,
        expected: `${what} must be a list of numbers, one for each row`,
        received: `shape ${describeShape(weights.shape)}`,
        advice: 'Write for example sampleWeight: [1, 1, 2]',
      });
    }
    checkFinite(weights, what, place);
    return weights;
  });
};
