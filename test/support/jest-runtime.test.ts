import vm from 'node:vm';
import type * as Shapes from '../../src/base/shapes';

const loadAgain = (): typeof Shapes => {
  let loaded: typeof Shapes | undefined;
  jest.isolateModules(() => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- in a registry of its own
    loaded = require('../../src/base/shapes') as typeof Shapes;
  });
  return loaded as typeof Shapes; // it was loaded above
};

test('a module that is loaded again is another one, and not compiled again', () => {
  const first = loadAgain();
  const compilers = [jest.spyOn(vm, 'Script'), jest.spyOn(vm, 'compileFunction')];
  const second = loadAgain();
  for (const compiler of compilers) {
    expect(compiler).not.toHaveBeenCalled();
    compiler.mockRestore();
  }
  expect(second.sizeOf).not.toBe(first.sizeOf);
  expect([first.sizeOf([2, 3]), second.sizeOf([2, 3])]).toEqual([6, 6]);
});

test('it is run in the context of the test file', () => {
  expect(Object.getPrototypeOf(loadAgain().sizeOf)).toBe(Function.prototype);
});
