const imported = (nodeModule: object): void => {
  jest.resetModules();
  jest.doMock('node:module', () => nodeModule);
  jest.requireActual('../../src/base/compile-cache');
};

const coverage = process.env['NODE_V8_COVERAGE'];
beforeEach(() => {
  delete process.env['NODE_V8_COVERAGE'];
});
afterAll(() => {
  if (coverage !== undefined) process.env['NODE_V8_COVERAGE'] = coverage;
});

test('is switched on where there is one', () => {
  const enableCompileCache = jest.fn();
  imported({ enableCompileCache });
  expect(enableCompileCache).toHaveBeenCalledTimes(1);
  expect(enableCompileCache).toHaveBeenCalledWith();
});

test('and nothing happens where there is none', () => {
  expect(() => imported({})).not.toThrow();
});

test('or where coverage is measured, which is less precise then', () => {
  process.env['NODE_V8_COVERAGE'] = '/tmp/coverage';
  const enableCompileCache = jest.fn();
  imported({ enableCompileCache });
  expect(enableCompileCache).not.toHaveBeenCalled();
});
