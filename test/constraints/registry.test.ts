import {
  compile,
  constraintMaxnorm,
  constraintMinmaxnorm,
  constraintNonneg,
  constraintUnitnorm,
  kerasModelSequential,
  KerasArgumentError,
  layerDense,
  pipe,
  tf,
  trainOnBatch,
  type Constraint,
} from '../../src/index';
import { constraint, constraints } from '../../src/constraints/registry';
import { savedAndLoaded } from '../base/support';
import { weightArrays } from '../support/weights';

const place = { function: 'layerDense', argument: 'kernelConstraint' };
// Columns of the lengths 5, 0.5 and 0.
const kernel = tf.keep(tf.tensor2d([[3, -0.3, 0], [-4, 0.4, 0]])); // prettier-ignore

const rows: readonly (readonly [string, readonly number[]])[] = [
  // Keras: w · clip(‖w‖, 0, 2) / ‖w‖ for each column
  ['max_norm', [1.2, -0.3, 0, -1.6, 0.4, 0]],
  ['unit_norm', [0.6, -0.6, 0, -0.8, 0.8, 0]],
  ['min_max_norm', [0.6, -0.3, 0, -0.8, 0.4, 0]],
  ['non_neg', [3, 0, 0, 0, 0.4, 0]],
  ['maxNorm', [1.2, -0.3, 0, -1.6, 0.4, 0]],
];

test.each(rows)('%s', (name, expected) => {
  const values = constraint(name, place).make().apply(kernel).dataSync();
  expected.forEach((value, index) => expect(values[index]).toBeCloseTo(value, 5));
});

test('every constraint has a row', () => {
  // That of round kernels, which are no matrices, is in keras.test.ts.
  expect(
    [...new Set(rows.map(([name]) => constraints.find(name)?.names[0])), 'radial_constraint'].sort(),
  ).toEqual(constraints.names);
});

const options: readonly (readonly [string, Constraint, readonly number[]])[] = [
  ['max_norm of 1', constraintMaxnorm({ maxValue: 1 }), [0.6, -0.3, 0, -0.8, 0.4, 0]],
  // Rows of the lengths √9.09 and √16.16
  [
    'max_norm along rows',
    constraintMaxnorm({ axis: 1 }),
    [6, -0.6, 0].map((w) => w / Math.sqrt(9.09)).concat([-8, 0.8, 0].map((w) => w / Math.sqrt(16.16))),
  ],
  // All of the length √25.25
  [
    'unit_norm of all',
    constraintUnitnorm({ axis: [0, 1] }),
    [3, -0.3, 0, -4, 0.4, 0].map((w) => w / Math.sqrt(25.25)),
  ],
  [
    'unit_norm, its axis bare',
    constraintUnitnorm([0, 1]),
    [3, -0.3, 0, -4, 0.4, 0].map((w) => w / Math.sqrt(25.25)),
  ],
  // 0.5 · 1 + 0.5 · 5 = 3 of 5, and 0.5 · 1 + 0.5 · 0.5 = 0.75 of 0.5
  [
    'min_max_norm, half way',
    constraintMinmaxnorm({ minValue: 1, maxValue: 1, rate: 0.5 }),
    [1.8, -0.45, 0, -2.4, 0.6, 0],
  ],
  ['non_neg', constraintNonneg(), [3, 0, 0, 0, 0.4, 0]],
];

test.each(options)('%s, and the same after saving and loading', (_name, one, expected) => {
  for (const each of [one, savedAndLoaded(one)]) {
    const values = each.apply(kernel).dataSync();
    expected.forEach((value, index) => expect(values[index]).toBeCloseTo(value, 5));
  }
});

test.each([
  [
    () => constraintMaxnorm({ maxValue: -1 }),
    'constraintMaxnorm: `maxValue` must be a number of 0 or more. Received: -1.',
  ],
  [() => constraintMaxnorm(2 as never), 'constraintMaxnorm: the options must be an object. Received: 2.'],
  [() => constraintUnitnorm({ axis: -1 }), '`axis` must be an integer of 0 or more. Received: -1.'],
  [() => constraintUnitnorm([0, 0.5]), '`axis` must be an integer of 0 or more. Received: 0.5.'],
  [() => constraintMinmaxnorm({ rate: 2 }), '`rate` must be a number from 0 to 1. Received: 2.'],
  [
    () => constraintNonneg({ axis: 0 } as never),
    'constraintNonneg: the options must be known ones. Received: the unknown option `axis`.',
  ],
])('%#: options out of range are refused', (make, message) => {
  expect(make).toThrow(KerasArgumentError);
  expect(make).toThrow(message);
});

test('a function that makes one stands for it, with its defaults', () => {
  const one = constraint(constraintMaxnorm, place).make();
  expect(one.getConfig()).toEqual({ maxValue: 2, axis: 0 });
});

test('holds after each step of training', () => {
  const model = pipe(
    kerasModelSequential(),
    layerDense({ units: 1, inputShape: [2], kernelInitializer: 'ones', kernelConstraint: 'non_neg' }),
  );
  compile(model, { loss: 'mse', optimizer: 'sgd' });
  for (let step = 0; step < 20; step++) trainOnBatch(model, [[10, 0.1]], [[-50]]);
  const [weights] = weightArrays(model) as [number[][]];
  expect(weights[0]?.[0]).toBe(0);
});

test('one of tfjs is taken as it is', () => {
  const own = tf.constraints.nonNeg();
  expect(constraint(own, place).make()).toBe(own);
});

test.each([
  [
    'maxnorn',
    "layerDense: `kernelConstraint` must be a constraint's name or a tfjs constraint. Received: 'maxnorn'. Did you mean 'max_norm'",
  ],
  [{}, 'Received: {}.'],
  [undefined, 'Received: undefined.'],
])('%p is refused', (wrong, message) => {
  expect(() => constraint(wrong, place)).toThrow(KerasArgumentError);
  expect(() => constraint(wrong, place)).toThrow(message);
});
