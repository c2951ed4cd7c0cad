/** Paths with values in them, as Python's `format` fills them in: `weights.{epoch:02d}-{val_loss:.2f}.h5`. */
import { argumentError } from '../../base/checks';
import { nearest } from '../../base/suggestions';

const FIELD = /\{\{|\}\}|\{([^{}:]*)(?::(0?)(\d*)(?:\.(\d+))?([dfeg%]?))?\}/g;

/** Exponents have two digits at least in Python. */
const withExponent = (text: string): string => text.replace(/e([+-])(\d)$/, 'e$10$2');

/** So many digits, without zeros at the end; very small and very large numbers with an exponent. */
const general = (value: number, digits: number): string => {
  const text =
    value !== 0 && Math.abs(value) < 1e-4 ? value.toExponential(digits - 1) : value.toPrecision(digits);
  const [mantissa = '', exponent] = text.split('e');
  const short = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
  return exponent === undefined ? short : withExponent(`${short}e${exponent}`);
};

const formatted = (value: number, precision: string | undefined, type: string): string => {
  const digits = precision === undefined ? 6 : Number(precision);
  if (type === 'd') return String(Math.trunc(value));
  if (type === 'f') return value.toFixed(digits);
  if (type === 'e') return withExponent(value.toExponential(digits));
  if (type === '%') return `${(100 * value).toFixed(digits)}%`;
  if (type === 'g' || precision !== undefined) return general(value, Math.max(1, digits));
  return String(value);
};

const padded = (text: string, zero: string, width: string): string => {
  if (width === '') return text;
  const size = Number(width);
  if (zero === '') return text.padStart(size, ' ');
  return text.startsWith('-') ? `-${text.slice(1).padStart(size - 1, '0')}` : text.padStart(size, '0');
};

/** The path that a pattern stands for, with these values. */
export const fillPath = (pattern: string, values: Readonly<Record<string, number>>): string =>
  pattern.replaceAll(FIELD, (field: string, ...groups: (string | undefined)[]) => {
    const [name, zero = '', width = '', precision, type = ''] = groups;
    if (name === undefined) return field.charAt(0);
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value !== undefined) return padded(formatted(value, precision, type), zero, width);
    const names = Object.keys(values);
    const near = nearest(name, names).map((one) => `{${one}}`);
    throw argumentError(
      { function: 'callbackModelCheckpoint', argument: 'filepath' },
      'a path whose fields are values of the logs',
      `{${name}}`,
      near.length > 0
        ? `Did you mean ${near.join(' or ')}?`
        : `There are ${names.map((one) => `{${one}}`).join(', ')}`,
    );
  });
