/** Weights of another model, and endings of no format: the message says what to do, and the model has what it had. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  getWeights,
  kerasModelSequential,
  KerasArgumentError,
  KerasFileError,
  layerDense,
  loadModelWeights,
  loadModelWeightsHdf5,
  loadModelWeightsTf,
  saveModel,
  saveModelHdf5,
  saveModelWeights,
  saveModelWeightsTf,
  type SequentialModel,
} from '../../src';

const folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-other-weights-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const dense = (...units: readonly number[]): SequentialModel => {
  const model = kerasModelSequential({ inputShape: [3] });
  for (const each of units) layerDense(model, { units: each });
  return model;
};

type Load = (model: SequentialModel, file: string) => Promise<unknown>;

describe.each<[string, string, Load, Load, string]>([
  ['loadModelWeights', 'w.weights.h5', saveModelWeights, loadModelWeights, 'by skipMismatch: true'],
  ['loadModelWeights', 'w.keras', saveModel, loadModelWeights, 'by skipMismatch: true'],
  ['loadModelWeightsHdf5', 'w.h5', saveModelHdf5, loadModelWeightsHdf5, 'byName: true, skipMismatch: true'],
  ['loadModelWeightsTf', 'w.ckpt', saveModelWeightsTf, loadModelWeightsTf, 'a model of the same layers.'],
])('%s of %s', (name, ending, save, load, advice) => {
  test.each([
    ['wider', [5]],
    ['deeper', [4, 2]],
  ])('a %s model', async (_, units) => {
    const file = path.join(folder, ending);
    await save(dense(4), file);
    const model = dense(...units);
    const before = getWeights(model).map((weight) => weight.dataSync());
    const error: unknown = await load(model, file).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(KerasFileError);
    const { message } = error as KerasFileError;
    expect(message).toContain(`${name}: the file must have the weights of the model. Received: ${file}`);
    expect(message).toContain('Load it into a model of the same layers');
    expect(message).toContain(advice);
    expect(message).not.toContain('cut off');
    expect(getWeights(model).map((weight) => weight.dataSync())).toEqual(before);
  });
});

test.each([
  ['folder', 'saveModelTf()'],
  ['graph.pb', 'saveModelTf()'],
  ['model.json', 'saveModelTfjs()'],
  ['model.ONNX', 'exportOnnx()'],
  ['model.weights.h5', 'saveModelWeights()'],
  ['model.pkl', "'model.keras'"],
])('saveModel to %s names %s', async (file, advice) => {
  const error: unknown = await saveModel(dense(1), path.join(folder, file)).catch(
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(KerasArgumentError);
  expect((error as KerasArgumentError).message).toContain(advice);
});
