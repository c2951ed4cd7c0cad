// Compiles src/ to dist/, which is what the package holds.
const { chmodSync, copyFileSync, cpSync, mkdirSync, rmSync } = require('node:fs');
const { execFileSync } = require('node:child_process');
const path = require('node:path');

const root = path.resolve(__dirname, '..');
const dist = path.join(root, 'dist');
const { bin } = require('../package.json');

// First, since files of modules that are gone would be packed too.
rmSync(dist, { recursive: true, force: true });
let compiler;
try {
  compiler = require.resolve('typescript/bin/tsc');
} catch {
  // `npm pack` shows nothing of a failed build's own on some versions: this line is what it leaves.
  console.error('keras-pipe: the compiler is not installed. Run `npm ci` first, then `npm pack` again.');
  process.exit(1);
}
try {
  execFileSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  });
} catch {
  // tsc has said what is wrong, and must not leave half a package behind.
  rmSync(dist, { recursive: true, force: true });
  process.exit(1);
}
// An ES module as it is, for a thread of its own.
copyFileSync(path.join(root, 'src/files/hdf5/worker.mjs'), path.join(dist, 'files/hdf5/worker.mjs'));
// The programs of training jobs, which are copied into their folders.
for (const file of ['train.py', 'train_ray.py']) {
  const place = 'persistence/internal/training-job';
  copyFileSync(path.join(root, 'src', place, file), path.join(dist, place, file));
}
// For pictures as PNG, and its license.
for (const file of ['DejaVuSans.ttf', 'LICENSE']) {
  mkdirSync(path.join(dist, 'plots/font'), { recursive: true });
  copyFileSync(path.join(root, 'src/plots/font', file), path.join(dist, 'plots/font', file));
}
const { loadLate } = require('./late-rooms');
loadLate(dist);
const { joinModules } = require('./one-file');
joinModules(dist);
// The page on which a fit is watched, which is sent to browsers as it is.
cpSync(path.join(root, 'src/live/page'), path.join(dist, 'live/page'), { recursive: true });
const { nameExports } = require('./name-exports');
nameExports(path.join(dist, 'fp/index.js'), path.join(dist, 'fp/index.d.ts'));
for (const program of Object.values(bin)) chmodSync(path.join(root, program), 0o755);
