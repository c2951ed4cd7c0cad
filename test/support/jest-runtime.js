/**
 * Jest's runtime, which compiles a module once for all test files of a worker. Jest's own compiles the library and tfjs anew for each of
 * them, in a context of its own each; what V8 has compiled can be run in any context.
 */
const vm = require('node:vm');
const { default: JestRuntime } = require('jest-runtime');

/** What was made of files, by their names, with the text that it was made of. */
const scripts = new Map();

const scriptOf = (parameters, code, filename) => {
  const known = scripts.get(filename);
  if (known?.code === code) return known.script;
  const head = `(function (${parameters.join(', ')}) {`;
  // The columns of the first line are the file's.
  const script = new vm.Script(`${head}${code}\n})`, { filename, columnOffset: -head.length });
  scripts.set(filename, { code, script });
  return script;
};

module.exports = class Runtime extends JestRuntime {
  constructor(...parameters) {
    super(...parameters);
    const { executor, _environment: environment, _testPath: testFile } = this;
    if (typeof executor?.compile !== 'function')
      throw new Error(
        'This version of Jest compiles modules in another way: see test/support/jest-runtime.js',
      );
    const compile = executor.compile.bind(executor);
    executor.compile = (code, filename) => {
      const context = environment.getVmContext();
      // A test file is run once. Of code with a mistake Jest says more than V8 does.
      if (context === null || filename === testFile) return compile(code, filename);
      try {
        return scriptOf(executor.injectedModuleParameters, code, filename).runInContext(context);
      } catch {
        return compile(code, filename);
      }
    };
  }

  // The compiler has no state, and is quicker where its globals are Node's own.
  requireModuleOrMock(from, name) {
    return name === 'typescript' ? require('typescript') : super.requireModuleOrMock(from, name);
  }
};
