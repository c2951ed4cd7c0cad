/**
 * How cost grows: `npm run bench:growth`, or some of it, `npm run bench:growth -- layers steps`, or other sizes,
 * `npm run bench:growth -- layers=10,100`. Rows, features, layers, time steps and outputs grow one at a time. Each size has a process of
 * its own, which fits a small model before: the first session of a process costs more.
 */
import { execFileSync } from 'node:child_process';
import {
  compile,
  fit,
  kerasModel,
  kerasModelSequential,
  layerActivation,
  layerAdd,
  layerBatchNormalization,
  layerConv2d,
  layerDense,
  layerFlatten,
  layerInput,
  layerLstm,
  pipe,
  tf,
  type KerasModel,
  type SymbolicTensor,
} from '../src/index';
import { tableOf } from './table';

/** A model, and the data that it is fitted to. */
interface Case {
  readonly model: KerasModel;
  readonly rows: number;
  readonly input: readonly number[];
  readonly outputs: number;
  readonly batch: number;
}

const UNITS = 16;
const compiled = (model: KerasModel): KerasModel =>
  pipe(model, compile({ optimizer: 'rmsprop', loss: 'mse' }));

const mlp = (features: number, layers: number, outputs: number): KerasModel => {
  const model = kerasModelSequential();
  for (let layer = 0; layer < layers; layer++) {
    const inputShape = layer === 0 ? { inputShape: [features] } : {};
    pipe(model, layerDense({ units: UNITS, activation: 'relu', ...inputShape }));
  }
  return compiled(pipe(model, layerDense({ units: outputs })));
};

const lstm = (): KerasModel =>
  compiled(
    pipe(kerasModelSequential(), layerLstm({ units: 32, inputShape: [null, 8] }), layerDense({ units: 1 })),
  );

/** Convolution, normalization, activation. */
const convolved = (x: SymbolicTensor, filters: number, kernelSize: number): SymbolicTensor =>
  pipe(
    x,
    layerConv2d({ filters, kernelSize, padding: 'same' }),
    layerBatchNormalization(),
    layerActivation({ activation: 'relu' }),
  );

/** Bottleneck blocks as those of ResNet50, of 11 layers each: 16 of them make its 175. */
const resnet = (blocks: number): KerasModel => {
  const image = layerInput({ shape: [16, 16, 3] });
  let x = convolved(image, UNITS, 3);
  for (let block = 0; block < blocks; block++) {
    const inner = convolved(convolved(x, UNITS / 4, 1), UNITS / 4, 3);
    const residual = pipe(inner, layerConv2d({ filters: UNITS, kernelSize: 1 }), layerBatchNormalization());
    x = layerActivation(layerAdd([x, residual]), { activation: 'relu' });
  }
  return compiled(kerasModel(image, layerDense(layerFlatten(x), { units: 1 })));
};

const CASES: Readonly<Record<string, (size: number) => Case>> = {
  layers: (size) => ({ model: mlp(UNITS, size, 1), rows: 64, input: [UNITS], outputs: 1, batch: 8 }),
  blocks: (size) => ({ model: resnet(size), rows: 8, input: [16, 16, 3], outputs: 1, batch: 8 }),
  rows: (size) => ({ model: mlp(UNITS, 2, 1), rows: size, input: [UNITS], outputs: 1, batch: 1000 }),
  features: (size) => ({ model: mlp(size, 2, 1), rows: 1000, input: [size], outputs: 1, batch: 100 }),
  steps: (size) => ({ model: lstm(), rows: 320, input: [size, 8], outputs: 1, batch: 32 }),
  outputs: (size) => ({ model: mlp(UNITS, 2, size), rows: 1000, input: [UNITS], outputs: size, batch: 100 }),
};

const SIZES: Readonly<Record<string, readonly number[]>> = {
  layers: [10, 20, 100, 200, 1000],
  blocks: [4, 16],
  rows: [1e3, 1e4, 1e5, 1e6, 1e7],
  features: [10, 100, 1000, 10_000, 100_000],
  steps: [10, 100, 1000],
  outputs: [1, 100, 10_000, 100_000],
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

interface Seen {
  readonly first: Times;
  readonly second: Times;
  readonly steps: number;
  /** Megabytes: the most that the process had, and what of it was there before the model. */
  readonly peak: number;
  readonly before: number;
}

const measure = async (axis: string, size: number): Promise<Seen> => {
  const options = { engine: 'compiled', epochs: 1, verbose: 0 } as const;
  await fit(mlp(2, 1, 1), tf.zeros([20, 2]), tf.zeros([20, 1]), { ...options, batchSize: 1 });
  const { model, rows, input, outputs, batch } = (CASES[axis] as (size: number) => Case)(size); // checked by who asks
  const before = process.memoryUsage().rss / 1e6;
  const x = tf.randomUniform([rows, ...input]);
  const y = tf.randomUniform([rows, outputs]);
  const call = (): Promise<unknown> => fit(model, x, y, { ...options, batchSize: batch });
  const first = await timed(call);
  const second = await timed(call);
  const peak = process.resourceUsage().maxRSS / 1e3;
  return { first, second, steps: Math.ceil(rows / batch), peak, before };
};

const shown = ({ seconds, processorSeconds }: Times): string =>
  `${seconds.toFixed(2)} (${processorSeconds.toFixed(2)})`;

const main = async (): Promise<void> => {
  const asked = process.argv.slice(2);
  const [flag, axis, size] = asked;
  if (flag === '--one') {
    process.stdout.write(JSON.stringify(await measure(axis ?? '', Number(size))));
    return;
  }
  const row = tableOf([10, 10, 16, 16, 14, 10], 1);
  for (const one of asked.length === 0 ? Object.keys(CASES) : asked) {
    const [name = '', list] = one.split('=');
    if (!(name in CASES)) throw new Error(`bench: unknown '${name}'. Use: ${Object.keys(CASES).join(', ')}`);
    row([name, '', 'first fit, s', 'second, s', 'ms a step', 'MB more']);
    for (const value of list?.split(',').map(Number) ?? SIZES[name] ?? []) {
      const arguments_ = [...process.execArgv, __filename, '--one', name, String(value)];
      const output = execFileSync(process.execPath, arguments_, { encoding: 'utf8' });
      const { first, second, steps, peak, before } = JSON.parse(output) as Seen; // what --one prints
      const perStep = ((second.processorSeconds * 1e3) / steps).toFixed(3);
      row(['', String(value), shown(first), shown(second), perStep, (peak - before).toFixed(0)]);
    }
  }
  console.log('In brackets, and a step: of processors.');
};

void main();
