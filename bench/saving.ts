/**
 * Measures how long a gigabyte of weights takes to be written to each of Keras's formats and read again, and what that takes of memory:
 * `npm run bench:saving`, or `npm run bench:saving -- --megabytes 100`. How to read the table: README.md.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { kerasModelSequential, layerDense, loadModel, saveModel, type KerasModel } from '../src/index';
import { tableOf } from './table';

const LAYERS = 4;
const FORMATS = ['h5', 'keras'] as const;
const PARTS = ['written', 'read'] as const;
type Part = (typeof PARTS)[number];

/** What the process holds in memory, or has held at most, in megabytes. */
const resident = (what: 'VmRSS' | 'VmHWM'): number =>
  Number(
    new RegExp(`^${what}:\\s+(\\d+) kB$`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0,
  ) / 1000;

interface Measured {
  readonly seconds: number;
  /** Of all threads together. */
  readonly processorSeconds: number;
  /** The most that the process had more than before. */
  readonly megabytes: number;
}

const measured = async (work: () => Promise<unknown>): Promise<Measured> => {
  const before = resident('VmRSS');
  // From now on, Linux counts the most anew.
  writeFileSync('/proc/self/clear_refs', '5');
  const [begun, cpu] = [performance.now(), process.cpuUsage()];
  await work();
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { seconds, processorSeconds: (user + system) / 1e6, megabytes: resident('VmHWM') - before };
};

/** Square layers, which have so many bytes together. */
const modelOf = (megabytes: number): KerasModel => {
  const units = Math.round(Math.sqrt((megabytes * 1e6) / 4 / LAYERS));
  const model = kerasModelSequential({ inputShape: [units] });
  for (let layer = 0; layer < LAYERS; layer++)
    layerDense(model, { units, useBias: false, kernelInitializer: 'random_uniform' });
  return model;
};

/** What a process of its own does: the memory of one is no matter of the other. */
const work = async (part: Part, file: string, megabytes: number): Promise<Measured> => {
  if (part === 'read') return measured(() => loadModel(file));
  // The first save starts threads, and loads what it needs.
  const small = modelOf(1);
  await saveModel(small, file);
  const model = modelOf(megabytes);
  return measured(() => saveModel(model, file));
};

const inProcess = (part: Part, file: string, megabytes: number): Measured => {
  const parameters = ['--part', part, '--file', file, '--megabytes', String(megabytes)];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--require', require.resolve('tsx/cjs'), __filename, ...parameters],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Measured; // what the process prints
};

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      megabytes: { type: 'string', default: '1000' },
      part: { type: 'string' },
      file: { type: 'string' },
    },
  });
  const megabytes = Number(values.megabytes);
  const part = PARTS.find((one) => one === values.part);
  if (part !== undefined && values.file !== undefined) {
    process.stdout.write(JSON.stringify(await work(part, values.file, megabytes)));
    return;
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-bench-'));
  const line = tableOf([16, 10, 14, 20, 22], 1);
  try {
    line(['', 'seconds', 'processor s', 'MB more, at most', 'in largest weights']);
    for (const format of FORMATS) {
      const file = path.join(folder, `model.${format}`);
      for (const one of PARTS) {
        const result = inProcess(one, file, megabytes);
        // What is read stays: that is the model.
        const besides = result.megabytes - (one === 'read' ? statSync(file).size / 1e6 : 0);
        const largest = megabytes / LAYERS;
        line([
          `.${format} ${one}`,
          result.seconds.toFixed(1),
          result.processorSeconds.toFixed(1),
          besides.toFixed(0),
          `${(besides / largest).toFixed(2)} ×`,
        ]);
      }
      rmSync(file);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
};

void main();
