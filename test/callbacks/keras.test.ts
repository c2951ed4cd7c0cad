/** What callbacks do on given logs, as Keras 2.13's do: test/reference/callbacks.py. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  callbackCsvLogger,
  callbackEarlyStopping,
  callbackReduceLrOnPlateau,
  compile,
  kerasModelSequential,
  layerDense,
  optimizerOf,
  optimizerSgd,
  setWeights,
  type Callback,
  type CsvLoggerOptions,
  type KerasModel,
  type Logs,
} from '../../src/index';
import { weightArrays } from '../support/weights';
import { tensorCount } from '../support/tensors';

interface Row {
  readonly options: Readonly<Record<string, unknown>>;
  readonly name: string;
  readonly losses: string;
  readonly lastEpoch: number;
  readonly weight: number;
  readonly rates: number[];
}
type Value = number | string | null;
interface Reference {
  readonly losses: Readonly<Record<string, Value[]>>;
  readonly earlyStopping: Row[];
  readonly reduceLrOnPlateau: Row[];
  readonly csv: {
    readonly options: Omit<CsvLoggerOptions, 'filename'>;
    readonly fits: [number, Record<string, Value>[]][];
    readonly content: string;
  }[];
}

const reference = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/callbacks.json'), 'utf8'),
) as Reference; // as callbacks.py prints it
const numberOf = (value: Value | undefined): number =>
  typeof value === 'number' ? value : value === 'inf' ? Infinity : NaN;

let warn: jest.SpyInstance;
beforeEach(() => {
  warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
});
afterEach(() => warn.mockRestore());

const modelOf = () =>
  compile(layerDense(kerasModelSequential({ inputShape: [1] }), { units: 1, useBias: false }), {
    optimizer: optimizerSgd({ learningRate: 0.5 }),
    loss: 'mse',
  });

const run = async (
  callback: Callback<KerasModel>,
  { name, losses }: Row,
): Promise<Omit<Row, 'options' | 'name' | 'losses'>> => {
  const model = modelOf();
  callback.setModel?.(model);
  const before = tensorCount();
  await callback.onTrainBegin?.({});
  const rates: number[] = [];
  let lastEpoch = -1;
  for (const [epoch, loss] of (reference.losses[losses] ?? []).entries()) {
    await callback.onEpochBegin?.(epoch, {});
    setWeights(model, [[[epoch]]]);
    const logs: Logs = { loss: 1 / (epoch + 1), ...(loss === null ? {} : { [name]: numberOf(loss) }) };
    await callback.onEpochEnd?.(epoch, logs);
    rates.push(optimizerOf(model).learningRate);
    lastEpoch = epoch;
    if (model.stopTraining) break;
  }
  await callback.onTrainEnd?.({});
  expect(tensorCount()).toBe(before);
  const [kernel] = weightArrays(model) as [number[][]];
  return { lastEpoch, weight: kernel[0]?.[0] ?? NaN, rates };
};

const titled = (rows: readonly Row[]): [string, Row][] =>
  rows.map((row) => [`${JSON.stringify(row.options)}: ${row.losses}`, row]);

const expectSame = (seen: Omit<Row, 'options' | 'name' | 'losses'>, row: Row): void => {
  expect(seen.lastEpoch).toBe(row.lastEpoch);
  expect(seen.weight).toBe(row.weight);
  seen.rates.forEach((rate, index) => {
    expect(rate / (row.rates[index] ?? NaN)).toBeCloseTo(1, 5);
  });
};

test.each(titled(reference.earlyStopping))('early stopping %s', async (_title, row) => {
  const callback = callbackEarlyStopping(row.options);
  expectSame(await run(callback, row), row);
  // Used again, it begins anew.
  expectSame(await run(callback, row), row);
});

test.each(titled(reference.reduceLrOnPlateau))('reduced on a plateau %s', async (_title, row) => {
  const callback = callbackReduceLrOnPlateau(row.options);
  expectSame(await run(callback, row), row);
  expectSame(await run(callback, row), row);
});

test.each(reference.csv)('a CSV file %#: $options', async ({ options, fits, content }) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'csv-logger-'));
  try {
    const filename = path.join(folder, 'log.csv');
    for (const [begin, logs] of fits) {
      const callback = callbackCsvLogger({ filename, ...options });
      await callback.onTrainBegin?.({});
      for (const [index, values] of logs.entries()) {
        const row = Object.fromEntries(
          Object.entries(values).map(([name, value]) => [name, numberOf(value)]),
        );
        await callback.onEpochEnd?.(begin + index, row);
      }
      await callback.onTrainEnd?.({});
    }
    expect(readFileSync(filename, 'utf8')).toBe(content);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
