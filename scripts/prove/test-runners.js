// Tests of a user's own, in Vitest and in Jest, with the matchers of the package.
const { cpSync, readFileSync } = require('node:fs');
const path = require('node:path');
const { consumer, expectThat, inPath, install, pinned, run } = require('./tools');

/** Pools of Vitest, each file in a context of its own and all in one; each runs, and runs again as after a change. */
const proveVitest = (cwd, version, node, pools) => {
  install(cwd, version, pinned('typescript'));
  cpSync(path.join(consumer, 'vitest'), cwd, { recursive: true });
  cpSync(path.join(cwd, 'first.test.mts'), path.join(cwd, 'second.test.mts'));
  const report = path.join(cwd, 'runs.json');
  run(node, ['run.mjs', report, ...pools], cwd, inPath(node));
  const runs = JSON.parse(readFileSync(report, 'utf8'));
  const wrong = runs.filter(({ passed, failed, errors }) => passed !== 12 || failed > 0 || errors.length > 0);
  expectThat(wrong.length === 0, JSON.stringify(wrong, undefined, 1));
  expectThat(runs.length === 6 * pools.length, `${runs.length} runs`);
  return `${runs.length} runs`;
};

const proveJest = (cwd, node) => {
  install(cwd, pinned('jest'));
  cpSync(path.join(consumer, 'jest'), cwd, { recursive: true });
  const report = path.join(cwd, 'jest.json');
  const jest = path.join(cwd, 'node_modules', 'jest', 'bin', 'jest.js');
  run(node, [jest, '--json', `--outputFile=${report}`], cwd);
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8'));
  expectThat(
    numPassedTests === 8 && numFailedTests === 0,
    `${numPassedTests} passed, ${numFailedTests} failed`,
  );
};

module.exports = { proveJest, proveVitest };
