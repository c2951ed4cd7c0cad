/** Models that Keras 2.13 saved (test/reference/keras_hdf5.py), and models that are saved here and come back. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  fit,
  loadModelHdf5,
  optimizerOf,
  predict,
  saveModelHdf5,
  tf,
  type KerasModel,
  type Tensor,
} from '../../src/index';

interface Case {
  readonly name: string;
  readonly optimizer: string;
  readonly inputs: readonly number[][];
  readonly outputs: readonly number[][];
  readonly file: string;
  readonly predicted: readonly number[][];
  readonly losses: readonly number[];
}

const cases = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/keras_hdf5.json'), 'utf8'),
) as Case[];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-models-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const place = (name = 'model.h5'): string => path.join(folder, name);

/** Numbers in [−1, 1), as `grid` in test/reference/keras_hdf5.py makes them. */
const grid = (shape: readonly number[], seed: number): number[] =>
  Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, index) => {
    const first = Math.imul(index + 1 + 1009 * seed, 2654435761) >>> 0;
    const second = Math.imul(first ^ (first >>> 15), 2246822519) >>> 0;
    return (second >>> 16) / 2 ** 15 - 1;
  });

const dataOf = (shapes: readonly number[][], seed: number, isIds = false): Tensor | Tensor[] => {
  const tensors = shapes.map((shape, index) => {
    const numbers = grid([8, ...shape], seed + index);
    const values = isIds ? numbers.map((value) => Math.floor(((value + 1) / 2) * 10)) : numbers;
    return tf.tensor(values, [8, ...shape], isIds ? 'int32' : 'float32');
  });
  return tensors.length === 1 ? (tensors[0] as Tensor) : tensors;
};

const expectClose = (actual: readonly number[], expected: readonly number[], tolerance = 1e-5): void => {
  expect(actual).toHaveLength(expected.length);
  const largest = Math.max(1, ...expected.map(Math.abs));
  const worst = Math.max(...actual.map((value, index) => Math.abs(value - (expected[index] ?? NaN))));
  if (!(worst <= tolerance * largest)) expect(actual).toEqual(expected);
};

const load = async (one: Case, options = {}): Promise<KerasModel> => {
  writeFileSync(place('keras.h5'), gunzipSync(Buffer.from(one.file, 'base64')));
  return loadModelHdf5(place('keras.h5'), options);
};

const expectPredictions = async (model: KerasModel, one: Case): Promise<void> => {
  const x = dataOf(one.inputs, 0, one.name === 'ids');
  const predicted = [await predict(model, x)].flat() as Tensor[];
  predicted.forEach((output, index) => expectClose([...output.dataSync()], one.predicted[index] ?? []));
};

/** The losses of five steps, each of all rows. */
const nextLosses = async (model: KerasModel, one: Case, engine: 'eager' | 'compiled'): Promise<number[]> => {
  const x = dataOf(one.inputs, 0, one.name === 'ids');
  const y = dataOf(one.outputs, 50);
  const history = await fit(model, x, y, { epochs: 5, batchSize: 8, shuffle: false, verbose: 0, engine });
  return history.metrics['loss'] as number[];
};

const titled = cases.map((one) => [`${one.name}, ${one.optimizer}`, one] as const);

describe('a model that Keras saved', () => {
  test.each(titled)('%s: predicts and trains on as in Keras', async (_title, one) => {
    const model = await load(one);
    await expectPredictions(model, one);
    expect(optimizerOf(model).iterations).toBe(3);
    expectClose(await nextLosses(model, one, 'compiled'), one.losses);
  });

  // One of each structure, and of each kind of optimizer's state.
  const some = titled.filter(([, { name, optimizer }], index) =>
    name === 'stack' ? index < 3 || optimizer === 'RMSprop' : name !== 'conv' && name !== 'ids',
  );

  test.each(some)('%s: saved here it comes back', async (_title, one) => {
    const model = await load(one);
    await saveModelHdf5(model, place());
    const again = await loadModelHdf5(place());
    await expectPredictions(again, one);
    expect(optimizerOf(again).iterations).toBe(3);
    expectClose(await nextLosses(again, one, 'eager'), one.losses);
  });
});
