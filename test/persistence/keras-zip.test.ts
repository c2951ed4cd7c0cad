/** Models that Keras 3 saved (test/reference/keras3/keras_zip.py), and models that are saved here as `.keras` and come back. */
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Hdf5Reader } from '../../src/files/hdf5';
import {
  getWeights,
  KerasFileError,
  loadModel,
  loadModelWeights,
  optimizerOf,
  saveModel,
  saveModelTf,
  saveModelTfjs,
  saveModelWeights,
  saveModelWeightsHdf5,
  setWeights,
  tf,
  type KerasModel,
} from '../../src/index';
import { entriesOf, zipOf, type Entry } from '../campaigns/load-mutations';
import { Scaled, wave } from './own-classes';
import { expectClose } from '../support/grid';
import { expectPredictions, nextLosses, type SavedCase } from './support/saved-cases';

const cases = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/keras3/keras_zip.json'), 'utf8'),
) as SavedCase[];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-models-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const place = (name = 'model.keras'): string => path.join(folder, name);
const customObjects = { wave, Scaled };

const bytesOf = (one: SavedCase): Buffer => Buffer.from(one.file, 'base64');

const load = async (one: SavedCase, options = {}): Promise<KerasModel> => {
  writeFileSync(place('keras.keras'), bytesOf(one));
  return loadModel(place('keras.keras'), { customObjects, ...options });
};

const named = (name: string): SavedCase => {
  const found = cases.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no case ${name}`);
  return found;
};

/** An entry of an archive. */
const entryIn = (archive: Buffer, name: string): Buffer => {
  const found = entriesOf(archive).find((entry) => entry.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found.content;
};

/** The data sets of an HDF5 file with their shapes. */
const dataSetsIn = async (file: string): Promise<Record<string, string>> => {
  const reader = await Hdf5Reader.open(file);
  const found: Record<string, string> = {};
  const walk = async (at: string): Promise<void> => {
    const one = await reader.look(at === '' ? '/' : at);
    if (one?.kind === 'dataset') found[at] = one.shape.join('×');
    else for (const name of one?.names ?? []) await walk(at === '' ? name : `${at}/${name}`);
  };
  await walk('');
  await reader.close();
  return found;
};

const dataSetsOf = async (archive: Buffer): Promise<Record<string, string>> => {
  writeFileSync(place('weights.h5'), entryIn(archive, 'model.weights.h5'));
  return dataSetsIn(place('weights.h5'));
};

const titled = cases.map((one) => [`${one.name}, ${one.optimizer}`, one] as const);

/** What the labels of a case are, as its generator makes them. */
const labelsOf = ({ name }: SavedCase): 'any' | 'classes' | 'binary' =>
  name === 'conv' ? 'classes' : name === 'ids' ? 'binary' : 'any';

const expectLosses = async (
  model: KerasModel,
  one: SavedCase,
  engine: 'eager' | 'compiled',
): Promise<void> => {
  if (one.losses.length > 0) expectClose(await nextLosses(model, one, engine, labelsOf(one)), one.losses);
};

describe('a model that Keras 3 saved', () => {
  test.each(titled)('%s: predicts and trains on as in Keras', async (_title, one) => {
    const model = await load(one);
    await expectPredictions(model, one);
    expect(optimizerOf(model).iterations).toBe(3);
    await expectLosses(model, one, 'compiled');
  });

  // One of each structure, and of each kind of optimizer's state.
  const optimizers = ['SGD', 'RMSprop', 'Nadam', 'Adafactor', 'Muon'];
  const some = titled.filter(([, { name, optimizer }]) => name !== 'stack' || optimizers.includes(optimizer));

  test.each(some)('%s: saved here it comes back, its weights where Keras has them', async (_title, one) => {
    const model = await load(one);
    await saveModel(model, place());
    const again = await loadModel(place(), { customObjects });
    await expectPredictions(again, one);
    expect(optimizerOf(again).iterations).toBe(3);
    await expectLosses(again, one, 'eager');
    const saved = readFileSync(place());
    expect(await dataSetsOf(saved)).toEqual(await dataSetsOf(bytesOf(one)));
    expect(readdirSync(folder).sort()).toEqual(['keras.keras', 'model.keras', 'weights.h5']);
  });
});

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

const configOf = (one: SavedCase): Record<string, unknown> =>
  JSON.parse(entryIn(bytesOf(one), 'config.json').toString()) as Record<string, unknown>;

describe('what is written', () => {
  test('is spelt as Keras 3 spells it', async () => {
    const one = named('shared');
    await saveModel(await load(one), place());
    const written = JSON.parse(entryIn(readFileSync(place()), 'config.json').toString()) as Record<
      string,
      unknown
    >;
    const keras = configOf(one);
    // What Keras writes of its own defaults besides is left out.
    expect(Object.keys(written)).toEqual(expect.arrayContaining(['module', 'class_name', 'config', 'registered_name', 'build_config', 'compile_config'])); // prettier-ignore
    const layersOf = (config: unknown): Record<string, unknown>[] =>
      (config as { layers: Record<string, unknown>[] }).layers;
    const [ours, theirs] = [written['config'], keras['config']].map(layersOf) as [
      Record<string, unknown>[],
      Record<string, unknown>[],
    ];
    const without = ({ config: _config, ...others }: Record<string, unknown>): unknown => others;
    expect(ours.map(without)).toEqual(theirs.map(without));
    expect(written['config']).toMatchObject({
      input_layers: (keras['config'] as Record<string, unknown>)['input_layers'],
      output_layers: (keras['config'] as Record<string, unknown>)['output_layers'],
    });
    expect(
      ours.map(({ config }) => config).filter((_, index) => theirs[index]?.['class_name'] === 'InputLayer'),
    ).toEqual(
      theirs.map(({ config }) => config).filter((_, index) => theirs[index]?.['class_name'] === 'InputLayer'),
    );
  });

  test('a function and a class of one’s own keep the names that they are registered under in Python', async () => {
    await saveModel(await load(named('own')), place());
    const text = entryIn(readFileSync(place()), 'config.json').toString();
    expect(text).toContain('"registered_name":"pack>Scaled"');
    expect(text).toContain('"activation":"pack>wave"');
  });

  test('a learning rate of 1 is a float in Python', async () => {
    await saveModel(
      await load(cases.find(({ optimizer }) => optimizer === 'Adadelta') as SavedCase),
      place(),
    );
    expect(entryIn(readFileSync(place()), 'config.json').toString()).toContain('"learning_rate":1.0');
  });
});

describe('weights alone', () => {
  test('of .weights.h5 and .keras, with the state of the optimizer', async () => {
    const one = named('nested');
    const model = await load(one);
    await saveModelWeights(model, place('model.weights.h5'));
    const expected = await dataSetsOf(bytesOf(one));
    expect(await dataSetsIn(place('model.weights.h5'))).toEqual(expected);
    for (const file of [place('model.weights.h5'), place('keras.keras')]) {
      const other = await load(one);
      setWeights(other, getWeights(other).map((weight) => tf.zerosLike(weight))); // prettier-ignore
      await loadModelWeights(other, file);
      await expectPredictions(other, one);
      expect(optimizerOf(other).iterations).toBe(3);
    }
  });

  test('of Keras 2’s layout, too; a path without the ending is refused', async () => {
    const model = await load(named('own'));
    await saveModelWeightsHdf5(model, place('old.h5'));
    const other = await load(named('own'));
    await loadModelWeights(other, place('old.h5'));
    await expectPredictions(other, named('own'));
    await expect(saveModelWeights(model, place('model.h5'))).rejects.toThrow(/'\.weights\.h5'/);
    await expect(saveModel(model, place('model.weights.h5'))).rejects.toThrow(/saveModelWeights/);
    await expect(saveModel(model, place('model.onnyx'))).rejects.toThrow(/'\.keras' \(Keras 3\)/);
  });
});

describe('a folder of the same files', () => {
  test('is read', async () => {
    const one = named('own');
    for (const { name, content } of entriesOf(bytesOf(one))) writeFileSync(place(name), content);
    await expectPredictions(await loadModel(folder, { customObjects }), one);
  });
});

describe('other formats are told by their content', () => {
  test('a SavedModel, the folder and the file of TensorFlow.js, HDF5 without its ending', async () => {
    const one = named('shared');
    const model = await load(one);
    await saveModelTf(model, place('saved'));
    await saveModelTfjs(model, place('tfjs'));
    await saveModel(model, place('model.h5'));
    renameSync(place('model.h5'), place('hdf5'));
    for (const name of ['saved', 'tfjs', 'tfjs/model.json', 'hdf5'])
      await expectPredictions(await loadModel(place(name)), one);
  });
});

describe('what is not right is refused with the reason', () => {
  const entries = entriesOf(bytesOf(named('own')));

  const archive = (change: (entries: Entry[]) => Entry[]): string => {
    writeFileSync(place(), zipOf(change(entries)));
    return place();
  };

  const withEntry = (name: string, content: Buffer, others: Partial<Entry> = {}) =>
    archive((all) => all.map((entry) => (entry.name === name ? { ...entry, content, ...others } : entry)));

  const withConfig = (change: (config: Record<string, unknown>) => unknown): string =>
    withEntry('config.json', json(change(configOf(named('own')))));

  const refused = async (file: string, reason: RegExp): Promise<void> => {
    const error: unknown = await loadModel(file, { customObjects }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(KerasFileError);
    expect(String(error)).toMatch(reason);
    expect(String(error)).toContain(file);
  };

  test('of the archive: names, sizes, checksums', async () => {
    const weights = entryIn(bytesOf(named('own')), 'model.weights.h5');
    await refused(
      archive((all) => [...all, { name: '../outside', content: Buffer.from('x') }]),
      /\.\./,
    );
    await refused(
      archive((all) => [...all, ...all.slice(1, 2)]),
      /'config\.json' twice/,
    );
    await refused(
      archive((all) => all.filter(({ name }) => name !== 'config.json')),
      /no 'config\.json'/,
    );
    const bomb = Buffer.concat([weights, Buffer.alloc(2 ** 25)]);
    await refused(withEntry('model.weights.h5', bomb, { isPacked: true }), /said to unpack to/);
    await refused(withEntry('config.json', bomb, { isPacked: true, size: 10 }), /too many bytes|size/);
    const whole = bytesOf(named('own'));
    whole[whole.indexOf('model.weights.h5') + 9000] =
      0x55 ^ (whole[whole.indexOf('model.weights.h5') + 9000] ?? 0);
    writeFileSync(place(), whole);
    await refused(place(), /checksum of 'model\.weights\.h5' is wrong/);
    writeFileSync(place(), whole.subarray(0, 5000));
    await refused(place(), /archive cannot be read/);
    expect(readdirSync(folder)).toEqual(['model.keras']);
    expect(readdirSync(path.dirname(folder))).not.toContain('outside');
  });

  test('packed entries are read as others', async () => {
    writeFileSync(place(), zipOf(entries.map((entry) => ({ ...entry, isPacked: true }))));
    await expectPredictions(await loadModel(place(), { customObjects }), named('own'));
  });

  test('of the configuration: bytecode, operations, sizes, unknown classes', async () => {
    const edited = (from: string | RegExp, to: string): string =>
      withConfig((config) => {
        const text = JSON.stringify(config);
        expect(text.search(from)).toBeGreaterThan(0);
        return JSON.parse(text.replace(from, to)) as unknown;
      });
    const lambda = '"activation":{"class_name":"__lambda__","config":{"value":["4wEAAAA=",null,null]}}';
    await refused(edited(/"activation":\{"module":"builtins"[^}]*\}/, lambda), /lambda of Python.*never run/);
    const operation = '"module":"keras.src.ops.numpy","class_name":"Add"';
    await refused(
      edited('"module":"keras.layers","class_name":"Dense"', operation),
      /operation of TensorFlow or Keras/,
    );
    await refused(edited('"units":4', '"units":4000000000'), /too few numbers/);
    await refused(withEntry('config.json', Buffer.from('{"class_name":')), /config\.json is no JSON/);
  });

  test('of the weights: their number, their shapes, what is no HDF5', async () => {
    await refused(withEntry('model.weights.h5', Buffer.from('no HDF5')), /HDF5|signature/i);
    const other = entryIn(bytesOf(named('ids')), 'model.weights.h5');
    await refused(withEntry('model.weights.h5', other), /layers\/dense|shape|too few numbers/);
  });

  test('a file that is none of a model', async () => {
    writeFileSync(place('text.txt'), 'no model');
    await refused(place('text.txt'), /of a format of models: Keras 3, HDF5/);
    await refused(place('none.keras'), /no such file/);
    await expect(loadModel(place('none.keras'))).rejects.toThrow(KerasFileError);
  });

  test('a file that is there, without overwrite, stays', async () => {
    writeFileSync(place('there.keras'), 'there');
    const model = await load(named('own'));
    await expect(saveModel(model, place('there.keras'), { overwrite: false })).rejects.toThrow(/overwrite/);
    expect(readFileSync(place('there.keras'), 'utf8')).toBe('there');
  });
});
