// Has Keras 2.13 and Keras 3, and TensorFlow, read what this library saves, and this library what Keras saves: see test/keras.
// KERAS_PYTHONS names interpreters that have them already. `--outputFile FILE` writes the counts as Jest does.
const { spawn } = require('node:child_process');
const { mkdirSync, mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { environment } = require('./python-environment');

const root = path.resolve(__dirname, '..');
const { values: options } = parseArgs({ options: { outputFile: { type: 'string' } } });
const pythons = process.env.KERAS_PYTHONS?.split(path.delimiter) ?? [
  environment('.venv-keras2', path.join(root, 'test/reference/requirements.txt')),
  environment('.venv-keras3', path.join(root, 'test/reference/keras3/requirements.txt')),
];
const folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-test-keras-'));
const counts = { numPassedTests: 0, numFailedTests: 0 };

/** Runs a program, whose lines `… N passed, N failed` count. One that ends otherwise than they say is a failure. */
const run = (command, args) =>
  new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.on('data', (chunk) => {
      said += chunk;
      process.stdout.write(chunk);
    });
    child.on('error', reject);
    child.on('close', (code) => {
      const found = [...said.matchAll(/(\d+) passed, (\d+) failed$/gm)];
      for (const [, passed, failed] of found) {
        counts.numPassedTests += Number(passed);
        counts.numFailedTests += Number(failed);
      }
      const wrong = found.reduce((total, [, , failed]) => total + Number(failed), 0);
      if (code !== 0 && wrong === 0) counts.numFailedTests++;
      console.log(
        `${path.basename(args.find((one) => one.startsWith(root)) ?? command)}: ${((performance.now() - began) / 1000).toFixed(0)} s`,
      );
      resolve(code);
    });
  });

const tsx = (program, ...args) =>
  run(process.execPath, [require.resolve('tsx/cli'), path.join(root, program), ...args]);

const main = async () => {
  const files = path.join(folder, 'files');
  const backs = pythons.map((_, index) => path.join(folder, `keras-${index + 1}`));
  for (const one of [files, ...backs]) mkdirSync(one);
  try {
    if ((await tsx('test/keras/write.ts', files)) !== 0) return;
    // Side by side: each has a processor's work.
    await Promise.all(
      pythons.map(async (python, index) => {
        // The later ones are compared with the first, Keras 2.13.
        const peer = index > 0 ? [backs[0]] : [];
        await run(python, [path.join(root, 'test/keras/check.py'), files, backs[index], ...peer]);
        await run(python, [path.join(root, 'test/keras/check_savedmodel.py'), files]);
      }),
    );
    await tsx('test/keras/read.ts', ...backs);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

main().then(() => {
  const { numPassedTests: passed, numFailedTests: failed } = counts;
  if (options.outputFile !== undefined) writeFileSync(options.outputFile, JSON.stringify(counts));
  console.log(`Keras: ${passed} passed, ${failed} failed`);
  process.exit(failed === 0 && passed > 0 ? 0 : 1);
});
