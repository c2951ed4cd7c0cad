/** What R's `str` says of data: lists in lists, of arrays the type, the shape and the first values. */
import { tf, type Tensor } from '../tfjs/tensorflow';

/** Of a longer list, this many items are shown. */
const MAX_ITEMS = 5;
/** This many values of an array are shown if they are short, else half of them. */
const MAX_VALUES = 10;
/** Values are short if they are as good as these significant digits. */
const DIGITS = 3;

const isTensor = (value: unknown): value is Tensor => value instanceof tf.Tensor;

const firstOf = (value: Tensor | readonly number[]): number[] =>
  isTensor(value)
    ? [...tf.tidy(() => tf.slice(tf.reshape(value, [-1]), 0, Math.min(MAX_VALUES, value.size)).dataSync())]
    : value.slice(0, MAX_VALUES);

/** How many decimals a number needs for its first significant digits, none of them a zero at the end. */
const decimalsOf = (value: number): number => {
  if (value === 0) return 0;
  const [digits = '', exponent = '0'] = value.toExponential(DIGITS - 1).split('e');
  const significant = digits.replace('-', '').replace('.', '').replace(/0+$/, '').length;
  return Math.max(0, significant - 1 - Number(exponent));
};

/** Numbers as R formats those of one array: to as many decimals as the one needs that needs most, zeros at the end left out. */
const valuesText = (values: readonly number[], isInteger: boolean): { text: string; shown: number } => {
  const isShort = isInteger || values.every((value) => Number(value.toPrecision(DIGITS)) === value);
  const some = values.slice(0, isShort ? MAX_VALUES : MAX_VALUES / 2);
  const decimals = isInteger ? 0 : Math.max(0, ...some.filter(Number.isFinite).map(decimalsOf));
  const text = (value: number): string => {
    const fixed = value.toFixed(Math.min(decimals, 20));
    return fixed.includes('.') ? fixed.replace(/\.?0+$/, '') : fixed;
  };
  return { text: some.map(text).join(' '), shown: some.length };
};

/** `1:60000`, or `1` where there is one only. */
const axisText = (size: number): string => (size === 1 ? '1' : `1:${size}`);

const arrayText = (value: Tensor | readonly number[]): string => {
  const isInteger = isTensor(value) ? value.dtype !== 'float32' : value.every(Number.isInteger);
  const type = isTensor(value) && value.dtype === 'bool' ? 'logi' : isInteger ? 'int' : 'num';
  const shape = isTensor(value) ? value.shape : [value.length];
  const size = isTensor(value) ? value.size : value.length;
  if (size === 0) return ` ${type}(0) `;
  // R tells an array of one axis from a vector.
  const axes = shape.map(axisText).join(', ') + (isTensor(value) && shape.length === 1 ? '(1d)' : '');
  const title = !isTensor(value) && size === 1 ? type : `${type} [${axes}]`;
  if (isTensor(value) && value.isDisposed) return ` ${title} (disposed)`;
  const { text, shown } = valuesText(firstOf(value), isInteger);
  return ` ${title} ${text}${shown < size ? ' ...' : ''}`;
};

const isNumbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'number');

type Named = readonly (readonly [name: string, value: unknown])[];

const listText = (items: Named, indent: string): string => {
  const width = Math.max(...items.map(([name]) => name.length));
  const lines = items
    .slice(0, MAX_ITEMS)
    .map(([name, value]) => `${indent}$ ${name.padEnd(width)}:${structure(value, `${indent} ..`)}`);
  const more = items.length > MAX_ITEMS ? [`${indent} [list output truncated]`] : [];
  return [`List of ${items.length}`, ...lines, ...more].join('\n');
};

const structure = (value: unknown, indent: string): string => {
  if (isTensor(value) || isNumbers(value)) return arrayText(value);
  if (Array.isArray(value))
    return listText(
      value.map((item: unknown) => ['', item] as const),
      indent,
    );
  return ` ${String(value)}`;
};

/** Parts of data under their names, as R's `str` shows a list of lists. */
export const dataText = (parts: Readonly<Record<string, unknown>>): string => listOfParts(parts, ' ');

const listOfParts = (parts: Readonly<Record<string, unknown>>, indent: string): string => {
  const entries = Object.entries(parts);
  const width = Math.max(...entries.map(([name]) => name.length));
  const lines = entries.map(([name, value]) => {
    const isData = isTensor(value) || Array.isArray(value);
    const text = isData
      ? structure(value, `${indent} ..`)
      : listOfParts(value as Readonly<Record<string, unknown>>, `${indent} ..`); // a part has parts
    return `${indent}$ ${name.padEnd(width)}:${text}`;
  });
  return [`List of ${entries.length}`, ...lines].join('\n');
};
