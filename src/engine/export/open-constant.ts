/** Constants of a computation that are others for other numbers of rows, as functions of that number. */
import { sameShape, sizeOf } from '../../base/shapes';
import { TYPES, type Values } from '../../tfjs/binding';
import type { RecordedConstant } from '../trace/recording';

/** Whole numbers that grow with the batch: `offset + factor · rows`. */
export interface OpenNumbers {
  readonly offset: readonly number[];
  readonly factor: readonly number[];
}

/** A constant of which it is known what it is for each number of rows. */
export type OpenConstant =
  | { readonly kind: 'fixed'; readonly constant: RecordedConstant }
  /** 32-bit integers. */
  | { readonly kind: 'numbers'; readonly shape: readonly number[]; readonly numbers: OpenNumbers }
  /** The same value everywhere, in a shape that grows. */
  | { readonly kind: 'filled'; readonly value: RecordedConstant; readonly shape: OpenNumbers }
  /** The same part again and again, along an axis that grows. */
  | { readonly kind: 'repeated'; readonly part: RecordedConstant; readonly multiples: OpenNumbers }
  /** `start`, `start + step`, …, so many as grow, along one axis of a shape: −1 there, and else 1. */
  | {
      readonly kind: 'counted';
      readonly start: number;
      readonly step: number;
      readonly end: OpenNumbers;
      readonly shape: readonly number[];
    }
  /** For each row and each member of a list: the member, and `step` times the number of the row. What comes first is the outer one. */
  | {
      readonly kind: 'grid';
      readonly first: 'rows' | 'list';
      readonly list: OpenNumbers;
      readonly step: number;
    };

/** A constant at several numbers of rows. */
export interface Version {
  readonly rows: number;
  readonly constant: RecordedConstant;
}

/** The numbers at each number of rows as a function of it; undefined if they are no such function. */
export const openNumbers = (
  versions: readonly { readonly rows: number; readonly numbers: readonly number[] }[],
): OpenNumbers | undefined => {
  const [first, second] = versions;
  if (first === undefined || second === undefined) return undefined;
  const factor = first.numbers.map(
    (value, index) => ((second.numbers[index] ?? NaN) - value) / (second.rows - first.rows),
  );
  const offset = first.numbers.map((value, index) => value - (factor[index] ?? NaN) * first.rows);
  const isSo = versions.every(
    ({ rows, numbers }) =>
      numbers.length === factor.length &&
      numbers.every((value, index) => value === (offset[index] ?? NaN) + (factor[index] ?? NaN) * rows),
  );
  return isSo && factor.every(Number.isInteger) ? { offset, factor } : undefined;
};

const numbersOf = (values: Values): number[] => Array.from(values as ArrayLike<unknown>, Number); // of numbers

const sameValues = (a: Values, b: Values): boolean =>
  a.length === b.length && Array.prototype.every.call(a, (value, index) => Object.is(value, b[index]));

const shapesOf = (versions: readonly Version[]): OpenNumbers | undefined =>
  openNumbers(versions.map(({ rows, constant }) => ({ rows, numbers: constant.shape })));

const scalar = ({ dtype, values }: RecordedConstant): RecordedConstant => ({
  dtype,
  shape: [],
  values: values.slice(0, 1),
});

const filled = (versions: readonly Version[], shape: OpenNumbers): OpenConstant | undefined => {
  const all = versions.map(({ constant }) => constant);
  const value = scalar(all[0] as RecordedConstant); // there are several
  const isFilled = all.every(({ values }) =>
    Array.prototype.every.call(values, (one) => Object.is(one, value.values[0])),
  );
  return isFilled && value.values.length === 1 ? { kind: 'filled', value, shape } : undefined;
};

const repeated = (versions: readonly Version[], shape: OpenNumbers): OpenConstant | undefined => {
  const axes = shape.factor.flatMap((factor, axis) => (factor === 0 ? [] : [axis]));
  const [axis] = axes;
  const { constant } = versions[0] as Version; // there are several
  if (axis === undefined || axes.length > 1) return undefined;
  const outer = sizeOf(constant.shape.slice(0, axis));
  const inner = sizeOf(constant.shape.slice(axis + 1));
  const partOf = ({ shape: whole, values }: RecordedConstant, block: number, place: number): Values =>
    values.slice(
      (block * (whole[axis] ?? 0) + place) * inner,
      (block * (whole[axis] ?? 0) + place + 1) * inner,
    );
  const blocks = Array.from({ length: outer }, (_, block) => partOf(constant, block, 0));
  const isRepeated = versions.every(({ constant: one }) =>
    blocks.every((block, index) =>
      Array.from({ length: one.shape[axis] ?? 0 }).every((_, place) =>
        sameValues(block, partOf(one, index, place)),
      ),
    ),
  );
  if (!isRepeated) return undefined;
  const values = blocks.flatMap((block) => numbersOf(block));
  return {
    kind: 'repeated',
    part: {
      dtype: constant.dtype,
      shape: constant.shape.map((size, index) => (index === axis ? 1 : size)),
      values,
    },
    multiples: {
      offset: shape.offset.map((size, index) => (index === axis ? size : 1)),
      factor: shape.factor,
    },
  };
};

const counted = (versions: readonly Version[], shape: OpenNumbers): OpenConstant | undefined => {
  const { constant } = versions[0] as Version; // there are several
  const axis = shape.factor.findIndex((factor) => factor !== 0);
  const isLine = versions.every(({ constant: one }) => sizeOf(one.shape) === one.shape[axis]);
  if (!isLine || constant.dtype !== TYPES.int32) return undefined;
  const [start = 0, next = 0] = numbersOf(constant.values);
  const step = next - start;
  const isCounted = versions.every(({ constant: { values } }) =>
    numbersOf(values).every((value, index) => value === start + index * step),
  );
  const [offset = 0, factor = 0] = [shape.offset[axis], shape.factor[axis]];
  const line = constant.shape.map((size, index) => (index === axis ? -1 : size));
  return isCounted && step !== 0
    ? {
        kind: 'counted',
        start,
        step,
        end: { offset: [start + step * offset], factor: [step * factor] },
        shape: line,
      }
    : undefined;
};

/** Positions in a tensor, as those of which a transposition is made. */
const grid = (
  versions: readonly Version[],
  shape: OpenNumbers,
  first: 'rows' | 'list',
): OpenConstant | undefined => {
  const [length = 0] = shape.factor;
  const { constant } = versions[0] as Version; // there are several
  if (constant.shape.length !== 1 || constant.dtype !== TYPES.int32 || shape.offset[0] !== 0)
    return undefined;
  const at = (rows: number, row: number, member: number): number =>
    first === 'rows' ? row * length + member : member * rows + row;
  const members = (row: number) =>
    versions.map(({ rows, constant: { values } }) => ({
      rows,
      numbers: Array.from({ length }, (_, member) => Number(values[at(rows, row, member)])),
    }));
  const list = openNumbers(members(0));
  const next = members(1);
  if (list === undefined) return undefined;
  const step = (next[0]?.numbers[0] ?? NaN) - (members(0)[0]?.numbers[0] ?? NaN);
  const isGrid = versions.every(({ rows, constant: { values } }) =>
    Array.from({ length: rows }).every((_, row) =>
      list.offset.every(
        (offset, member) =>
          Number(values[at(rows, row, member)]) === offset + (list.factor[member] ?? NaN) * rows + step * row,
      ),
    ),
  );
  return isGrid ? { kind: 'grid', first, list, step } : undefined;
};

/** What a constant is for any number of rows, as far as some show; undefined if they do not. */
export const openConstant = (versions: readonly Version[]): OpenConstant | undefined => {
  const [{ constant }] = versions as [Version]; // there are several
  if (versions.some(({ constant: { dtype } }) => dtype !== constant.dtype)) return undefined;
  const isFixedShape = versions.every((one) => sameShape(one.constant.shape, constant.shape));
  if (isFixedShape) {
    if (versions.every((one) => sameValues(one.constant.values, constant.values)))
      return { kind: 'fixed', constant };
    const numbers =
      constant.dtype === TYPES.int32
        ? openNumbers(versions.map(({ rows, constant: one }) => ({ rows, numbers: numbersOf(one.values) })))
        : undefined;
    return numbers === undefined ? undefined : { kind: 'numbers', shape: constant.shape, numbers };
  }
  const shape = shapesOf(versions);
  return shape === undefined
    ? undefined
    : (filled(versions, shape) ??
        repeated(versions, shape) ??
        counted(versions, shape) ??
        grid(versions, shape, 'rows') ??
        grid(versions, shape, 'list'));
};
