import { KerasArgumentError } from '../../src/index';
import { registryOf, withNames } from '../../src/base/registry';

const place = { function: 'layerDense', argument: 'kernelInitializer' };
const glorot = withNames(() => 1, ['glorot_uniform', 'xavier']);
const zeros = withNames(() => 2, ['zeros']);
const registry = registryOf(
  "an initializer's name",
  { zeros, glorot, helper: () => 3, SIZE: 4 },
  { others: ['random', 'zeros'], missing: ['zeroth'] },
);

test('a name is spelt in three ways; its type lists them', () => {
  expect(glorot.names).toEqual(['glorot_uniform', 'glorotUniform', 'GlorotUniform', 'xavier']);
  const name: (typeof glorot.names)[number] = 'GlorotUniform';
  // @ts-expect-error -- no spelling of the name
  const other: (typeof glorot.names)[number] = 'glorotuniform';
  expect([registry.find(name), registry.find(other)]).toEqual([glorot, undefined]);
});

test('what has names is found by each of them, and by itself', () => {
  expect(registry.members).toEqual([glorot, zeros]);
  expect(registry.names).toEqual(['glorot_uniform', 'zeros']);
  for (const name of [...glorot.names, glorot]) {
    expect(registry.find(name)).toBe(glorot);
    expect(registry.get(name, place)).toBe(glorot);
  }
  expect(registry.get('zeros', place)()).toBe(2);
});

test('names that objects have anyway are none', () => {
  for (const name of ['toString', '__proto__', 'constructor', '', 'helper', 'SIZE']) {
    expect(registry.find(name)).toBeUndefined();
    expect(() => registry.get(name, place)).toThrow(KerasArgumentError);
  }
});

test.each([
  [
    'zeroes',
    "layerDense: `kernelInitializer` must be an initializer's name. Received: 'zeroes'. Did you mean 'zeros'?",
  ],
  ['zerosth', "Received: 'zerosth'. This library has no 'zeroth' yet. Use one of: "],
  ['zeroth', "This library has no 'zeroth' yet. Use one of: 'glorot_uniform', 'random', 'zeros'."],
  ['Glorot', "Received: 'Glorot'. Did you mean 'glorot_uniform'?"],
  ['randon', "Received: 'randon'. Did you mean 'random'?"],
  ['orthogonal', "Received: 'orthogonal'. Use one of: 'glorot_uniform', 'random', 'zeros'."],
  [7, "Received: 7. Use one of: 'glorot_uniform', 'random', 'zeros'."],
])('%p is refused', (wrong, message) => {
  expect(() => registry.get(wrong, place)).toThrow(message);
});

test('a name that two members have is a mistake of the family', () => {
  expect(() => registryOf('one', { zeros, other: withNames(() => 3, ['nil', 'zeros']) })).toThrow(
    "The name 'zeros' is given twice",
  );
});
