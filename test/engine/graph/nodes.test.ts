import { areSmall, isWorthOptimizing } from '../../../src/engine/graph/nodes';
import type { RecordedOp } from '../../../src/engine/trace/recording';
import {
  MAX_OPTIMIZED_OPERATIONS,
  MAX_OPTIMIZED_SMALL_OPERATIONS,
  MAX_SEQUENTIAL_ELEMENTS,
} from '../../../src/engine/tuning';
import { binding, TYPES } from '../../../src/tfjs/binding';

/** So many operations with outputs of so many elements. */
const operations = (count: number, elements: number): RecordedOp[] =>
  Array.from({ length: count }, (_, id) => ({
    name: 'Neg',
    attributes: [],
    inputs: [],
    outputs: [{ id, dtype: TYPES.float, shape: [elements] }],
  }));

const isVersion1 = binding().TF_Version.startsWith('1.');

test.each([
  ['few large operations', MAX_OPTIMIZED_OPERATIONS, MAX_SEQUENTIAL_ELEMENTS + 1, true],
  ['many large operations', MAX_OPTIMIZED_OPERATIONS + 1, MAX_SEQUENTIAL_ELEMENTS + 1, false],
  ['few small operations', MAX_OPTIMIZED_SMALL_OPERATIONS, MAX_SEQUENTIAL_ELEMENTS, isVersion1],
  ['many small operations', MAX_OPTIMIZED_SMALL_OPERATIONS + 1, MAX_SEQUENTIAL_ELEMENTS, false],
])('whether a graph of %s is optimized', (_, count, elements, expected) => {
  expect(isWorthOptimizing(operations(count, elements))).toBe(expected);
});

test('one large operation among small ones makes a graph a large one', () => {
  const small = operations(5, MAX_SEQUENTIAL_ELEMENTS);
  expect(areSmall(small)).toBe(true);
  expect(areSmall([...small, ...operations(1, MAX_SEQUENTIAL_ELEMENTS + 1)])).toBe(false);
});
