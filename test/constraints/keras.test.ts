/** Constraints as Keras 2.13's: test/reference/kinds.py. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  compile,
  constraintMaxnorm,
  constraintMinmaxnorm,
  constraintNonneg,
  constraintRadial,
  constraintUnitnorm,
  fit,
  kerasModelSequential,
  KerasArgumentError,
  KerasConstraint,
  KerasShapeError,
  layerDense,
  tf,
  type Constraint,
  type Tensor,
} from '../../src/index';
import { constraints } from '../../src/constraints/registry';
import { savedAndLoaded } from '../base/support';
import { weightArrays } from '../support/weights';

type Nested = number | Nested[];
interface Case {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly weights: string;
  readonly values: Nested[];
}

const reference = JSON.parse(readFileSync(path.join(__dirname, '../reference/kinds.json'), 'utf8')) as {
  readonly weights: Readonly<Record<string, Nested[]>>;
  readonly constraints: Case[];
}; // as kinds.py prints it

const makers: Readonly<Record<string, (options: object) => Constraint>> = {
  MaxNorm: constraintMaxnorm,
  UnitNorm: constraintUnitnorm,
  MinMaxNorm: constraintMinmaxnorm,
  NonNeg: constraintNonneg as (options: object) => Constraint,
  RadialConstraint: constraintRadial as (options: object) => Constraint,
};

test.each(
  reference.constraints.map(
    (row) => [`${row.name}(${JSON.stringify(row.options)}) of ${row.weights}`, row] as const,
  ),
)('%s, and after saving and loading', (_title, { name, options, weights, values }) => {
  const made = makers[name]?.(options) as Constraint; // one of these
  for (const one of [made, savedAndLoaded(made)]) {
    const difference = tf.sub(
      one.apply(tf.tensor(reference.weights[weights] as number[])),
      values as number[],
    );
    expect(tf.max(tf.abs(difference)).dataSync()[0]).toBeLessThan(2e-6);
  }
});

test('every constraint has a row', () => {
  const named = new Set(reference.constraints.map(({ name }) => constraints.find(name)?.names[0]));
  expect([...named].sort()).toEqual(constraints.names);
});

test('a round kernel is square', () => {
  for (const shape of [[3, 4, 1, 1], [3, 3, 1], [9]]) {
    expect(() => constraintRadial().apply(tf.zeros(shape))).toThrow(KerasShapeError);
  }
  expect(
    constraintRadial()
      .apply(tf.fill([1, 1, 1, 1], 7))
      .dataSync()[0],
  ).toBe(7);
});

describe("constraints of one's own", () => {
  class AtMostHalf extends KerasConstraint {
    call(weights: Tensor): Tensor {
      return tf.minimum(weights, 0.5);
    }
  }
  const weightsAfter = async (
    kernelConstraint: AtMostHalf | ((weights: Tensor) => Tensor),
    engine: 'eager' | 'compiled',
  ) => {
    const model = layerDense(kerasModelSequential({ inputShape: [1] }), {
      units: 1,
      kernelInitializer: 'zeros',
      useBias: false,
      kernelConstraint,
    });
    compile(model, { optimizer: 'sgd', loss: 'mse' });
    await fit(model, [[1], [1]], [[90], [90]], { epochs: 3, verbose: 0, engine });
    return weightArrays(model);
  };

  test.each(['eager', 'compiled'] as const)(
    'a class and a function hold after each step, %s',
    async (engine) => {
      expect(await weightsAfter(new AtMostHalf(), engine)).toEqual([[[0.5]]]);
      expect(await weightsAfter((weights) => tf.minimum(weights, 0.25), engine)).toEqual([[[0.25]]]);
    },
  );

  test('must give weights of the shape', () => {
    class Wrong extends KerasConstraint {
      call(): Tensor {
        return tf.zeros([3]);
      }
    }
    expect(Wrong.className).toBe('Wrong');
    expect(() => new Wrong().apply(tf.zeros([2]))).toThrow(KerasArgumentError);
    expect(() => new Wrong().apply(tf.zeros([2]))).toThrow('weights of the shape [2] that it got');
  });
});
