import {
  kerasModel,
  KerasShapeError,
  layerAdd,
  layerConcatenate,
  layerEmbedding,
  layerGlobalAveragePooling1d,
  layerInput,
  pipe,
  predictOnBatch,
  type SymbolicTensor,
  type Tensor,
} from '../../src/index';
import { distance } from './support';

const inputs = (...shapes: (number | null)[][]): SymbolicTensor[] =>
  shapes.map((shape, index) => layerInput({ shape, name: `input_${'abc'[index] ?? ''}` }));

const merged = (merge: (tensors: SymbolicTensor[]) => SymbolicTensor, ...data: number[][]): Tensor => {
  const given = inputs(...data.map(({ length }) => [length]));
  return predictOnBatch(kerasModel(given, merge(given)), data.map((row) => [row])); // prettier-ignore
};

test('add: element by element; a size of 1 is stretched', () => {
  expect(distance(merged(layerAdd(), [1, 2], [10, 20], [100, 200]), [111, 222])).toBe(0);
  expect(distance(merged(layerAdd(), [1, 2], [10]), [11, 12])).toBe(0);
});

test('concatenate: along the last axis, or another', () => {
  expect(distance(merged(layerConcatenate(), [1, 2], [3]), [1, 2, 3])).toBe(0);
  const given = inputs([1, 2], [2, 2]);
  const model = kerasModel(given, layerConcatenate(given, { axis: -2 }));
  const output = predictOnBatch(model, [[[[1, 2]]], [[[3, 4], [5, 6]]]]); // prettier-ignore
  expect(output.shape).toEqual([1, 3, 2]);
  expect(distance(output, [1, 2, 3, 4, 5, 6])).toBe(0);
});

test.each([
  [
    () => layerAdd(inputs([2], [3])),
    /^layerAdd: layer 'add' \(added at .*merge\.test\.ts:\d+\) needs inputs of one shape\. Received: \[null, 2\] and \[null, 3\] from layer 'input_a' and layer 'input_b'\./,
  ],
  [() => layerAdd(inputs([2], [2, 2])), /needs inputs of one number of dimensions/],
  [
    () => layerConcatenate(inputs([4, 2], [3, 2])),
    /needs inputs of the same sizes in all axes but 2, along which it joins them\. .* They differ in axis 1;/,
  ],
  [() => layerConcatenate(inputs([2], [2, 2])), /needs inputs of one number of dimensions/],
  [() => layerConcatenate(inputs([2], [2]), { axis: 2 }), /needs input with an axis 2\./],
  [() => layerConcatenate(inputs([2], [2]), { axis: -3 }), /Give an `axis` from 0, the batch axis, to 1/],
])('inputs that do not fit: %s', (make, message) => {
  expect(make).toThrow(KerasShapeError);
  expect(make).toThrow(message);
});

test('sizes that are not known fit any', () => {
  expect(layerConcatenate(inputs([null, 2], [3, 2])).shape).toEqual([null, 3, 4]);
  expect(layerAdd(inputs([null, 2], [3, 2])).shape.slice(2)).toEqual([2]);
});

describe('masks of merged sequences', () => {
  const embedded = (ids: SymbolicTensor, maskZero: boolean): SymbolicTensor =>
    layerEmbedding(ids, { inputDim: 5, outputDim: 1, maskZero, weights: [[[7], [1], [2], [3], [4]]] });

  /** The mean of the merged steps that are left, for the ids of two sequences. */
  const mean = (
    merge: (tensors: SymbolicTensor[]) => SymbolicTensor,
    maskBoth: boolean,
    first: number[],
    second: number[],
  ): number[] => {
    const given = inputs([first.length], [second.length]);
    const [a, b] = given as [SymbolicTensor, SymbolicTensor];
    const steps = merge([embedded(a, true), embedded(b, maskBoth)]);
    const model = kerasModel(given, pipe(steps, layerGlobalAveragePooling1d()));
    return [...predictOnBatch(model, [[first], [second]]).dataSync()].map(
      (value) => Math.round(value * 1e5) / 1e5,
    );
  };

  test('add: a step is left if it is there in all inputs that have a mask', () => {
    // Steps 1 + 3 and 2 + 4 are whole; a third has a zero.
    expect(mean(layerAdd(), true, [1, 2, 0], [3, 4, 1])).toEqual([(4 + 6) / 2]);
    expect(mean(layerAdd(), true, [1, 2, 2], [3, 0, 0])).toEqual([4]);
    expect(mean(layerAdd(), false, [1, 2, 2], [3, 0, 0])).toEqual([7.33333]);
  });

  test('concatenate: along time, and along features', () => {
    expect(mean(layerConcatenate({ axis: 1 }), true, [1, 0], [0, 4])).toEqual([(1 + 4) / 2]);
    expect(mean(layerConcatenate(), true, [1, 2, 0], [3, 0, 1])).toEqual([1, 3]);
  });
});
