// The package, packed; installed by versions of npm, and by other package managers.
const { spawnSync } = require('node:child_process');
const { cpSync, readFileSync, readdirSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { consumer, env, expectThat, folder, install, npm, root, run } = require('./tools');

/** Packs the package; the place of the tarball. */
const pack = () => {
  const cwd = folder('tarball');
  run('npm', ['pack', '--pack-destination', cwd], root);
  const [tarball] = readdirSync(cwd);
  const listed = run('tar', ['-tzf', path.join(cwd, tarball)], cwd).split('\n');
  const missing = [
    'dist/index.js',
    'dist/index.d.ts',
    'dist/fp/index.js',
    'dist/setup/cli.js',
    'README.md',
    'package.json',
  ].filter((file) => !listed.includes(`package/${file}`));
  expectThat(missing.length === 0, `the tarball lacks ${missing.join(', ')}`);
  const stray = listed.filter((file) => /\.test\.|^package\/(src|test|node_modules|native)\//.test(file));
  expectThat(stray.length === 0, `the tarball has ${stray.join(', ')}`);
  return path.join(cwd, tarball);
};

/** Trains with require() and with import. */
const train = (node, cwd, more = []) => {
  for (const program of ['train.cjs', 'train.mjs']) {
    cpSync(path.join(consumer, program), path.join(cwd, program));
    run(node, [...more, program], cwd);
  }
};

/** Without TensorFlow's C library, the first import says what to do. */
const proveAdvice = (node, cwd) => {
  const { status, stderr } = spawnSync(node, ['-e', "require('keras-pipe')"], { cwd, env, encoding: 'utf8' });
  if (status === 0) return 'TensorFlow came with the installation';
  expectThat(stderr.includes('npx keras-pipe setup'), `the error names no command: ${stderr}`);
  return 'advice seen';
};

const proveNpm = (major, node, scripts, tarball) => {
  const cwd = folder(`project-npm-${major}-scripts-${scripts}`);
  // npm 12 runs no scripts unless it is told to.
  const on = major >= 12 ? ['--dangerously-allow-all-scripts'] : [];
  npm(major, node, cwd, 'install', tarball, ...(scripts === 'on' ? on : ['--ignore-scripts']));
  const advice = proveAdvice(node, cwd);
  npm(major, node, cwd, 'exec', '--offline', '--', 'keras-pipe', 'setup');
  train(node, cwd);
  return advice;
};

/** An empty project with a package manager of an exact version beside it: the project, and how to run the manager. */
const withManager = (name, version, program) => {
  const tool = folder(`${name.replaceAll('/', '-')}-${version}`);
  install(tool, `${name}@${version}`);
  const file = path.join(tool, 'node_modules', '.bin', program);
  return (cwd, ...parameters) => run(file, parameters, cwd);
};

const emptyProject = (name) => {
  const cwd = folder(name);
  writeFileSync(
    path.join(cwd, 'package.json'),
    '{ "name": "project", "version": "1.0.0", "license": "MIT" }',
  );
  return cwd;
};

const provePnpm = (tarball) => {
  const pnpm = withManager('pnpm', '12.21.0', 'pnpm');
  const cwd = emptyProject('project-pnpm');
  pnpm(cwd, 'add', '--ignore-scripts', tarball);
  pnpm(cwd, 'exec', 'keras-pipe', 'setup');
  train(process.execPath, cwd);
};

const proveYarnClassic = (tarball) => {
  const yarn = withManager('yarn', '1.22.22', 'yarn');
  const cwd = emptyProject('project-yarn-1');
  yarn(cwd, 'add', '--silent', tarball);
  yarn(cwd, 'run', 'keras-pipe', 'setup');
  train(process.execPath, cwd);
};

const yarnOf = () => withManager('@yarnpkg/cli-dist', '4.18.1', 'yarn');

const yarnProject = (name, settings) => {
  const cwd = emptyProject(name);
  writeFileSync(path.join(cwd, 'yarn.lock'), '');
  writeFileSync(
    path.join(cwd, '.yarnrc.yml'),
    `enableTelemetry: false\nenableImmutableInstalls: false\n${settings}`,
  );
  return cwd;
};

const proveYarn = (tarball) => {
  const yarn = yarnOf();
  const cwd = yarnProject('project-yarn-4', 'nodeLinker: node-modules\n');
  yarn(cwd, 'add', tarball);
  yarn(cwd, 'exec', 'keras-pipe', 'setup');
  train(process.execPath, cwd);
};

/** What README says that a Plug'n'Play project needs: packages that tfjs requires and does not declare. */
const EXTENSIONS = `packageExtensions:
  '@tensorflow/tfjs@*':
    dependencies:
      long: '*'
  '@tensorflow/tfjs-node@*':
    dependencies:
      '@tensorflow/tfjs-core': '*'
`;

const provePlugAndPlay = (tarball) => {
  const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
  expectThat(
    readme.includes(EXTENSIONS.replaceAll(/^(?=.)/gm, '  ')),
    'README does not show the extensions that are proved here',
  );
  const yarn = yarnOf();
  const cwd = yarnProject('project-yarn-pnp', `nodeLinker: pnp\n${EXTENSIONS}`);
  yarn(cwd, 'add', tarball);
  yarn(cwd, 'exec', 'keras-pipe', 'setup');
  for (const program of ['train.cjs', 'train.mjs']) {
    cpSync(path.join(consumer, program), path.join(cwd, program));
    yarn(cwd, 'node', program);
  }
};

module.exports = { pack, proveNpm, provePnpm, provePlugAndPlay, proveYarn, proveYarnClassic, train };
