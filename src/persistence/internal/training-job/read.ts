/** The model that a job has trained. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { codeOf } from '../../../base/causes';
import { MalformedError } from '../../../files/malformed';
import type { KerasModel, Prediction } from '../../../models/model';
import { readModelFile, type ReadParts } from '../hdf5-model';
import { readKerasModel } from '../keras3/model-file';
import { objectIn } from '../model-config';
import { takeMetadata } from '../user-metadata';
import { JOB, MODEL, PROGRAM, RESULT } from './files';

const READERS = [
  { name: MODEL[2], read: readModelFile },
  { name: MODEL[3], read: readKerasModel },
] as const;

const timeOf = async (file: string): Promise<number | undefined> => {
  try {
    return (await stat(file)).mtimeMs;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
};

/** Reads the model that the program in a job's folder wrote last. */
export const readTrained = async (folder: string, parts: ReadParts): Promise<KerasModel<Prediction>> => {
  const found = await Promise.all(
    READERS.map(async ({ name, read }) => {
      const file = path.join(folder, RESULT, name);
      return { file, read, time: await timeOf(file) };
    }),
  );
  const [last] = found
    .filter((one): one is typeof one & { time: number } => one.time !== undefined)
    .sort((a, b) => b.time - a.time);
  if (last !== undefined) {
    const job = objectIn(await readFile(path.join(folder, JOB), 'utf8'), JOB);
    const model = await last.read(last.file, parts);
    takeMetadata(model, job);
    return model;
  }
  throw new MalformedError(
    `it is a job that has not been run: run ${PROGRAM.train} in it with Python, which writes ${RESULT}/${MODEL[3]} or ${RESULT}/${MODEL[2]}`,
  );
};
