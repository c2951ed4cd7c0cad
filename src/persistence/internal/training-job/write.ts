/** A folder with all that Python's Keras needs to train a model: the model, its data in shards, a program. */
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { nextSeed } from '../../../base/random';
import { replaceFolder, writeNew } from '../../../files/replace-folder';
import type { KerasModel } from '../../../models/model';
import { writeModel } from '../hdf5-model';
import { writeKerasModel } from '../keras3/model-file';
import { metadataEntry } from '../user-metadata';
import { withExactMetrics } from './exact-metrics';
import { checkAlike } from './examples';
import { JOB, MODEL, PROGRAM } from './files';
import { openData, writePart, type OpenData, type WrittenPart } from './shards';
import { kerasVersionsFor } from './python-model';

/** What a job is made of. */
export interface JobRequest {
  readonly model: KerasModel;
  readonly data: unknown;
  readonly folder: string;
  readonly overwrite: boolean;
  readonly strategy: 'multi_worker_mirrored' | 'ray';
  readonly batchSize: number;
  readonly epochs: number;
  readonly shuffle: boolean;
  readonly validationData?: unknown;
  readonly stepsPerEpoch?: number | undefined;
  readonly validationSteps?: number | undefined;
  readonly shardBytes: number;
}

/** Bytes of records that a program may hold to draw from, and rows, if these are more. */
const SHUFFLED_BYTES = 256 << 20;
const SHUFFLED_ROWS = 10_000;

const partJson = ({ files, rows, bytes }: WrittenPart, { features }: OpenData): object => ({
  features,
  files,
  rows,
  // From so many rows the next one is drawn.
  shuffled_rows: Math.min(rows, Math.max(SHUFFLED_ROWS, Math.floor((SHUFFLED_BYTES / bytes) * rows))),
});

interface OpenedJob {
  readonly versions: readonly (2 | 3)[];
  readonly training: OpenData;
  readonly validation: OpenData | undefined;
}

const jobJson = (
  { model, batchSize, epochs, shuffle }: JobRequest,
  { versions, training, validation }: OpenedJob,
  parts: readonly [WrittenPart, WrittenPart | undefined],
): string =>
  JSON.stringify(
    {
      model: model.name,
      keras: versions,
      batch_size: batchSize,
      epochs,
      shuffle,
      // Rows are drawn alike by all workers.
      seed: nextSeed(),
      training: partJson(parts[0], training),
      validation: validation === undefined || parts[1] === undefined ? null : partJson(parts[1], validation),
      // Keras does not keep it.
      ...metadataEntry(model),
    },
    undefined,
    2,
  );

const copyProgram = async (name: string, folder: string): Promise<void> =>
  copyFile(path.join(__dirname, name), path.join(folder, name));

const writeInto = async (folder: string, request: JobRequest, opened: OpenedJob): Promise<void> => {
  const { model, strategy, shardBytes } = request;
  const { versions, training, validation } = opened;
  const compilation = withExactMetrics(model, training.features.y);
  const saved = { overwrite: false, includeOptimizer: true, compilation };
  // Neither version of Keras takes up an optimizer of the other's files.
  if (versions.includes(2)) await writeModel(path.join(folder, MODEL[2]), model, saved);
  if (versions.includes(3)) await writeKerasModel(path.join(folder, MODEL[3]), model, saved);
  await copyProgram(PROGRAM.train, folder);
  if (strategy === 'ray') await copyProgram(PROGRAM.ray, folder);
  const trained = await writePart(training, folder, 'train', shardBytes);
  const validated =
    validation === undefined ? undefined : await writePart(validation, folder, 'validation', shardBytes);
  await writeNew(path.join(folder, JOB), jobJson(request, opened, [trained, validated]));
};

/** Looks at the model and at the first rows of its data, so that what is wrong with them is said before anything is written. */
const openJob = async (request: JobRequest, opened: OpenData[]): Promise<OpenedJob> => {
  const { model, data, batchSize, validationData, stepsPerEpoch, validationSteps } = request;
  const add = async (part: Parameters<typeof openData>[0]): Promise<OpenData> => {
    const found = await openData(part);
    opened.push(found);
    return found;
  };
  const training = await add({
    ...{ model, data, argument: 'data', batchSize },
    ...{ steps: stepsPerEpoch, stepsOption: 'stepsPerEpoch' },
  });
  const versions = kerasVersionsFor(model);
  if (validationData === undefined) return { versions, training, validation: undefined };
  const validation = await add({
    ...{ model, data: validationData, argument: 'validationData', batchSize },
    ...{ steps: validationSteps, stepsOption: 'validationSteps' },
  });
  const { x, y } = training.features;
  // Weights may be left out.
  const unweighted = { x, y, weights: [] };
  checkAlike(unweighted, { ...validation.features, weights: [] }, 'validationData');
  return { versions, training, validation };
};

/** Writes a job's folder whole, or not at all. */
export const writeJob = async (request: JobRequest): Promise<void> => {
  const opened: OpenData[] = [];
  try {
    const job = await openJob(request, opened);
    const { folder, overwrite } = request;
    await replaceFolder(folder, (temporary) => writeInto(temporary, request, job), { overwrite, mark: JOB });
  } finally {
    for (const one of opened) await one.close();
  }
};
