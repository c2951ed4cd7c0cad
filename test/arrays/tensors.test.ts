import { KerasArgumentError, tf, type Tensor } from '../../src/index';
import { isArrayLike, toTensor } from '../../src/arrays/tensors';
import { tensorCount } from '../support/tensors';

const place = { function: 'fit', argument: 'x' };
const convert = (value: unknown, dtype?: 'float32' | 'int32' | 'bool'): Tensor =>
  toTensor(value, place, dtype).tensor;
const read = (tensor: Tensor): [string, number[], number[]] => [
  tensor.dtype,
  tensor.shape,
  [...tensor.dataSync()],
];

test.each([
  [3, [], [3]],
  [[], [0], []],
  [[1, 2], [2], [1, 2]],
  [[[1, 2, 3], [4, 5, 6]], [2, 3], [1, 2, 3, 4, 5, 6]], // prettier-ignore
  [[[[1], [2]]], [1, 2, 1], [1, 2]],
  [[true, false], [2], [1, 0]],
  [
    [new Float32Array([1, 2]), new Float32Array([3, 4])],
    [2, 2],
    [1, 2, 3, 4],
  ],
  [new Float32Array([1, 2]), [2], [1, 2]],
  [new Float64Array([0.5, -1]), [2], [0.5, -1]],
  [new Uint8Array([255]), [1], [255]],
  [new Int8Array([-3]), [1], [-3]],
  [new Uint8ClampedArray([200]), [1], [200]],
  [{ data: [1, 2, 3, 4], shape: [2, 2] }, [2, 2], [1, 2, 3, 4]],
  [{ data: new Float32Array([1, 2]), shape: [2, 1] }, [2, 1], [1, 2]],
  [{ data: [], shape: [0, 3] }, [0, 3], []],
])('%p becomes a tensor of floats', (value, shape, numbers) => {
  expect(isArrayLike(value)).toBe(true);
  const { tensor, isNew } = toTensor(value, place);
  expect(isNew).toBe(true);
  expect(read(tensor)).toEqual(['float32', shape, numbers]);
});

test('or of whole numbers, if asked', () => {
  expect(read(convert([[1], [2]], 'int32'))).toEqual(['int32', [2, 1], [1, 2]]);
  expect(read(convert(new Float64Array([7]), 'int32'))).toEqual(['int32', [1], [7]]);
  expect(read(convert({ data: [5], shape: [1, 1] }, 'int32'))).toEqual(['int32', [1, 1], [5]]);
});

test('a tensor passes as it is, unless its type must change', () => {
  const own = tf.tensor1d([1.5, 2]);
  expect(toTensor(own, place)).toEqual({ tensor: own, isNew: false });
  expect(toTensor(own, place, 'float32').tensor).toBe(own);
  const cast = toTensor(own, place, 'int32');
  expect(cast.isNew).toBe(true);
  expect(read(cast.tensor)).toEqual(['int32', [2], [1, 2]]);
  expect(own.isDisposed).toBe(false);
});

test('the numbers are copied: later changes to an array do not count', () => {
  const nested = [[1, 2]];
  const tensor = convert(nested);
  (nested[0] as number[])[0] = 9;
  expect([...tensor.dataSync()]).toEqual([1, 2]);
});

/** An array in so many arrays. */
const nested = (depth: number): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
};
const cyclic: unknown[] = [];
cyclic[0] = cyclic;

test('takes as many axes as TensorFlow has operations for', () => {
  const tensor = convert(nested(8));
  expect(tensor.shape).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
  tensor.dispose();
});

const gone = tf.tensor1d([1]);
gone.dispose();

test.each([
  [[[1, 2], [3]], 'fit: `x` must have rows of one length. Received: x[1] of length 1, while the first has 2.'], // prettier-ignore
  [[[1], 2], 'Received: x[1] is 2, while the first has 1.'],
  [[1, [2]], 'fit: `x` must be made of numbers only. Received: [2]. See x[1].'],
  [[[1, 'a']], "`x` must be made of numbers only. Received: 'a'. See x[0][1]."],
  [[null], 'Received: null. See x[0].'],
  [[1, undefined], 'Received: undefined. See x[1].'],
  [[tf.scalar(1)], 'Join tensors to one first: tf.stack(rows).'],
  [[1n], 'Received: 1n. Convert it: Number(value).'],
  [new BigInt64Array(2), 'Convert it: Float32Array.from(values, Number).'],
  [gone, '`x` must be a tensor that is not disposed.'],
  [tf.tensor1d(['a']), '`x` must be a tensor of numbers. Received: a string tensor of shape [1].'],
  [
    { data: [1, 2, 3], shape: [2, 2] },
    '`x` must be as long as its shape [2, 2] says, 4. Received: [1, 2, 3]. Correct the shape.',
  ],
  [{ data: [1], shape: [-1] }, '`x.shape` must be made of integers of 0 or more. Received: [-1].'],
  [{ data: ['1'], shape: [1] }, "`x.data` must be made of numbers only. Received: '1'."],
  [{ data: 'ab', shape: [2] }, "`x.data` must be made of numbers only. Received: 'ab'."],
  [
    'text',
    "fit: `x` must be data: a tensor, nested arrays of numbers, a typed array, or { data, shape }. Received: 'text'. " +
      'Write for example [[1, 2], [3, 4]] or tf.tensor2d(values, [rows, columns]).',
  ],
  [undefined, 'Received: undefined. Write for example [[1, 2], [3, 4]]'],
  [new DataView(new ArrayBuffer(4)), 'Received: DataView of length 4.'],
  [{ rows: [] }, 'Received: { rows: [] }.'],
  [nested(9), 'fit: `x` must be an array of at most 8 axes. Received: [[[[…]]]]. Take arrays apart'],
  [nested(20_000), 'fit: `x` must be an array of at most 8 axes. Received: [[[[…]]]].'],
  [cyclic, 'fit: `x` must be an array of at most 8 axes.'],
  [{ data: [1], shape: Array<number>(255).fill(1) }, '`x.shape` must be an array of at most 8 axes.'],
  [
    { data: [1], shape: [1, , 1] },
    '`x.shape` must be made of integers of 0 or more. Received: [1, undefined, 1].',
  ],
])('%#: what is no array of numbers is refused, and nothing left behind', (value, message) => {
  const before = tensorCount();
  expect(() => convert(value)).toThrow(KerasArgumentError);
  expect(() => convert(value)).toThrow(message);
  expect(tensorCount()).toBe(before);
});

test('whole numbers of a flat list with its shape are not rounded to floats', () => {
  expect(read(convert({ data: [2 ** 24 + 1], shape: [1] }, 'int32'))).toEqual(['int32', [1], [2 ** 24 + 1]]);
});

test('a flat list with its shape is flat', () => {
  expect(() => convert({ data: [[1], [2]], shape: [2] })).toThrow('Received: [1]. See x.data[0].');
});

test('truth values and numbers may be mixed in any order', () => {
  expect(read(convert([[true, 2.5], [3, false]]))[2]).toEqual([1, 2.5, 3, 0]); // prettier-ignore
});

test('arrays without numbers', () => {
  expect(read(convert([[], []]))).toEqual(['float32', [2, 0], []]);
  expect(() => convert([[], [1]])).toThrow('Received: x[1] of length 1, while the first has 0.');
  expect(read(convert([new Float32Array(0), new Float32Array(0)]))[1]).toEqual([2, 0]);
});

test.each([
  ['a string', (rows: unknown[][][]) => ((rows[40]?.[2] as unknown[])[3] = '5'), "'5'. See x[40][2][3]."],
  ['a hole', (rows: unknown[][][]) => delete rows[39]?.[1]?.[0], 'undefined. See x[39][1][0].'],
  ['itself', (rows: unknown[][][]) => ((rows[2]?.[0] as unknown[])[1] = rows), '[[[0, 1, 2, 3], ['],
  [
    'a shorter row',
    (rows: unknown[][][]) => rows[49]?.[2]?.pop(),
    'x[49][2] of length 3, while the first has 4.',
  ],
  ['a missing row', (rows: unknown[][][]) => rows[7]?.pop(), 'x[7] of length 2, while the first has 3.'],
])('%s deep in an array is named with its place', (_, spoil, received) => {
  const rows = Array.from({ length: 50 }, () => [0, 1, 2].map(() => [0, 1, 2, 3]));
  spoil(rows);
  expect(() => convert(rows)).toThrow(`Received: ${received}`);
});

test('arrays that are others at each look are refused', () => {
  let looks = 0;
  const changing = new Proxy([1, 2, 3], {
    get: (list, key) => (key === '1' && looks++ === 0 ? 'text' : (Reflect.get(list, key) as unknown)),
  });
  expect(() => convert(changing)).toThrow('fit: `x` must be made of numbers only.');
});

test('an array that does not fit into memory is refused before it is made', () => {
  const row = Array<number>(2 ** 20).fill(1);
  expect(() => convert(Array<number[]>(2 ** 20).fill(row))).toThrow(
    'fit: the result must fit into memory twice. Received: an array of shape [1048576, 1048576], which take',
  );
});

describe('arrays of more numbers than go to TensorFlow in one piece', () => {
  const rows = 300;
  const expected = Float32Array.from({ length: rows * 500 }, (_, index) => index / 7);
  const forms: [string, unknown][] = [
    ['rows', Array.from({ length: rows }, (_, row) => [...expected.subarray(row * 500, (row + 1) * 500)])],
    ['typed rows', Array.from({ length: rows }, (_, row) => expected.subarray(row * 500, (row + 1) * 500))],
    ['one long row', [[...expected]]],
    ['a typed array', expected],
    ['a typed array of doubles', Float64Array.from(expected)],
    ['a list with its shape', { data: [...expected], shape: [500, rows] }],
  ];
  test.each(forms)('%s', (_, value) => {
    const before = tensorCount();
    const tensor = convert(value);
    expect(tensor.dataSync()).toEqual(expected);
    expect(tensorCount()).toBe(before + 1);
    tensor.dispose();
    expect(tensorCount()).toBe(before);
  });

  test('as whole numbers', () => {
    const values = Array.from({ length: 100_000 }, (_, index) => 2 ** 24 + index);
    const tensor = convert(values, 'int32');
    expect(tensor.dataSync()).toEqual(Int32Array.from(values));
    tensor.dispose();
  });

  test('what is wrong in the last row is named, and nothing left behind', () => {
    const before = tensorCount();
    const list: unknown[] = Array.from({ length: 1000 }, () => Array<number>(100).fill(1));
    list[999] = [...Array<number>(99).fill(1), 'text'];
    expect(() => convert(list)).toThrow("Received: 'text'. See x[999][99].");
    list[999] = [1];
    expect(() => convert(list)).toThrow('x[999] of length 1, while the first has 100.');
    expect(tensorCount()).toBe(before);
  });
});
