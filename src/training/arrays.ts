import { SparseInput } from '../arrays/sparse-input';
import { optional } from '../base/checks';
import { KerasArgumentError } from '../base/errors';
import type { KerasModel } from '../models/model';
import type { Arrays } from '../step/batches';
import type { Output } from '../step/output';
import type { Mask } from '../tfjs/run-graph';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { outputsOf } from './outputs';
import { named, prepareInputs, prepareSampleWeights, rowsOf, type NamedArray, type Tensors } from './data';
import { prepareTargets } from './labels';
import { paddingOf } from './padding';

/** A check that lets everything pass: the value is checked where it is used. */
export const anyValue = optional((value: unknown) => value);

/** What the caller's data is called in messages. */
export interface ArgumentNames {
  readonly x: string;
  readonly y: string;
  readonly sampleWeight: string;
}

/** What the data of most calls is called. */
export const ARGUMENT_NAMES: ArgumentNames = { x: 'x', y: 'y', sampleWeight: 'sampleWeight' };

/** The arrays under the names that messages give them. */
export const namedArrays = (
  model: KerasModel,
  outputs: readonly Output[],
  { x, y, weights }: Omit<Arrays, 'rows'>,
  names = ARGUMENT_NAMES,
): NamedArray[] => {
  const outputNames = outputs.map(({ name }) => name);
  return [
    ...named(names.x, model.tf.inputNames, x),
    ...named(names.y, outputNames, y),
    ...named(names.sampleWeight, outputNames, weights),
  ];
};

/** Labels of a model whose steps are its own, which alone know what they are: none, one array, or a list of tensors. */
const freeTargets = (y: unknown, tensors: Tensors, argument: string): Tensor[] => {
  if (y === undefined || y === null) return [];
  const list: unknown[] = Array.isArray(y) && y.every((one) => one instanceof tf.Tensor) ? y : [y];
  return list.map((one) => tensors.of(one, { argument }, 'float32'));
};

/** Data, labels and the weights of rows, checked and as tensors. */
export const prepareArrays = (
  model: KerasModel,
  data: { x: unknown; y: unknown; sampleWeight?: unknown },
  tensors: Tensors,
  names = ARGUMENT_NAMES,
): Arrays => {
  const x = prepareInputs(model, data.x, tensors, names.x);
  const outputs = outputsOf(model);
  const padding = (): Mask[] => paddingOf(model, x, tensors);
  const y = outputs.every(({ loss }) => loss === undefined)
    ? freeTargets(data.y, tensors, names.y)
    : prepareTargets(outputs, data.y, tensors, names.y, padding);
  const weights = prepareSampleWeights(outputs, data.sampleWeight, tensors, names.sampleWeight);
  return { x, y, weights, rows: rowsOf(namedArrays(model, outputs, { x, y, weights }, names)) };
};

/** Cuts the rows from `from` on off the arrays. */
const sliceRows = (arrays: Arrays, from: number, count: number, tensors: Tensors): Arrays => {
  const take = (tensor: Tensor): Tensor =>
    tensors.takeOver(
      tf.slice(tensor, [from, ...Array<number>(tensor.rank - 1).fill(0)], [count, ...tensor.shape.slice(1)]),
    );
  const takeGiven = (tensor: Tensor | undefined): Tensor | undefined =>
    tensor === undefined ? undefined : take(tensor);
  return {
    x: arrays.x.map((x) =>
      x instanceof SparseInput ? tensors.ofSparse(x.matrix.slice(from, count)) : take(x),
    ),
    y: arrays.y.map(takeGiven),
    weights: arrays.weights.map(takeGiven),
    rows: count,
  };
};

/** Where the validation data come from. */
export interface ValidationOptions {
  /** Arrays; a stream is for others. */
  readonly validationData?: unknown;
  readonly validationSplit?: number | undefined;
}

/** What the validation data are called in messages. */
export const VALIDATION_NAMES: ArgumentNames = {
  x: 'validationData[0]',
  y: 'validationData[1]',
  sampleWeight: 'validationData[2]',
};

/** Training and validation data, from whichever option gives the latter. */
export const withValidation = (
  model: KerasModel,
  whole: Arrays,
  { validationData, validationSplit = 0 }: ValidationOptions,
  tensors: Tensors,
): { training: Arrays; validation: Arrays | undefined } => {
  if (Array.isArray(validationData)) {
    const [x, y, sampleWeight] = validationData as readonly unknown[];
    const data = { x, y, sampleWeight };
    return { training: whole, validation: prepareArrays(model, data, tensors, VALIDATION_NAMES) };
  }
  if (validationSplit === 0) return { training: whole, validation: undefined };
  const kept = Math.floor(whole.rows * (1 - validationSplit));
  if (kept === 0 || kept === whole.rows) {
    throw new KerasArgumentError({
      argument: 'validationSplit',
      expected: 'both parts of the split must have rows',
      received: `${kept} of ${whole.rows} rows left for training with validationSplit: ${validationSplit}`,
      advice: 'Choose another fraction, or give validationData',
    });
  }
  return {
    training: sliceRows(whole, 0, kept, tensors),
    validation: sliceRows(whole, kept, whole.rows - kept, tensors),
  };
};
