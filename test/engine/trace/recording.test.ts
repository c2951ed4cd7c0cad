/** Constants of recordings are compared bit by bit where that says all. */
import { areSameBits, isAll } from '../../../src/engine/trace/recording';

const SIZE = 100_000;

test.each<[string, ArrayLike<unknown>, number, boolean]>([
  ['ones', new Float32Array(SIZE).fill(1), 1, true],
  ['zeros', new Float32Array(SIZE), 0, true],
  ['zeros of both signs', Float32Array.of(-0, 0, -0), 0, true],
  ['whole numbers', new Int32Array(SIZE).fill(7), 7, true],
  ['plain numbers', [1, 1, 1], 1, true],
  ['nothing', new Float32Array(0), 1, true],
  ['one number', Float32Array.of(2), 2, true],
  ['others', new Float32Array(SIZE).fill(2), 1, false],
  ['NaN', new Float32Array(SIZE).fill(NaN), NaN, false],
  ['ones, then another', new Float32Array(SIZE).fill(1).with(SIZE - 1, 2), 1, false],
  ['another, then ones', new Float32Array(SIZE).fill(1).with(0, 2), 1, false],
  ['a part of a longer list', new Float32Array(SIZE).fill(1, 3, 9).subarray(3, 9), 1, true],
  ['truth values', new Uint8Array(SIZE).fill(1), 1, true],
])('whether they are one number everywhere: %s', (_, values, value, expected) => {
  expect(isAll(values as Float32Array, value)).toBe(expected);
});

test('of many numbers none is looked at by JavaScript', () => {
  const values = new Float32Array(SIZE).fill(1);
  const every = jest.spyOn(Float32Array.prototype, 'every');
  expect(isAll(values, 1)).toBe(true);
  expect(every).not.toHaveBeenCalled();
  every.mockRestore();
});

test('whether they are the same', () => {
  const values = Float32Array.from({ length: SIZE }, (_, index) => index);
  expect(areSameBits(values, values.slice())).toBe(true);
  expect(areSameBits(values, values.with(SIZE - 1, 0))).toBe(false);
  expect(areSameBits(Float32Array.of(0), Float32Array.of(-0))).toBe(false);
  expect(areSameBits(Float32Array.of(0), Int32Array.of(0))).toBe(false);
  expect(areSameBits([1], [1])).toBe(false);
});
