import { sizeOf } from '../base/shapes';
import { inspect } from 'node:util';
import type * as Tfjs from '@tensorflow/tfjs';

/** How many rows of a matrix, matrices of an array, and numbers of a vector are shown; of more, as many, and then `…`. */
const MAX_ROWS = 10;
const MAX_MATRICES = 3;
const MAX_NUMBERS = 30;
/** How wide a matrix may be, in characters. */
const MAX_WIDTH = 100;
/** How many decimals a column may have; numbers that need more are shown each by itself. */
const MAX_DECIMALS = 10;

type Value = number | boolean | string;

/** Seven significant digits are what float32 holds; whole numbers are shown as they are. */
const rounded = (value: number): string =>
  String(Number.isInteger(value) && Math.abs(value) < 1e15 ? value : Number(value.toPrecision(7)));

/** How many decimals the numbers of a column have: as many as the one that needs most. Undefined where a column cannot have so many. */
const decimalsOf = (texts: readonly string[]): number | undefined => {
  const needed = Math.max(0, ...texts.map((text) => text.split('.')[1]?.length ?? 0));
  return needed > MAX_DECIMALS || texts.some((text) => text.includes('e')) ? undefined : needed;
};

/** The values of a column, numbers with as many decimals as each other, as R prints them. */
const formatted = (values: readonly Value[]): string[] => {
  const numbers = values.filter((value): value is number => Number.isFinite(value));
  const decimals = decimalsOf(numbers.map(rounded));
  return values.map((value) => {
    if (typeof value === 'string') return inspect(value);
    if (typeof value === 'boolean') return String(value);
    const isAligned = decimals !== undefined && decimals > 0 && Math.abs(value) < 1e15;
    return isAligned ? value.toFixed(decimals) : rounded(value);
  });
};

const vectorText = (values: readonly Value[], length: number): string =>
  `[${formatted(values.slice(0, MAX_NUMBERS)).join(', ')}${length > MAX_NUMBERS ? ', …' : ''}]`;

/** A matrix with the numbers of rows and columns, counted from 0, at its sides. */
const matrixText = (at: (row: number, column: number) => Value, rows: number, columns: number): string => {
  const shownRows = Array.from({ length: Math.min(rows, MAX_ROWS) }, (_, row) => row);
  const names = shownRows.map((row) => `[${row},]`);
  const left = Math.max(0, ...names.map((name) => name.length));
  const lines = [' '.repeat(left), ...names.map((name) => name.padStart(left))];
  for (let column = 0; column < columns; column++) {
    const cells = [`[,${column}]`, ...formatted(shownRows.map((row) => at(row, column)))];
    const width = Math.max(...cells.map((cell) => cell.length));
    if ((lines[0]?.length ?? 0) + width + 3 > MAX_WIDTH && column < columns - 1) {
      lines.forEach((line, index) => (lines[index] = `${line} …`));
      break;
    }
    cells.forEach((cell, index) => (lines[index] = `${lines[index] ?? ''} ${cell.padStart(width)}`));
  }
  return [...lines, ...(rows > MAX_ROWS ? [`… ${rows - MAX_ROWS} more rows`] : [])].join('\n');
};

/** The matrices of an array of more than two axes, each under its place along the axes before. */
const matricesText = (values: ArrayLike<Value>, shape: readonly number[]): string => {
  const [rows = 1, columns = 1] = shape.slice(-2);
  const outer = shape.slice(0, -2);
  const count = sizeOf(outer);
  const matrices = Array.from({ length: Math.min(count, MAX_MATRICES) }, (_, index) => {
    let rest = index;
    const place = [...outer].reverse().map((size) => {
      const position = rest % size;
      rest = Math.floor(rest / size);
      return position;
    });
    const start = index * rows * columns;
    const title = outer.length === 0 ? '' : `[${place.reverse().join(', ')}, , ]\n`;
    return `${title}${matrixText((row, column) => values[start + row * columns + column] as Value, rows, columns)}`;
  });
  return [...matrices, ...(count > MAX_MATRICES ? [`… ${count - MAX_MATRICES} more`] : [])].join('\n');
};

/**
 * A tensor in text: its type and shape, then its values as R prints an array, positions counted from 0; long ones cut short.
 */
export const tensorText = (tensor: Tfjs.Tensor): string => {
  const title = `${tensor.dtype} tensor [${tensor.shape.join(', ')}]`;
  if (tensor.isDisposed) return `${title} (disposed)`;
  if (tensor.size === 0) return `${title} without values`;
  const values = tensor.dataSync() as ArrayLike<Value>;
  const asValues = (count: number): Value[] =>
    Array.from({ length: Math.min(count, values.length) }, (_, index) =>
      tensor.dtype === 'bool' ? Boolean(values[index]) : (values[index] as Value),
    );
  if (tensor.rank === 0) return `${title} ${formatted(asValues(1)).join('')}`;
  if (tensor.rank === 1) return `${title} ${vectorText(asValues(MAX_NUMBERS), tensor.size)}`;
  const all = tensor.dtype === 'bool' ? asValues(tensor.size) : values;
  return `${title}\n${matricesText(all, tensor.shape)}`;
};

/** Lets `console.log` show a tensor's values instead of its fields. */
export const printTensors = (tf: typeof Tfjs): void => {
  Object.defineProperty(tf.Tensor.prototype, inspect.custom, {
    configurable: true,
    value(this: Tfjs.Tensor): string {
      return tensorText(this);
    },
  });
};
