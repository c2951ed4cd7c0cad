import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  callbackTensorboard,
  compile,
  evaluate,
  fit,
  kerasModelSequential,
  KerasArgumentError,
  KerasFileError,
  layerConv2d,
  layerDense,
  layerEmbedding,
  layerFlatten,
  learningRateScheduleExponentialDecay,
  optimizerSgd,
  pipe,
  setWeights,
  tf,
} from '../../src/index';
import { bucketsOf } from '../../src/files/event-file';
import { weightImages } from '../../src/plots/internal/weight-images';
import { pixelsOf, valuesIn } from '../support/event-file';

interface Entry {
  readonly plugin: string;
  readonly steps: readonly number[];
  readonly shape: readonly number[];
  readonly values?: readonly (number | readonly number[])[];
  readonly size?: readonly number[];
  readonly pixels?: readonly (readonly number[])[];
}

const reference = JSON.parse(readFileSync(path.join(__dirname, '../reference/event_files.json'), 'utf8')) as {
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly weights: readonly (readonly number[])[];
  readonly runs: Readonly<Record<'train' | 'validation', Readonly<Record<string, Entry>>>>;
};

let folder = '';
beforeEach(() => void (folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-board-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const x = tf.tensor([...reference.x], [8, 3, 3, 1]);
const y = tf.tensor([...reference.y], [8, 1]);
const newModel = () => {
  const model = pipe(
    kerasModelSequential(),
    layerConv2d({ filters: 2, kernelSize: 2, inputShape: [3, 3, 1] }),
    layerFlatten(),
    layerDense({ units: 3 }),
    layerDense({ units: 1 }),
    compile({
      optimizer: optimizerSgd({
        learningRate: learningRateScheduleExponentialDecay({
          initialLearningRate: 0,
          decaySteps: 2,
          decayRate: 0.5,
        }),
      }),
      loss: 'mse',
      metrics: ['mae'],
    }),
  );
  const shapes = [[2, 2, 1, 2], [2], [8, 3], [3], [3, 1], [1]];
  return setWeights(
    model,
    reference.weights.map((values, index) => tf.tensor([...values], shapes[index])),
  );
};

describe.each(['eager', 'compiled'] as const)('%s', (engine) => {
  test('what is written is what Keras writes, by the same names', async () => {
    const board = callbackTensorboard({ logDir: folder, histogramFreq: 2, writeImages: true });
    const options = {
      epochs: 3,
      batchSize: 2,
      validationSplit: 0.25,
      shuffle: false,
      verbose: 0,
      engine,
    } as const;
    await fit(newModel(), x, y, { ...options, callbacks: board });
    for (const run of ['train', 'validation'] as const) {
      const values = valuesIn(path.join(folder, run));
      const expected = reference.runs[run];
      expect([...new Set(values.map(({ tag }) => tag))].sort()).toEqual(Object.keys(expected).sort());
      for (const [tag, entry] of Object.entries(expected)) {
        const found = values.filter((value) => value.tag === tag);
        expect([tag, found.map(({ step }) => step)]).toEqual([tag, entry.steps]);
        for (const { plugin, shape } of found)
          expect({ plugin, shape }).toEqual({ plugin: entry.plugin, shape: entry.shape });
        const numbers =
          entry.plugin === 'scalars' ? found.flatMap((one) => one.numbers) : (found[0]?.numbers ?? []);
        (entry.values ?? []).flat().forEach((value, index) => {
          expect(Math.abs((numbers[index] ?? NaN) - value)).toBeLessThan(1e-5 * Math.max(1, Math.abs(value)));
        });
        const [width, height, ...files] = found[0]?.files ?? [];
        if (entry.plugin === 'images') {
          expect([Number(width), Number(height)]).toEqual(entry.size);
          const pixels = files.map(pixelsOf);
          expect(pixels.map(({ length }) => length)).toEqual(entry.pixels?.map(({ length }) => length));
          // A half goes up here, and down there.
          pixels.flat().forEach((value, index) => {
            expect(Math.abs(value - (entry.pixels?.flat()[index] ?? NaN))).toBeLessThanOrEqual(1);
          });
        }
      }
    }
    const model = valuesIn(path.join(folder, 'train')).find(({ tag }) => tag === 'keras');
    expect(JSON.parse(String(model?.files[0]))).toMatchObject({ class_name: 'Sequential' });
  });

  test('losses of batches are there if they are asked for', async () => {
    const steps = async (updateFreq: 'epoch' | 'batch' | number) => {
      const logDir = path.join(folder, String(updateFreq));
      const options = { epochs: 2, batchSize: 2, verbose: 0, engine } as const;
      await fit(newModel(), x, y, { ...options, callbacks: callbackTensorboard({ logDir, updateFreq }) });
      return valuesIn(path.join(logDir, 'train')).flatMap(({ tag, step }) =>
        tag === 'batch_loss' ? [step] : [],
      );
    };
    expect(await steps('epoch')).toEqual([]);
    expect(await steps('batch')).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(await steps(3)).toEqual([3, 6]);
  });
});

test('an evaluation is written at the steps that the model has had', async () => {
  const model = newModel();
  await evaluate(model, x, y, { verbose: 0, callbacks: callbackTensorboard({ logDir: folder }) });
  const values = valuesIn(path.join(folder, 'validation'));
  expect(values.map(({ tag, step }) => [tag, step])).toEqual([
    ['evaluation_loss_vs_iterations', 0],
    ['evaluation_mae_vs_iterations', 0],
  ]);
});

test('embeddings are points for the projector', async () => {
  const model = pipe(
    kerasModelSequential(),
    layerEmbedding({ inputDim: 4, outputDim: 2, inputLength: 1, name: 'words' }),
    layerFlatten(),
    layerDense({ units: 1 }),
    compile({ loss: 'mse' }),
  );
  const board = callbackTensorboard({
    logDir: folder,
    embeddingsFreq: 1,
    embeddingsMetadata: { words: 'words.tsv' },
  });
  await fit(model, [[0], [3]], [[1], [2]], { epochs: 1, verbose: 0, callbacks: board });
  const lines = readFileSync(path.join(folder, 'train', 'words.tsv'), 'utf8')
    .trimEnd()
    .split('\n');
  expect(lines.map((line) => line.split('\t').length)).toEqual([2, 2, 2, 2]);
  const config = readFileSync(path.join(folder, 'train', 'projector_config.pbtxt'), 'utf8');
  expect(config).toContain('tensor_path: "words.tsv"');
  expect(config).toContain(`metadata_path: ${JSON.stringify(path.resolve('words.tsv'))}`);
});

test('a second fit has a file of its own, and begins anew', async () => {
  const board = callbackTensorboard({ logDir: folder, writeGraph: false });
  const model = newModel();
  await fit(model, x, y, { epochs: 1, verbose: 0, callbacks: board });
  await fit(model, x, y, { epochs: 1, verbose: 0, callbacks: board });
  expect(readdirSync(path.join(folder, 'train'))).toHaveLength(2);
});

describe('parts of a histogram', () => {
  test('are as many as 30, and have all numbers', () => {
    const parts = bucketsOf(Array.from({ length: 100 }, (_, index) => index));
    expect(parts).toHaveLength(30);
    expect(parts.reduce((sum, [, , count]) => sum + count, 0)).toBe(100);
    expect(parts[0]?.[0]).toBe(0);
    expect(parts.at(-1)?.[1]).toBe(99);
  });
  test('of one number alone, and of none that is finite', () => {
    expect(bucketsOf([2, 2, NaN]).at(-1)).toEqual([2, 2, 2]);
    expect(bucketsOf([NaN])).toEqual([]);
  });
});

test('weights that are no pictures give none', () => {
  expect(weightImages([1], [1])).toBeUndefined();
  expect(weightImages([], [0, 4])).toBeUndefined();
  expect(weightImages(new Float32Array(32), [2, 2, 2, 2, 2])).toBeUndefined();
  expect(weightImages(new Float32Array(16 * 5), [2, 2, 4, 5])).toBeUndefined();
  expect(weightImages(new Float32Array(16 * 3), [2, 2, 4, 3])).toMatchObject({ width: 4, height: 2 });
});

describe('it refuses', () => {
  test.each([
    ['updateFreq', { updateFreq: 'epcoh' }],
    ['updateFreq', { updateFreq: 0 }],
    ['histogramFreq', { histogramFreq: -1 }],
    ['embeddingsMetadata', { embeddingsMetadata: 3 }],
    ['logdir', { logdir: 'x' }],
  ])('%s %j', (name, options) => {
    expect(() => callbackTensorboard(options as object)).toThrow(KerasArgumentError);
    expect(() => callbackTensorboard(options as object)).toThrow(name);
  });

  test('a folder that cannot be made', async () => {
    writeFileSync(path.join(folder, 'file'), '');
    const board = callbackTensorboard({ logDir: path.join(folder, 'file') });
    const fitted = fit(newModel(), x, y, { epochs: 1, verbose: 0, callbacks: board });
    await expect(fitted).rejects.toThrow(KerasFileError);
    await expect(fitted).rejects.toThrow('callbackTensorboard: ');
  });
});
