/** docs/backend.md: a line for each of R's `k_*`, and each line gives what Keras 2.13's backend gives. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as keras from '../../src/index';
import { camelCase } from '../support/r-keras';
import { root } from './extract';

const { tf } = keras;

const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const reference = JSON.parse(read('test/reference/backend.json')) as {
  inputs: Record<string, unknown>;
  values: Record<string, unknown>;
};
const names = (JSON.parse(read('test/reference/r-keras/exports.json')) as string[]).filter((name) =>
  name.startsWith('k_'),
);

const rows = read('docs/backend.md')
  .split('\n')
  .filter((line) => line.startsWith('| `k_'))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, name = '', here = '', note = '']) => ({ name: name.replaceAll('`', ''), here, note }));

const withCode = rows
  .filter(({ here }) => here !== '—')
  .map(({ name, here }) => ({ name, code: /^`(.*)`$/.exec(here)?.[1] ?? '' }));

/** What Keras draws is not what is drawn here: the values are tested below. */
const random = [
  'k_dropout',
  'k_random_bernoulli',
  'k_random_binomial',
  'k_random_normal',
  'k_random_normal_variable',
  'k_random_uniform',
  'k_random_uniform_variable',
  'k_truncated_normal',
];

const types: Readonly<Record<string, 'bool' | 'int32'>> = { flags: 'bool', classes: 'int32' };

const scope = (): Record<string, unknown> => ({
  ...keras,
  ...Object.fromEntries(
    Object.entries(reference.inputs).map(([name, value]) => [
      name,
      tf.tensor(value as number[], undefined, types[name] ?? 'float32'),
    ]),
  ),
  variable: tf.variable(tf.tensor1d([1, 2, 3])),
});

/** What a line gives, as plain values; of one that changes the variable, the variable's values. */
const run = (code: string): unknown => {
  const names = scope();
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the page's own lines are what is tested
  const call = new Function(...Object.keys(names), `return ${code};`) as (...values: unknown[]) => unknown;
  const result = call(...Object.values(names));
  return plain(result === undefined ? names['variable'] : result);
};

const plain = (value: unknown): unknown => {
  if (value instanceof tf.Tensor) {
    const array: unknown = value.arraySync();
    return value.dtype === 'bool' ? toTruth(array) : array;
  }
  return Array.isArray(value) ? value.map(plain) : value;
};

const toTruth = (value: unknown): unknown => (Array.isArray(value) ? value.map(toTruth) : value === 1);

/** Numbers as near as float32 has them, everything else as it is. */
const expectSame = (received: unknown, expected: unknown): void => {
  if (Array.isArray(expected)) {
    expect(received).toHaveLength(expected.length);
    expected.forEach((one, index) => expectSame((received as unknown[])[index], one));
  } else if (typeof expected === 'number') {
    expect(Math.abs((received as number) - expected)).toBeLessThanOrEqual(
      2e-6 * Math.max(1, Math.abs(expected)),
    );
  } else expect(received).toBe(expected);
};

test('the page has a line for each of R’s functions, once, in order', () => {
  expect(rows.map(({ name }) => name)).toEqual(names);
  expect(names.length).toBeGreaterThan(150);
});

test('what is not here has a reason, and no function; what is a function of ours is in the line of its name', () => {
  const without = rows.filter(({ here }) => here === '—');
  expect(without.filter(({ note }) => note.length < 10)).toEqual([]);
  expect(without.filter(({ name }) => camelCase(name) in keras)).toEqual([]);
  // Those of R's names: `kFold` is none.
  const inR = new Set(names.map(camelCase));
  const ours = Object.keys(keras).filter((name) => /^k[A-Z]/.test(name) && inR.has(name));
  expect(ours.length).toBeGreaterThan(5);
  const used = withCode.filter(({ name, code }) => code.startsWith(`${camelCase(name)}(`));
  expect(used.map(({ name }) => camelCase(name)).sort()).toEqual(ours.sort());
});

test('Keras’s values are there for all lines but those that draw or print', () => {
  const compared = withCode.map(({ name }) => name).filter((name) => !random.includes(name));
  expect([...Object.keys(reference.values), 'k_print_tensor'].sort()).toEqual(compared.sort());
});

test.each(
  withCode.filter(({ name }) => name in reference.values).map((row) => [row.name, row.code] as const),
)('%s: %s', (name, code) => {
  tf.engine().startScope();
  expectSame(run(code), reference.values[name]);
  tf.engine().endScope();
});

const codeOf = (name: string): string => withCode.find((row) => row.name === name)?.code ?? '';
const draws = (name: string): number[] =>
  Array.from({ length: 300 }, () => (run(codeOf(name)) as number[][]).flat()).flat();
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: readonly number[]): number =>
  Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));

// 1800 numbers each: the bounds are five standard errors of the mean.
test.each<[string, number, number, (value: number) => boolean]>([
  ['k_random_normal', 0, 1, Number.isFinite],
  ['k_random_normal_variable', 0, 1, Number.isFinite],
  ['k_random_uniform', 0.5, Math.sqrt(1 / 12), (value) => value >= 0 && value < 1],
  ['k_random_uniform_variable', 0.5, Math.sqrt(1 / 12), (value) => value >= 0 && value < 1],
  ['k_random_bernoulli', 0.5, 0.5, (value) => value === 0 || value === 1],
  ['k_random_binomial', 0.5, 0.5, (value) => value === 0 || value === 1],
  // Of a normal distribution within two deviations: 0.8796.
  ['k_truncated_normal', 0, 0.8796, (value) => Math.abs(value) <= 2],
])('%s draws from its distribution', (name, center, spread, isPossible) => {
  tf.engine().startScope();
  const values = draws(name);
  tf.engine().endScope();
  expect(values.every(isPossible)).toBe(true);
  expect(Math.abs(mean(values) - center)).toBeLessThan((5 * spread) / Math.sqrt(values.length));
  expect(Math.abs(deviation(values) / spread - 1)).toBeLessThan(0.1);
});

test('k_dropout leaves zeros, and twice the values', () => {
  tf.engine().startScope();
  const x = (reference.inputs['x'] as number[][]).flat();
  const results = Array.from({ length: 100 }, () => (run(codeOf('k_dropout')) as number[][]).flat());
  tf.engine().endScope();
  for (const result of results)
    result.forEach((value, index) => {
      if (value !== 0) expectSame(value, 2 * (x[index] ?? NaN));
    });
  const dropped = results.flat().filter((value) => value === 0).length / 600;
  expect(Math.abs(dropped - 0.5)).toBeLessThan(5 * Math.sqrt(0.25 / 600));
});

test('k_print_tensor prints', () => {
  const log = jest.spyOn(console, 'log').mockImplementation(() => undefined);
  run(codeOf('k_print_tensor'));
  expect(log.mock.calls.flat().join('\n')).toContain('Tensor');
  log.mockRestore();
});
