/**
 * What it costs to be watched: milliseconds of this program's processors that a step of `fit` takes without a page, with one that nobody
 * looks at, and with one that is followed by another program: `npm run bench:live`, or `npm run bench:live -- --rounds 15`. The rounds
 * of the three alternate, and the first of them is another one each time.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { parseArgs } from 'node:util';
import { compile, fit, kerasModelSequential, layerDense, pipe, tf, type FitOptions } from '../src/index';
import { median } from './limits';
import { roundsOf, spread, tableOf } from './table';

/** Follows the events of an address to their end, as a page does. */
const FOLLOWER = `
fetch(process.argv[1].replace('/?', '/events?')).then(async ({ body }) => {
  for await (const part of body) process.stdin.emit('part', part.length);
})`;

const followed = (address: string): ChildProcess =>
  spawn(process.execPath, ['--eval', FOLLOWER, address], { stdio: 'ignore' });

interface Case {
  readonly title: string;
  readonly rows: number;
  readonly batchSize: number;
  readonly units: number;
  readonly options: FitOptions;
}

const cases: readonly Case[] = [
  {
    title: 'compiled, steps of 20 µs',
    rows: 8192,
    batchSize: 32,
    units: 16,
    options: { engine: 'compiled', epochs: 150 },
  },
  {
    title: 'compiled, one step at a time',
    rows: 8192,
    batchSize: 32,
    units: 16,
    options: { engine: 'compiled', epochs: 25, callbacks: { onTrainBatchEnd: () => undefined } },
  },
  {
    title: 'compiled, epochs of one step',
    rows: 32,
    batchSize: 32,
    units: 16,
    options: { engine: 'compiled', epochs: 6000 },
  },
  {
    title: 'compiled, epochs of a step of 1 ms',
    rows: 512,
    batchSize: 512,
    units: 256,
    options: { engine: 'compiled', epochs: 1500 },
  },
  { title: 'eager', rows: 4096, batchSize: 32, units: 16, options: { engine: 'eager', epochs: 8 } },
  {
    title: 'compiled, 1.3 million weights',
    rows: 4096,
    batchSize: 128,
    units: 1024,
    options: { engine: 'compiled', epochs: 12 },
  },
];

const WAYS = ['alone', 'unseen', 'followed'] as const;

const line = tableOf([34, 12, 12, 20, 20], 1);

const measure = async ({ title, rows, batchSize, units, options }: Case, rounds: number): Promise<void> => {
  const x = tf.randomNormal([rows, 256]);
  const y = tf.randomNormal([rows, 1]);
  const model = pipe(
    kerasModelSequential(),
    layerDense({ units, activation: 'relu', inputShape: [256] }),
    layerDense({ units, activation: 'relu' }),
    layerDense({ units: 1 }),
    compile({ optimizer: 'sgd', loss: 'mse', metrics: ['mae'] }),
  );
  const steps = Math.ceil(rows / batchSize) * (options.epochs ?? 1);
  const run = async (
    way: (typeof WAYS)[number],
  ): Promise<readonly [processors: number, perSecond: number]> => {
    const followers: ChildProcess[] = [];
    const onAddress = (address: string): void => {
      if (way === 'followed') followers.push(followed(address));
    };
    const view = way === 'alone' ? false : { open: false, onAddress };
    const [before, begun] = [process.cpuUsage(), performance.now()];
    await fit(model, x, y, { ...options, batchSize, verbose: 0, view });
    const { user, system } = process.cpuUsage(before);
    const seconds = (performance.now() - begun) / 1000;
    for (const follower of followers) follower.kill();
    return [(user + system) / 1e3 / steps, steps / seconds];
  };
  const ratios = { unseen: [] as number[], followed: [] as number[] };
  const [alone, speeds]: [number[], number[]] = [[], []];
  for (let round = 0; round <= rounds; round++) {
    const order = WAYS.map((_, index) => WAYS[(index + round) % WAYS.length] ?? 'alone');
    const times = new Map<string, number>();
    for (const way of order) {
      const [time, speed] = await run(way);
      times.set(way, time);
      if (way === 'followed' && round > 0) speeds.push(speed);
    }
    // The first round compiles.
    if (round === 0) continue;
    const base = times.get('alone') ?? NaN;
    alone.push(base);
    for (const way of ['unseen', 'followed'] as const) ratios[way].push((times.get(way) ?? NaN) / base);
  }
  line([
    title,
    median(alone).toFixed(4),
    median(speeds).toFixed(0),
    spread(ratios.unseen, 3),
    spread(ratios.followed, 3),
  ]);
  model.dispose();
  tf.dispose([x, y]);
};

const main = async (): Promise<void> => {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '9' } } });
  line(['', 'ms/step', 'steps/s', '× unseen', '× followed']);
  for (const one of cases) await measure(one, roundsOf(values.rounds));
};

void main();
