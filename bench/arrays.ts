/**
 * What it costs to give data as arrays: `npm run bench:arrays`, or `npm run bench:arrays -- --rounds 9 --rows 10000`. The MNIST
 * model, one epoch over rows of 784 numbers in batches of 128, from nested arrays, a typed array and tensors in turn, in one
 * process; the whole call of `fit` is timed, and, by itself, the conversion of the data in it.
 */
import { parseArgs } from 'node:util';
import { toTensor } from '../src/arrays/tensors';
import {
  compile,
  fit,
  kerasModelSequential,
  layerDense,
  pipe,
  tf,
  type DataFor,
  type KerasModel,
} from '../src/index';
import { idOf } from '../src/tfjs/binding';
import { median } from './limits';
import { roundsOf, spread, tableOf } from './table';

const PIXELS = 784;
const CLASSES = 10;

/** What of the machine's time a piece of work took. */
interface Times {
  readonly seconds: number;
  /** Of the process, all its threads: what other programs do counts less. */
  readonly processorSeconds: number;
}

const timed = async (run: () => unknown): Promise<Times> => {
  const [begun, before] = [performance.now(), process.cpuUsage()];
  await run();
  const { user, system } = process.cpuUsage(before);
  return { seconds: (performance.now() - begun) / 1e3, processorSeconds: (user + system) / 1e6 };
};

const mnistModel = (): KerasModel =>
  pipe(
    kerasModelSequential(),
    layerDense({ units: 512, activation: 'relu', inputShape: [PIXELS] }),
    layerDense({ units: CLASSES, activation: 'softmax' }),
    compile({ optimizer: 'rmsprop', loss: 'categorical_crossentropy' }),
  );

/** Gray values like those of MNIST: four in five are 0, the others from 0 to 1. */
const pixel = (index: number): number => {
  const noise = (index * 2654435761) % 4294967296;
  return noise % 5 === 0 ? (noise % 256) / 255 : 0;
};

const label = (row: number, unit: number): number => (row % CLASSES === unit ? 1 : 0);

const nested = (rows: number, columns: number, value: (row: number, column: number) => number): number[][] =>
  Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => value(row, column)),
  );

/** Data and labels in each of the forms that are compared. */
const formsOf = (rows: number): Record<string, readonly [DataFor, DataFor]> => {
  const x = nested(rows, PIXELS, (row, column) => pixel(row * PIXELS + column));
  const y = nested(rows, CLASSES, label);
  const data = Float32Array.from({ length: rows * PIXELS }, (_, index) => pixel(index));
  const labels = Float32Array.from({ length: rows * CLASSES }, (_, index) =>
    label(Math.floor(index / CLASSES), index % CLASSES),
  );
  return {
    'nested arrays': [x, y],
    'typed arrays': [
      { data, shape: [rows, PIXELS] },
      { data: labels, shape: [rows, CLASSES] },
    ],
    tensors: [tf.tensor2d(data, [rows, PIXELS]), tf.tensor2d(labels, [rows, CLASSES])],
  };
};

/** The part of a call in which data becomes tensors, until TensorFlow has it. */
const convert = (data: readonly DataFor[]): void => {
  for (const value of data) {
    const { tensor, isNew } = toTensor(value, { argument: 'x' }, 'float32');
    idOf(tensor);
    if (isNew) tensor.dispose();
  }
};

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: { rounds: { type: 'string', default: '5' }, rows: { type: 'string', default: '60000' } },
  });
  const rows = Number(values.rows);
  const forms = Object.entries(formsOf(rows));
  const model = mnistModel();
  const call = ([x, y]: readonly [DataFor, DataFor]): Promise<unknown> =>
    fit(model, x, y, { epochs: 1, batchSize: 128, verbose: 0 });
  await call([tf.zeros([1280, PIXELS]), tf.zeros([1280, CLASSES])]);
  const seen = forms.map(([name, data]) => ({
    name,
    data,
    calls: [] as Times[],
    conversions: [] as Times[],
  }));
  for (let round = 0; round < roundsOf(values.rounds); round++) {
    for (const form of seen) {
      form.conversions.push(await timed(() => convert(form.data)));
      form.calls.push(await timed(() => call(form.data)));
    }
  }
  const row = tableOf([16, 26, 26, 12, 26], 1);
  row(['form', 'call, s', 'conversion, s', 'of the call', 'ns of processors a number']);
  for (const { name, calls, conversions } of seen) {
    const seconds = (times: readonly Times[]): number[] => times.map((time) => time.seconds);
    const processors = conversions.map(({ processorSeconds }) => (processorSeconds * 1e9) / (rows * PIXELS));
    const fraction = median(conversions.map((one, index) => one.seconds / (calls[index]?.seconds ?? NaN)));
    row([
      name,
      spread(seconds(calls), 2),
      spread(seconds(conversions), 3),
      `${(100 * fraction).toFixed(0)} %`,
      spread(processors, 1),
    ]);
  }
};

void main();
