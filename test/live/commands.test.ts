import { commandIn } from '../../src/live/commands';

test.each([
  { command: 'pause' },
  { command: 'resume' },
  { command: 'stop' },
  { command: 'lowerLearningRate', factor: 0.5 },
])('is read: %j', (value) => {
  expect(commandIn(JSON.stringify(value))).toEqual(value);
});

test.each([
  ['nothing', ''],
  ['no JSON', '{command: pause}'],
  ['a text', '"pause"'],
  ['a list', '["pause"]'],
  ['null', 'null'],
  ['another command', '{"command":"dispose"}'],
  ['one that all objects have', '{"command":"constructor"}'],
  ['more than the command', '{"command":"stop","now":true}'],
  ['no factor', '{"command":"lowerLearningRate"}'],
  ['a factor of one', '{"command":"lowerLearningRate","factor":1}'],
  ['a factor that raises', '{"command":"lowerLearningRate","factor":2}'],
  ['a factor of zero', '{"command":"lowerLearningRate","factor":0}'],
  ['a negative factor', '{"command":"lowerLearningRate","factor":-0.5}'],
  ['a factor that is a text', '{"command":"lowerLearningRate","factor":"0.5"}'],
  ['a factor that is no number', '{"command":"lowerLearningRate","factor":null}'],
  ['a factor too small to be one', '{"command":"lowerLearningRate","factor":1e-999}'],
])('is none: %s', (_, text) => {
  expect(commandIn(text)).toBeUndefined();
});
