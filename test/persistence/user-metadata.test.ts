/** What is kept with a model for those who use it: it is in the files of all formats, and comes back. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  callbackModelCheckpoint,
  compile,
  exportOnnx,
  exportSavedmodel,
  exportTrainingJob,
  fit,
  kerasModelSequential,
  KerasArgumentError,
  KerasFileError,
  layerDense,
  loadModel,
  loadModelTf,
  modelFromJson,
  modelToJson,
  pipe,
  saveModel,
  saveModelTf,
  saveModelTfjs,
  serializeModel,
  tf,
  unserializeModel,
  type KerasModel,
  type ModelMetadata,
  type ServedModel,
} from '../../src/index';
import { fieldsOf } from '../../src/files/protocol-buffers';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-metadata-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const place = (name: string): string => path.join(folder, name);

const METADATA = {
  classNames: ['cat', 'dög'],
  preprocessing: { size: [8, 8], mean: [0.5, 0.25], flip: false, by: null },
  __proto__of: 'a text',
};

const plain = (): KerasModel =>
  pipe(
    kerasModelSequential(),
    layerDense({ units: 2, activation: 'softmax', inputShape: [3] }),
    compile({ optimizer: 'adam', loss: 'sparse_categorical_crossentropy' }),
  );
const withMetadata = (): KerasModel => Object.assign(plain(), { metadata: METADATA });

type Format = readonly [name: string, save: (model: KerasModel, file: string) => Promise<unknown>];
const FORMATS: readonly Format[] = [
  ['model.keras', saveModel],
  ['model.h5', saveModel],
  ['saved', saveModelTf],
  ['browser', saveModelTfjs],
];

test.each(FORMATS)('in %s, also when what came back is saved', async (name, save) => {
  await save(withMetadata(), place(name));
  const again = await loadModel(place(name));
  expect(again.metadata).toEqual(METADATA);
  await save(again, place(`again-${name}`));
  expect((await loadModel(place(`again-${name}`))).metadata).toEqual(METADATA);
  // None is none.
  await save(plain(), place(name));
  expect((await loadModel(place(name))).metadata).toBeUndefined();
});

test('in bytes, in JSON, beside a graph that is served', async () => {
  const model = withMetadata();
  expect((await unserializeModel(await serializeModel(model))).metadata).toEqual(METADATA);
  expect(modelFromJson(modelToJson(model)).metadata).toEqual(METADATA);
  expect(modelToJson(plain())).not.toContain('metadata');
  for (const frozen of [false, true]) {
    await exportSavedmodel(model, place('served'), { frozen });
    expect((await loadModelTf<ServedModel>(place('served'))).metadata).toEqual(METADATA);
  }
  await exportSavedmodel(plain(), place('served'));
  expect((await loadModelTf<ServedModel>(place('served'))).metadata).toBeUndefined();
});

test('in what a checkpoint saves, and in a job that Keras has run', async () => {
  const model = withMetadata();
  const [x, y] = [tf.ones([4, 3]), tf.zeros([4, 1])];
  const callbacks = [callbackModelCheckpoint({ filepath: place('best.keras') })];
  await fit(model, x, y, { epochs: 1, verbose: 0, callbacks });
  expect((await loadModel(place('best.keras'))).metadata).toEqual(METADATA);
  await exportTrainingJob(model, [x, y], { folder: place('job') });
  // Keras writes what it knows.
  mkdirSync(place('job/result'));
  await saveModel(plain(), place('job/result/model.keras'));
  expect((await loadModel(place('job'))).metadata).toEqual(METADATA);
});

test('in ONNX files, whose entries are texts', async () => {
  await exportOnnx(withMetadata(), place('model.onnx'));
  const entries = [...fieldsOf(readFileSync(place('model.onnx')), 'the file')]
    .filter(({ number }) => number === 14)
    .map((field) => [...field.fields()].map(({ text }) => text));
  expect(entries).toEqual([
    ['classNames', '["cat","dög"]'],
    ['preprocessing', JSON.stringify(METADATA.preprocessing)],
    ['__proto__of', 'a text'],
  ]);
});

test('TensorFlow.js by itself has it, too', async () => {
  await saveModelTfjs(withMetadata(), place('browser'));
  const program = `
    const tf = require('@tensorflow/tfjs');
    const { readFileSync } = require('node:fs');
    const json = JSON.parse(readFileSync(process.argv[1] + '/model.json', 'utf8'));
    const bytes = Buffer.concat(json.weightsManifest[0].paths.map((one) => readFileSync(process.argv[1] + '/' + one)));
    const weightSpecs = json.weightsManifest[0].weights.filter(({ group }) => group !== 'optimizer');
    const weightData = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
    tf.loadLayersModel(tf.io.fromMemory({ modelTopology: json.modelTopology, weightSpecs, weightData, userDefinedMetadata: json.userDefinedMetadata }))
      .then((model) => console.log(JSON.stringify(model.getUserDefinedMetadata())));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', program, place('browser')], {
    encoding: 'utf8',
  });
  if (stdout === '') throw new Error(stderr);
  expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toEqual(METADATA);
});

test('a model has a copy, which nobody changes', () => {
  const classNames = ['a', 'b'];
  const model = Object.assign(plain(), { metadata: { classNames, of: undefined } });
  classNames.push('c');
  expect(model.metadata).toEqual({ classNames: ['a', 'b'] });
  expect(Object.isFrozen(model.metadata)).toBe(true);
  expect(Object.isFrozen(model.metadata.classNames)).toBe(true);
  model.metadata = undefined as never; // of the type of what was assigned
  expect(model.metadata).toBeUndefined();
});

const deep = (): unknown => {
  let value: unknown = 0;
  for (let depth = 0; depth < 200; depth++) value = [value];
  return value;
};

test.each<[string, unknown, RegExp]>([
  ['a tensor', { preprocessing: { mean: tf.ones([2]) } }, /`metadata\.preprocessing\.mean` must be what JSON has.*await tensor\.array\(\)/],
  ['a typed array', { mean: Float32Array.of(1) }, /`metadata\.mean` must be.*Array\.from\(array\)/],
  ['NaN', { list: [1, NaN] }, /`metadata\.list\[1\]` must be .*finite numbers.*Received: NaN/],
  ['a function', { f: () => 1 }, /`metadata\.f` must be/],
  ['a list', ['cat', 'dog'], /`metadata` must be an object.*model\.metadata = \{ classNames/],
  ['numbers as names of classes', { classNames: [1, 2] }, /`metadata\.classNames` must be a list of texts/],
  ['what is in itself', { deep: deep() }, /less deep than 100 lists/],
])('%s is an error that says where', (_, value, message) => {
  const model = plain();
  expect(() => {
    model.metadata = value as ModelMetadata;
  }).toThrow(KerasArgumentError);
  expect(() => {
    model.metadata = value as ModelMetadata;
  }).toThrow(message);
  expect(model.metadata).toBeUndefined();
}); // prettier-ignore

describe('a file’s own is not trusted', () => {
  const refused = async (work: Promise<unknown>): Promise<string> => {
    const error: unknown = await work.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(KerasFileError);
    return (error as KerasFileError).message;
  };

  test('what is none is an error of the file', async () => {
    await saveModelTf(withMetadata(), place('saved'));
    const file = place('saved/assets.extra/user_metadata.json');
    for (const [content, message] of [
      ['{"classNames": 5}', /`metadata\.classNames` must be a list of texts\. Received: 5/],
      ['[1]', /user_metadata\.json must be an object of JSON/],
      ['{"classNames"', /user_metadata\.json is no JSON/],
      [`{"a": ${'['.repeat(1e5)}${']'.repeat(1e5)}}`, /less deep than 100|is no JSON/],
    ] as const) {
      writeFileSync(file, content);
      expect(await refused(loadModel(place('saved')))).toMatch(message);
    }
    rmSync(file);
    spawnSync('mkfifo', [file]);
    expect(await refused(loadModel(place('saved')))).toMatch(/user_metadata\.json must be a file/);
    await saveModelTfjs(withMetadata(), place('browser'));
    const json = readFileSync(place('browser/model.json'), 'utf8');
    writeFileSync(place('browser/model.json'), json.replace('["cat","dög"]', '7'));
    expect(await refused(loadModel(place('browser')))).toMatch(/`metadata\.classNames`/);
  });

  test('names of prototypes are names', async () => {
    await saveModelTf(withMetadata(), place('saved'));
    writeFileSync(place('saved/assets.extra/user_metadata.json'), '{"__proto__": {"polluted": true}}');
    const { metadata } = await loadModel(place('saved'));
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(Object.keys(metadata ?? {})).toEqual(['__proto__']);
  });
});
