import { normalize } from '../../src/arrays/normalize';
import { KerasArgumentError, KerasShapeError } from '../../src/base/errors';
import { tf } from '../../src/tfjs/tensorflow';
import { checkTensorCount, tensorsMade } from './support';

checkTensorCount();

const X = [
  [1, 2, 3],
  [4, 0, -6],
  [7, 8, 9.5],
];

// def norm(x, axis, order): l = numpy.linalg.norm(x, order, axis); l[l == 0] = 1; return x / numpy.expand_dims(l, axis)
test.each([
  {
    axis: -1,
    order: 1,
    rows: [
      0.16666666666666666, 0.3333333333333333, 0.5, 0.4, 0, -0.6, 0.2857142857142857, 0.32653061224489793,
      0.3877551020408163,
    ],
  },
  {
    axis: -1,
    order: 2,
    rows: [
      0.2672612419124244, 0.5345224838248488, 0.8017837257372732, 0.5547001962252291, 0, -0.8320502943378437,
      0.49100143668232604, 0.5611444990655156, 0.6663590926402997,
    ],
  },
  {
    axis: 1,
    order: 3,
    rows: [
      0.30285343213869, 0.60570686427738, 0.90856029641607, 0.6114214174657598, 0, -0.9171321261986397,
      0.5851022216207705, 0.6686882532808806, 0.7940673007710457,
    ],
  },
  {
    axis: 0,
    order: 2,
    rows: [
      0.12309149097933272, 0.24253562503633297, 0.25796014823540864, 0.4923659639173309, 0,
      -0.5159202964708173, 0.8616404368553291, 0.9701425001453319, 0.8168738027454607,
    ],
  },
  {
    axis: -2,
    order: Infinity,
    rows: [0.14285714285714285, 0.25, 0.3157894736842105, 0.5714285714285714, 0, -0.631578947368421, 1, 1, 1],
  },
])('along $axis with the order $order', ({ axis, order, rows }) => {
  const x = normalize(X, { axis, order });
  expect([x.shape, x.dtype]).toEqual([[3, 3], 'float32']);
  rows.forEach((number, index) => expect(x.dataSync()[index]).toBeCloseTo(number, 5));
});

test('the last axis and the Euclidean norm by default; zeros stay', () => {
  const rows = normalize([
    [3, 4],
    [0, 0],
  ]).dataSync();
  [0.6, 0.8, 0, 0].forEach((number, index) => expect(rows[index]).toBeCloseTo(number, 6));
});

test('along an inner axis', () => {
  // norm(numpy.arange(24).reshape(2, 3, 4) - 11., 1, 2)[0, :, 0]
  const x = normalize(tf.sub(tf.reshape(tf.range(0, 24), [2, 3, 4]), 11), { axis: 1 });
  const column = tf.slice(x, [0, 0, 0], [1, 3, 1]).dataSync();
  [-0.8221786020271294, -0.5232045649263551, -0.22423052782558076].forEach((number, index) =>
    expect(column[index]).toBeCloseTo(number, 5),
  );
});

test('vectors, whole numbers, and very large numbers', () => {
  expect(normalize([0, 2]).arraySync()).toEqual([0, 1]);
  expect(normalize(tf.tensor1d([0, 5], 'int32')).arraySync()).toEqual([0, 1]);
  const large = normalize([3e30, 4e30]).dataSync();
  expect([large[0], large[1]].map((number) => Number(number?.toFixed(5)))).toEqual([0.6, 0.8]);
});

test('keeps the user’s tensor, makes one, none on failure', () => {
  const given = tf.tensor2d(X);
  expect(tensorsMade(() => normalize(given))).toBe(1);
  expect(given.isDisposed).toBe(false);
  expect(tensorsMade(() => normalize(X))).toBe(1);
  expect(tensorsMade(() => normalize([[NaN]]))).toBe(0);
});

test('refuses what has no norm', () => {
  expect(() => normalize([[1, NaN]])).toThrow(
    '`x` must be made of finite numbers. Received: NaN. It is element 1',
  );
  expect(() => normalize(X, { axis: 2 })).toThrow(
    '`axis` must be an axis of x, whose shape is [3, 3]: from -2 to 1. Received: 2.',
  );
  expect(() => normalize(X, { axis: -3 })).toThrow(KerasArgumentError);
  expect(() => normalize(X, { order: 0 })).toThrow('`order` must be a positive number, or Infinity');
  expect(() => normalize(5)).toThrow(KerasShapeError);
  for (const empty of [[], [[]], tf.zeros([0, 3])])
    expect(() => normalize(empty)).toThrow('`x` must be an array of one number at least');
});
