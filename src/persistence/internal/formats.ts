/** The formats of model files, one in a line: what is added here is written by `saveModel` and read by `loadModel`. */
import { open, readdir, stat } from 'node:fs/promises';
import { currentFolder } from '../../files/replace-folder';
import { readSteadily } from '../../files/steady';
import type { KerasModel, Prediction } from '../../models/model';
import { readModelFile, writeModel, type ReadParts, type SavedParts } from './hdf5-model';
import { readLayersOf } from './saved-model/read';
import { readTfjs } from './tfjs/read';
import { JOB, PROGRAM } from './training-job/files';
import { readTrained } from './training-job/read';
import { readKerasFolder, readKerasModel, writeKerasModel } from './keras3/model-file';

/** What is at a path, as far as formats are told apart by it. */
export interface FoundModel {
  readonly path: string;
  /** The first bytes of a file; none of a folder. */
  readonly start: Buffer;
  /** What is in a folder; nothing in a file. */
  readonly names: readonly string[];
}

/** A format of models. */
export interface ModelFormat {
  readonly name: string;
  /** How paths end that are written in it. */
  readonly suffixes: readonly string[];
  /** Whether what is at a path is of it, by its content. */
  readonly isOf: (found: FoundModel) => boolean;
  /** Writes a model; none for a format that is only read. */
  readonly write?: (path: string, model: KerasModel, parts: SavedParts) => Promise<void>;
  readonly read: (path: string, parts: ReadParts) => Promise<KerasModel<Prediction>>;
}

/** Whether a file begins with bytes. */
const begins =
  (bytes: string) =>
  ({ start }: FoundModel): boolean =>
    start.subarray(0, bytes.length).toString('latin1') === bytes;

/** Whether there is a folder with some files. */
const holds =
  (...files: readonly string[]) =>
  ({ names }: FoundModel): boolean =>
    files.every((file) => names.includes(file));

/** Whether it is a file of JSON. */
const isJson = ({ path, start }: FoundModel): boolean => path.endsWith('.json') && start[0] === 0x7b;

const eitherOf =
  (...tests: readonly ((found: FoundModel) => boolean)[]) =>
  (found: FoundModel): boolean =>
    tests.some((test) => test(found));

export const ZIP_START = begins('PK\u0003\u0004');
export const HDF5_START = begins('\u0089HDF\r\n\u001a\n');

/** All formats. */
export const MODEL_FORMATS: readonly ModelFormat[] = [
  { name: 'Keras 3', suffixes: ['.keras'], isOf: ZIP_START, write: writeKerasModel, read: readKerasModel },
  { name: 'HDF5', suffixes: ['.h5', '.hdf5'], isOf: HDF5_START, write: writeModel, read: readModelFile },
  {
    name: 'Keras 3 as a folder',
    suffixes: [],
    isOf: holds('config.json', 'model.weights.h5'),
    read: readKerasFolder,
  },
  { name: 'TensorFlow.js', suffixes: [], isOf: eitherOf(holds('model.json'), isJson), read: readTfjs },
  { name: 'SavedModel', suffixes: [], isOf: holds('saved_model.pb'), read: readLayersOf },
  { name: 'a job that was run', suffixes: [], isOf: holds(JOB, PROGRAM.train), read: readTrained },
];

/** How many bytes formats are told apart by. */
const START = 64;

const startOf = async (file: string): Promise<Buffer> => {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(START), 0, START, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
};

/** Looks at what is at a path. */
export const lookAt = async (path: string): Promise<FoundModel> => {
  // That of a SavedModel may be beside its place.
  const placeOf = (): string => currentFolder(path);
  return readSteadily(placeOf, async () => {
    const place = placeOf();
    return (await stat(place)).isDirectory()
      ? { path, start: Buffer.alloc(0), names: await readdir(place) }
      : { path, start: await startOf(place), names: [] };
  });
};

const endsLike =
  (path: string) =>
  ({ suffixes }: ModelFormat): boolean =>
    suffixes.some((suffix) => path.toLowerCase().endsWith(suffix));

/** The format in which a model is written to a path, by its ending. */
export const formatToWrite = (path: string): ModelFormat | undefined =>
  MODEL_FORMATS.filter(({ write }) => write !== undefined).find(endsLike(path));

/** The format of what is at a path: by its content, or by its ending where the content says nothing, so that its reader says what is wrong. */
export const formatToRead = (found: FoundModel): ModelFormat | undefined =>
  MODEL_FORMATS.find(({ isOf }) => isOf(found)) ??
  (found.names.length === 0 ? MODEL_FORMATS.find(endsLike(found.path)) : undefined);
