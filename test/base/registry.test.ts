import { KerasArgumentError } from '../../src/index';
import { canonicalName, nameIn } from '../../src/base/registry';

const TABLE = { glorot_uniform: ['glorotUniform', 'xavier'], zeros: [] } as const;
const place = { function: 'layerDense', argument: 'kernelInitializer' };

test('every spelling leads to the canonical name', () => {
  const check = nameIn("an initializer's name", TABLE);
  for (const name of ['glorot_uniform', 'glorotUniform', 'xavier']) {
    expect(check(name, place)).toBe('glorot_uniform');
    expect(canonicalName(TABLE, name)).toBe('glorot_uniform');
  }
  expect(check('zeros', place)).toBe('zeros');
});

test('names that objects have anyway are none', () => {
  for (const name of ['toString', '__proto__', 'constructor', '']) {
    expect(canonicalName(TABLE, name)).toBeUndefined();
    expect(() => nameIn('a name', TABLE)(name, place)).toThrow(KerasArgumentError);
  }
});

test.each([
  [
    'zeroes',
    "layerDense: `kernelInitializer` must be an initializer's name. Received: 'zeroes'. Did you mean 'zeros'?",
  ],
  ['orthogonal', "Received: 'orthogonal'. Use one of: 'glorot_uniform', 'zeros'."],
  [7, "Received: 7. Use one of: 'glorot_uniform', 'zeros'."],
])('%p is refused', (wrong, message) => {
  expect(() => nameIn("an initializer's name", TABLE)(wrong, place)).toThrow(message);
});
