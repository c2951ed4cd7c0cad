import {
  compile,
  fit,
  kerasModelSequential,
  layerDense,
  newLearningRateScheduleClass,
  optimizerOf,
  optimizerSgd,
  pipe,
  tf,
} from '../../src/index';

const scheduleInverse = newLearningRateScheduleClass({
  classname: 'Inverse',
  initialize: ({ first }: { first: number }) => ({ first }),
  call(step) {
    return this.first / (1 + step);
  },
});

test.each(['eager', 'compiled'] as const)('gives the rate of each step, %s', async (engine) => {
  const model = pipe(
    kerasModelSequential(),
    layerDense({ units: 1, inputShape: [1], kernelInitializer: 'zeros', useBias: false }),
    compile({ optimizer: optimizerSgd({ learningRate: scheduleInverse({ first: 0.1 }) }), loss: 'mse' }),
  );
  const { metrics } = await fit(model, [[1]], [[1]], { epochs: 4, verbose: 0, engine });
  // The error e becomes e (1 − 2 rate) in each step.
  const errors = [1, 0.8, 0.8 * 0.9, 0.8 * 0.9 * (1 - 0.2 / 3)];
  errors.forEach((error, epoch) => expect(metrics.loss[epoch]).toBeCloseTo(error ** 2, 5));
  expect(optimizerOf(model).learningRate).toBeCloseTo(0.1 / 4, 7);
});

test('tells its configuration, and may be of tensors', () => {
  expect(scheduleInverse({ first: 2 }).getConfig()).toEqual({ first: 2 });
  const scheduleRoot = newLearningRateScheduleClass({
    classname: 'Root',
    call: (step) => tf.rsqrt(tf.scalar(step + 1)),
    getConfig: () => ({ kind: 'root' }),
  });
  expect(scheduleRoot().getConfig()).toEqual({ kind: 'root' });
  expect(optimizerSgd({ learningRate: scheduleRoot() }).learningRate).toBe(1);
});

test('mistakes', () => {
  expect(() => newLearningRateScheduleClass({ classname: 'Some' } as never)).toThrow(
    /the option `call` is required/,
  );
  const scheduleForgot = newLearningRateScheduleClass({
    classname: 'Forgot',
    call: (() => undefined) as never,
  });
  expect(() => optimizerSgd({ learningRate: scheduleForgot() }).learningRate).toThrow(
    /the schedule must give a number of 0 or more. Received: undefined/,
  );
});
