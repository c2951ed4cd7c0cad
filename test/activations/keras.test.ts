/** Activations and their derivatives, at the edges of their formulas, too, as Keras 2.13's: test/reference/kinds.py. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { KerasArgumentError, KerasShapeError, tf, type Tensor } from '../../src/index';
import * as family from '../../src/activations';
import { activations } from '../../src/activations/registry';

interface Case {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly values: number[][];
  readonly gradient: number[][];
}

const reference = JSON.parse(readFileSync(path.join(__dirname, '../reference/kinds.json'), 'utf8')) as {
  readonly edges: number[][];
  readonly activations: Case[];
}; // as kinds.py prints it

// Gradients are weighted by up to 16, and near the ends of tanh they are what is left of 1 in float32.
const expectClose = (tensor: Tensor, expected: readonly number[][]): void => {
  const values = tensor.dataSync();
  expected.flat().forEach((value, index) => {
    expect(Math.abs((values[index] ?? NaN) - value)).toBeLessThanOrEqual(1e-5 * Math.max(Math.abs(value), 1));
  });
};

test.each(reference.activations.map((row) => [`${row.name}(${JSON.stringify(row.options)})`, row] as const))(
  '%s: values and derivatives',
  (_title, { name, options, values, gradient }) => {
    const call = activations.find(name) as unknown as (x: Tensor, options?: object) => Tensor; // an activation, by its name
    const hasOptions = Object.keys(options).length > 0;
    const formula = (x: Tensor): Tensor => (hasOptions ? call(x, options) : call(x));
    const edges = tf.tensor2d(reference.edges);
    const x = name === 'exponential' ? tf.clipByValue(edges, -100, 20) : edges;
    expectClose(formula(x), values);
    const weights = tf.reshape(tf.range(1, 17), [2, 8]);
    expectClose(tf.grad((input) => tf.sum(tf.mul(formula(input), weights)))(x), gradient);
    // Options that are the defaults, given, change nothing.
    if (!hasOptions && call.length > 1) expectClose(call(x, {}), values);
  },
);

test('every activation has a row', () => {
  const file = path.join(__dirname, '../reference/keras3/activations.json');
  const further = JSON.parse(readFileSync(file, 'utf8')) as { readonly activations: Case[] }; // as its program prints it
  const rows = [...reference.activations, ...further.activations];
  const named = new Set(rows.flatMap(({ name }) => activations.find(name)?.names[0] ?? []));
  expect([...named].sort()).toEqual(activations.names);
});

test('NaN stays NaN, and of those that shrink is 0', () => {
  const x = tf.fill([9], NaN);
  for (const name of activations.names) {
    const call = activations.find(name) as unknown as (x: Tensor) => Tensor; // an activation, by its name
    const expected = ['hard_shrink', 'soft_shrink'].includes(name) ? 0 : NaN;
    expect([name, ...call(x).dataSync()]).toEqual([name, ...Array<number>(9).fill(expected)]);
  }
});

test('an only option may be bare', () => {
  expect(family.activationElu([-100], 0.5).arraySync()).toEqual([-0.5]);
  expect(family.activationSoftmax([[1], [1]], 0).arraySync()).toEqual([[0.5], [0.5]]);
  expect(family.activationGelu([0], true).arraySync()).toEqual([0]);
});

test.each<[() => unknown, string, typeof KerasArgumentError | typeof KerasShapeError]>([
  [
    () => family.activationRelu([1], { maxValue: -1 }),
    '`maxValue` must be a number of 0 or more',
    KerasArgumentError,
  ],
  [
    () => family.activationRelu([1], { negativeSlope: 1 } as never),
    'the unknown option `negativeSlope`',
    KerasArgumentError,
  ],
  [() => family.activationElu([1], { alpha: NaN }), '`alpha` must be a finite number', KerasArgumentError],
  [
    () => family.activationGelu([1], { approximate: 1 } as never),
    '`approximate` must be true or false',
    KerasArgumentError,
  ],
  [
    () => family.activationSoftmax([1], { axis: 1 }),
    '`axis` must be an axis of the input, from -1 to 0',
    KerasShapeError,
  ],
  [() => family.activationSoftmax([1], { axis: 0.5 }), '`axis` must be an integer', KerasArgumentError],
  [
    () => (family.activationTanh as (...args: unknown[]) => unknown)([1], {}),
    'activationTanh() takes one argument',
    KerasArgumentError,
  ],
  [
    () => (family.activationRelu as (...args: unknown[]) => unknown)([1], {}, 3),
    'activationRelu() takes 2 arguments',
    KerasArgumentError,
  ],
])('%#: wrong options are refused', (call, message, kind) => {
  expect(call).toThrow(kind);
  expect(call).toThrow(message);
});
