/** Models that Keras 2.13 saved (test/reference/keras_hdf5.py), and models that are saved here and come back. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { loadModelHdf5, optimizerOf, saveModelHdf5, type KerasModel } from '../../src/index';
import { expectClose } from '../support/grid';
import { expectPredictions, nextLosses, type SavedCase } from './support/saved-cases';

const cases = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/keras_hdf5.json'), 'utf8'),
) as SavedCase[];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-models-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const place = (name = 'model.h5'): string => path.join(folder, name);

const load = async (one: SavedCase, options = {}): Promise<KerasModel> => {
  writeFileSync(place('keras.h5'), gunzipSync(Buffer.from(one.file, 'base64')));
  return loadModelHdf5(place('keras.h5'), options);
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
