// What the compiler says of a program that uses the package.
const { spawnSync } = require('node:child_process');
const { cpSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { consumer, env, expectThat, install } = require('./tools');

const MODES = [
  // Without `exports`: subpaths come from typesVersions.
  { file: 'main.cts', module: 'commonjs', moduleResolution: 'node10', esModuleInterop: true },
  { file: 'main.mts', module: 'node16', moduleResolution: 'node16' },
  { file: 'main.mts', module: 'nodenext', moduleResolution: 'nodenext' },
  { file: 'main.mts', module: 'esnext', moduleResolution: 'bundler' },
];

const errorsOf = (cwd, { file, ...options }) => {
  const strict = { target: 'es2022', strict: true, exactOptionalPropertyTypes: true, declaration: true };
  writeFileSync(
    path.join(cwd, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: { ...strict, ...options, noEmit: true, types: ['node'] },
      files: [file],
    }),
  );
  const tsc = require.resolve('typescript/bin/tsc');
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', '.'], { cwd, env, encoding: 'utf8' });
  return stdout.split('\n').filter((line) => /: error TS|^error TS/.test(line));
};

/** Nothing is wrong where `skipLibCheck` is on; where it is off, in tfjs's own declarations only, as README says. */
const proveTypes = (cwd) => {
  install(cwd, '@types/node@20');
  cpSync(path.join(consumer, 'main.mts'), path.join(cwd, 'main.mts'));
  cpSync(path.join(consumer, 'main.cts'), path.join(cwd, 'main.cts'));
  let foreign = 0;
  for (const mode of MODES) {
    const errors = errorsOf(cwd, { ...mode, skipLibCheck: true });
    expectThat(errors.length === 0, `${mode.moduleResolution}, skipLibCheck: ${errors.join('\n')}`);
    const checked = errorsOf(cwd, { ...mode, skipLibCheck: false });
    const own = checked.filter((line) => !line.startsWith('node_modules/@tensorflow/'));
    expectThat(own.length === 0, `${mode.moduleResolution}: ${own.join('\n')}`);
    foreign = checked.length;
  }
  return `without skipLibCheck ${foreign} errors, all in tfjs's declarations`;
};

module.exports = { proveTypes };
