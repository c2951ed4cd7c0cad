// Has Keras 2.13 and Keras 3, and TensorFlow, read what this library saves, and reads what Keras 3 saves: see test/keras. KERAS_PYTHONS names
// interpreters that have them already.
const { execFileSync } = require('node:child_process');
const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { environment } = require('./python-environment');

const root = path.resolve(__dirname, '..');
const pythons = process.env.KERAS_PYTHONS?.split(path.delimiter) ?? [
  environment('.venv-keras2', path.join(root, 'test/reference/requirements.txt')),
  environment('.venv-keras3', path.join(root, 'test/reference/keras3/requirements.txt')),
];
const folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-test-keras-'));
const run = (command, args) => execFileSync(command, args, { cwd: root, stdio: 'inherit' });
let wrong = 0;
try {
  run(process.execPath, [require.resolve('tsx/cli'), path.join(root, 'test/keras/write.ts'), folder]);
  for (const python of pythons) {
    for (const program of ['check.py', 'check_savedmodel.py']) {
      try {
        run(python, [path.join(root, 'test/keras', program), folder]);
      } catch {
        wrong++;
      }
    }
  }
  // What Keras 3 has saved of what it read.
  try {
    run(process.execPath, [require.resolve('tsx/cli'), path.join(root, 'test/keras/read.ts'), folder]);
  } catch {
    wrong++;
  }
} finally {
  rmSync(folder, { recursive: true });
}
process.exit(wrong === 0 ? 0 : 1);
