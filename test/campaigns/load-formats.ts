/** The formats of models whose files are damaged: one more is one more line of {@link LOAD_FORMATS}. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Chance } from './campaign';
import { BYTES, editEntries, editHeader, editJson, inEntry, textOf, type Mutator } from './load-mutations';

/** A good model: its files by their names, and which of them is damaged. */
interface Original {
  readonly files: Readonly<Record<string, Buffer>>;
  readonly damaged: string;
}

interface LoadFormat {
  readonly name: string;
  /** What `loadModel` is given, in the folder of the files. */
  readonly path: string;
  /** Whether it is a graph only, which `loadModelTf` loads. */
  readonly isGraph?: true;
  readonly originals: () => readonly Original[];
  /** Damage that the format finds out, by a checksum: what loads in spite of it is the original. */
  readonly detected: readonly Mutator[];
  /** Damage that may make another model, which is a right one. */
  readonly undetected: readonly [Mutator, ...Mutator[]];
}

/** The models in a file of test/reference that Keras saved; where it has several formats, those whose files end so. */
const saved = (reference: string, name: string, unpack: (file: Buffer) => Buffer): readonly Original[] => {
  const file = path.join(__dirname, '../reference', reference);
  const all = JSON.parse(readFileSync(file, 'utf8')) as { readonly file: string; readonly suffix?: string }[];
  const cases = all.filter(({ suffix = path.extname(name) }) => suffix === path.extname(name));
  return cases.map((one) => ({ files: { [name]: unpack(Buffer.from(one.file, 'base64')) }, damaged: name }));
};

/** The SavedModels that Keras saved, of which one file is damaged; `without` another, which would be read in its place. */
const savedFolders = (damaged: string, without?: string): readonly Original[] => {
  const file = path.join(__dirname, '../reference/keras_savedmodel.json');
  const { cases } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly cases: readonly { readonly files: Readonly<Record<string, string>> }[];
  };
  return cases.flatMap(({ files }) => {
    const entries = Object.entries(files).filter(([name]) => name !== without);
    if (!entries.some(([name]) => name === damaged)) return [];
    const unpacked = entries.map(
      ([name, content]) => [`model/${name}`, gunzipSync(Buffer.from(content, 'base64'))] as const,
    );
    // Where layers are made, the graph only says what kind of folder it is.
    return [
      {
        files: { 'model/saved_model.pb': Buffer.alloc(0), ...Object.fromEntries(unpacked) },
        damaged: `model/${damaged}`,
      },
    ];
  });
};

/** The models that TensorFlow.js's converter wrote. */
const converted = (): readonly Original[] => {
  const text = readFileSync(path.join(__dirname, '../reference/tfjs.json'), 'utf8');
  const cases = JSON.parse(text) as {
    readonly json: string;
    readonly files: Readonly<Record<string, string>>;
  }[];
  return cases.map(({ json, files }) => ({
    files: {
      'model.json': Buffer.from(json),
      ...Object.fromEntries(Object.entries(files).map(([name, one]) => [name, Buffer.from(one, 'base64')])),
    },
    damaged: 'model.json',
  }));
};

export const LOAD_FORMATS: readonly [LoadFormat, ...LoadFormat[]] = [
  { name: 'h5', path: 'model.h5', originals: () => [...saved('keras_hdf5.json', 'model.h5', gunzipSync), ...saved('keras_zip.json', 'model.h5', gunzipSync)], detected: [], undetected: [...BYTES, textOf(/\{"/), textOf(/\{"/)] },
  { name: 'keras', path: 'model.keras', originals: () => [...saved('keras3/keras_zip.json', 'model.keras', (file) => file), ...saved('keras_zip.json', 'model.keras', gunzipSync)], detected: [...BYTES, editHeader, editHeader], undetected: [inEntry('config.json', [editJson]), inEntry('config.json', [editJson]), inEntry('config.json', BYTES), inEntry('model.weights.h5', BYTES), inEntry('model.weights.h5', BYTES), editEntries] },
  { name: 'keras_metadata.pb', path: 'model', originals: () => savedFolders('keras_metadata.pb'), detected: [], undetected: [...BYTES, textOf(/\{"/), textOf(/\{"/)] },
  { name: 'variables.index', path: 'model', originals: () => savedFolders('variables/variables.index'), detected: BYTES, undetected: [BYTES[0]] },
  { name: 'variables.data', path: 'model', originals: () => savedFolders('variables/variables.data-00000-of-00001'), detected: BYTES, undetected: [BYTES[0]] },
  { name: 'saved_model.pb', path: 'model', isGraph: true, originals: () => savedFolders('saved_model.pb', 'keras_metadata.pb'), detected: [], undetected: [BYTES[0], ...BYTES] },
  { name: 'tfjs', path: 'model.json', originals: converted, detected: [], undetected: [editJson, editJson, ...BYTES] },
]; // prettier-ignore

/** A damaged model. */
export interface DamagedModel {
  readonly format: string;
  readonly path: string;
  readonly isGraph: boolean;
  readonly files: Readonly<Record<string, Buffer>>;
  /** The good one, if what loads can be nothing else. */
  readonly original: Readonly<Record<string, Buffer>> | undefined;
}

const originals = new Map<string, readonly Original[]>();

const originalsOf = ({ name, originals: read }: LoadFormat): readonly Original[] => {
  const known = originals.get(name) ?? read();
  originals.set(name, known);
  return known;
};

/** The number of the model that is a format's so many-th, of all formats' if none is named. */
export const numberOf = (index: number, format: string | undefined): number =>
  format === undefined
    ? index
    : LOAD_FORMATS.length * index + LOAD_FORMATS.findIndex(({ name }) => name === format);

/** The damaged model of a number: always the same for a seed. Formats take turns. */
export const damagedModel = (seed: number, index: number): DamagedModel => {
  const chance = new Chance(seed, index);
  const format = LOAD_FORMATS[index % LOAD_FORMATS.length] ?? LOAD_FORMATS[0];
  const models = originalsOf(format);
  const { files, damaged } = models[chance.below(models.length)] ?? { files: {}, damaged: '' };
  const mutators = [...format.detected, ...format.undetected];
  const chosen = chance.below(mutators.length);
  const mutate = mutators[chosen] ?? format.undetected[0];
  const content = mutate(files[damaged] ?? Buffer.alloc(0), chance);
  return {
    format: format.name,
    path: format.path,
    isGraph: format.isGraph === true,
    files: { ...files, [damaged]: content },
    original: chosen < format.detected.length ? files : undefined,
  };
};
