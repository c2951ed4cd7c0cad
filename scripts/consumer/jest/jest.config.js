module.exports = {
  testEnvironment: 'keras-pipe/jest-environment',
  setupFilesAfterEnv: ['keras-pipe/matchers/jest'],
  testMatch: ['<rootDir>/package.test.js'],
};
