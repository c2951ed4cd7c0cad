// Trains jobs of `exportTrainingJob` with two processes of Python's Keras, as two machines would: see test/scale. `--quick` trains one for
// each version of Keras. `--ray` has Ray Train start the processes, in environments of its own. KERAS_PYTHONS names interpreters that have
// Keras, TensorFlow, and Ray if it is asked for; those that have not are passed over. `--outputFile FILE` writes the counts as Jest does.
// Where there is no Python for it, or pip cannot reach its index, the last line says so, and the exit code is 75.
const { spawn, spawnSync } = require('node:child_process');
const { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { createServer } = require('node:net');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { environment, pythonFrom, Unavailable } = require('./python-environment');

const root = path.resolve(__dirname, '..');
const folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-test-scale-'));
const WORKERS = 2;
/** sysexits.h has it for what may work another time. */
const UNAVAILABLE = 75;
const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    ray: { type: 'boolean', default: false },
    outputFile: { type: 'string' },
  },
});
/** Milliseconds until a job that does not end is ended. Ray starts a dozen processes. */
const TIMEOUT = options.ray ? 1_200_000 : 300_000;
const counts = { passed: 0, failed: 0 };

/** The environments of Keras 2.13 and Keras 3: those of `npm run test:keras`, or those with Ray. */
const ENVIRONMENTS = options.ray
  ? [
      ['.venv-test-ray-keras2', 'test/scale/requirements-keras2.txt'],
      ['.venv-test-ray', 'test/scale/requirements.txt'],
    ]
  : [
      ['.venv-keras2', 'test/reference/requirements.txt'],
      ['.venv-test-keras3', 'test/keras/requirements.txt'],
    ];

const MODULES = ['tensorflow', 'keras', ...(options.ray ? ['ray'] : [])];

const pythons = () =>
  process.env.KERAS_PYTHONS?.split(path.delimiter) ??
  ENVIRONMENTS.map(([name, requirements]) =>
    environment(name, path.join(root, requirements), [], () => pythonFrom(310, 311)),
  );

const has = (python, ...modules) =>
  spawnSync(python, [
    '-c',
    `import importlib.util as u, sys; sys.exit(not all(map(u.find_spec, sys.argv[1:])))`,
    ...modules,
  ]).status === 0;

/** The version of Keras that TensorFlow trains with. */
const versionOf = (python) =>
  Number(
    spawnSync(python, ['-c', "import importlib.metadata as m; print(m.version('keras').split('.')[0])"], {
      encoding: 'utf8',
    }).stdout,
  );

/** Runs a program, and gives its exit code and what it said. */
const run = (command, args, env = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2', CUDA_VISIBLE_DEVICES: '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: TIMEOUT,
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, said }));
  });

const tsx = (program, ...args) =>
  run(process.execPath, [require.resolve('tsx/cli'), path.join(root, program), ...args]);

/** Ports of this machine that are free at the moment. */
const freePorts = async (count) => {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise((resolve) => {
          const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
};

const check = (what, condition, detail) => {
  if (condition) counts.passed++;
  else {
    counts.failed++;
    console.log(`${what}: ${detail}`);
  }
};

const last = (list) => list[list.length - 1];
const isNear = (a, b) => Math.abs(a - b) <= 1e-4 * Math.max(1, Math.abs(b));

/** What must hold of what the workers wrote. */
const checkResult = (what, job, { losses, before }, workers) => {
  const results = Array.from({ length: workers }, (_, index) =>
    JSON.parse(readFileSync(path.join(job, `result/worker-${index}.json`), 'utf8')),
  );
  const [first] = results;
  check(
    `${what}, workers`,
    results.every((one) => one.workers === workers),
    `${first.workers}`,
  );
  check(
    `${what}, weights`,
    results.every((one) => one.weights === first.weights),
    'they differ between the workers',
  );
  check(`${what}, loss`, last(first.history.val_loss) < before, `${first.history.val_loss} after ${before}`);
  // Of all workers together, the steps are those of `fit`.
  if (losses !== undefined)
    check(
      `${what}, losses`,
      losses.every((one, at) => isNear(first.history.loss[at], one)),
      `${first.history.loss}, not ${losses}`,
    );
};

/** Runs a job with some workers that Ray starts. */
const trainByRay = async (python, job, workers) => [
  // What Ray's makers would like to know of its use is none of a test's affairs.
  await run(python, [path.join(job, 'train_ray.py'), '--workers', String(workers)], {
    RAY_USAGE_STATS_ENABLED: '0',
  }),
];

/** Runs a job with some workers; gives how each of the programs ended. */
const train = async (python, job, workers) => {
  if (options.ray) return trainByRay(python, job, workers);
  const ports = await freePorts(workers);
  const worker = ports.map((port) => `127.0.0.1:${port}`);
  const configOf = (index) => JSON.stringify({ cluster: { worker }, task: { type: 'worker', index } });
  return Promise.all(
    worker.map((_, index) =>
      run(python, [path.join(job, 'train.py')], workers === 1 ? {} : { TF_CONFIG: configOf(index) }),
    ),
  );
};

const testJob = async (python, version, job, expected) => {
  const what = `${options.ray ? 'Ray, ' : ''}Keras ${version}, ${expected.name}`;
  if (expected.keras !== undefined && expected.keras !== version) {
    const [{ code, said }] = await train(python, job, 1);
    check(
      what,
      code !== 0 && said.includes(`The model needs Keras ${expected.keras}`),
      `it ended with ${code}: ${said.slice(-500)}`,
    );
    rmSync(job, { recursive: true });
    return;
  }
  const began = performance.now();
  const runs = await train(python, job, WORKERS);
  const wrong = runs.find(({ code }) => code !== 0);
  if (wrong === undefined) checkResult(what, job, expected, WORKERS);
  else check(what, false, `a worker ended with ${wrong.code}: ${wrong.said.slice(-3000)}`);
  console.log(`${what}: ${((performance.now() - began) / 1000).toFixed(0)} s`);
};

const main = async () => {
  const interpreters = pythons();
  const jobs = path.join(folder, 'jobs');
  mkdirSync(jobs);
  const written = await tsx('test/scale/write.ts', jobs, ...(options.quick ? ['--quick'] : []));
  if (written.code !== 0) return check('test/scale/write.ts', false, written.said);
  const expected = JSON.parse(readFileSync(path.join(jobs, 'expected.json'), 'utf8'));
  const backs = [];
  for (const python of interpreters) {
    if (!has(python, ...MODULES)) {
      console.log(`${python} has not all of ${MODULES.join(', ')}: passed over.`);
      continue;
    }
    const version = versionOf(python);
    const back = path.join(folder, `keras-${version}`);
    mkdirSync(back);
    backs.push(back);
    for (const one of expected.filter(({ quick }) => !options.quick || quick === version)) {
      const job = path.join(back, one.name);
      cpSync(path.join(jobs, one.name), job, { recursive: true });
      await testJob(python, version, job, one);
    }
  }
  const { code, said } = await tsx('test/scale/read.ts', ...backs);
  // Its line of counts is part of the one at the end.
  process.stdout.write(said.replace(/^.*\d+ passed, \d+ failed\n/m, ''));
  const [, passed = '0', failed = '0'] = /(\d+) passed, (\d+) failed$/m.exec(said) ?? [];
  counts.passed += Number(passed);
  counts.failed += Number(failed) + (code !== 0 && failed === '0' ? 1 : 0);
};

main()
  .catch((error) => {
    if (!(error instanceof Unavailable)) return check('test:scale', false, error.stack);
    console.log(`Several workers: not tested, since ${error.message}`);
    process.exitCode = UNAVAILABLE;
  })
  .finally(() => rmSync(folder, { recursive: true, force: true }))
  .then(() => {
    if (process.exitCode === UNAVAILABLE) return;
    const { passed, failed } = counts;
    if (options.outputFile !== undefined)
      writeFileSync(options.outputFile, JSON.stringify({ numPassedTests: passed, numFailedTests: failed }));
    console.log(`Several workers: ${passed} passed, ${failed} failed`);
    process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
  });
