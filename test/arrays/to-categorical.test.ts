import { toCategorical } from '../../src/arrays/to-categorical';
import { KerasArgumentError } from '../../src/base/errors';
import { tf } from '../../src/tfjs/tensorflow';
import { tensorCount } from '../support/tensors';
import { checkTensorCount, tensorsMade } from './support';

checkTensorCount();

test('a one at each label', () => {
  const rows = [
    [0, 1, 0, 0],
    [1, 0, 0, 0],
    [0, 0, 0, 1],
  ];
  // numpy.eye(4)[[1, 0, 3]]
  expect(toCategorical([1, 0, 3]).arraySync()).toEqual(rows);
  expect(toCategorical(Uint8Array.of(1, 0, 3)).arraySync()).toEqual(rows);
  expect(toCategorical(Int32Array.of(1, 0, 3), { numClasses: 4 }).dtype).toBe('float32');
  expect(toCategorical(tf.tensor1d([1, 0, 3], 'int32')).arraySync()).toEqual(rows);
  expect(toCategorical([1], { numClasses: 3 }).arraySync()).toEqual([[0, 1, 0]]);
});

test('a last axis of 1 goes, others stay', () => {
  expect(toCategorical([[1], [0]]).arraySync()).toEqual([
    [0, 1],
    [1, 0],
  ]);
  expect(
    toCategorical([
      [1, 0],
      [0, 0],
    ]).arraySync(),
  ).toEqual([
    [
      [0, 1],
      [1, 0],
    ],
    [
      [1, 0],
      [1, 0],
    ],
  ]);
  expect(toCategorical([0]).shape).toEqual([1, 1]);
});

test('makes one tensor, none on failure', () => {
  expect(tensorsMade(() => toCategorical([0, 1]))).toBe(1);
  expect(tensorsMade(() => toCategorical([0, -1]))).toBe(0);
});

test.each([
  [
    [0, 3],
    'toCategorical: `y[1]` must be a class: a whole number from 0 to 2. Received: 3. Labels count from 0: 3 classes have the labels 0 to 2.',
  ],
  [[-1], '`y[0]` must be a class: a whole number from 0 to 2. Received: -1.'],
  [[0, 0.5], '`y[1]` must be a class'],
  [[NaN], '`y[0]` must be a class'],
  [[], '`y` must be labels, at least one'],
])('refuses the labels %p of 3 classes', (labels, message) => {
  expect(() => toCategorical(labels, { numClasses: 3 })).toThrow(KerasArgumentError);
  expect(() => toCategorical(labels, { numClasses: 3 })).toThrow(message);
});

test.each([
  [[0, 2 ** 31], undefined, '2 rows of 2147483649 classes, which take 17.2 GB'],
  [[0], 2 ** 40, '1 rows of 1099511627776 classes, which take 4398.0 GB'],
])('labels up to %p in %p classes do not fit into memory', (labels, numClasses, received) => {
  const before = tensorCount();
  const call = (): unknown => toCategorical(labels, numClasses === undefined ? {} : { numClasses });
  expect(call).toThrow(KerasArgumentError);
  expect(call).toThrow(`toCategorical: the result must fit into memory twice. Received: ${received}`);
  expect(tensorCount()).toBe(before);
});

test('checks its options', () => {
  expect(() => toCategorical([1], { numClasses: 0 })).toThrow('`numClasses` must be a positive integer');
  // @ts-expect-error a misspelt option does not compile
  expect(() => toCategorical([1], { classes: 2 })).toThrow(KerasArgumentError);
  expect(() => toCategorical('cat' as unknown as number[])).toThrow(/toCategorical: `y` must be data/);
});
