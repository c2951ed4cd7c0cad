/** Models that Keras 2.13 saved as `.keras` (test/reference/keras_zip.py), and models of numbers of 16 bits (keras3/halves.py, too). */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  cloneModel,
  getWeights,
  loadModel,
  loadModelWeights,
  optimizerOf,
  saveModel,
  type KerasModel,
} from '../../src/index';
import { entriesOf } from '../campaigns/load-mutations';
import { expectClose } from '../support/grid';
import { expectPredictions, nextLosses, type SavedCase } from './support/saved-cases';

interface ZippedCase extends SavedCase {
  readonly suffix: '.keras' | '.h5';
}

const cases = ['keras_zip.json', 'keras3/halves.json'].flatMap(
  (file) => JSON.parse(readFileSync(path.join(__dirname, '../reference', file), 'utf8')) as ZippedCase[],
);
const isExact = ({ losses }: ZippedCase): boolean => losses.length > 0;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-models-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const place = (name: string): string => path.join(folder, name);
const bytesOf = ({ file }: ZippedCase): Buffer => gunzipSync(Buffer.from(file, 'base64'));

const load = async (one: ZippedCase, options = {}): Promise<KerasModel> => {
  const file = place(`keras${one.suffix}`);
  writeFileSync(file, bytesOf(one));
  return loadModel(file, options);
};

const titled = cases.map((one) => [`${one.name}, ${one.optimizer}${one.suffix}`, one] as const);
const exact = titled.filter(([, one]) => isExact(one));
const ofHalves = titled.filter(([, one]) => !isExact(one));

const named = (name: string): ZippedCase => {
  const found = cases.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no case ${name}`);
  return found;
};

describe('a model that Keras 2.13 saved as .keras', () => {
  test.each(exact)('%s: predicts and trains on as in Keras', async (_title, one) => {
    const model = await load(one);
    await expectPredictions(model, one);
    expect(optimizerOf(model).iterations).toBe(3);
    expectClose(await nextLosses(model, one, 'compiled'), one.losses);
  });

  test('saved here it comes back', async () => {
    const one = named('deep');
    await saveModel(await load(one), place('model.keras'));
    const again = await loadModel(place('model.keras'));
    await expectPredictions(again, one);
    expectClose(await nextLosses(again, one, 'eager'), one.losses);
  });

  test('its weights alone, out of the archive and as a file', async () => {
    const one = named('deep');
    const model = await load(one);
    const weights = entriesOf(bytesOf(one)).find(({ name }) => name === 'model.weights.h5');
    writeFileSync(place('model.weights.h5'), weights?.content ?? '');
    for (const file of ['keras.keras', 'model.weights.h5']) {
      const other = cloneModel(model);
      await loadModelWeights(other, place(file));
      await expectPredictions(other, one);
    }
  });
});

describe('a model of numbers of 16 bits', () => {
  test.each(ofHalves)('%s: its weights are those of Keras, in 32 bits', async (_title, one) => {
    const model = await load(one);
    expect(new Set(getWeights(model).map(({ dtype }) => dtype))).toEqual(new Set(['float32']));
    await expectPredictions(model, one, one.name === 'brain' ? 2e-2 : 2e-3);
  });

  test.each(ofHalves.filter(([title]) => title.endsWith('.keras')))(
    '%s: what its optimizer remembers',
    async (_title, one) => {
      const model = await load(one);
      expect(optimizerOf(model)).toMatchObject({ name: 'sgd', iterations: 3 });
      expect(optimizerOf(model).learningRate).toBeCloseTo(0.01, 3);
    },
  );
});
