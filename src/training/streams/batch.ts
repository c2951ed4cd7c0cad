import { isPlainObject, type Place } from '../../base/checks';
import { describe, KerasArgumentError } from '../../base/errors';
import { sizeOf } from '../../base/shapes';
import { isTyped } from '../../arrays/typed-array';
import { tf, type Tensor } from '../../tfjs/tensorflow';
import type { KerasModel } from '../../models/model';
import { inOrder } from '../data';

/** A batch, or a row, as the source gave it. */
export interface Item {
  readonly x: unknown;
  readonly y: unknown;
  readonly sampleWeight: unknown;
}

/** An array of a batch: where its numbers are, and its shape. */
interface Part {
  readonly value: unknown;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32' | 'bool';
}

/** A batch that was read, taken apart. */
export interface RawBatch extends Item {
  /** Its arrays; undefined where they are not what they should be, or cannot be put together with others. */
  readonly parts: readonly (Part | undefined)[] | undefined;
  /** What batches must have in common to be put together: kinds and shapes. */
  readonly key: string | undefined;
  readonly bytes: number;
  /** What is to be freed after it. */
  readonly owned: readonly Tensor[];
}

/** What a source is for. */
export type Purpose = 'training' | 'prediction';

/** The names of what a model takes, and of what comes out of it. */
export interface PartNames {
  readonly inputs: readonly string[];
  /** The outputs, and which of them need no labels. */
  readonly outputs: readonly { readonly name: string; readonly isOptional: boolean }[];
  /** How many axes the first input has, the batch's included; undefined where any may come. */
  readonly rank: number | undefined;
}

/** How many axes data has; undefined where it is no data. */
const rankOf = (value: unknown): number | undefined => shapeOf(value)?.length;

const shapeOf = (value: unknown): number[] | undefined => {
  if (typeof value === 'number' || typeof value === 'boolean') return [];
  if (isTyped(value)) return [value.length];
  if (Array.isArray(value)) {
    const list: readonly unknown[] = value;
    if (list.length === 0) return [0];
    const inner = shapeOf(list[0]);
    return inner === undefined ? undefined : [list.length, ...inner];
  }
  if (typeof value === 'object' && value !== null && 'shape' in value && Array.isArray(value.shape)) {
    return value.shape as number[]; // checked where it becomes a tensor
  }
  return undefined;
};

const PARTS = ['x', 'y', 'sampleWeight'];
const TENSOR_PARTS = ['xs', 'ys'];

const isNamed = (value: unknown, first: string, names: readonly string[]): boolean =>
  isPlainObject(value) && first in value && Object.keys(value).every((name) => names.includes(name));

/**
 * What an item says: data, labels, weights. For a prediction, an array may be the data itself, or a list that begins with it: then
 * its first element has all of the input's axes, where it would else be a part of it.
 */
export const readItem = (
  item: unknown,
  { inputs, rank }: PartNames,
  { purpose, ofRows }: { readonly purpose: Purpose; readonly ofRows: boolean },
  place: Place,
): Item => {
  if (isNamed(item, 'x', PARTS)) {
    const { x, y, sampleWeight } = item as Item; // its names are these
    return { x, y, sampleWeight };
  }
  if (isNamed(item, 'xs', TENSOR_PARTS)) {
    const { xs, ys } = item as { readonly xs: unknown; readonly ys: unknown }; // its names are these
    return { x: xs, y: ys, sampleWeight: undefined };
  }
  const whole = rank === undefined ? undefined : ofRows ? rank - 1 : rank;
  const all: readonly unknown[] = Array.isArray(item) ? item : [];
  const isList = all.length >= 1 && all.length <= 3;
  const list = isList ? all : [];
  if (purpose === 'prediction') {
    const isWhole = (value: unknown): boolean =>
      whole === undefined ? value instanceof tf.Tensor : rankOf(value) === whole;
    const [first] = list;
    const isOfInputs = Array.isArray(first) ? isWhole(first[0]) : isPlainObject(first) && !('shape' in first);
    const holdsX = inputs.length === 1 ? isWhole(first) : isOfInputs;
    return { x: holdsX ? first : item, y: undefined, sampleWeight: undefined };
  }
  if (isList) return { x: list[0], y: list[1], sampleWeight: list[2] };
  throw new KerasArgumentError({
    argument: place.argument,
    expected: `\`${place.argument}\` must give ${ofRows ? 'rows' : 'batches'}, each of them [x, y], [x, y, sampleWeight] or { x, y }`,
    received: describe(item),
    advice: ofRows ? 'Write push([features, label])' : 'Write yield [x, y]',
  });
};

const partOf = (value: unknown): Part | undefined => {
  if (isTyped(value)) return { value, shape: [value.length], dtype: 'float32' };
  if (!Array.isArray(value) && value instanceof tf.Tensor) {
    const { dtype, shape, isDisposed } = value as Tensor; // of any rank, which `instanceof` leaves untyped
    if (isDisposed || (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool')) return undefined;
    return shape.length === 0 ? undefined : { value, shape, dtype };
  }
  const shape = shapeOf(value);
  if (shape === undefined || shape.length === 0) return undefined;
  if (Array.isArray(value) || isTyped(value)) return { value, shape, dtype: 'float32' };
  const { data } = value as { readonly data?: unknown }; // absent from what is no data
  const length = Array.isArray(data) || isTyped(data) ? data.length : undefined;
  return length === sizeOf(shape) ? { value: data, shape, dtype: 'float32' } : undefined;
};

/** The values for the outputs; weights may be one list for all of them. */
const forOutputs = (outputs: PartNames['outputs'], value: unknown, place: Place): unknown[] => {
  const names = outputs.map(({ name }) => name);
  return inOrder(names, value, place, (index) => outputs[index]?.isOptional === true);
};

/** One value alone needs no names. */
const isAlone = (names: { readonly length: number }, value: unknown): boolean =>
  names.length === 1 &&
  (Array.isArray(value)
    ? !(value[0] instanceof tf.Tensor)
    : isTyped(value) || !isPlainObject(value) || 'shape' in value);

const isMissing = (value: unknown): value is null | undefined => value === undefined || value === null;

/** A batch's values in order: inputs, labels, weights. */
const valuesOf = ({ x, y, sampleWeight }: Item, { inputs, outputs }: PartNames): unknown[] => {
  const place = { argument: 'x' };
  const values = isAlone(inputs, x) ? [x] : inOrder(inputs, x, place);
  if (!isMissing(y)) values.push(...(isAlone(outputs, y) ? [y] : forOutputs(outputs, y, place)));
  if (!isMissing(sampleWeight)) values.push(sampleWeight);
  return values;
};

/** A batch's arrays in order: inputs, labels, weights; undefined where they are not as they should be. */
const partsOf = (item: Item, names: PartNames): (Part | undefined)[] | undefined => {
  try {
    const parts: (Part | undefined)[] = [];
    for (const value of valuesOf(item, names)) {
      const part = isMissing(value) ? undefined : partOf(value);
      if (part === undefined && !isMissing(value)) return undefined;
      parts.push(part);
    }
    return parts;
  } catch (error) {
    // What is wrong is said where the batch becomes tensors, with its step.
    if (error instanceof KerasArgumentError) return undefined;
    throw error;
  }
};

const BYTES = 4;

const keyOf = ({ y, sampleWeight }: Item, parts: readonly (Part | undefined)[]): string => {
  const shapes = parts.map((part) => (part === undefined ? '' : `${part.dtype} ${part.shape.join(',')}`));
  return [isMissing(y) ? '-' : '+', isMissing(sampleWeight) ? '-' : '+', ...shapes].join(';');
};

const isSamePart = (part: Part | undefined, other: Part | undefined): boolean => {
  if (part === undefined || other === undefined) return part === other;
  if (part.dtype !== other.dtype || part.shape.length !== other.shape.length) return false;
  for (let axis = 0; axis < part.shape.length; axis++) {
    if (part.shape[axis] !== other.shape[axis]) return false;
  }
  return true;
};

/** Whether a batch is of the same kind as the one before: most are, and then need no key of their own. */
const isLike = (item: Item, parts: readonly (Part | undefined)[], other: RawBatch): boolean => {
  if (other.parts?.length !== parts.length) return false;
  if (isMissing(item.y) !== isMissing(other.y)) return false;
  if (isMissing(item.sampleWeight) !== isMissing(other.sampleWeight)) return false;
  for (let index = 0; index < parts.length; index++) {
    if (!isSamePart(parts[index], other.parts[index])) return false;
  }
  return true;
};

const NONE: readonly Tensor[] = [];

/** Takes a batch apart. `owned` are the tensors to be freed after it; `before` is the batch before. */
export const rawBatch = (
  item: Item,
  names: PartNames,
  owned: readonly Tensor[] = NONE,
  before?: RawBatch,
): RawBatch => {
  const { x, y, sampleWeight } = item;
  const parts = partsOf(item, names);
  if (parts !== undefined && before !== undefined && isLike(item, parts, before)) {
    return { x, y, sampleWeight, parts, key: before.key, bytes: before.bytes, owned };
  }
  return {
    x,
    y,
    sampleWeight,
    parts,
    key: parts === undefined ? undefined : keyOf(item, parts),
    bytes: (parts ?? []).reduce((total, part) => total + BYTES * sizeOf(part?.shape ?? []), 0),
    owned,
  };
};

/** All tensors in a batch. */
export const tensorsIn = (value: unknown): Tensor[] => {
  if (value instanceof tf.Tensor) return [value as Tensor]; // of any rank, which `instanceof` leaves untyped
  if (Array.isArray(value)) return (value as unknown[]).flatMap(tensorsIn);
  return isPlainObject(value) ? Object.values(value).flatMap(tensorsIn) : [];
};

/** What a model takes and what comes out of it; of one that is not built yet, one input and one output. */
export const partNames = (
  model: KerasModel,
  outputs: () => readonly { readonly name: string; readonly isOptional: boolean }[],
): PartNames =>
  model.built
    ? { inputs: model.tf.inputNames, outputs: outputs(), rank: model.tf.inputs[0]?.shape.length }
    : { inputs: ['x'], outputs: [{ name: 'y', isOptional: false }], rank: undefined };
