/** Files that older versions of Keras wrote, and files in their layouts: test/reference/keras_old.py says what Keras 2.13 makes of them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  fit,
  kerasModel,
  kerasModelSequential,
  KerasFileError,
  layerActivation,
  layerAdd,
  layerDense,
  layerInput,
  loadModelHdf5,
  loadModelWeightsHdf5,
  optimizerOf,
  pipe,
  predict,
  tf,
  type AnyModel,
  type KerasModel,
  type Tensor,
} from '../../src/index';
import { gridOf } from '../support/grid';

interface Predicted {
  readonly inputs: readonly number[][];
  readonly outputs: readonly number[][];
}

interface Made {
  readonly about: string;
  readonly file: string;
  readonly inputs: readonly number[];
  readonly steps: number;
  readonly outputs: readonly number[];
  readonly losses: readonly number[];
}

const reference = path.join(__dirname, '../reference');
const { real, made } = JSON.parse(readFileSync(path.join(reference, 'keras_old.json'), 'utf8')) as {
  readonly real: Readonly<Record<'lstm-2.2.5' | 'gru-2.2.4-tf' | 'icnn-2.4.0' | 'weights-2.4.0', Predicted>>;
  readonly made: readonly Made[];
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-old-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A file out of its packing. */
const place = (content: Buffer): string => {
  const file = path.join(folder, 'model.h5');
  writeFileSync(file, gunzipSync(content));
  return file;
};
const realFile = (name: keyof typeof real): string =>
  place(readFileSync(path.join(reference, 'keras-files', `${name}.h5.gz`)));

const grid = (shape: readonly number[], seed: number): Tensor =>
  tf.tensor(
    gridOf(
      shape.reduce((product, size) => product * size, 1),
      seed,
    ),
    [...shape],
  );

const expectClose = (actual: readonly number[], expected: readonly number[], tolerance = 1e-5): void => {
  expect(actual).toHaveLength(expected.length);
  const largest = Math.max(1, ...expected.map(Math.abs));
  const worst = Math.max(...actual.map((value, index) => Math.abs(value - (expected[index] ?? NaN))));
  if (!(worst <= tolerance * largest)) expect(actual).toEqual(expected);
};

const expectPredictions = async (model: AnyModel, { inputs, outputs }: Predicted): Promise<void> => {
  const x = inputs.map((shape, seed) => grid(shape, seed));
  const predicted = [
    await predict(model, x.length === 1 ? (x[0] as Tensor) : x, { batchSize: inputs[0]?.[0] }),
  ].flat() as Tensor[]; // one, or a list
  expect(predicted).toHaveLength(outputs.length);
  predicted.forEach((output, index) => expectClose([...output.dataSync()], outputs[index] ?? []));
};

describe('files that Keras wrote', () => {
  test.each(['lstm-2.2.5', 'gru-2.2.4-tf'] as const)('%s predicts as in Keras', async (name) => {
    await expectPredictions(await loadModelHdf5(realFile(name)), real[name]);
  });

  test('weights alone, of 2.4.0', async () => {
    const model = pipe(
      kerasModelSequential(),
      layerDense({ units: 32, activation: 'relu', useBias: false, inputShape: [100] }),
      layerDense({ units: 1, useBias: false }),
    );
    await expectPredictions(
      await loadModelWeightsHdf5(model, realFile('weights-2.4.0')),
      real['weights-2.4.0'],
    );
  });

  test('a layer that is an operation of TensorFlow’s is refused by its name, and the weights serve', async () => {
    const file = realFile('icnn-2.4.0');
    await expect(loadModelHdf5(file)).rejects.toThrow(KerasFileError);
    await expect(loadModelHdf5(file)).rejects.toThrow(
      /a TensorFlowOpLayer: an operation of TensorFlow or Keras in the place of a layer, in .*'Softplus'/,
    );
    // The network that the file describes: each layer adds a view of the input.
    const x = layerInput({ shape: [4] });
    const passThrough = (units: number) => layerDense(x, { units, useBias: false });
    let y = layerDense(x, { units: 20, activation: 'softplus' });
    for (let layer = 0; layer < 5; layer++) {
      const seen = passThrough(20);
      y = layerActivation(layerAdd([seen, layerDense(y, { units: 20 })]), { activation: 'softplus' });
    }
    const last = passThrough(1);
    const model = kerasModel(x, layerAdd([last, layerDense(y, { units: 1 })]));
    await expectPredictions(await loadModelWeightsHdf5(model, file), real['icnn-2.4.0']);
  });
});

describe('files in the layouts of', () => {
  test.each(made.map((one) => [one.about, one] as const))('%s', async (_about, one) => {
    const model: KerasModel = await loadModelHdf5(place(Buffer.from(one.file, 'base64')));
    const x = grid(one.inputs, 0);
    expectClose([...(await predict(model, x)).dataSync()], one.outputs);
    expect(optimizerOf(model).iterations).toBe(one.steps);
    const options = { epochs: 5, batchSize: 8, shuffle: false, verbose: 0 } as const;
    const { metrics } = await fit(model, x, grid([8, 1], 50), options);
    expectClose(metrics.loss, one.losses);
  });
});
