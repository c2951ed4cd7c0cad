import {
  compile,
  kerasModelSequential,
  KerasArgumentError,
  layerDense,
  pipe,
  tf,
  trainOnBatch,
} from '../../src/index';
import { constraint } from '../../src/constraints/registry';
import { weightArrays } from '../support/weights';

const place = { function: 'layerDense', argument: 'kernelConstraint' };
// Columns of the lengths 5, 0.5 and 0.
const kernel = tf.keep(tf.tensor2d([[3, -0.3, 0], [-4, 0.4, 0]])); // prettier-ignore

test.each([
  // Keras: w · clip(‖w‖, 0, 2) / ‖w‖ for each column
  ['max_norm', [1.2, -0.3, 0, -1.6, 0.4, 0]],
  ['unit_norm', [0.6, -0.6, 0, -0.8, 0.8, 0]],
  ['min_max_norm', [0.6, -0.3, 0, -0.8, 0.4, 0]],
  ['non_neg', [3, 0, 0, 0, 0.4, 0]],
  ['maxNorm', [1.2, -0.3, 0, -1.6, 0.4, 0]],
])('%s', (name, expected) => {
  const values = constraint(name, place).make().apply(kernel).dataSync();
  expected.forEach((value, index) => expect(values[index]).toBeCloseTo(value, 5));
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
