/**
 * Files of Keras 3 say of each layer whether it trains, its default where nobody has said it, and Keras 3 goes by the model nevertheless:
 * test/reference/keras3/training_calls.py.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  callModel,
  kerasModel,
  layerDropout,
  layerGaussianNoise,
  layerInput,
  loadModel,
  modelToJson,
  saveModel,
  shared,
  tf,
  type Tensor,
} from '../../src/index';
import { entriesOf } from '../campaigns/load-mutations';
import { distance } from '../layers/support';
import { expectClose } from '../support/grid';
import { expectPredictions, loadSaved, nextLosses, savedFiles } from '../persistence/support/saved-cases';

const cases = savedFiles('training_calls');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-training-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.each(cases.map((one) => [`${one.name}${one.suffix}`, one] as const))(
  '%s: predicts and trains as in Keras, and as the model does',
  async (_title, one) => {
    const model = await loadSaved(one, folder);
    expect(modelToJson(model)).not.toContain('"training"');
    await expectPredictions(model, one);
    if (one.losses.length > 0) expectClose(await nextLosses(model, one), one.losses);
  },
);

test('what is said here of a layer is in a file of Keras 3 as a number, and comes back', async () => {
  const x = layerInput({ shape: [40] });
  const dropped = shared(layerDropout({ rate: 0.5 }))(x, { training: true });
  const model = kerasModel(x, shared(layerGaussianNoise({ stddev: 1 }))(dropped, { training: false }));
  const place = path.join(folder, 'model.keras');
  await saveModel(model, place);
  const config = entriesOf(readFileSync(place)).find(({ name }) => name === 'config.json');
  const said = [...String(config?.content).matchAll(/"training":(\w+)/g)].map(([, value]) => value);
  expect(said).toEqual(['1', '0']);
  const again = await loadModel(place);
  const ones = tf.ones([1, 40]);
  for (const training of [true, false]) {
    // Noise would make other numbers than 0 and 2.
    const values = [...(callModel(again, ones, { training }) as Tensor).dataSync()];
    expect(new Set(values)).toEqual(new Set([0, 2]));
  }
  expect(distance(callModel(again, ones), ones)).toBeGreaterThan(0.5);
});
