// Virtual environments of Python's with pinned packages, in folders that git ignores.
const { execFileSync, spawnSync } = require('node:child_process');
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '..');
const windows = process.platform === 'win32';

/** The interpreter of an environment. */
const pythonOf = (name) => path.join(root, name, windows ? 'Scripts/python.exe' : 'bin/python');

/** What pip says where there is no network. */
const UNREACHABLE =
  /NewConnectionError|ConnectTimeout|NameResolutionError|ProxyError|SSLError|Read ?timed? ?out|Connection (refused|reset)/i;

/** Runs pip, and says so where it cannot reach the index: that is no fault of what is tested. */
const install = (python, args) => {
  const { status, stderr } = spawnSync(python, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'pipe'],
    encoding: 'utf8',
  });
  process.stderr.write(stderr ?? '');
  if (status === 0) return;
  throw new Error(UNREACHABLE.test(stderr ?? '') ? 'pip cannot reach the index' : `pip ended with ${status}`);
};

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
  install(python, ['-m', 'pip', 'install', '--quiet', ...pipOptions, '--requirement', requirements]);
  writeFileSync(stamp, wanted);
  return python;
};

module.exports = { environment, pythonOf };
