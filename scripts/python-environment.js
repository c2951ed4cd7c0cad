// Virtual environments of Python's with pinned packages, in folders that git ignores.
const { execFileSync } = require('node:child_process');
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '..');
const windows = process.platform === 'win32';

/** The interpreter of an environment. */
const pythonOf = (name) => path.join(root, name, windows ? 'Scripts/python.exe' : 'bin/python');

/** Makes an environment if it is not there as the requirements say: `pipOptions` go to pip. Gives its interpreter. */
const environment = (name, requirements, pipOptions = []) => {
  const folder = path.join(root, name);
  const stamp = path.join(folder, 'requirements.txt');
  const python = pythonOf(name);
  const wanted = readFileSync(requirements, 'utf8');
  // The copy is written last: without it the environment is not complete.
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return python;
  const run = (command, args) =>
    execFileSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  run(process.env.PYTHON ?? (windows ? 'python' : 'python3'), ['-m', 'venv', '--clear', folder]);
  run(python, ['-m', 'pip', 'install', '--quiet', ...pipOptions, '--requirement', requirements]);
  writeFileSync(stamp, wanted);
  return python;
};

module.exports = { environment, pythonOf };
