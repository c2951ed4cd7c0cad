/**
 * How the cost of the first compiled fit grows with the number of layers: `npm run bench:growth`, or
 * `npm run bench:growth -- 10 100`. A stack of dense layers of 16 units, 64 rows in batches of 8; each size in a process of its
 * own, since the first session of a process costs more.
 */
import { fork } from 'node:child_process';
import { compile, fit, kerasModelSequential, layerDense, pipe, tf, type KerasModel } from '../src/index';

const UNITS = 16;
const ROWS = 64;

const stack = (layers: number): KerasModel => {
  const model = kerasModelSequential();
  for (let layer = 0; layer < layers; layer++) {
    pipe(
      model,
      layerDense({ units: UNITS, activation: 'relu', ...(layer === 0 ? { inputShape: [UNITS] } : {}) }),
    );
  }
  return pipe(model, layerDense({ units: 1 }), compile({ optimizer: 'rmsprop', loss: 'mse' }));
};

interface Times {
  readonly seconds: number;
  /** Of the process, all its threads: what other programs do counts less. */
  readonly processorSeconds: number;
}

const timed = async (run: () => Promise<unknown>): Promise<Times> => {
  const [begun, before] = [performance.now(), process.cpuUsage()];
  await run();
  const { user, system } = process.cpuUsage(before);
  return { seconds: (performance.now() - begun) / 1e3, processorSeconds: (user + system) / 1e6 };
};

const measure = async (layers: number): Promise<void> => {
  const x = tf.randomNormal([ROWS, UNITS]);
  const y = tf.randomNormal([ROWS, 1]);
  const options = { engine: 'compiled', epochs: 2, batchSize: 8, verbose: 0 } as const;
  const warm = stack(1);
  await fit(warm, x, y, options);
  const model = stack(layers);
  const first = await timed(() => fit(model, x, y, options));
  const second = await timed(() => fit(model, x, y, options));
  const shown = ({ seconds, processorSeconds }: Times): string =>
    `${seconds.toFixed(2)} s (${processorSeconds.toFixed(2)} s of processors)`;
  console.log(`${String(layers).padStart(5)} layers: first fit ${shown(first)}, second ${shown(second)}`);
};

const main = async (): Promise<void> => {
  const given = process.argv.slice(2);
  if (given[0] === '--one') {
    await measure(Number(given[1]));
    return;
  }
  for (const layers of given.length === 0 ? ['10', '20', '100', '200'] : given) {
    await new Promise((resolve) => fork(__filename, ['--one', layers]).once('exit', resolve));
  }
};

void main();
