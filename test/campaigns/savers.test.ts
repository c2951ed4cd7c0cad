/** What the campaign of saves reads is what was saved; and what is not whole is seen. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as all from '../../src/index';
import { setWeights, tf } from '../../src/index';
import { modelOf, SAVERS } from './savers';

const folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-savers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const saved = async (name: string, model: all.KerasModel): Promise<string> => {
  const { file, save } = SAVERS[name] ?? {};
  if (file === undefined || save === undefined) throw new Error(`there is no ${name}`);
  const place = path.join(folder, name, file);
  await save(model, place);
  return place;
};

test.each(Object.keys(SAVERS))('%s: the number of the version', async (name) => {
  const model = modelOf(2);
  const place = await saved(name, model);
  expect(await SAVERS[name]?.read(place)).toEqual({ version: 2 });
  model.dispose();
});

test.each(['saveModel', 'exportSavedmodel', 'exportOnnx'])('%s: weights of two versions', async (name) => {
  const model = modelOf(2);
  const weights = all.getWeights(model);
  const [first, ...others] = weights;
  const other = tf.tidy(() => tf.add(tf.mul(first as all.Tensor, 0), 3));
  setWeights(model, [other, ...others]);
  const place = await saved(name, model);
  expect(await SAVERS[name]?.read(place)).toHaveProperty('problem');
  tf.dispose([other, ...weights]);
  model.dispose();
});

test('every function that writes models has a line', () => {
  const writing = Object.keys(all).filter((name) =>
    /^(?:save(?:Model|d)|export(?:Savedmodel|Onnx))/i.test(name),
  );
  expect(Object.keys(SAVERS)).toEqual(expect.arrayContaining(writing));
});
