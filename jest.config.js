/** @type {import('jest').Config} */
module.exports = {
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
  testTimeout: 60000,
  // All processors: a test mostly waits for JavaScript, which has one.
  maxWorkers: '100%',
  // What V8 keeps of the files before makes each collection take longer, and some tests ask for many.
  workerIdleMemoryLimit: '700MB',
  // A worker that has done its last test and has nothing open takes half a second, on a busy machine more, to give its memory back. Jest
  // ends it after as much, and says that tests leave something open.
  workerGracefulExitTimeout: 10_000,
};
