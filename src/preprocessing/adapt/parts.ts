/** Data that layers learn from, whatever form they have, as numbers or texts. */
import { isArrayLike, toTensor, type ArrayLike } from '../../arrays/tensors';
import { isText, textTensor, type NestedText } from '../../arrays/texts';
import { argumentError, isPlainObject, type Place } from '../../base/checks';
import { KerasArgumentError } from '../../base/errors';
import { isStream } from '../../base/streams';
import { bytesOf, readTexts } from '../../layers/internal/bytes';
import type { BatchValues, Learned, LearningBatch, LearningType } from '../../layers/internal/learned';
import { tf, type Tensor } from '../../tfjs/tensorflow';
import { Table, type TableColumn } from '../tables/table';
import { isOtherTable, toTable } from '../tables/to-table';

const WHAT: Readonly<Record<LearningType, string>> = {
  string: 'texts',
  int32: 'whole numbers',
  float32: 'numbers',
};

const wrongType = (place: Place, type: LearningType, value: unknown): KerasArgumentError =>
  argumentError(place, `data of ${WHAT[type]}`, value, `The layer learns from ${WHAT[type]}`);

/** Whether a value is a whole number of 32 bits; others than numbers are told elsewhere. */
const isWholeNumber = (value: unknown): boolean => typeof value !== 'number' || (value | 0) === value;

/** The first number of data that is none of 32 bits; undefined if there is none, or what is wrong is said elsewhere. */
const firstUnfit = (data: unknown): unknown => {
  if (data instanceof tf.Tensor)
    return data.dtype === 'float32' && !data.isDisposed
      ? data.dataSync<'float32'>().find((value) => !isWholeNumber(value))
      : undefined;
  if (Array.isArray(data)) {
    for (const value of data as readonly unknown[]) {
      const unfit = typeof value === 'object' ? firstUnfit(value) : isWholeNumber(value) ? undefined : value;
      if (unfit !== undefined) return unfit;
    }
    return undefined;
  }
  if (ArrayBuffer.isView(data))
    return Array.prototype.find.call(data, (value) => !isWholeNumber(value)) as unknown;
  return typeof data === 'object' && data !== null && 'data' in data ? firstUnfit(data.data) : undefined;
};

/** Fractions would be cut off, and what is no number would become one. */
const checkWhole = (data: unknown, place: Place): void => {
  const unfit = firstUnfit(data);
  if (unfit !== undefined)
    throw argumentError(
      place,
      'made of whole numbers of 32 bits, and none of them missing',
      unfit,
      'Leave such rows out, or fill them in',
    );
};

/** The values of a tensor, or of nested arrays. */
const valuesOf = (data: Tensor | ArrayLike | NestedText, type: LearningType, place: Place): LearningBatch => {
  if (isText(data)) {
    if (type !== 'string') throw wrongType(place, type, data);
    const texts = textTensor(data, place);
    try {
      return { values: readTexts(texts), shape: texts.shape };
    } finally {
      texts.dispose();
    }
  }
  if (type === 'string') throw wrongType(place, type, data);
  if (type === 'int32') checkWhole(data, place);
  const { tensor, isNew } = toTensor(data, place, type);
  try {
    return { values: tensor.dataSync(), shape: tensor.shape };
  } finally {
    if (isNew) tensor.dispose();
  }
};

/** The values of a column, of which none may be missing. */
const columnValues = (
  column: TableColumn,
  type: LearningType,
  place: Place,
  rowText: (row: number) => string,
): BatchValues => {
  const isOfTexts = column.kind === 'string';
  if (isOfTexts !== (type === 'string'))
    throw wrongType(place, type, `a column of ${isOfTexts ? 'texts' : 'numbers'}`);
  const { values } = column;
  const missing = isOfTexts
    ? column.values.indexOf(null)
    : (values as Float64Array).findIndex((value) => Number.isNaN(value));
  if (missing !== -1) {
    throw new KerasArgumentError({
      function: place.function,
      argument: place.argument,
      expected: 'the column must have a value in each row',
      received: `nothing in ${rowText(missing)}`,
      advice: 'Leave such rows out, or fill them in',
    });
  }
  if (isOfTexts) return column.values.map((text) => bytesOf(text ?? ''));
  if (type === 'int32') checkWhole(values, place);
  return type === 'int32'
    ? Int32Array.from(values as Float64Array)
    : Float32Array.from(values as Float64Array); // of numbers
};

/** The columns of a table next to each other. */
const tableValues = (table: Table, type: LearningType, place: Place): LearningBatch => {
  const columns = table.names.map((name) =>
    columnValues(table.column(name), type, { ...place, argument: `${place.argument}.${name}` }, (row) =>
      table.rowText(row),
    ),
  );
  const { rows } = table;
  const width = columns.length;
  // One type for all, as is checked.
  const values = Array.from(
    { length: rows * width },
    (_, index) => columns[index % width]?.[Math.floor(index / width)],
  );
  return { values: values as number[], shape: [rows, width] };
};

const isColumn = (value: unknown): value is TableColumn =>
  isPlainObject(value) && 'kind' in value && 'values' in value;

/** Whether a value is a table in any form, or columns by their names. */
export const isTableLike = (value: unknown): boolean =>
  value instanceof Table ||
  isOtherTable(value) ||
  (Array.isArray(value) && isPlainObject(value[0]) && !('data' in (value[0] as object))) ||
  (isPlainObject(value) && !('shape' in value) && !isStream(value));

/** Whether a value is data, and no stream of them. */
export const isWhole = (value: unknown): boolean =>
  value instanceof tf.Tensor || isText(value) || isArrayLike(value) || isColumn(value) || isTableLike(value);

/** The numbers or texts that data have. */
export const readData = (data: unknown, type: LearningType, place: Place): LearningBatch => {
  if (isColumn(data)) {
    const values = columnValues(data, type, place, (row) => `row ${row}`);
    return { values, shape: [values.length, 1] };
  }
  if (isTableLike(data)) return tableValues(toTable(place.function ?? 'adapt', data), type, place);
  if (data instanceof tf.Tensor || isText(data) || isArrayLike(data))
    return valuesOf(data as Tensor, type, place); // or arrays
  throw argumentError(
    place,
    'data: a tensor, arrays, a column or a table, or a stream of them',
    data,
    'Write adapt(layer, texts), or adapt(layer, table.column(name))',
  );
};

/** Throws if a number among the data is none, with the row of the data in which it is; `before` is how many rows came before these. */
export const checkNumbers = (
  { values, shape }: LearningBatch,
  learned: Learned,
  before: number,
  place: Place,
): void => {
  if (learned.type !== 'float32') return;
  const numbers = values as Float32Array; // or a list, of this type
  for (let index = 0; index < numbers.length; index++) {
    const value = numbers[index] as number; // within
    if (!learned.isNoNumber(value)) continue;
    const row = before + Math.floor(index / (numbers.length / (shape[0] ?? 1)));
    throw new KerasArgumentError({
      ...place,
      expected: `\`${place.argument}\` must be numbers, and none of them missing`,
      received: `${value} in row ${row}`,
      advice: 'Leave such rows out, or fill them in',
    });
  }
};
