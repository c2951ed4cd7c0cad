/** Run by Vitest, from ../vitest.test.ts. */
import { kerasModelSequential, layerDense, pipe, predict, predictOnBatch, tf } from 'keras-pipe';
import { expect, test } from 'vitest';

const model = pipe(
  kerasModelSequential(),
  layerDense({ units: 2, inputShape: [2], kernelInitializer: 'ones' }),
);
const x = tf.tensor2d([[1, 2]]);

test('matchers that pass', async () => {
  expect(await predict(model, x)).toHaveShape([1, 2]);
  expect(await predict(model, x)).toBeCloseToTensor([[3, 3]]);
  expect(await predict(model, x)).not.toBeCloseToTensor([[3, 4]]);
  expect(() => predictOnBatch(model, x)).toLeaveNoTensors();
  await expect(() => predict(model, x)).toLeaveNoTensors();
});

test('matchers that fail', async () => {
  expect(() => expect(x).toHaveShape([3])).toThrow('It has 2 axes, not 1.');
  const output = await predict(model, x);
  expect(() => expect(output).toBeCloseToTensor([[3, 4]])).toThrow(
    '1 of 2 values differs by 0.000005 or more; the largest difference is 1 at [0][1].',
  );
  await expect(
    expect(async () => {
      tf.keep(tf.scalar(await Promise.resolve(1)));
    }).toLeaveNoTensors(),
  ).rejects.toThrow('Expected: 0 tensors left behind\nReceived: 1');
});
