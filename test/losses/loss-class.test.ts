import {
  compile,
  fit,
  kerasModelSequential,
  layerDense,
  newLossClass,
  pipe,
  testOnBatch,
  tf,
  trainOnBatch,
} from '../../src/index';

const lossPower = newLossClass({
  classname: 'PowerOf',
  initialize: ({ exponent }: { exponent: number }) => ({ exponent }),
  call(yTrue, yPred) {
    return tf.mean(tf.pow(tf.abs(tf.sub(yTrue, yPred)), this.exponent), -1);
  },
});

const zeros = () =>
  pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [1], kernelInitializer: 'zeros' }));

test('has a name, a reduction, and counts weights of rows', () => {
  expect(lossPower({ exponent: 2 })).toMatchObject({ name: 'power_of', reduction: 'auto' });
  const model = pipe(zeros(), compile({ loss: lossPower({ exponent: 3, reduction: 'sum', name: 'cubes' }) }));
  // 1 + 8, and 1 + 2 · 8.
  expect(testOnBatch(model, [[1], [1]], [1, -2]).loss).toBe(9);
  expect(testOnBatch(model, [[1], [1]], [1, -2], { sampleWeight: [1, 2] }).loss).toBe(17);
});

test.each(['eager', 'compiled'] as const)('is trained on, %s', async (engine) => {
  const model = pipe(zeros(), compile({ optimizer: 'sgd', loss: lossPower({ exponent: 2 }) }));
  const { metrics } = await fit(model, [[1]], [[2]], { epochs: 2, verbose: 0, engine });
  // 4 at first; at the rate 0.01 the output becomes 2 · 0.04 for kernel and bias.
  expect(metrics.loss[0]).toBeCloseTo(4, 5);
  expect(metrics.loss[1]).toBeCloseTo(1.92 ** 2, 5);
});

test('mistakes', () => {
  expect(() => newLossClass({ classname: 'Some' } as never)).toThrow(
    /newLossClass: the option `call` is required/,
  );
  const lossForgot = newLossClass({ classname: 'Forgot', call: (() => undefined) as never });
  expect(() => trainOnBatch(pipe(zeros(), compile({ loss: lossForgot() })), [[1]], [1])).toThrow(
    /`call` must be a function that returns a tensor. Received: undefined. Write return/,
  );
  expect(() => lossPower({ exponent: 2, reduction: 'average' as 'sum' })).toThrow(
    /lossPowerOf: `reduction` must be one of/,
  );
  expect(() => lossForgot(3 as never)).toThrow(/lossForgot: `options` must be an object/);
});
