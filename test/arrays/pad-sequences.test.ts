import { padSequences, type PadSequencesOptions } from '../../src/arrays/pad-sequences';
import { KerasArgumentError } from '../../src/base/errors';
import { checkTensorCount, tensorsMade } from './support';

checkTensorCount();

const SEQUENCES = [[1], [2, 3], [4, 5, 6]];

// The rows are those that Keras documents and tests for the same calls (pad_sequences).
test.each<[PadSequencesOptions, number[][]]>([
  [
    { maxlen: 3, padding: 'pre' },
    [
      [0, 0, 1],
      [0, 2, 3],
      [4, 5, 6],
    ],
  ],
  [
    { maxlen: 3, padding: 'post' },
    [
      [1, 0, 0],
      [2, 3, 0],
      [4, 5, 6],
    ],
  ],
  [
    { maxlen: 2, truncating: 'pre' },
    [
      [0, 1],
      [2, 3],
      [5, 6],
    ],
  ],
  [
    { maxlen: 2, truncating: 'post' },
    [
      [0, 1],
      [2, 3],
      [4, 5],
    ],
  ],
  [
    { maxlen: 3, value: 1 },
    [
      [1, 1, 1],
      [1, 2, 3],
      [4, 5, 6],
    ],
  ],
  [
    {},
    [
      [0, 0, 1],
      [0, 2, 3],
      [4, 5, 6],
    ],
  ],
  [
    { maxlen: 5, padding: 'post', value: -1 },
    [
      [1, -1, -1, -1, -1],
      [2, 3, -1, -1, -1],
      [4, 5, 6, -1, -1],
    ],
  ],
  [{ maxlen: 1 }, [[1], [3], [6]]],
])('pads with %p', (options, rows) => {
  const x = padSequences(SEQUENCES, options);
  expect(x.dtype).toBe('int32');
  expect(x.arraySync()).toEqual(rows);
});

test('takes typed arrays and empty sequences, and fractions as float32', () => {
  expect(padSequences([Int32Array.of(1, 2), []], { maxlen: 1 }).arraySync()).toEqual([[2], [0]]);
  const x = padSequences([[0.5], Float32Array.of(1.5, 2.5)], { dtype: 'float32', value: -0.5 });
  expect(x.dtype).toBe('float32');
  expect(x.arraySync()).toEqual([
    [-0.5, 0.5],
    [1.5, 2.5],
  ]);
});

test('makes one tensor, none on failure', () => {
  expect(tensorsMade(() => padSequences(SEQUENCES))).toBe(1);
  expect(tensorsMade(() => padSequences([[0.5]]))).toBe(0);
});

test.each<[unknown, PadSequencesOptions, string]>([
  [[[1, 0.5]], {}, '`sequences[0][1]` must be a whole number of 32 bits. Received: 0.5.'],
  [[[2 ** 31]], {}, '`sequences[0][0]` must be a whole number of 32 bits'],
  [[[1], [NaN]], { dtype: 'float32' }, '`sequences[1][0]` must be a finite number'],
  [[['a']], {}, '`sequences[0][0]` must be a whole number'],
  // Also where it would be cut away.
  [[[NaN, 1]], { maxlen: 1 }, '`sequences[0][0]` must be a whole number'],
  [[[1]], { value: 0.5 }, '`value` must be a whole number of 32 bits'],
  [[[], []], {}, '`sequences` must be sequences of which one at least is not empty'],
  [[], {}, '`sequences` must be a list of at least one sequence'],
  [[1, 2], {}, '`sequences[0]` must be a sequence'],
  [[[1]], { maxlen: 0 }, '`maxlen` must be a positive integer'],
])('refuses %p with %p', (sequences, options, message) => {
  expect(() => padSequences(sequences as number[][], options)).toThrow(KerasArgumentError);
  expect(() => padSequences(sequences as number[][], options)).toThrow(message);
});

test('a misspelt side does not compile, and says what was meant', () => {
  // @ts-expect-error only 'pre' and 'post'
  expect(() => padSequences([[1]], { padding: 'pos' })).toThrow("Did you mean 'post'");
});
