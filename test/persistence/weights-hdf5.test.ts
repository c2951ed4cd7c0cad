/** Weights alone: by order and by name, what is left out and what is reshaped, names over 64 kB, sizes that a file cannot honestly have. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Hdf5Reader } from '../../src/files/hdf5';
import {
  getLayer,
  getWeights,
  kerasModelSequential,
  KerasArgumentError,
  KerasFileError,
  layerActivation,
  layerDense,
  layerModel,
  loadModelHdf5,
  loadModelWeightsHdf5,
  pipe,
  saveModelHdf5,
  saveModelWeightsHdf5,
  setWeights,
  tf,
  type KerasModel,
  type SequentialModel,
} from '../../src/index';

const { weights: FILES } = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/keras_old.json'), 'utf8'),
) as {
  readonly weights: Readonly<
    Record<'packed' | 'chunked' | 'float64' | 'int64' | 'half' | 'complex' | 'empty' | 'bomb', string>
  >;
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-weights-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const place = (name = 'weights.h5'): string => path.join(folder, name);

/** Dense layers of these names and sizes, all of whose weights are one number. */
const stack = (
  value: number,
  ...layers: readonly (readonly [name: string, units: number])[]
): SequentialModel => {
  const model = kerasModelSequential({ inputShape: [3] });
  for (const [name, units] of layers) layerDense(model, { name, units });
  filled(model, value);
  return model;
};
const filled = (model: KerasModel, value: number): KerasModel => {
  setWeights(
    model,
    getWeights(model).map(({ shape }) => tf.fill(shape, value)),
  );
  return model;
};
/** The first number of the kernel and of the bias of each layer. */
const valuesOf = (model: KerasModel, ...names: readonly string[]): number[][] =>
  names.map((name) => getWeights(getLayer(model, name)).map((weight) => weight.dataSync()[0] ?? NaN));

const saved = async (model: KerasModel): Promise<string> => {
  await saveModelWeightsHdf5(model, place());
  return place();
};

describe('by name', () => {
  test('layers get what has their name, wherever it is; others stay', async () => {
    const file = await saved(stack(1, ['first', 4], ['second', 4], ['third', 2]));
    const other = stack(0, ['new', 4], ['second', 4], ['last', 2]);
    await loadModelWeightsHdf5(other, file, { byName: true });
    expect(valuesOf(other, 'new', 'second', 'last')).toEqual([[0, 0], [1, 1], [0, 0]]); // prettier-ignore
  });

  test('a whole model’s file serves, too', async () => {
    await saveModelHdf5(stack(1, ['first', 4], ['second', 4]), place('model.h5'));
    const other = stack(0, ['first', 4], ['other', 4]);
    await loadModelWeightsHdf5(other, place('model.h5'), { byName: true });
    expect(valuesOf(other, 'first', 'other')).toEqual([[1, 1], [0, 0]]); // prettier-ignore
  });

  test('what does not fit is an error, before anything is changed', async () => {
    const file = await saved(stack(1, ['first', 4], ['second', 5]));
    const other = stack(0, ['first', 4], ['second', 6]);
    await expect(loadModelWeightsHdf5(other, file, { byName: true })).rejects.toThrow(
      /loadModelWeightsHdf5: .*'second\/kernel' of layer 'second' has the shape \[4, 6\].*\[4, 5\]/,
    );
    expect(valuesOf(other, 'first', 'second')).toEqual([[0, 0], [0, 0]]); // prettier-ignore
  });

  test('with skipMismatch it is left as it is: single weights, and layers with another number of them', async () => {
    const file = await saved(stack(1, ['first', 4], ['second', 5], ['third', 5]));
    // The kernel of 'second' has another shape, and its bias the same, as Keras has it: each weight for itself.
    const other = stack(0, ['first', 3], ['second', 5]);
    layerDense(other, { name: 'third', units: 5, useBias: false });
    await loadModelWeightsHdf5(other, file, { byName: true, skipMismatch: true });
    expect(valuesOf(other, 'first', 'second')).toEqual([[0, 0], [0, 1]]); // prettier-ignore
    expect(getWeights(getLayer(other, 'third'))).toHaveLength(1);
    expect(getWeights(getLayer(other, 'third'))[0]?.dataSync()[0]).not.toBe(1);
  });

  test('skipMismatch goes with names only', async () => {
    const file = await saved(stack(1, ['first', 4]));
    const other = stack(0, ['first', 4]);
    await expect(loadModelWeightsHdf5(other, file, { skipMismatch: true })).rejects.toThrow(
      KerasArgumentError,
    );
  });
});

describe('by order', () => {
  test('names say nothing, and layers without weights do not count', async () => {
    const file = await saved(stack(1, ['first', 4], ['second', 2]));
    const other = pipe(
      kerasModelSequential({ inputShape: [3] }),
      layerDense({ units: 4, name: 'a' }),
      layerActivation({ activation: 'relu' }),
      layerDense({ units: 2, name: 'b' }),
    );
    await loadModelWeightsHdf5(filled(other, 0), file);
    expect(valuesOf(other, 'a', 'b')).toEqual([[1, 1], [1, 1]]); // prettier-ignore
  });

  test('another number of layers is an error that names them', async () => {
    const file = await saved(stack(1, ['first', 4], ['second', 2]));
    await expect(loadModelWeightsHdf5(stack(0, ['first', 4]), file)).rejects.toThrow(
      /the model has 1 layers with weights, and the file 2: 'first', 'second'/,
    );
  });
});

test('with reshape, weights of another shape with as many numbers fit, in their order', async () => {
  const model = pipe(
    kerasModelSequential({ inputShape: [2] }),
    layerDense({ units: 6, name: 'd', useBias: false }),
  );
  setWeights(model, [tf.range(0, 12).reshape([2, 6])]);
  const file = await saved(model);
  const other = pipe(
    kerasModelSequential({ inputShape: [3] }),
    layerDense({ units: 4, name: 'd', useBias: false }),
  );
  await expect(loadModelWeightsHdf5(other, file)).rejects.toThrow(KerasFileError);
  await loadModelWeightsHdf5(other, file, { reshape: true });
  expect(getWeights(other)[0]?.arraySync()).toEqual([[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]); // prettier-ignore
  const fewer = pipe(kerasModelSequential({ inputShape: [3] }), layerDense({ units: 3, useBias: false }));
  await expect(loadModelWeightsHdf5(fewer, file, { reshape: true })).rejects.toThrow(KerasFileError);
});

/** What HDF5 says of the attributes of a group. */
const attributesOf = async (file: string, group: string): Promise<Readonly<Record<string, unknown>>> => {
  const reader = await Hdf5Reader.open(file);
  try {
    return await reader.attributes(group);
  } finally {
    await reader.close();
  }
};

test('names of layers over 64 kB are in several attributes, as NumPy’s array_split divides them', async () => {
  const names = Array.from(
    { length: 331 },
    (_, index) => `${'x'.repeat(396)}_${String(index).padStart(3, '0')}`,
  );
  const model = kerasModelSequential({ inputShape: [3] });
  for (const name of names.slice(1)) layerActivation(model, { name, activation: 'linear' });
  layerDense(model, { name: names[0], units: 2 });
  filled(model, 3);
  await saveModelHdf5(model, place('model.h5'));
  const attributes = await attributesOf(place('model.h5'), 'model_weights');
  const parts = Object.entries(attributes).filter(([name]) => name.startsWith('layer_names'));
  // 331 names of 400 bytes are over twice 64,512: three parts, the first one name longer.
  expect(parts.map(([name, value]) => [name, (value as string[]).length])).toEqual([
    ['layer_names0', 111],
    ['layer_names1', 110],
    ['layer_names2', 110],
  ]);
  const again = await loadModelHdf5(place('model.h5'));
  expect(again.layers.map(({ name }) => name)).toEqual(model.layers.map(({ name }) => name));
  expect(valuesOf(again, names[0] ?? '')).toEqual([[3, 3]]);
});

test('names of weights over 64 kB, too', async () => {
  const inner = kerasModelSequential({ inputShape: [1], name: 'inner' });
  for (let index = 0; index < 170; index++)
    layerDense(inner, { name: `${'y'.repeat(200)}_${index}`, units: 1 });
  const model = kerasModelSequential({ inputShape: [1] });
  layerModel(model, inner);
  await saveModelWeightsHdf5(filled(model, 4), place());
  const attributes = await attributesOf(place(), 'inner');
  expect(Object.keys(attributes)).toEqual(['weight_names0', 'weight_names1']);
  filled(model, 0);
  await loadModelWeightsHdf5(model, place());
  expect(getWeights(model).every((weight) => weight.dataSync()[0] === 4)).toBe(true);
});

describe('what a file holds', () => {
  const load = async (name: keyof typeof FILES): Promise<KerasModel> => {
    writeFileSync(place(), gunzipSync(Buffer.from(FILES[name], 'base64')));
    return loadModelWeightsHdf5(stack(0, ['dense', 2]), place());
  };

  test.each(['packed', 'chunked', 'float64', 'int64', 'half'] as const)(
    '%s numbers are read',
    async (name) => {
      const [kernel, bias] = getWeights(await load(name));
      expect(kernel?.arraySync()).toEqual([[0, 1], [2, 3], [4, 5]]); // prettier-ignore
      expect(bias?.arraySync()).toEqual([7, 8]);
    },
  );

  test('other types are refused by their name', async () => {
    await expect(load('complex')).rejects.toThrow(/kernel:0 is of the type type 6, where numbers must stand/);
  });

  test.each(['empty', 'bomb'] as const)(
    '%s: more than it can honestly hold is refused, before memory is taken',
    async (name) => {
      const before = process.memoryUsage().rss;
      await expect(load(name)).rejects.toThrow(/kernel:0 is said to be larger than the whole file/);
      expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
    },
  );
});
