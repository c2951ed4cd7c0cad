// Checks that Keras takes the configurations of this library's layers: see test/reference/from-config.
const { execFileSync } = require('node:child_process');
const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');

const root = path.resolve(__dirname, '..');
const windows = process.platform === 'win32';
// That of `npm run reference`, or another one that has its requirements.
const python =
  process.env.KERAS_PYTHON ?? path.join(root, '.venv-keras2', windows ? 'Scripts/python.exe' : 'bin/python');
const folder = mkdtempSync(path.join(tmpdir(), 'keras-configs-'));
const run = (command, args, environment) =>
  execFileSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...environment } });

try {
  run(process.execPath, [require.resolve('jest/bin/jest'), 'test/layers/reference'], {
    KERAS_PIPE_CONFIGS: folder,
  });
  run(python, [path.join(root, 'test/reference/from-config/check.py'), folder], {
    TF_CPP_MIN_LOG_LEVEL: '3',
  });
} finally {
  rmSync(folder, { recursive: true });
}
