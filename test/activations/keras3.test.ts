/** Activations that only Keras 3 has, and their derivatives, at the edges of their formulas, too: test/reference/keras3/activations.py. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  activationGlu,
  activationThreshold,
  getLayer,
  kerasModelSequential,
  KerasArgumentError,
  KerasShapeError,
  layerActivation,
  layerDense,
  pipe,
  tf,
  type ActivationLike,
  type Tensor,
} from '../../src/index';
import * as family from '../../src/activations';
import { camelCase } from '../../src/base/registry';
import { activations } from '../../src/activations/registry';
import { apply } from '../layers/support';

interface Case {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly x?: number[][];
  readonly values: number[][];
  readonly gradient: number[][];
}

const reference = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/keras3/activations.json'), 'utf8'),
) as { readonly edges: number[][]; readonly activations: Case[] }; // as activations.py prints it

type Call = (x: Tensor, options?: object) => Tensor;

const functionOf = (name: string): Call =>
  family[camelCase(`activation_${name}`) as keyof typeof family] as unknown as Call; // one of that name

const expectClose = (tensor: Tensor, expected: readonly number[][]): void => {
  expect(tensor.size).toBe(expected.flat().length);
  const values = tensor.dataSync();
  expected.flat().forEach((value, index) => {
    expect(Math.abs((values[index] ?? NaN) - value)).toBeLessThanOrEqual(1e-5 * Math.max(Math.abs(value), 1));
  });
};

const takesOptions = (name: string): boolean =>
  reference.activations.some((one) => one.name === name && Object.keys(one.options).length > 0);

test.each(reference.activations.map((row) => [`${row.name}(${JSON.stringify(row.options)})`, row] as const))(
  '%s: values and derivatives',
  (_title, { name, options, x: given, values, gradient }) => {
    const call = functionOf(name);
    const hasOptions = Object.keys(options).length > 0;
    const formula = (x: Tensor): Tensor => (hasOptions ? call(x, options) : call(x));
    const x = tf.tensor2d(given ?? reference.edges);
    expectClose(formula(x), values);
    const weights = tf.reshape(tf.range(1, values.flat().length + 1), formula(x).shape);
    expectClose(tf.grad((input) => tf.sum(tf.mul(formula(input), weights)))(x), gradient);
    // Options that are the defaults, given, change nothing.
    if (!hasOptions && takesOptions(name)) expectClose(call(x, {}), values);
    // As a layer's option, by its name.
    if (hasOptions || activations.find(name) === undefined) return;
    const model = pipe(
      kerasModelSequential({ inputShape: [x.shape[1] as number] }),
      layerActivation({ activation: name as ActivationLike }),
    );
    expectClose(apply(getLayer(model, { index: 0 }), x), values);
  },
);

test('sparsemax of any shape: rows of 0 or more that add up to 1', () => {
  const x = tf.randomNormal([3, 4, 5], 0, 2, 'float32', 3);
  for (const axis of [0, 1, 2, -1]) {
    const output = family.activationSparsemax(x, { axis });
    expect(output.shape).toEqual([3, 4, 5]);
    expect(tf.min(output).dataSync()[0]).toBeGreaterThanOrEqual(0);
    tf.sum(output, axis).dataSync().forEach((sum) => expect(sum).toBeCloseTo(1, 5)); // prettier-ignore
  }
});

test('what no layer takes as it is says what to write', () => {
  const dense = (activation: unknown) => (): unknown =>
    layerDense({ units: 2, activation: activation as ActivationLike });
  for (const glu of ['glu', activationGlu]) {
    expect(dense(glu)).toThrow('It halves an axis: write layerLambda({ f: activationGlu }).');
  }
  for (const threshold of ['threshold', activationThreshold]) {
    expect(dense(threshold)).toThrow(
      'Write activation: (x) => activationThreshold(x, { threshold: 1, defaultValue: 0 }).',
    );
  }
  const own = layerDense({
    units: 2,
    inputShape: [1],
    kernelInitializer: 'ones',
    activation: (x) => activationThreshold(x, { threshold: 1, defaultValue: 0 }),
  });
  const layer = getLayer(pipe(kerasModelSequential(), own), { index: 0 });
  expect(apply(layer, tf.tensor2d([[1], [2]])).arraySync()).toEqual([[0, 0], [2, 2]]); // prettier-ignore
});

test.each<[() => unknown, string, typeof KerasArgumentError | typeof KerasShapeError]>([
  [() => family.activationCelu([1], 0), '`alpha` must be a positive number', KerasArgumentError],
  [() => family.activationSquareplus([1], { b: -1 }), '`b` must be a positive number', KerasArgumentError],
  [() => family.activationHardShrink([1], { threshold: -1 }), '`threshold` must be a number of 0 or more', KerasArgumentError], // prettier-ignore
  [() => activationThreshold([1], { threshold: 1 } as never), 'the option `defaultValue` is required', KerasArgumentError], // prettier-ignore
  [() => (activationThreshold as unknown as Call)(tf.ones([1])), 'the option `threshold` is required', KerasArgumentError], // prettier-ignore
  [() => activationGlu([1, 2, 3]), 'the input must have an even size along the axis that is halved. Received: [3].', KerasShapeError], // prettier-ignore
  [() => activationGlu([1, 2], { axis: 1 }), '`axis` must be an axis of the input, from -1 to 0', KerasShapeError], // prettier-ignore
  [() => family.activationSparsemax([1], -2), '`axis` must be an axis of the input, from -1 to 0', KerasShapeError], // prettier-ignore
  [() => family.activationLeakyRelu([1], { alpha: 1 } as never), 'the unknown option `alpha`', KerasArgumentError], // prettier-ignore
])('%#: wrong options are refused', (call, message, kind) => {
  expect(call).toThrow(kind);
  expect(call).toThrow(message);
});
