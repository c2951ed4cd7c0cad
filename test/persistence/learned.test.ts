/** What layers had learned in models that Keras 2.13 and 3 saved: test/reference/keras_learned.py, test/keras/learned.py. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  adapt,
  getLayer,
  getVocabulary,
  loadModel,
  loadModelTf,
  predict,
  saveModel,
  saveModelHdf5,
  tf,
  type KerasModel,
  type Tensor,
} from '../../src/index';
import { expectClose } from '../support/grid';

interface LearnedCase {
  readonly name: string;
  readonly suffix: '.keras' | '.h5' | '';
  readonly inputs: readonly (readonly (readonly (string | number)[])[])[];
  readonly predicted: readonly number[];
  readonly files: Readonly<Record<string, string>>;
}

const casesIn = (file: string): LearnedCase[] =>
  JSON.parse(readFileSync(path.join(__dirname, '../reference', file), 'utf8')) as LearnedCase[];

const cases = [
  ...casesIn('keras_learned.json').map((one) => ({ ...one, keras: '2.13' })),
  ...casesIn('keras3/learned.json').map((one) => ({ ...one, keras: '3' })),
];
const titled = cases.map((one) => [`${one.name}${one.suffix} of Keras ${one.keras}`, one] as const);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-learned-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const unpack = ({ suffix, files }: LearnedCase): string => {
  const place = path.join(folder, `model${suffix}`);
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(place, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, gunzipSync(Buffer.from(content, 'base64')));
  }
  return place;
};

const load = async (one: LearnedCase): Promise<KerasModel> =>
  one.suffix === '' ? loadModelTf(unpack(one)) : loadModel(unpack(one));

const expectPredictions = async (model: KerasModel, { inputs, predicted }: LearnedCase): Promise<void> => {
  const x = inputs.map((rows) =>
    typeof rows[0]?.[0] === 'string' ? tf.tensor2d(rows as string[][]) : tf.tensor2d(rows as number[][]),
  );
  const output = (await predict(model, x.length === 1 ? (x[0] as Tensor) : x)) as Tensor;
  expectClose([...output.dataSync()], predicted);
};

test('there are cases of all formats', () => {
  const formats = (keras: string): string[] =>
    cases.filter((one) => one.keras === keras).map(({ name, suffix }) => `${name}${suffix}`);
  for (const name of ['words', 'weighted', 'table', 'bins', 'given']) {
    expect(formats('2.13')).toEqual(expect.arrayContaining([`${name}.keras`, name]));
    expect(formats('3')).toContain(`${name}.keras`);
  }
  // Keras 2.13 refuses to write vocabularies that were learned into HDF5.
  expect(formats('2.13').filter((one) => one.endsWith('.h5'))).toEqual(['bins.h5', 'given.h5']);
});

test.each(titled)('%s predicts as it did', async (_title, one) => {
  await expectPredictions(await load(one), one);
});

test.each(titled)('%s, saved here, comes back', async (_title, one) => {
  const model = await load(one);
  const zipped = path.join(folder, 'again.keras');
  await saveModel(model, zipped);
  await expectPredictions(await loadModel(zipped), one);
  const plain = path.join(folder, 'again.h5');
  await saveModelHdf5(model, plain);
  await expectPredictions(await loadModel(plain), one);
});

const named = (name: string, suffix: LearnedCase['suffix'], keras = '2.13'): LearnedCase => {
  const found = cases.find((one) => one.name === name && one.suffix === suffix && one.keras === keras);
  if (found === undefined) throw new Error(`there is no case ${name}${suffix} of Keras ${keras}`);
  return found;
};

test.each([
  ['.keras', '2.13'],
  ['', '2.13'],
  ['.keras', '3'],
] as const)(
  'vocabularies in %s of Keras %s are those that were learned, and may be learned anew',
  async (suffix, keras) => {
    const model = await load(named('table', suffix, keras));
    const lookups = model.tf.layers
      .filter(({ name }) => name.includes('string_lookup'))
      .map(({ name }) => name);
    const [first, given, weighted] = lookups.map((name) => getLayer(model, name));
    expect(getVocabulary(first as NonNullable<typeof first>)).toEqual([
      '[UNK]',
      '[UNK]',
      'Rome',
      'Oslo',
      'Bern',
    ]);
    expect(getVocabulary(given as NonNullable<typeof given>)).toEqual(['[UNK]', 'Rome']);
    expect(getVocabulary(weighted as NonNullable<typeof weighted>)).toEqual(['[UNK]', 'Rome', 'Oslo']);
    await expect(adapt(given as NonNullable<typeof given>, [['x']])).rejects.toThrow(
      /must not have been given/,
    );
    await adapt(first as NonNullable<typeof first>, [['x'], ['y'], ['z'], ['z']]);
    expect(getVocabulary(first as NonNullable<typeof first>)).toEqual(['[UNK]', '[UNK]', 'z', 'y', 'x']);
  },
);
