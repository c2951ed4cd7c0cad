// Writes the reference values in test/reference/: see the README there.
const { execFileSync } = require('node:child_process');
const { existsSync, readdirSync, readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '..');
const folder = path.join(root, 'test/reference');
const environment = path.join(root, '.venv-keras2');
const windows = process.platform === 'win32';
const python = path.join(environment, windows ? 'Scripts/python.exe' : 'bin/python');
const requirements = path.join(folder, 'requirements.txt');
const stamp = path.join(environment, 'requirements.txt');

const run = (command, args, options = {}) =>
  execFileSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], ...options });

const wanted = readFileSync(requirements, 'utf8');
// The copy is written last: without it the environment is not complete.
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  const interpreter = process.env.PYTHON ?? (windows ? 'python' : 'python3');
  run(interpreter, ['-m', 'venv', '--clear', environment]);
  run(python, ['-m', 'pip', 'install', '--quiet', '--requirement', requirements]);
  writeFileSync(stamp, wanted);
}

const all = readdirSync(folder)
  .filter((file) => file.endsWith('.py'))
  .map((file) => path.basename(file, '.py'));
const names = process.argv.slice(2);
const unknown = names.find((name) => !all.includes(name));
if (unknown !== undefined) {
  console.error(`reference: there is no generator '${unknown}'. There are: ${all.join(', ')}`);
  process.exit(1);
}
for (const name of names.length === 0 ? all : names) {
  const output = run(python, [path.join(folder, `${name}.py`)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3', CUDA_VISIBLE_DEVICES: '', PYTHONHASHSEED: '0' },
  });
  JSON.parse(output);
  writeFileSync(path.join(folder, `${name}.json`), output);
  console.log(`${name}.json: ${output.length} characters`);
}
