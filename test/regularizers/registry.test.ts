import {
  KerasArgumentError,
  regularizerL1,
  regularizerL1L2,
  regularizerL2,
  tf,
  type Regularizer,
} from '../../src/index';
import { regularizer, regularizers } from '../../src/regularizers/registry';
import { savedAndLoaded } from '../base/support';

const place = { function: 'layerDense', argument: 'kernelRegularizer' };
const weights = tf.keep(tf.tensor2d([[1, -2], [3, 0]])); // prettier-ignore
// Σ|w| = 6, Σw² = 14
const penalty = (one: Regularizer): number => one.apply(weights).dataSync()[0] ?? NaN;

test('every regularizer is among them', () => {
  expect(regularizers.names).toEqual(['l1', 'l1_l2', 'l2', 'orthogonal_regularizer']);
});

test.each([
  [regularizerL1(), 0.06],
  [regularizerL1({ l: 0.5 }), 3],
  [regularizerL2({ l: 0.5 }), 7],
  [regularizerL2({ l: undefined }), 0.14],
  [regularizerL2({}), 0.14],
  [regularizer(regularizerL2, place).make(), 0.14],
  [regularizerL1(0.5), 3],
  [regularizerL2(), 0.14],
  [regularizerL2(0.5), 7],
  [regularizerL1L2(), 0.2],
  [regularizerL1L2({ l1: 1, l2: 0.5 }), 13],
  [regularizerL1L2({ l2: 1 }), 14.06],
  [regularizerL1(0), 0],
  [regularizer('l1', place).make(), 0.06],
  [regularizer('L2', place).make(), 0.14],
  [regularizer('l1_l2', place).make(), 0.2],
])('%#: l1 · Σ|w| + l2 · Σw²', (one, expected) => {
  expect(penalty(one)).toBeCloseTo(expected, 5);
  expect(penalty(savedAndLoaded(one))).toBeCloseTo(expected, 5);
});

test('one of tfjs is taken as it is', () => {
  const own = tf.regularizers.l2({ l2: 1 });
  expect(regularizer(own, place).make()).toBe(own);
});

test.each([
  [() => regularizerL1(-1), 'regularizerL1: `l` must be a number of 0 or more. Received: -1.'],
  [() => regularizerL2(NaN), 'regularizerL2: `l` must be a number of 0 or more. Received: NaN.'],
  [
    () => regularizerL1L2({ l1: '1' as never }),
    "regularizerL1L2: `l1` must be a number of 0 or more. Received: '1'.",
  ],
  [
    () => regularizerL1L2({ l3: 1 } as never),
    "regularizerL1L2: the options must be known ones. Received: the unknown option `l3`. Did you mean 'l1' or 'l2'?",
  ],
  [
    () => regularizer('l3', place),
    "`kernelRegularizer` must be a regularizer's name or a regularizer. Received: 'l3'. Did you mean 'l1' or 'l2'?",
  ],
  [() => regularizer({ l2: 0.1 }, place), 'Received: { l2: 0.1 }. Write regularizerL2(0.01).'],
  [() => regularizer(0.1, place), 'Received: 0.1.'],
  [() => regularizerL2({ l2: 1 } as never), 'Received: the unknown option `l2`.'],
  [() => regularizerL2([0.1] as never), 'regularizerL2: `l` must be a number of 0 or more. Received: [0.1].'],
  [() => regularizerL1L2(0.1 as never), 'regularizerL1L2: the options must be an object. Received: 0.1.'],
])('%#: what is none is refused', (make, message) => {
  expect(make).toThrow(KerasArgumentError);
  expect(make).toThrow(message);
});
