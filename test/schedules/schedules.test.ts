import { KerasArgumentError, KerasStateError } from '../../src/base/errors';
import { optimizerSgd } from '../../src/optimizers/index';
import {
  learningRateScheduleCosineDecayRestarts,
  learningRateScheduleExponentialDecay,
  learningRateSchedulePiecewiseConstantDecay,
} from '../../src/schedules/index';
import { rateAt } from '../../src/schedules/schedule';
import { tf } from '../../src/tfjs/tensorflow';
import { distance, reference, scheduleOf } from '../optimizers/reference';
import { tensorCount } from '../support/tensors';

test.each(reference.schedules.map((one) => [one.kind, JSON.stringify(one.options), one] as const))(
  'thirty steps as in Keras 2.13: %s %s',
  (kind, _options, { options, rates }) => {
    const schedule = scheduleOf(kind, options);
    const made = rates.map((_, step) => schedule(step));
    expect(rates.length).toBe(30);
    expect(new Set(rates).size).toBeGreaterThan(2);
    // Of the size of the largest rate, since rates are small.
    const largest = Math.max(...rates);
    expect(
      distance(
        made.map((rate) => rate / largest),
        rates.map((rate) => rate / largest),
      ),
    ).toBeLessThan(1e-5);
  },
);

test('restarts fall on the steps of their multiples, however many', () => {
  const schedule = learningRateScheduleCosineDecayRestarts({
    initialLearningRate: 1,
    firstDecaySteps: 5,
    tMul: 2,
  });
  // 5 · (2ⁿ − 1): the first step of each decay has the whole rate again.
  for (const restart of [5, 15, 35, 75, 155, 315, 5 * (2 ** 20 - 1)]) {
    expect(schedule(restart)).toBe(1);
    expect(schedule(restart - 1)).toBeLessThan(0.1);
  }
});

test('options that do not fit are refused', () => {
  expect(() =>
    learningRateSchedulePiecewiseConstantDecay({ boundaries: [1, 2], values: [0.1, 0.2] }),
  ).toThrow('one rate more than the 2 boundaries');
  expect(() => learningRateSchedulePiecewiseConstantDecay({ boundaries: [2, 2], values: [1, 2, 3] })).toThrow(
    'must be rising',
  );
  // @ts-expect-error: decayRate is missing
  expect(() => learningRateScheduleExponentialDecay({ initialLearningRate: 1, decaySteps: 1 })).toThrow(
    'the option `decayRate` is required',
  );
  expect(() =>
    learningRateScheduleExponentialDecay({ initialLearningRate: 1, decaySteps: 0, decayRate: 1 }),
  ).toThrow(KerasArgumentError);
});

test('a rate may come from tfjs operations, and leaves no tensor', () => {
  const before = tensorCount();
  expect(rateAt((step) => tf.div(tf.scalar(1), tf.scalar(step + 1)), 3, 'f')).toBe(0.25);
  expect(tensorCount()).toBe(before);
});

test.each([NaN, -1, Infinity, undefined, 'fast'])('a rate of %p is refused, with the step', (rate) => {
  const schedule = (): number => rate as number; // what a user's own may give
  expect(() => rateAt(schedule, 12, 'optimizerSgd')).toThrow(KerasArgumentError);
  expect(() => rateAt(schedule, 12, 'optimizerSgd')).toThrow('in step 12');
});

test('an optimizer tells the rate of its last step, and it cannot be set', () => {
  const optimizer = optimizerSgd({ learningRate: (step) => 1 / (step + 1) });
  const variable = tf.variable(tf.tensor1d([0]));
  expect(optimizer.learningRate).toBe(1);
  tf.tidy(() => {
    for (let step = 0; step < 3; step++) optimizer.apply([tf.ones([1])], [variable]);
  });
  expect(optimizer.learningRate).toBeCloseTo(1 / 3, 12);
  expect(variable.dataSync()[0]).toBeCloseTo(-(1 + 1 / 2 + 1 / 3), 5);
  expect(() => (optimizer.learningRate = 0.1)).toThrow(KerasStateError);
  optimizer.dispose();
  variable.dispose();
});
