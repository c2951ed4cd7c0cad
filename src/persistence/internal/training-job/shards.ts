/** Data as shards of records in a folder: arrays as they are, streams batch by batch. */
import { argumentError, isPlainObject } from '../../../base/checks';
import { KerasArgumentError } from '../../../base/errors';
import { isStream } from '../../../base/streams';
import { RecordShards } from '../../../files/tf-record';
import type { KerasModel } from '../../../models/model';
import type { Arrays } from '../../../step/batches';
import { prepareArrays, type ArgumentNames } from '../../../training/arrays';
import { Tensors } from '../../../training/data';
import { outputParts } from '../../../training/fit-data';
import { outputsOf } from '../../../training/outputs';
import { StreamReader } from '../../../training/streams/reader';
import { checkAlike, featuresOf, writeRows, type Features } from './examples';

/** What of data is read, and how. */
export interface DataRequest {
  readonly model: KerasModel;
  readonly data: unknown;
  /** What the data is called in messages. */
  readonly argument: string;
  /** Rows of a batch, where a stream gives rows. */
  readonly batchSize: number;
  /** How many batches of a stream are read. */
  readonly steps: number | undefined;
  readonly stepsOption: string;
}

/** What a part of the data is, written. */
export interface WrittenPart {
  readonly files: readonly string[];
  readonly rows: number;
  readonly bytes: number;
}

/** Data that was looked at: its first rows are known, and the others are still to be read. */
export interface OpenData {
  readonly features: Features;
  write(shards: RecordShards): Promise<void>;
  close(): Promise<void>;
}

/** An error of the source of a stream, which is none of the folder's. */
export class SourceError extends Error {
  constructor(override readonly cause: unknown) {
    super('the source of the data failed');
  }
}

const ofSource = async <T>(read: () => Promise<T>): Promise<T> => {
  try {
    return await read();
  } catch (error) {
    throw new SourceError(error);
  }
};

const empty = (argument: string): KerasArgumentError =>
  new KerasArgumentError({
    argument,
    expected: `\`${argument}\` must have rows`,
    received: 'none',
    advice: 'Look whether the source is at its end already',
  });

const openStream = async (request: DataRequest): Promise<OpenData> => {
  const { model, data, argument, batchSize, steps = Infinity, stepsOption } = request;
  const argumentNames: ArgumentNames = {
    x: `${argument}.x`,
    y: `${argument}.y`,
    sampleWeight: `${argument}.sampleWeight`,
  };
  const reader = new StreamReader({
    model,
    stream: data,
    purpose: 'training',
    argument,
    argumentNames,
    batchSize,
    // One batch after the other: they are on their way to the disk.
    maxQueueSize: 1,
    batchTimeout: undefined,
    outputs: () => outputParts(outputsOf(model)),
    prepare: (item, tensors) => prepareArrays(model, item, tensors, argumentNames),
  });
  const placeOf = (step: number): string => `batch ${step + 1}`;
  try {
    const first = await ofSource(() => reader.open(steps, placeOf(0)));
    if (first === undefined) throw empty(argument);
    const features = featuresOf(first.arrays);
    return {
      features,
      write: async (shards) => {
        let step = 0;
        for (;;) {
          const place = placeOf(step);
          const chunk = await ofSource(() => reader.next(1, place));
          if (chunk === undefined) break;
          try {
            checkAlike(features, featuresOf(chunk.arrays), argument);
            await writeRows(shards, chunk.arrays, features);
          } finally {
            chunk.dispose();
          }
          step++;
        }
        if (steps !== Infinity && step < steps)
          throw argumentError(
            { argument: stepsOption },
            `at most the ${step} batches that \`${argument}\` gives`,
            steps,
          );
      },
      close: () => reader.close(),
    };
  } catch (error) {
    await reader.close();
    throw error;
  }
};

/** The arrays of `[x, y]`, `[x, y, sampleWeight]` or `{ x, y, sampleWeight }`, and what they are called. */
const partsOf = (
  data: unknown,
  argument: string,
): { readonly parts: { x: unknown; y: unknown; sampleWeight?: unknown }; readonly names: ArgumentNames } => {
  const list: readonly unknown[] = Array.isArray(data) ? data : [];
  if (list.length === 2 || list.length === 3) {
    const [x, y, sampleWeight] = list;
    const names = { x: `${argument}[0]`, y: `${argument}[1]`, sampleWeight: `${argument}[2]` };
    return { parts: { x, y, sampleWeight }, names };
  }
  const keys = isPlainObject(data) ? Object.keys(data) : [];
  if (keys.includes('x') && keys.every((key) => ['x', 'y', 'sampleWeight'].includes(key))) {
    const { x, y, sampleWeight } = data as { x: unknown; y?: unknown; sampleWeight?: unknown }; // as just seen
    const names = {
      x: `${argument}.x`,
      y: `${argument}.y`,
      sampleWeight: `${argument}.sampleWeight`,
    };
    return { parts: { x, y, sampleWeight }, names };
  }
  throw argumentError(
    { argument },
    '[x, y], [x, y, sampleWeight], { x, y, sampleWeight }, or a stream of batches',
    data,
    'Write exportTrainingJob(model, [xTrain, yTrain])',
  );
};

const openArrays = ({ model, data, argument }: DataRequest): OpenData => {
  const { parts, names } = partsOf(data, argument);
  const tensors = new Tensors();
  try {
    const arrays: Arrays = prepareArrays(model, parts, tensors, names);
    const features = featuresOf(arrays);
    return {
      features,
      write: async (shards) => writeRows(shards, arrays, features),
      close: () => {
        tensors.dispose();
        return Promise.resolve();
      },
    };
  } catch (error) {
    tensors.dispose();
    throw error;
  }
};

/** Looks at data, by whose first rows a model is built that is not built yet. */
export const openData = async (request: DataRequest): Promise<OpenData> =>
  isStream(request.data) ? openStream(request) : openArrays(request);

/** Writes the rows of data into shards in a folder. */
export const writePart = async (
  data: OpenData,
  folder: string,
  prefix: string,
  shardBytes: number,
): Promise<WrittenPart> => {
  const shards = new RecordShards(folder, prefix, shardBytes);
  try {
    await data.write(shards);
    await shards.end();
    return { files: shards.files, rows: shards.records, bytes: shards.bytes };
  } catch (error) {
    await shards.discard();
    throw error;
  }
};
