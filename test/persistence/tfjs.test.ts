/** TensorFlow.js's model.json: as its converter writes it (test/reference/tfjs.py), as it is written here, and files that are not to be trusted. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  compile,
  fit,
  getLayer,
  getWeights,
  kerasModelSequential,
  KerasArgumentError,
  KerasFileError,
  layerBatchNormalization,
  layerDense,
  layerGru,
  loadModelTfjs,
  newLayerClass,
  optimizerOf,
  pipe,
  saveModelTfjs,
  tf,
  type KerasModel,
  type LoadModelTfjsOptions,
} from '../../src/index';
import { tensorCount } from '../support/tensors';
import { distance, predicted, tensorOf } from './support/case-models';

interface Case {
  readonly name: string;
  readonly json: string;
  readonly files: Readonly<Record<string, string>>;
  readonly inputs: readonly { readonly shape: number[]; readonly values: number[] }[];
  readonly outputs: readonly { readonly shape: number[]; readonly values: number[] }[];
}

const cases = JSON.parse(readFileSync(path.join(__dirname, '../reference/tfjs.json'), 'utf8')) as Case[];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-tfjs-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const place = (name: string): string => path.join(folder, name);

const unpack = ({ json, files }: Case): void => {
  writeFileSync(place('model.json'), json);
  for (const [name, content] of Object.entries(files))
    writeFileSync(place(name), Buffer.from(content, 'base64'));
};

const caseOf = (name: string): Case => cases.find((one) => one.name === name) as Case;

/** Writes a case with other things in its model.json. */
const changed = (name: string, change: (json: Json) => void): void => {
  const one = caseOf(name);
  const json = JSON.parse(one.json) as Json;
  change(json);
  unpack({ ...one, json: JSON.stringify(json) });
};

interface Weight {
  name: string;
  shape: unknown;
  dtype: unknown;
  quantization?: unknown;
}

interface Json {
  format?: unknown;
  modelTopology: unknown;
  weightsManifest: { paths: unknown[]; weights: Weight[] }[];
  trainingConfig?: unknown;
}

const weightsIn = (json: Json): Weight[] => json.weightsManifest.flatMap(({ weights }) => weights);

test.each(cases.map((one) => [one.name, one] as const))('%s of the converter is read', async (_, one) => {
  unpack(one);
  const model = await loadModelTfjs(folder);
  const inputs = one.inputs.map(({ shape, values }) => tensorOf({ shape, values, dtype: 'float32' }));
  const outputs = await predicted(model, inputs);
  expect(
    outputs.map(
      (output, index) => distance([...output.dataSync()], one.outputs[index]?.values ?? []) <= 1e-5,
    ),
  ).toEqual(outputs.map(() => true));
});

test('what the converter keeps of training comes back', async () => {
  unpack(caseOf('dense'));
  expect(optimizerOf(await loadModelTfjs(folder)).name).toBe('adam');
  const model = await loadModelTfjs(folder, { compile: false });
  expect(() => optimizerOf(model)).toThrow(/compile/);
});

const trained = async (): Promise<KerasModel> => {
  const model = pipe(
    kerasModelSequential(),
    layerDense({ units: 4, activation: 'tanh', inputShape: [3] }),
    layerBatchNormalization(),
    layerDense({ units: 1 }),
    compile({ optimizer: 'adam', loss: 'mse' }),
  );
  await train(model);
  return model;
};

const x = tf.keep(tf.reshape(tf.linspace(-1, 1, 24), [8, 3]));
const y = tf.keep(tf.sum(x, 1, true));

const train = async (model: KerasModel): Promise<number[]> => {
  const { metrics } = await fit(model, x, y, { epochs: 3, batchSize: 8, shuffle: false, verbose: 0 });
  return metrics['loss'] as number[];
};

test('training goes on where it was', async () => {
  const model = await trained();
  expect(await saveModelTfjs(model, folder)).toBe(model);
  const again = await loadModelTfjs(folder);
  expect(await train(again)).toEqual(await train(model));
});

test('without its optimizer, it comes back as not compiled', async () => {
  await saveModelTfjs(await trained(), folder, { includeOptimizer: false });
  const model = await loadModelTfjs(folder);
  expect(() => optimizerOf(model)).toThrow(/compile/);
  expect(readFileSync(place('model.json'), 'utf8')).not.toContain('optimizer');
});

test('how TensorFlow.js says that it is compiled is understood', async () => {
  changed('conv', (json) => {
    json.trainingConfig = {
      loss: 'categorical_crossentropy',
      metrics: ['acc'],
      optimizer_config: { class_name: 'RMSProp', config: { learning_rate: 0.002, decay: 0.8, momentum: 0 } },
    };
  });
  const optimizer = optimizerOf(await loadModelTfjs(folder));
  expect(optimizer.getConfig()).toMatchObject({ name: 'rmsprop', learningRate: 0.002, rho: 0.8 });
});

const large = (): KerasModel =>
  pipe(kerasModelSequential(), layerDense({ units: 1500, inputShape: [1500], kernelInitializer: 'ones' }));

test('weights are in files of 4 MB, which the next save replaces', async () => {
  const model = large();
  await saveModelTfjs(model, folder);
  const names = [1, 2, 3].map((index) => `group1-shard${index}of3.bin`);
  expect(readdirSync(folder).toSorted()).toEqual([...names, 'model.json']);
  expect(names.map((name) => statSync(place(name)).size)).toEqual([
    4194304,
    4194304,
    1500 * 1501 * 4 - 2 * 4194304,
  ]);
  await saveModelTfjs(model, folder);
  expect(readdirSync(folder).toSorted()).toEqual([
    ...names.map((name) => name.replace('1', '2')),
    'model.json',
  ]);
  await saveModelTfjs(model, folder);
  expect(readdirSync(folder).toSorted()).toEqual([...names, 'model.json']);
  expect(getWeights(await loadModelTfjs(folder)).map(({ shape }) => shape)).toEqual([[1500, 1500], [1500]]);
});

test('weights of another model in the folder are left alone', async () => {
  writeFileSync(place('other.json'), '{}');
  writeFileSync(place('group7-shard1of1.bin'), 'theirs');
  await saveModelTfjs(await trained(), folder);
  await saveModelTfjs(await trained(), folder);
  expect(readdirSync(folder).toSorted()).toEqual([
    'group2-shard1of1.bin',
    'group7-shard1of1.bin',
    'model.json',
    'other.json',
  ]);
});

test('a model that is there stays, whole, where the new one cannot be written', async () => {
  const model = await trained();
  await saveModelTfjs(model, folder);
  const before = readdirSync(folder).map((name) => [name, readFileSync(place(name))]);
  const again = (): (string | Buffer)[][] =>
    readdirSync(folder).map((name) => [name, readFileSync(place(name))]);
  await expect(saveModelTfjs(model, folder, { overwrite: false })).rejects.toThrow(
    /^saveModelTfjs: the folder must have no model yet, where `overwrite` is false\. Received: .*model\.json/,
  );
  expect(again()).toEqual(before);
  writeFileSync(place('a file'), '');
  await expect(saveModelTfjs(model, path.join(folder, 'a file', 'model'))).rejects.toThrow(KerasFileError);
  if (process.getuid?.() === 0) return; // who may write anywhere
  chmodSync(folder, 0o500);
  await expect(saveModelTfjs(model, folder)).rejects.toThrow(KerasFileError);
  chmodSync(folder, 0o700);
});

test('shards of a writer that was killed are removed by the next', async () => {
  writeFileSync(place('group1-shard1of9.bin'), 'half');
  await saveModelTfjs(await trained(), folder);
  expect(readdirSync(folder).toSorted()).toEqual(['group2-shard1of1.bin', 'model.json']);
});

test('two that save at a time leave one model, whole', async () => {
  const model = large();
  await Promise.all([
    saveModelTfjs(model, folder),
    saveModelTfjs(model, folder),
    saveModelTfjs(model, folder),
  ]);
  expect(readdirSync(folder)).toHaveLength(4);
  expect(getWeights(await loadModelTfjs(folder))).toHaveLength(2);
});

test('what TensorFlow.js has not is refused, or written for programs that have this library', async () => {
  const model = pipe(kerasModelSequential(), layerGru({ units: 2, name: 'memory', inputShape: [3, 2] }));
  await expect(saveModelTfjs(model, folder)).rejects.toThrow(KerasArgumentError);
  await expect(saveModelTfjs(model, folder)).rejects.toThrow(
    /Received: layer 'memory' of the class GRU: its GRU resets before .*tfjsAlone: false/,
  );
  expect(readdirSync(folder)).toEqual([]);
  await saveModelTfjs(model, folder, { tfjsAlone: false });
  const again = await loadModelTfjs(folder);
  expect(getWeights(again).map((one) => [...one.dataSync()])).toEqual(
    getWeights(model).map((one) => [...one.dataSync()]),
  );
});

test('classes of layers of your own keep their names', async () => {
  const layerDoubling = newLayerClass({
    classname: 'Doubling',
    call: (input: tf.Tensor) => tf.mul(input, 2),
  });
  const model = pipe(
    kerasModelSequential(),
    layerDense({ units: 2, inputShape: [3] }),
    layerDoubling({ name: 'twice' }),
  );
  await expect(saveModelTfjs(model, folder)).rejects.toThrow(
    /layer 'twice' of the class Doubling: it is of a class of your own/,
  );
  await saveModelTfjs(model, folder, { tfjsAlone: false });
  expect(readFileSync(place('model.json'), 'utf8')).toContain('"class_name":"Doubling"');
  expect(getLayer(await loadModelTfjs(folder), 'twice').getClassName()).toBe('Doubling');
});

const refusal = async (options?: LoadModelTfjsOptions): Promise<string> => {
  const error: unknown = await loadModelTfjs(folder, options).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(KerasFileError);
  return (error as KerasFileError).message;
};

const setFirst = (field: 'shape' | 'dtype' | 'quantization', value: unknown) => (json: Json) => {
  (weightsIn(json)[0] as Weight)[field] = value;
};

const withPath = (name: string) => (json: Json) => {
  (json.weightsManifest[0] as { paths: string[] }).paths[0] = name;
};

test.each<[string, (json: Json) => void, RegExp]>([
  ['a graph model', (json) => (json.format = 'graph-model'), /it is a graph model, .*tfjs_layers_model/],
  [
    'a graph model without a format',
    (json) => Object.assign(json, { format: null, modelTopology: { node: [] } }),
    /it is a graph model/,
  ],
  ['another format', (json) => (json.format = 'audio'), /its format must be layers-model, and is "audio"/],
  ['no topology', (json) => (json.modelTopology = null), /modelTopology must be an object, and is null/],
  ['a path out of the folder', withPath('../x.bin'), /in the folder of model\.json, and is "\.\.\/x\.bin"/],
  ['an absolute path', withPath('/etc/passwd'), /in the folder of model\.json, and is "\/etc\/passwd"/],
  ['an address', withPath('https://example.com/x.bin'), /and is "https:\/\/example\.com\/x\.bin"/],
  ['a backslash', withPath('..\\x.bin'), /in the folder of model\.json/],
  ['a file that is not there', withPath('missing.bin'), /missing\.bin.*ENOENT|ENOENT.*missing\.bin/],
  ['a negative size', setFirst('shape', [-1, 4]), /must have a shape, and has \[-1,4\]/],
  ['a huge size', setFirst('shape', [2 ** 52, 2 ** 52]), /must have a shape/],
  [
    'a larger size',
    setFirst('shape', [2 ** 20, 2 ** 12]),
    /take \d+ bytes by the manifest, and the files have \d+/,
  ],
  [
    'another shape',
    setFirst('shape', [2, 2]),
    /'batch_normalization\/gamma' has the shape \[2, 2\], and '.*gamma' of the model \[4\]/,
  ],
  [
    'an unknown type',
    setFirst('dtype', 'string'),
    /must be of the type float32, int32 or bool, and is of "string"/,
  ],
  [
    'an unknown quantization',
    setFirst('quantization', { dtype: 'uint4' }),
    /must be quantized to uint8, uint16 or float16/,
  ],
  [
    'a scale that is no number',
    setFirst('quantization', { dtype: 'uint8', scale: null, min: 0 }),
    /the scale of the weight .* must be a number/,
  ],
  [
    'no list of weights',
    (json) => Object.assign(json.weightsManifest[0] as object, { weights: 3 }),
    /the lists `paths` and `weights`/,
  ],
  ['no manifest', (json) => Object.assign(json, { weightsManifest: 'x' }), /weightsManifest must be a list/],
  [
    'another name',
    (json) => ((weightsIn(json)[0] as Weight).name = 'other/gamma'),
    /the names of its weights are others than those of the model.*other\/gamma/,
  ],
  [
    'one weight less',
    (json) => void (json.weightsManifest[0] as { weights: Weight[] }).weights.pop(),
    /bytes by the manifest/,
  ],
])('%s is refused', async (_, change, message) => {
  changed('dense', change);
  expect(await refusal()).toMatch(message);
});

test('a shard that is cut off, or longer, is refused', async () => {
  unpack(caseOf('dense'));
  const [shard] = Object.keys(caseOf('dense').files) as [string];
  truncateSync(place(shard), 4);
  expect(await refusal()).toMatch(/take \d+ bytes by the manifest, and the files have \d+/);
  writeFileSync(place(shard), Buffer.alloc(4000));
  expect(await refusal()).toMatch(/take \d+ bytes by the manifest, and the files have \d+/);
});

test('a shard that stands for many is refused before memory is taken for them', async () => {
  const [shard] = Object.keys(caseOf('dense').files) as [string];
  changed('dense', (json) => {
    const [group] = json.weightsManifest;
    if (group !== undefined) json.weightsManifest = [group, group, group];
  });
  expect(await refusal()).toMatch(`${shard} stands in weightsManifest more than once`);
});

test('links out of the folder, folders and pipes are not read', async () => {
  const one = caseOf('dense');
  const [shard] = Object.keys(one.files) as [string];
  unpack(one);
  const outside = mkdtempSync(path.join(tmpdir(), 'keras-pipe-outside-'));
  try {
    writeFileSync(path.join(outside, shard), Buffer.from(one.files[shard] as string, 'base64'));
    rmSync(place(shard));
    symlinkSync(path.join(outside, shard), place(shard));
    expect(await refusal()).toMatch(/is a link out of the folder of model\.json/);
  } finally {
    rmSync(outside, { recursive: true });
  }
  rmSync(place(shard));
  mkdirSync(place(shard));
  expect(await refusal()).toMatch(new RegExp(`${shard} must be a file|EISDIR`));
  rmSync(place(shard), { recursive: true });
  if (spawnSync('mkfifo', [place(shard)]).status !== 0) return; // where there are none
  expect(await refusal()).toMatch(`${shard} must be a file`);
});

test('the path of the file will do, and one that is not there is an error', async () => {
  unpack(caseOf('dense'));
  expect(getWeights(await loadModelTfjs(place('model.json')))).toHaveLength(8);
  expect(existsSync(place('other'))).toBe(false);
  await expect(loadModelTfjs(place('other'))).rejects.toThrow(KerasFileError);
});

test('no tensors are left over by a model that cannot be read', async () => {
  changed('dense', setFirst('shape', [2, 2]));
  await refusal();
  const before = tensorCount();
  await refusal();
  expect(tensorCount()).toBe(before);
});
