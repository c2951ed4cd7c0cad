import 'keras-pipe/matchers/jest';
import { kerasMatchers } from 'keras-pipe/matchers';
import {
  kerasModelSequential,
  layerDense,
  layerInput,
  pipe,
  predict,
  predictOnBatch,
  SparseMatrix,
  tf,
  type Tensor,
} from '../../src/index';
import { countsOf } from '../../src/tfjs/tensor-count';
import { collectForgotten, collectUntil, tensorCount } from '../support/tensors';

/** What a matcher says when it fails. */
const messageOf = (check: () => unknown): string => {
  try {
    check();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the matcher passed');
};

const matrix = tf.tensor2d([
  [1, 2, 3],
  [4, 5, 6],
]);

describe('toHaveShape', () => {
  test('of tensors, arrays and sparse matrices', () => {
    expect(matrix).toHaveShape([2, 3]);
    expect(matrix).toHaveShape([null, 3]);
    expect(matrix).not.toHaveShape([3, 2]);
    expect(matrix).not.toHaveShape([2]);
    expect(matrix).not.toHaveShape([null, null, null]);
    expect(tf.scalar(1)).toHaveShape([]);
    expect(5).toHaveShape([]);
    expect([[1], [2]]).toHaveShape([2, 1]);
    expect(Float32Array.of(1, 2)).toHaveShape([2]);
    expect([Float32Array.of(1, 2), Float32Array.of(3, 4)]).toHaveShape([2, 2]);
    expect({ data: [1, 2, 3, 4], shape: [2, 2] }).toHaveShape([2, 2]);
    expect(new SparseMatrix(Int32Array.of(0, 1), Int32Array.of(3), 4)).toHaveShape([1, 4]);
  });

  test('of what a layer puts out, where null is a size that is not known', () => {
    const input = layerInput({ shape: [null, 2] });
    expect(input).toHaveShape([null, null, 2]);
    expect(input).not.toHaveShape([1, null, 2]);
    expect(layerInput({ shape: [3] })).not.toHaveShape([null, null]);
  });

  test('says both shapes and where they differ', () => {
    expect(messageOf(() => expect(matrix).toHaveShape([2, 4]))).toBe(
      'expect(received).toHaveShape(expected)\n\nExpected: [2, 4]\nReceived: [2, 3]\n\nThey differ in axis 1.',
    );
    expect(messageOf(() => expect(matrix).toHaveShape([3, 2]))).toMatch(/They differ in axis 0 and 1\.$/);
    expect(messageOf(() => expect(matrix).toHaveShape([6]))).toMatch(/It has 2 axes, not 1\.$/);
    expect(messageOf(() => expect(matrix).not.toHaveShape([null, 3]))).toBe(
      'expect(received).not.toHaveShape([null, 3])\n\nThe shape is [2, 3].',
    );
  });

  test('refuses what has no shape, also where it is not to have one', () => {
    const says =
      "toHaveShape: what is handed to expect() must be a tensor or another array of numbers. Received: 'text'. Write expect(tensor).toHaveShape(…).";
    expect(messageOf(() => expect('text').toHaveShape([1]))).toBe(says);
    expect(messageOf(() => expect('text').not.toHaveShape([1]))).toBe(says);
    expect(messageOf(() => expect(Promise.resolve(matrix)).toHaveShape([2, 3]))).toContain(
      'Received: a promise. Await it first',
    );
    for (const shape of [5, 'a', undefined, [-1], [1.5], ['a']]) {
      expect(messageOf(() => expect(matrix).toHaveShape(shape as never))).toMatch(
        /^toHaveShape: `shape` must be a shape: /,
      );
    }
  });
});

describe('toBeCloseToTensor', () => {
  test('to five digits after the point, or to others', () => {
    expect(matrix).toBeCloseToTensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect([0.100004, 2]).toBeCloseToTensor([0.1, 2]);
    expect([0.10001, 2]).not.toBeCloseToTensor([0.1, 2]);
    // As Jest's own toBeCloseTo: less than half of the last digit.
    expect(1.004).toBeCloseToTensor(1, 2);
    expect(1.004).toBeCloseTo(1, 2);
    expect(1.006).not.toBeCloseToTensor(1, 2);
    expect(1.006).not.toBeCloseTo(1, 2);
    expect(tf.scalar(0.1)).toBeCloseToTensor(0.1, 7);
    expect(149).toBeCloseToTensor(100, -2);
    expect(tf.tensor1d([0, 1], 'bool')).toBeCloseToTensor([false, true]);
    expect(Float32Array.of(1, 2)).toBeCloseToTensor(tf.tensor1d([1, 2]));
    expect(new SparseMatrix(Int32Array.of(0, 1), Int32Array.of(1), 2)).toBeCloseToTensor([[0, 1]]);
    expect([[0, 1]]).toBeCloseToTensor(new SparseMatrix(Int32Array.of(0, 1), Int32Array.of(1), 2));
  });

  test('NaN is close to NaN, and an infinity to itself', () => {
    expect([NaN, Infinity, -Infinity]).toBeCloseToTensor([NaN, Infinity, -Infinity]);
    expect([NaN]).not.toBeCloseToTensor([0]);
    expect([0]).not.toBeCloseToTensor([NaN]);
    expect([Infinity]).not.toBeCloseToTensor([-Infinity]);
    expect([1e38]).not.toBeCloseToTensor([Infinity]);
    expect([0]).toBeCloseToTensor([-0]);
  });

  test('says where values differ, how many, and by how much at most', () => {
    const message = messageOf(() =>
      expect(matrix).toBeCloseToTensor([
        [1, 2.5, 3],
        [4, 5, 5],
      ]),
    );
    expect(message).toBe(
      [
        'expect(received).toBeCloseToTensor(values)',
        '',
        '2 of 6 values differ by 0.000005 or more; the largest difference is 1 at [1][2].',
        '',
        'index   expected  received  difference',
        '[0][1]  2.5       2         0.5',
        '[1][2]  5         6         1',
      ].join('\n'),
    );
    expect(messageOf(() => expect(1).toBeCloseToTensor(2))).toContain(
      '1 of 1 value differs by 0.000005 or more; the largest difference is 1.\n',
    );
    expect(messageOf(() => expect([1, NaN, 9]).toBeCloseToTensor([0, 0, 0]))).toContain(
      '3 of 3 values differ by 0.000005 or more; the largest difference is NaN at [1].',
    );
    const many = messageOf(() => expect(tf.zeros([4, 5])).toBeCloseToTensor(tf.ones([4, 5])));
    expect(many).toContain('20 of 20 values differ');
    expect(many).toMatch(/\n\[1\]\[4\] {2}1 {9}0 {9}1\n… and 10 more$/);
    expect(messageOf(() => expect([1]).not.toBeCloseToTensor([1.000001]))).toMatch(
      /^expect\(received\)\.not\.toBeCloseToTensor\(values\)\n\nAll 1 values differ by less than 0\.000005; the largest difference is 9\.99\d*e-7\.$/,
    );
  });

  test('says both shapes where they differ', () => {
    expect(messageOf(() => expect(matrix).toBeCloseToTensor([[1, 2, 3]]))).toBe(
      'expect(received).toBeCloseToTensor(values)\n\nExpected shape: [1, 3]\nReceived shape: [2, 3]',
    );
    expect([[1]]).not.toBeCloseToTensor([1]);
    expect([]).not.toBeCloseToTensor([[]]);
    expect([]).toBeCloseToTensor([]);
  });

  test.each([
    [
      'text',
      [1],
      "what is handed to expect() must be a tensor or another array of numbers. Received: 'text'.",
    ],
    [
      Promise.resolve(1),
      [1],
      'Received: a promise. Await it first: expect(await predict(model, x)).toBeCloseToTensor(…).',
    ],
    [[1], 'text', '`values` must be data: a tensor'],
    [[1], undefined, '`values` must be data: a tensor'],
    [[[1], [1, 2]], [1], '`received` must have rows of one length.'],
    [[1], [1, 'a'], '`values` must be made of numbers only.'],
  ])('%#: refuses what is no array, also where it is not to be close', (received, values, says) => {
    const before = tensorCount();
    expect(messageOf(() => expect(received).toBeCloseToTensor(values as never))).toMatch(
      /^toBeCloseToTensor: /,
    );
    expect(messageOf(() => expect(received).not.toBeCloseToTensor(values as never))).toContain(says);
    expect(tensorCount()).toBe(before);
  });

  test('leaves tensors as they are, and makes none', () => {
    const before = tensorCount();
    expect(matrix).toBeCloseToTensor(matrix);
    expect(matrix.isDisposed).toBe(false);
    expect(tensorCount()).toBe(before);
    expect(messageOf(() => expect(matrix).toBeCloseToTensor(matrix, NaN))).toContain(
      '`digits` must be a number',
    );
  });
});

describe('toLeaveNoTensors', () => {
  const model = pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [2] }));
  const x = tf.ones([1, 2]);

  test('of a function that is done at once', () => {
    expect(() => tf.tidy(() => tf.add(x, 1).dataSync())).toLeaveNoTensors();
    expect(() => undefined).toLeaveNoTensors();
    const kept: Tensor[] = [];
    expect(() => {
      kept.push(tf.add(x, 1));
    }).not.toLeaveNoTensors();
    tf.dispose(kept);
  });

  test('what is returned is not counted, and freed, if the function has made it', () => {
    let made: Tensor | undefined;
    expect(() => (made = predictOnBatch(model, x))).toLeaveNoTensors();
    expect(made?.isDisposed).toBe(true);
    expect(() => x).toLeaveNoTensors();
    expect(x.isDisposed).toBe(false);
    expect(() => ({ all: [tf.ones([1]), tf.ones([1])], x })).toLeaveNoTensors();
    expect(x.isDisposed).toBe(false);
    expect(() => {
      const twice = tf.ones([1]);
      return [twice, twice];
    }).toLeaveNoTensors();
  });

  test('of a function that gives a promise', async () => {
    await expect(() => predict(model, x)).toLeaveNoTensors();
    const kept: Tensor[] = [];
    await expect(async () => {
      await Promise.resolve();
      kept.push(tf.add(x, 1));
    }).not.toLeaveNoTensors();
    tf.dispose(kept);
  });

  describe('counts the same whether or not what is forgotten is found meanwhile', () => {
    const found = (): number => countsOf(tf).numCollected ?? 0;
    /** Makes something that is forgotten. Gives what has V8 find it, unless it has done so by itself. */
    const forget = (): (() => Promise<void>) => {
      const before = found();
      tf.add(x, 1);
      return async () => {
        await collectUntil(() => found() > before);
        expect(found()).toBeGreaterThan(before);
      };
    };
    // What others have forgotten is not taken for it.
    beforeEach(collectForgotten);

    test('before the function was called', async () => {
      const kept: Tensor[] = [];
      const find = forget();
      const failure: unknown = await expect(async () => {
        kept.push(tf.add(x, 1));
        await find();
      })
        .toLeaveNoTensors()
        .catch((error: unknown) => error);
      expect((failure as Error).message).toMatch(/Received: 1\n/);
      tf.dispose(kept);
      await expect(forget()).toLeaveNoTensors();
    });

    test('by the function itself', async () => {
      await expect(() => forget()()).not.toLeaveNoTensors();
    });
  });

  test('says how many are left', async () => {
    const kept: Tensor[] = [];
    const leak = (): Tensor => {
      kept.push(tf.add(x, 1), tf.add(x, 2));
      return tf.add(x, 3);
    };
    const message = messageOf(() => expect(leak).toLeaveNoTensors());
    expect(message).toMatch(
      /^expect\(function\)\.toLeaveNoTensors\(\)\n\nExpected: 0 tensors left behind\nReceived: 2\n\nThere were \d+ tensors before, and \d+ after\. The tensor that it returned is not counted\. tf\.tidy\(\) frees what is made in it/,
    );
    const later: unknown = await expect(async () => Promise.resolve(leak()))
      .toLeaveNoTensors()
      .catch((error: unknown) => error);
    expect((later as Error).message).toMatch(/Received: 2\n/);
    tf.dispose(kept);
    expect(messageOf(() => expect(() => 1).not.toLeaveNoTensors())).toContain('left no tensor behind');
  });

  test('lets what the function throws pass, and refuses what is none', () => {
    const failure = new Error('mine');
    expect(() =>
      expect(() => {
        throw failure;
      }).toLeaveNoTensors(),
    ).toThrow(failure);
    expect(messageOf(() => expect(x).toLeaveNoTensors())).toContain(
      'toLeaveNoTensors: `received` must be a function, which the matcher calls.',
    );
  });
});

test('all matchers are registered by one object', () => {
  expect(Object.keys(kerasMatchers).sort()).toEqual(['toBeCloseToTensor', 'toHaveShape', 'toLeaveNoTensors']);
});
