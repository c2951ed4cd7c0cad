import { inspect } from 'node:util';
import * as keras from '../../src';

const { learningRateScheduleExponentialDecay: decay } = keras;

test.each([
  ['initializerGlorotUniform({ seed: 1 })', keras.initializerGlorotUniform({ seed: 1 })],
  ['regularizerL2({ l: 0.1 })', keras.regularizerL2(0.1)],
  ['constraintMaxnorm({ maxValue: 2, axis: 0 })', keras.constraintMaxnorm({ maxValue: 2 })],
  ["lossPoisson({ reduction: 'auto', name: 'poisson' })", keras.lossPoisson()],
  ["metricAccuracy({ name: 'accuracy' })", keras.metricAccuracy()],
  [
    'learningRateScheduleExponentialDecay({ initialLearningRate: 0.1, decaySteps: 10, decayRate: 0.9, staircase: false })',
    decay({ initialLearningRate: 0.1, decaySteps: 10, decayRate: 0.9 }),
  ],
])('what a function made is shown as its call: %s', (text, made) => {
  expect(inspect(made, { breakLength: Infinity }).replaceAll(/\s+/g, ' ')).toBe(text.replaceAll(/\s+/g, ' '));
});

test('what is shown otherwise is as it was: no field is added that a loop over them would meet', () => {
  expect(Object.keys(decay({ initialLearningRate: 1, decaySteps: 2, decayRate: 0.5 }))).toEqual([]);
});

test('an optimizer shows its schedule so', () => {
  const learningRate = decay({ initialLearningRate: 1, decaySteps: 2, decayRate: 0.5 });
  expect(inspect(keras.optimizerSgd({ learningRate }))).toContain(
    'learningRate: learningRateScheduleExponentialDecay({',
  );
});
