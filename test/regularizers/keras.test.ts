/** Regularizers and their gradients as Keras 2.13's: test/reference/kinds.py. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  compile,
  fit,
  kerasModelSequential,
  KerasArgumentError,
  KerasShapeError,
  layerDense,
  regularizerL1,
  regularizerL1L2,
  regularizerL2,
  regularizerOrthogonal,
  tf,
  type Regularizer,
  type Scalar,
  type Tensor,
} from '../../src/index';
import { regularizer } from '../../src/regularizers/registry';
import { savedAndLoaded } from '../base/support';

type Nested = number | Nested[];
interface Case {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly weights: string;
  readonly value: number;
  readonly gradient: Nested[];
}

const reference = JSON.parse(readFileSync(path.join(__dirname, '../reference/kinds.json'), 'utf8')) as {
  readonly weights: Readonly<Record<string, Nested[]>>;
  readonly regularizers: Case[];
}; // as kinds.py prints it

const makers: Readonly<Record<string, (options: object) => Regularizer>> = {
  L1: regularizerL1,
  L2: regularizerL2,
  L1L2: regularizerL1L2,
  OrthogonalRegularizer: regularizerOrthogonal,
};

test.each(
  reference.regularizers.map(
    (row) => [`${row.name}(${JSON.stringify(row.options)}) of ${row.weights}`, row] as const,
  ),
)(
  '%s: penalty and gradient, and after saving and loading',
  (_title, { name, options, weights, value, gradient }) => {
    const made = makers[name]?.(options) as Regularizer; // one of these
    const w = tf.tensor(reference.weights[weights] as number[]);
    for (const one of [made, savedAndLoaded(made)]) {
      expect(Math.abs((one.apply(w).dataSync()[0] ?? NaN) - value)).toBeLessThanOrEqual(
        1e-5 * Math.max(1e-3, value),
      );
      const slope = tf.grad((x) => one.apply(x) as Scalar)(w);
      const most = tf.max(tf.abs(gradient as number[])).dataSync()[0] ?? NaN;
      const difference = tf.max(tf.abs(tf.sub(slope, gradient as number[]))).dataSync()[0] ?? NaN;
      expect(difference).toBeLessThanOrEqual(1e-5 * Math.max(1e-3, most));
    }
  },
);

test('the penalty of absolute values leaves weights that are 0 where they are', async () => {
  const model = layerDense(kerasModelSequential({ inputShape: [1] }), {
    units: 1,
    kernelInitializer: 'zeros',
    kernelRegularizer: regularizerL1(0.5),
    biasRegularizer: 'l1',
  });
  compile(model, { optimizer: 'sgd', loss: 'mse' });
  const history = await fit(model, [[1]], [[0]], { epochs: 2, verbose: 0 });
  expect(history.metrics.loss).toEqual([0, 0]);
});

test('only a matrix can be orthogonal; one row alone is', () => {
  expect(() => regularizerOrthogonal().apply(tf.zeros([2, 2, 2]))).toThrow(KerasShapeError);
  expect(
    regularizerOrthogonal()
      .apply(tf.ones([1, 3]))
      .dataSync()[0],
  ).toBe(0);
});

test.each([
  [() => regularizerOrthogonal({ factor: -1 }), '`factor` must be a number of 0 or more'],
  [() => regularizerOrthogonal({ mode: 'row' as 'rows' }), "Did you mean 'rows'?"],
])('%#: options out of range are refused', (make, message) => {
  expect(make).toThrow(KerasArgumentError);
  expect(make).toThrow(message);
});

test('a function of the user is a penalty, and must give a scalar', () => {
  const place = { function: 'layerDense', argument: 'kernelRegularizer' };
  const made = regularizer((weights: Tensor) => tf.sum(weights), place).make();
  expect(made.apply(tf.tensor1d([1, 2])).dataSync()[0]).toBe(3);
  for (const wrong of [(weights: Tensor) => weights, () => 3]) {
    expect(() =>
      regularizer(wrong, place)
        .make()
        .apply(tf.ones([2])),
    ).toThrow(KerasArgumentError);
  }
});
