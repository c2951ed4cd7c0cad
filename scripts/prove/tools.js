// What the proofs of the package share: folders, programs, versions of Node.js and npm, and the count of what failed.
const { execFileSync } = require('node:child_process');
const { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');

const root = path.resolve(__dirname, '..', '..');
const consumer = path.join(root, 'scripts', 'consumer');
const work = mkdtempSync(path.join(tmpdir(), 'keras-pipe-package-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

// The settings of an npm that runs this are not those of a user.
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name) && name !== 'NODE_OPTIONS'),
);

const [chosen] = process.argv.slice(2);
const start = Date.now();
const seconds = () => Math.round((Date.now() - start) / 1000);
let failures = 0;
const failed = () => failures;

/** Carries out a proof, and says how it went. A pattern on the command line chooses those proofs whose names match it. */
const check = (what, proof) => {
  if (chosen !== undefined && what !== 'npm pack' && !new RegExp(chosen).test(what)) return;
  try {
    const note = proof();
    console.log(`  ok  ${what}${note ? ` (${note})` : ''}`);
  } catch (error) {
    failures += 1;
    const said = [error.message, error.stdout, error.stderr].filter(Boolean).join('\n');
    console.log(`  NOT ${what}\n${said.slice(0, 4000)}`);
  }
};

const folder = (name) => {
  const made = path.join(work, name);
  mkdirSync(made, { recursive: true });
  return made;
};

const run = (file, parameters, cwd, more = {}) =>
  execFileSync(file, parameters, {
    cwd,
    env: { ...env, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    timeout: 600_000,
    // A program that waits for a registry need not listen to SIGTERM.
    killSignal: 'SIGKILL',
    maxBuffer: 64 * 2 ** 20,
  }).trim();

// npm itself, as the running Node.js has it, to fetch other packages with.
const install = (cwd, ...packages) =>
  run(
    'npm',
    ['install', '--no-audit', '--no-fund', '--no-save', '--ignore-scripts', '--prefix', '.', ...packages],
    cwd,
  );

/** Node.js of a major version: the running one, or one from npm. */
const nodeOf = (major) => {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const cwd = folder(`node-${major}`);
  const name = `node-${process.platform}-${process.arch}`;
  const program = path.join(cwd, 'node_modules', name, 'bin', 'node');
  if (!existsSync(program)) install(cwd, `${name}@${major}`);
  return program;
};

const npmOf = (major) => {
  const cwd = folder(`npm-${major}`);
  const manifest = path.join(cwd, 'node_modules', 'npm', 'package.json');
  if (!existsSync(manifest)) install(cwd, `npm@${major}`);
  const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
  return { version, cli: path.join(path.dirname(manifest), 'bin', 'npm-cli.js') };
};

const inPath = (node) => ({ PATH: `${path.dirname(node)}${path.delimiter}${env.PATH ?? ''}` });

/** Runs npm of a version in a project, on a Node.js of a version. */
const npm = (major, node, cwd, ...parameters) =>
  run(node, [npmOf(major).cli, ...parameters], cwd, inPath(node));

/** The version of a package that this repository works with. */
const pinned = (name) => {
  const { dependencies, devDependencies } = require('../../package.json');
  return `${name}@${dependencies[name] ?? devDependencies[name]}`;
};

const expectThat = (holds, message) => {
  if (!holds) throw new Error(message);
};

module.exports = {
  root,
  consumer,
  env,
  seconds,
  failed,
  check,
  folder,
  run,
  install,
  nodeOf,
  inPath,
  npm,
  pinned,
  expectThat,
};
