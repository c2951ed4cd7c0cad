/**
 * What modules get by these names from whoever loads them. Each look at a global costs much more in a context of Jest's than in Node's own.
 * Nothing is among them that a test puts something else in the place of, as false timers do.
 */
const GLOBALS = [
  ...['Array', 'Boolean', 'Error', 'JSON', 'Map', 'Math', 'Number', 'Object', 'Promise', 'Proxy', 'Reflect'],
  ...['RegExp', 'Set', 'String', 'Symbol', 'TypeError', 'WeakMap', 'WeakRef', 'WeakSet', 'isNaN', 'parseInt'],
  ...['ArrayBuffer', 'DataView', 'Float32Array', 'Float64Array', 'Int32Array', 'Uint8Array', 'Infinity'],
];

/** @type {import('jest').Config} */
module.exports = {
  sandboxInjectedGlobals: GLOBALS,
  testEnvironment: '<rootDir>/src/jest-environment.ts',
  // tfjs keeps its engine on the global object, where Jest would clear it away with a warning.
  testEnvironmentOptions: { globalsCleanup: 'off' },
  runtime: '<rootDir>/test/support/jest-runtime.js',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  moduleNameMapper: {
    '^keras-pipe$': '<rootDir>/src/index.ts',
    '^keras-pipe/fp$': '<rootDir>/src/fp/index.ts',
    '^keras-pipe/matchers$': '<rootDir>/src/matchers/index.ts',
    '^keras-pipe/matchers/jest$': '<rootDir>/src/matchers/jest.ts',
  },
  // None takes a minute alone. A machine may have other things to do.
  testTimeout: 240_000,
  // All processors: a test mostly waits for JavaScript, which has one.
  maxWorkers: '100%',
  // What V8 keeps of the files before makes each collection take longer, and some tests ask for many.
  workerIdleMemoryLimit: '700MB',
  // A worker that has done its last test and has nothing open takes half a second, on a busy machine more, to give its memory back. Jest
  // ends it after as much, and says that tests leave something open.
  workerGracefulExitTimeout: 10_000,
};
