// Has Keras 2.13 and Keras 3, and their TensorFlows, read what this library saves, and this library what Keras saves; and TensorBoard what
// callbackTensorboard writes: see test/keras.
// Arguments are names of models, which alone are taken then. KERAS_PYTHONS names interpreters that have them already. `--outputFile FILE` writes the counts as Jest does. Where there is no Python for
// it, or pip cannot reach its index, the last line says so, and the exit code is 75.
const { spawn } = require('node:child_process');
const { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { environmentBeside, Unavailable, UNAVAILABLE } = require('./python-environment');

/** Nothing that was asked for takes longer, in milliseconds: a program that hangs is a failure. */
const MAX_TIME = 40 * 60_000;

const root = path.resolve(__dirname, '..');
const { values: options, positionals: names } = parseArgs({
  options: { outputFile: { type: 'string' } },
  allowPositionals: true,
});
const counts = { numPassedTests: 0, numFailedTests: 0 };

const seconds = (began) => ((performance.now() - began) / 1000).toFixed(0);

/** The environments of Keras 2.13 and Keras 3. */
const ENVIRONMENTS = [
  ['.venv-keras2', 'test/reference/requirements.txt'],
  ['.venv-test-keras3', 'test/keras/requirements.txt'],
];

/** The interpreters with Keras 2.13 and Keras 3. */
const pythons = async () => {
  const given = process.env.KERAS_PYTHONS?.split(path.delimiter);
  if (given !== undefined) return given;
  const began = performance.now();
  const made = await Promise.allSettled(
    ENVIRONMENTS.map(([name, requirements]) =>
      // Keras 2.13's TensorFlow has wheels for these versions, and the newest one needs them.
      environmentBeside(name, path.join(root, requirements), 310, 311),
    ),
  );
  console.log(`Environments: ${seconds(began)} s`);
  const wrong = made.find(({ status }) => status === 'rejected');
  if (wrong !== undefined) throw wrong.reason;
  return made.map(({ value }) => value);
};

/** Runs a program, whose lines `… N passed, N failed` count. One that ends otherwise than they say is a failure. */
const run = (command, args) =>
  new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: MAX_TIME,
    });
    let said = '';
    child.stdout.on('data', (chunk) => {
      said += chunk;
      process.stdout.write(chunk);
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const found = [...said.matchAll(/(\d+) passed, (\d+) failed$/gm)];
      for (const [, passed, failed] of found) {
        counts.numPassedTests += Number(passed);
        counts.numFailedTests += Number(failed);
      }
      const wrong = found.reduce((total, [, , failed]) => total + Number(failed), 0);
      if (code !== 0 && wrong === 0) counts.numFailedTests++;
      const program = path.basename(args.find((one) => one.startsWith(root)) ?? command);
      console.log(`${program}: ${seconds(began)} s${code === 0 ? '' : `, ended with ${signal ?? code}`}`);
      resolve(code);
    });
  });

const tsx = (program, ...args) =>
  run(process.execPath, [require.resolve('tsx/cli'), path.join(root, program), ...args]);

/** How many processes write, side by side. */
const WRITERS = 2;

const test = async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-test-keras-'));
  const files = path.join(folder, 'files');
  const boards = path.join(folder, 'boards');
  for (const one of [files, boards]) mkdirSync(one);
  try {
    // Side by side, here and below: each has a processor's work, and pip waits for the network.
    const written = Promise.all([
      ...Array.from({ length: WRITERS }, (_, index) =>
        tsx('test/keras/write.ts', files, String(index), String(WRITERS), ...names),
      ),
      tsx('test/keras/boards.ts', boards),
    ]);
    const both = await Promise.allSettled([pythons(), written]);
    const wrong = both.find(({ status }) => status === 'rejected');
    if (wrong !== undefined) throw wrong.reason;
    const interpreters = both[0].value;
    const backs = interpreters.map((_, index) => path.join(folder, `keras-${index + 1}`));
    for (const one of backs) mkdirSync(one);
    await Promise.all([
      // Keras 2.13's TensorFlow comes with TensorBoard.
      run(interpreters[0], [path.join(root, 'test/keras/events.py'), boards]),
      ...interpreters.map(async (python, index) => {
        // The later ones are compared with the first, Keras 2.13, and wait for what it writes.
        const peer = index > 0 ? [backs[0]] : [];
        await run(python, [path.join(root, 'test/keras/check.py'), files, backs[index], ...peer]);
        const written = path.join(backs[index], 'written.json');
        if (!existsSync(written)) writeFileSync(written, '[]');
      }),
    ]);
    await Promise.all(backs.map((back) => tsx('test/keras/read.ts', back)));
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const main = async () => {
  const began = performance.now();
  try {
    await test();
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    console.log(`Keras: not tested, since ${error.message}`);
    process.exit(UNAVAILABLE);
  }
  const { numPassedTests: passed, numFailedTests: failed } = counts;
  if (options.outputFile !== undefined) writeFileSync(options.outputFile, JSON.stringify(counts));
  console.log(`Keras: ${seconds(began)} s; ${passed} passed, ${failed} failed`);
  process.exit(failed === 0 && passed > 0 ? 0 : 1);
};

main();
