/**
 * Measures how long a gigabyte of weights takes to be written to Keras's HDF5 format and read again, and what that takes of memory:
 * `npm run bench:saving`, or `npm run bench:saving -- --megabytes 100`. How to read the table: README.md.
 */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import {
  kerasModelSequential,
  layerDense,
  loadModelHdf5,
  saveModelHdf5,
  type KerasModel,
} from '../src/index';
import { tableOf } from './table';

const LAYERS = 4;

/** What the process holds in memory, in megabytes. */
const resident = (): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) / 1000;

interface Measured<T> {
  readonly result: T;
  readonly seconds: number;
  /** Of all threads together. */
  readonly processorSeconds: number;
  /** The most that the process had more than before. */
  readonly megabytes: number;
}

const measured = async <T>(work: () => Promise<T>): Promise<Measured<T>> => {
  const before = resident();
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, resident())), 10);
  const [begun, cpu] = [performance.now(), process.cpuUsage()];
  try {
    const result = await work();
    const { user, system } = process.cpuUsage(cpu);
    const seconds = (performance.now() - begun) / 1000;
    return { result, seconds, processorSeconds: (user + system) / 1e6, megabytes: most - before };
  } finally {
    clearInterval(timer);
  }
};

/** Square layers, which have so many bytes together. */
const modelOf = (megabytes: number): KerasModel => {
  const units = Math.round(Math.sqrt((megabytes * 1e6) / 4 / LAYERS));
  const model = kerasModelSequential({ inputShape: [units] });
  for (let layer = 0; layer < LAYERS; layer++)
    layerDense(model, { units, useBias: false, kernelInitializer: 'random_uniform' });
  return model;
};

const main = async (): Promise<void> => {
  const { values } = parseArgs({ options: { megabytes: { type: 'string', default: '1000' } } });
  const folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-bench-'));
  const file = path.join(folder, 'model.h5');
  const line = tableOf([8, 10, 12, 14, 26], 1);
  try {
    const model = modelOf(Number(values.megabytes));
    line(['', 'seconds', 'processor s', 'MB more, most', 'of that the largest weight']);
    const largest = Number(values.megabytes) / LAYERS;
    const report = (what: string, { seconds, processorSeconds, megabytes }: Measured<unknown>): void =>
      line([
        what,
        seconds.toFixed(1),
        processorSeconds.toFixed(1),
        megabytes.toFixed(0),
        `${(megabytes / largest).toFixed(2)} ×`,
      ]);
    report('written', await measured(() => saveModelHdf5(model, file)));
    console.log(`${(statSync(file).size / 1e6).toFixed(0)} MB`);
    model.dispose();
    report('read', await measured(() => loadModelHdf5(file)));
  } finally {
    rmSync(folder, { recursive: true });
  }
};

void main();
