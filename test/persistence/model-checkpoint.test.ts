/** What callbackModelCheckpoint saves, and when. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  callbackModelCheckpoint,
  compile,
  fit,
  getWeights,
  kerasModelSequential,
  KerasArgumentError,
  layerDense,
  loadModel,
  loadModelHdf5,
  loadModelWeightsHdf5,
  optimizerOf,
  pipe,
  type KerasModel,
  type ModelCheckpointOptions,
} from '../../src/index';
import { fillPath } from '../../src/persistence/internal/path-pattern';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-checkpoint-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const model = (): KerasModel =>
  pipe(
    kerasModelSequential(),
    layerDense({ units: 1, inputShape: [1], kernelInitializer: 'ones' }),
    compile({ loss: 'mse', optimizer: 'sgd' }),
  );

/** Four epochs of two batches; `values` are what 'measure' is in each. */
const train = async (
  options: Omit<ModelCheckpointOptions, 'filepath'>,
  file: string,
  values: readonly number[] = [],
): Promise<{ readonly trained: KerasModel; readonly files: string[] }> => {
  const trained = model();
  const measure = {
    onEpochEnd: (epoch: number, logs: Record<string, number>): void => {
      logs['measure'] = values[epoch] ?? 0;
    },
  };
  const checkpoint = callbackModelCheckpoint({ ...options, filepath: path.join(folder, file) });
  await fit(trained, [[1], [2]], [[3], [5]], { epochs: 4, batchSize: 1, shuffle: false, verbose: 0, callbacks: [measure, checkpoint] }); // prettier-ignore
  return { trained, files: readdirSync(folder).sort() };
};

test('saves after each epoch, under the names of a pattern', async () => {
  const { files } = await train({}, 'm.{epoch:02d}-{measure:.2f}.h5', [1, 0.5, 0.25, 2]);
  expect(files).toEqual(['m.01-1.00.h5', 'm.02-0.50.h5', 'm.03-0.25.h5', 'm.04-2.00.h5']);
  const second = await loadModelHdf5(path.join(folder, 'm.02-0.50.h5'));
  expect(optimizerOf(second).iterations).toBe(4);
});

test('the ending of the path is the format', async () => {
  const { trained } = await train({}, 'last.keras');
  const file = path.join(folder, 'last.keras');
  expect(readFileSync(file).subarray(0, 2).toString()).toBe('PK');
  const loaded = await loadModel(file);
  expect(optimizerOf(loaded).iterations).toBe(8);
  expect(getWeights(loaded).map((weight) => [...weight.dataSync()])).toEqual(
    getWeights(trained).map((weight) => [...weight.dataSync()]),
  );
});

test.each([
  ['min', [1, 0.5, 0.75, 0.5], ['b.1.h5', 'b.2.h5']],
  ['max', [1, 0.5, 2, 2], ['b.1.h5', 'b.3.h5']],
] as const)('saves the best only, %s', async (mode, values, expected) => {
  const { files } = await train({ saveBestOnly: true, monitor: 'measure', mode }, 'b.{epoch}.h5', values);
  expect(files).toEqual(expected);
});

test('saves after so many batches, and after so many epochs', async () => {
  expect((await train({ saveFreq: 3 }, 'f.{epoch}-{batch}.h5')).files).toEqual(['f.2-1.h5', 'f.3-2.h5']);
  expect((await train({ period: 2 }, 'p.{epoch}.h5')).files.filter((file) => file.startsWith('p'))).toEqual(['p.2.h5', 'p.4.h5']); // prettier-ignore
});

test('saves weights alone, the last ones', async () => {
  const { trained, files } = await train({ saveWeightsOnly: true }, 'w.h5');
  expect(files).toEqual(['w.h5']);
  const other = await loadModelWeightsHdf5(model(), path.join(folder, 'w.h5'));
  expect(getWeights(other).map((weight) => weight.dataSync())).toEqual(
    getWeights(trained).map((weight) => weight.dataSync()),
  );
});

test('says what is wrong', async () => {
  await expect(train({}, 'm.{val_loss:.2f}.h5')).rejects.toThrow(
    /\{val_loss\}.*There are \{epoch\}, \{loss\}, \{measure\}/,
  );
  expect(() => callbackModelCheckpoint({ filepath: 'a', saveFreq: 0 })).toThrow(KerasArgumentError);
});

test('fills in as Python does', () => {
  const values = { epoch: 3, loss: -0.0123456, big: 12345.678 };
  expect(fillPath('{{x}}-{epoch}-{epoch:03d}-{epoch:4d}', values)).toBe('{x}-3-003-   3');
  expect(fillPath('{loss:.2f} {loss:.3e} {loss:07.3f} {loss:.1%} {big:.3g} {loss:.2g}', values)).toBe(
    '-0.01 -1.235e-02 -00.012 -1.2% 1.23e+04 -0.012',
  );
});
