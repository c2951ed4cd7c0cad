// Writes the reference values in test/reference/: see the README there.
const { execFileSync } = require('node:child_process');
const { existsSync, readdirSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { environment } = require('./python-environment');

const root = path.resolve(__dirname, '..');
/** A folder of generators, which run in an environment of their own with what its requirements.txt names. */
const group = (folder, name) => ({
  folder: path.join(root, folder),
  environment: name,
  names: readdirSync(path.join(root, folder))
    .filter((file) => file.endsWith('.py'))
    .map((file) => path.basename(file, '.py')),
});

/** The interpreter of a group's environment. */
const interpreterOf = ({ folder, environment: name }) =>
  environment(name, path.join(folder, 'requirements.txt'));

// The folder of each generator is part of its name: `metrics`, `keras3/metrics`.
const groups = {
  '': group('test/reference', '.venv-keras2'),
  'keras3/': group('test/reference/keras3', '.venv-keras3'),
};
const all = Object.entries(groups).flatMap(([prefix, { names }]) => names.map((name) => `${prefix}${name}`));
const names = process.argv.slice(2);
const unknown = names.find((name) => !all.includes(name));
if (unknown !== undefined) {
  console.error(`reference: there is no generator '${unknown}'. There are: ${all.join(', ')}`);
  process.exit(1);
}
for (const name of names.length === 0 ? all : names) {
  const { dir, base } = path.parse(name);
  const chosen = groups[dir === '' ? '' : `${dir}/`];
  const output = execFileSync(interpreterOf(chosen), [path.join(chosen.folder, `${base}.py`)], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3', CUDA_VISIBLE_DEVICES: '', PYTHONHASHSEED: '0' },
  });
  const values = JSON.parse(output);
  // A generator with a folder of its name has a file for each group of its values.
  const files = existsSync(path.join(chosen.folder, base))
    ? Object.entries(values).map(([part, ofPart]) => [`${base}/${part}.json`, `${JSON.stringify(ofPart)}\n`])
    : [[`${base}.json`, output]];
  for (const [file, text] of files) {
    writeFileSync(path.join(chosen.folder, file), text);
    console.log(`${path.join(dir, file)}: ${text.length} characters`);
  }
}
