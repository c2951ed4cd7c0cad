/**
 * Measures how late a timer of 5 ms is while models train, are evaluated and predict in the same process: `npm run bench:latency`, or
 * `npm run bench:latency -- boston lstm --seconds 5`. With `--processor`, on Linux, how long a processor works for the program's thread
 * before others run: also where other programs share the processors. How to read the table: README.md.
 */
import { parseArgs } from 'node:util';
import { compile, evaluate, fit, pipe, predict, tf, type KerasModel } from '../src/index';
import { loadKoffi } from '../src/native/koffi';
import { inputsOf, labelsOf } from './data';
import { benchmarks, kerasPipeModel, names, type Benchmark, type Name } from './models';
import { chosen, tableOf } from './table';

const INTERVAL = 5;

/** By how many milliseconds each tick of the timer was late while something ran. */
const lateness = async (run: () => Promise<unknown>): Promise<number[]> => {
  const late: number[] = [];
  let last = performance.now();
  const tick = (): void => {
    const now = performance.now();
    late.push(Math.max(0, now - last - INTERVAL));
    last = now;
  };
  const timer = setInterval(tick, INTERVAL);
  await run();
  // The wait that is not over counts, too.
  tick();
  clearInterval(timer);
  return late;
};

/** Linux's number of the clock of what processors have worked for the thread that asks. */
const CLOCK_THREAD_CPUTIME_ID = 3;

/** A function that gives the milliseconds that processors have worked for this thread. */
const threadClock = (): (() => number) => {
  const time = new BigInt64Array(16);
  const read = loadKoffi().load(null).func('clock_gettime', 'int', ['int', 'void *']);
  return () => {
    read(CLOCK_THREAD_CPUTIME_ID, time);
    const [seconds = 0n, nanoseconds = 0n] = time;
    return Number(seconds) * 1e3 + Number(nanoseconds) / 1e6;
  };
};

/** How many milliseconds a processor works for this thread in each turn of the event loop while something runs. */
const stretches = async (run: () => Promise<unknown>): Promise<number[]> => {
  const taken: number[] = [];
  const processorTime = threadClock();
  let last = processorTime();
  let isOver = false;
  const turn = (): void => {
    const now = processorTime();
    taken.push(now - last);
    last = now;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  await run();
  isOver = true;
  turn();
  return taken;
};

const quantile = (sorted: readonly number[], fraction: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? NaN;

/** Runs something again and again for a while. */
const repeated = (milliseconds: number, run: () => Promise<unknown>) => async (): Promise<void> => {
  const begun = performance.now();
  do await run();
  while (performance.now() - begun < milliseconds);
};

const line = tableOf([35, 24, 8, 10, 10, 10], 2);

const report = (title: string, call: string, late: readonly number[]): void => {
  const sorted = [...late].sort((a, b) => a - b);
  const figures = [quantile(sorted, 0.5), quantile(sorted, 0.99), sorted.at(-1) ?? NaN];
  line([title, call, String(sorted.length), ...figures.map((figure) => figure.toFixed(1))]);
};

const measure = async (name: Name, milliseconds: number, waits: typeof lateness): Promise<void> => {
  const benchmark: Benchmark = benchmarks[name];
  const { batchSize, epochs, loss, sparse, title } = benchmark;
  const [x, y] = [inputsOf(benchmark, sparse === true), labelsOf(benchmark)];
  const model: KerasModel = kerasPipeModel(benchmark);
  pipe(model, compile({ optimizer: benchmark.optimizer ?? 'rmsprop', loss: loss[0], metrics: ['accuracy'] }));
  const quiet = { batchSize, verbose: 0 } as const;
  const engine = 'compiled';
  const calls: readonly [string, () => Promise<unknown>][] = [
    ['fit', () => fit(model, x, y, { ...quiet, engine, epochs })],
    ['evaluate', () => evaluate(model, x, y, { ...quiet, engine })],
    ['predict', async () => tf.dispose(await predict(model, x, quiet))],
  ];
  for (const [call, run] of calls) {
    report(call === 'fit' ? title : '', `${call}, first call`, await waits(run));
    report('', `${call}, later calls`, await waits(repeated(milliseconds, run)));
  }
  model.dispose();
};

const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { seconds: { type: 'string', default: '3' }, processor: { type: 'boolean', default: false } },
  });
  const wanted = chosen(positionals, names);
  const waits = values.processor ? stretches : lateness;
  line(['model', 'call', values.processor ? 'turns' : 'ticks', 'median ms', '99 % ms', 'max ms']);
  report('nothing', '', await waits(() => new Promise((resolve) => setTimeout(resolve, 2000))));
  for (const name of wanted) await measure(name, Number(values.seconds) * 1000, waits);
};

void main();
