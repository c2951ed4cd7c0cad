/**
 * Times `fit` against tfjs-node's own on the lecture's three models: `npm run bench`, or `npm run bench -- boston --rounds 9`.
 * How to read the table: README.md.
 *
 * Each contender runs in a process of its own, so that each has a peak of memory of its own; the processes take turns.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { parseArgs } from 'node:util';
import { compile, fit, kerasModelSequential, layerDense, pipe, type LossName } from '../src/index';
import { load } from '../src/setup/load';

interface Benchmark {
  readonly title: string;
  readonly features: number;
  readonly hidden: readonly number[];
  readonly outputs: number;
  readonly activation: 'linear' | 'softmax' | 'sigmoid';
  readonly loss: readonly [ours: LossName, tfjs: string];
  readonly metric: readonly [ours: 'mae' | 'accuracy', tfjs: string];
  readonly rows: number;
  readonly batchSize: number;
  /** Epochs in a round. */
  readonly epochs: number;
}

const benchmarks = {
  boston: {
    title: 'Boston MLP 13-64-64-1',
    features: 13,
    hidden: [64, 64],
    outputs: 1,
    activation: 'linear',
    loss: ['mse', 'meanSquaredError'],
    metric: ['mae', 'mae'],
    rows: 404,
    batchSize: 1,
    epochs: 2,
  },
  mnist: {
    title: 'MNIST MLP 784-512-10',
    features: 784,
    hidden: [512],
    outputs: 10,
    activation: 'softmax',
    loss: ['categorical_crossentropy', 'categoricalCrossentropy'],
    metric: ['accuracy', 'accuracy'],
    rows: 12_800,
    batchSize: 128,
    epochs: 1,
  },
  imdb: {
    title: 'IMDB MLP 10000-16-16-1, dense',
    features: 10_000,
    hidden: [16, 16],
    outputs: 1,
    activation: 'sigmoid',
    loss: ['binary_crossentropy', 'binaryCrossentropy'],
    metric: ['accuracy', 'accuracy'],
    rows: 5120,
    batchSize: 512,
    epochs: 4,
  },
} as const satisfies Record<string, Benchmark>;

type Name = keyof typeof benchmarks;
const names = Object.keys(benchmarks) as Name[]; // its own keys

const contenders = ['keras-pipe', 'keras-pipe, eager', 'tfjs-node'] as const;
type Contender = (typeof contenders)[number];

/** What a round of a contender gives. */
interface Round {
  readonly millisecondsPerStep: number;
  /** How the steps ran. */
  readonly engine: string;
  readonly peakMegabytes: number;
}

/** Trains one round. */
type Train = () => Promise<string>;

const data = (tf: ReturnType<typeof load>, { features, outputs, activation, rows }: Benchmark) =>
  tf.tidy(() => {
    const x = tf.cast(tf.less(tf.randomUniform([rows, features], 0, 1, 'float32', 1), 0.1), 'float32');
    const noise = tf.randomUniform([rows, outputs], 0, 1, 'float32', 2);
    if (activation === 'linear') return { x, y: noise };
    const oneHot = (): ReturnType<typeof tf.cast> =>
      tf.cast(tf.oneHot(tf.argMax(noise, 1), outputs), 'float32');
    return { x, y: activation === 'softmax' ? oneHot() : tf.cast(tf.greater(noise, 0.5), 'float32') };
  });

const kerasPipe = (benchmark: Benchmark, engine: 'auto' | 'eager'): Train => {
  const { features, hidden, outputs, activation, loss, metric, batchSize, epochs } = benchmark;
  const { x, y } = data(load(), benchmark);
  const model = kerasModelSequential({ inputShape: [features] });
  for (const units of hidden) layerDense(model, { units, activation: 'relu' });
  pipe(
    model,
    layerDense({ units: outputs, activation }),
    compile({ optimizer: 'rmsprop', loss: loss[0], metrics: [metric[0]] }),
  );
  return async () => (await fit(model, x, y, { batchSize, epochs, engine, verbose: 0 })).params.engine;
};

const tfjsNode = (benchmark: Benchmark): Train => {
  const { features, hidden, outputs, activation, loss, metric, batchSize, epochs } = benchmark;
  const tf = load();
  const { x, y } = data(tf, benchmark);
  const model = tf.sequential();
  for (const [index, units] of hidden.entries()) {
    const input = index === 0 ? { inputShape: [features] } : {};
    model.add(tf.layers.dense({ units, activation: 'relu', kernelInitializer: 'glorotUniform', ...input }));
  }
  model.add(tf.layers.dense({ units: outputs, activation, kernelInitializer: 'glorotUniform' }));
  model.compile({ optimizer: 'rmsprop', loss: loss[1], metrics: [metric[1]] });
  return async () => {
    // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- tfjs does not export the enum
    await model.fit(x, y, { batchSize, epochs, verbose: 0 });
    return 'tfjs';
  };
};

/** The contender's side: a round for each message. */
const contend = (name: Name, contender: Contender): void => {
  const benchmark = benchmarks[name];
  const train =
    contender === 'tfjs-node'
      ? tfjsNode(benchmark)
      : kerasPipe(benchmark, contender === 'keras-pipe' ? 'auto' : 'eager');
  const steps = Math.ceil(benchmark.rows / benchmark.batchSize) * benchmark.epochs;
  process.on('message', () => {
    const begun = performance.now();
    void train().then((engine) => {
      const millisecondsPerStep = (performance.now() - begun) / steps;
      const round: Round = {
        millisecondsPerStep,
        engine,
        peakMegabytes: process.resourceUsage().maxRSS / 1024,
      };
      process.send?.(round);
    });
  });
};

const round = (child: ChildProcess): Promise<Round> =>
  new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`a contender ended with ${String(code)}`));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      resolve(message as Round); // what `contend` sends
    });
    child.send('round');
  });

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle) - 1] ?? NaN)) / 2;
};

/** Median, and the least and the most. */
const spread = (values: readonly number[], digits: number): string =>
  `${median(values).toFixed(digits)} (${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)})`;

const columns = [31, 19, 9, 9, 24, 20, 9] as const;
const line = (cells: readonly string[]): void => {
  console.log(
    cells
      .map((cell, index) =>
        index < 2 ? cell.padEnd(columns[index] ?? 0) : cell.padStart(columns[index] ?? 0),
      )
      .join(''),
  );
};

const compare = async (name: Name, rounds: number): Promise<void> => {
  const { title } = benchmarks[name];
  const children = contenders.map((contender) => fork(__filename, ['--contend', name, contender]));
  try {
    const firsts: Round[] = [];
    for (const child of children) firsts.push(await round(child));
    const results = contenders.map(() => [] as Round[]);
    for (let turn = 0; turn < rounds; turn++) {
      // Each in turn begins, so that none always follows the same one.
      for (let place = 0; place < children.length; place++) {
        const index = (turn + place) % children.length;
        results[index]?.push(await round(children[index] as ChildProcess)); // there is one for each contender
      }
    }
    const times = results.map((list) => list.map(({ millisecondsPerStep }) => millisecondsPerStep));
    const theirs = times.at(-1) ?? [];
    for (const [index, contender] of contenders.entries()) {
      const own = times[index] ?? [];
      const last = results[index]?.at(-1);
      line([
        index === 0 ? title : '',
        contender,
        last?.engine ?? '',
        (firsts[index]?.millisecondsPerStep ?? NaN).toFixed(2),
        spread(own, 3),
        contender === 'tfjs-node'
          ? ''
          : spread(
              own.map((time, turn) => (theirs[turn] ?? NaN) / time),
              1,
            ),
        `${(last?.peakMegabytes ?? NaN).toFixed(0)} MB`,
      ]);
    }
  } finally {
    for (const child of children) child.kill();
  }
};

const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { contend: { type: 'boolean' }, rounds: { type: 'string', default: '7' } },
  });
  if (values.contend === true) {
    const [name, contender] = positionals as [Name, Contender]; // given by `compare`
    contend(name, contender);
    return;
  }
  const unknown = positionals.find((name) => !names.some((known) => known === name));
  if (unknown !== undefined) throw new Error(`bench: unknown model '${unknown}'. Use: ${names.join(', ')}`);
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`bench: --rounds must be a positive integer, not '${values.rounds}'`);
  line(['model', 'contender', 'steps run', 'first', 'ms/step', 'times faster', 'peak']);
  for (const name of names)
    if (positionals.length === 0 || positionals.includes(name)) await compare(name, rounds);
};

void main();
