import { padSequences, type PadSequencesOptions } from '../../src/arrays/pad-sequences';
import { KerasArgumentError } from '../../src/base/errors';
import { pipe, tf } from '../../src/index';
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

// What Keras 2.13's pad_sequences gives for the same.
test('steps may be arrays of one shape, and sequences tensors', () => {
  const points = [[[1, 2]], [], [[3, 4], [5, 6], [7, 8]]]; // prettier-ignore
  const padded = padSequences(points, { maxlen: 2 });
  expect([padded.dtype, padded.shape]).toEqual(['int32', [3, 2, 2]]);
  expect(padded.arraySync()).toEqual([[[0, 0], [1, 2]], [[0, 0], [0, 0]], [[5, 6], [7, 8]]]); // prettier-ignore
  const after = padSequences(points, { padding: 'post', truncating: 'post', maxlen: 2, value: 9 });
  expect(after.arraySync()).toEqual([[[1, 2], [9, 9]], [[9, 9], [9, 9]], [[3, 4], [5, 6]]]); // prettier-ignore
  const deep = pipe(
    [
      [[[1], [2]]],
      [
        [[3], [4]],
        [[5], [6]],
      ],
    ],
    padSequences(),
  );
  expect(deep.arraySync()).toEqual([[[[0], [0]], [[1], [2]]], [[[3], [4]], [[5], [6]]]]); // prettier-ignore
  expect(padSequences([[Float32Array.of(0.5, 1)], [[2, 3]]], { dtype: 'float32' }).arraySync()).toEqual([[[0.5, 1]], [[2, 3]]]); // prettier-ignore
  const tensors = [tf.tensor2d([[1, 2]]), tf.tensor2d([[3, 4], [5, 6]])]; // prettier-ignore
  expect(padSequences(tensors).arraySync()).toEqual([[[0, 0], [1, 2]], [[3, 4], [5, 6]]]); // prettier-ignore
  expect(padSequences(tf.tensor2d([[1, 2], [3, 4]]), { maxlen: 3 }).arraySync()).toEqual([[0, 1, 2], [0, 3, 4]]); // prettier-ignore
  // Numbers that a float32 cannot hold.
  expect(padSequences([[[16777217, 1]]]).arraySync()).toEqual([[[16777217, 1]]]);
  tf.dispose(tensors);
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
  // One flat list is one sequence to some, and many to others: R takes list(1, 2) as two, and refuses c(1, 2).
  [[1, 2], {}, 'Write [[1, …]] for one sequence, or [[1], …] for sequences of one number each'],
  [[7], {}, 'Write [[7]] for a sequence of one number'],
  [[1, [2, 3]], {}, 'Write [5] for a sequence of the one number 5'],
  [
    [[1, 2], [[3]]],
    {},
    '`sequences[1]` must be a sequence whose steps are single numbers, as those of the others',
  ],
  [
    [[[1, 2]], [[3]]],
    {},
    '`sequences[1]` must be a sequence whose steps are arrays of shape [2], as those of the others',
  ],
  [[[[1, 2], [3]]], {}, '`sequences[0]` must be made of steps of one shape'],
  [[[[1, 2], 3]], {}, '`sequences[0]` must be made of steps of one shape'],
  [
    [
      [
        [1, 2],
        [3, 0.5],
      ],
    ],
    {},
    '`sequences[0][1][1]` must be a whole number of 32 bits. Received: 0.5.',
  ],
  [
    [
      [
        [[1], [2]],
        [[3], [0.5]],
      ],
    ],
    {},
    '`sequences[0][1][1][0]` must be a whole number of 32 bits. Received: 0.5.',
  ],
  [[[1]], { maxlen: 0 }, '`maxlen` must be a positive integer'],
])('refuses %p with %p', (sequences, options, message) => {
  expect(() => padSequences(sequences as number[][], options)).toThrow(KerasArgumentError);
  expect(() => padSequences(sequences as number[][], options)).toThrow(message);
});

test('a misspelt side does not compile, and says what was meant', () => {
  // @ts-expect-error only 'pre' and 'post'
  expect(() => padSequences([[1]], { padding: 'pos' })).toThrow("Did you mean 'post'");
});
