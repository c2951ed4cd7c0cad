// Has ONNX's own checker look at what this library exports: see test/onnx. ONNX_PYTHON names an interpreter that has it already.
const { execFileSync } = require('node:child_process');
const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { environment } = require('./python-environment');

const root = path.resolve(__dirname, '..');
const python =
  process.env.ONNX_PYTHON ?? environment('.venv-onnx', path.join(root, 'test/onnx/requirements.txt'));
const folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-test-onnx-'));
const run = (command, args) => execFileSync(command, args, { cwd: root, stdio: 'inherit' });
try {
  run(process.execPath, [require.resolve('tsx/cli'), path.join(root, 'test/onnx/write.ts'), folder]);
  run(python, [path.join(root, 'test/onnx/check.py'), folder]);
} catch {
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}
