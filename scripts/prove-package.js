// Proves that the package works where it is installed: packs it, installs the tarball into empty folders with several
// versions of npm, install scripts off and on, and trains with several versions of Node.js.
const { execFileSync, spawnSync } = require('node:child_process');
const {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');

const root = path.resolve(__dirname, '..');
const consumer = path.join(__dirname, 'consumer');
const work = mkdtempSync(path.join(tmpdir(), 'keras-pipe-package-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

// The settings of an npm that runs this are not those of a user.
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name) && name !== 'NODE_OPTIONS'),
);

let failures = 0;
const start = Date.now();
const check = (what, proof) => {
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
    timeout: 300_000,
    maxBuffer: 64 * 2 ** 20,
  }).trim();

// npm itself, as the running Node.js has it, to fetch the other versions with.
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

const train = (node, cwd) => {
  for (const program of ['train.cjs', 'train.mjs']) {
    cpSync(path.join(consumer, program), path.join(cwd, program));
    run(node, [program], cwd);
  }
};

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
  if (missing.length > 0) throw new Error(`the tarball lacks ${missing.join(', ')}`);
  const stray = listed.filter((file) => /\.test\.|^package\/(src|test|node_modules|native)\//.test(file));
  if (stray.length > 0) throw new Error(`the tarball has ${stray.join(', ')}`);
  return path.join('..', 'tarball', tarball);
};

/** Without TensorFlow's C library, the first import says what to do. */
const proveAdvice = (node, cwd) => {
  const { status, stderr } = spawnSync(node, ['-e', "require('keras-pipe')"], { cwd, env, encoding: 'utf8' });
  if (status === 0) return 'TensorFlow came with the installation';
  if (!stderr.includes('npx keras-pipe setup')) throw new Error(`the error names no command: ${stderr}`);
  return 'advice seen';
};

const proveInstall = (major, node, scripts, tarball) => {
  const cwd = folder(`project-npm-${major}-scripts-${scripts}`);
  // npm 12 runs no scripts unless it is told to.
  const on = major >= 12 ? ['--dangerously-allow-all-scripts'] : [];
  npm(major, node, cwd, 'install', tarball, ...(scripts === 'on' ? on : ['--ignore-scripts']));
  const advice = proveAdvice(node, cwd);
  npm(major, node, cwd, 'exec', '--offline', '--', 'keras-pipe', 'setup');
  train(node, cwd);
  return advice;
};

/** The compiler's errors but those in tfjs's own declarations, which do not pass with `skipLibCheck` off. */
const typeErrors = (cwd, options) => {
  writeFileSync(
    path.join(cwd, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { ...options, noEmit: true, types: ['node'] }, files: ['main.mts'] }),
  );
  const tsc = require.resolve('typescript/bin/tsc');
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', '.'], { cwd, env, encoding: 'utf8' });
  const errors = stdout.split('\n').filter((line) => /: error TS|^error TS/.test(line));
  return errors.filter((line) => !line.startsWith('node_modules/@tensorflow/'));
};

const proveTypes = (cwd) => {
  install(cwd, '@types/node@20');
  cpSync(path.join(consumer, 'main.mts'), path.join(cwd, 'main.mts'));
  for (const [module, moduleResolution] of [
    ['node16', 'node16'],
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ]) {
    const strict = { target: 'es2022', strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false };
    const errors = typeErrors(cwd, { ...strict, module, moduleResolution });
    if (errors.length > 0) throw new Error(errors.join('\n'));
  }
};

let tarball;
check('npm pack', () => {
  tarball = pack();
});
if (tarball !== undefined) {
  const current = process.versions.node.split('.')[0];
  // npm 12 needs Node.js 22.
  const versions = [
    [10, current],
    [11, current],
    [12, current < 22 ? '22' : current],
  ];
  for (const [major, node] of versions) {
    for (const scripts of ['off', 'on']) {
      check(`npm ${major}, install scripts ${scripts}, Node.js ${node}`, () =>
        proveInstall(major, nodeOf(node), scripts, tarball),
      );
    }
  }
  const project = path.join(work, 'project-npm-11-scripts-off');
  for (const major of ['20', '22', '24', '26']) {
    check(`training on Node.js ${major}`, () => train(nodeOf(major), project));
  }
  check('types for node16, nodenext and bundler', () => proveTypes(project));
}
console.log(
  `  ${failures === 0 ? 'The package works' : `${failures} proofs failed`}, ${Math.round((Date.now() - start) / 1000)} s.`,
);
process.exitCode = failures === 0 ? 0 : 1;
