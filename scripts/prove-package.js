// Proves that the package works where it is installed: packs it, installs the tarball into empty folders with several
// package managers, install scripts off and on, trains with several versions of Node.js, and does there what users do:
// types, tests in Vitest and Jest, worker threads, bundles.
const { cpSync } = require('node:fs');
const path = require('node:path');
const { proveBundles } = require('./prove/bundles');
const {
  pack,
  proveNpm,
  provePlugAndPlay,
  provePnpm,
  proveYarn,
  proveYarnClassic,
  train,
} = require('./prove/install');
const { proveJest, proveVitest } = require('./prove/test-runners');
const { check, consumer, failed, folder, nodeOf, npm, pinned, run, seconds } = require('./prove/tools');
const { proveTypes } = require('./prove/types');

const MAJORS = ['20', '22', '24', '26'];

/** With each npm, install scripts off and on. npm 12 needs Node.js 22. */
const proveInstallations = (tarball) => {
  const current = process.versions.node.split('.')[0];
  const versions = [
    [10, current],
    [11, current],
    [12, current < 22 ? '22' : current],
  ];
  for (const [major, node] of versions) {
    for (const scripts of ['off', 'on']) {
      check(`npm ${major}, install scripts ${scripts}, Node.js ${node}`, () =>
        proveNpm(major, nodeOf(node), scripts, tarball),
      );
    }
  }
  check('pnpm', () => provePnpm(tarball));
  check('Yarn 1', () => proveYarnClassic(tarball));
  check('Yarn 4, node_modules', () => proveYarn(tarball));
  check("Yarn 4, Plug'n'Play", () => provePlugAndPlay(tarball));
};

/** A project with the package in it and TensorFlow in place. */
const project = (name, tarball) => {
  const cwd = folder(name);
  npm(11, process.execPath, cwd, 'install', tarball, '--ignore-scripts');
  npm(11, process.execPath, cwd, 'exec', '--offline', '--', 'keras-pipe', 'setup');
  return cwd;
};

const proveThreads = (node, cwd) => {
  cpSync(path.join(consumer, 'threads.mjs'), path.join(cwd, 'threads.mjs'));
  run(node, ['threads.mjs'], cwd);
};

const proveUse = (tarball) => {
  const cwd = project('project', tarball);
  for (const major of MAJORS) {
    check(`training on Node.js ${major}`, () => train(nodeOf(major), cwd));
    check(`worker threads, one after the other, on Node.js ${major}`, () => proveThreads(nodeOf(major), cwd));
  }
  check('types for node10, node16, nodenext and bundler', () => proveTypes(cwd));
  check('bundles of esbuild', () => proveBundles(cwd));
  const tests = project('project-jest', tarball);
  for (const major of MAJORS) check(`Jest on Node.js ${major}`, () => proveJest(tests, nodeOf(major)));
  const vitest = [
    [pinned('vitest'), '20', ['threads', 'forks', 'vmThreads', 'vmForks']],
    // The newest one, which needs Node.js 22. In contexts of their own it reports trainings that a test leaves behind.
    ['vitest@5.1.1', '24', ['threads', 'forks']],
  ];
  for (const [version, major, pools] of vitest) {
    const name = version.replace('@', '-');
    check(`${version} on Node.js ${major}, ${pools.join(', ')}`, () =>
      proveVitest(project(`project-${name}`, tarball), version, nodeOf(major), pools),
    );
  }
};

let tarball;
check('npm pack', () => {
  tarball = pack();
});
if (tarball !== undefined) {
  proveInstallations(tarball);
  proveUse(tarball);
}
console.log(`  ${failed() === 0 ? 'The package works' : `${failed()} proofs failed`}, ${seconds()} s.`);
process.exitCode = failed() === 0 ? 0 : 1;
