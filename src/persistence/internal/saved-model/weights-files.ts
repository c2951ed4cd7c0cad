/** Weights in TensorFlow's checkpoints: `NAME.index`, `NAME.data-00000-of-00001`, and `checkpoint`, which names the newest. */
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeFolders } from '../../../files/folders';
import { replaceFile } from '../../../files/replace-file';
import { withLock } from '../../../files/lock';
import { currentFolder } from '../../../files/replace-folder';
import { readSteadily } from '../../../files/steady';
import { withUnfinished } from '../../../files/unfinished';
import type { KerasModel } from '../../../models/model';
import { Checkpoint, writeCheckpoint } from './checkpoint';
import { FILES } from './files';
import { modelObjects } from './model-objects';
import { restoreOptimizerOf, restoreWeights } from './restore';
import { numberObjects } from './trackable';

/** The files of data of a checkpoint that are there. */
const dataFiles = (prefix: string): string[] => {
  const [folder, name] = [path.dirname(prefix), `${path.basename(prefix)}.data-`];
  return readdirSync(folder)
    .filter((file) => file.startsWith(name) && /^\d{5}-of-\d{5}$/.test(file.slice(name.length)))
    .map((file) => path.join(folder, file));
};

/** What tells TensorFlow which checkpoint of a folder is the newest. */
const stateText = (prefix: string): string => {
  const name = JSON.stringify(path.basename(prefix));
  return `model_checkpoint_path: ${name}\nall_model_checkpoint_paths: ${name}\n`;
};

/** In how many files none of these are one: what is there stays until the index takes the other's place. */
const freeCount = (files: readonly string[]): number => {
  const taken = new Set(files.map((file) => Number(file.slice(-5))));
  let count = 1;
  while (taken.has(count)) count++;
  return count;
};

/**
 * Writes a checkpoint so that there is the old one or the new one, whole. An index says in how many files its data is: the new one
 * is in another number of them than the old one, and what one that was killed has left, so that all have files of their own until the
 * index takes the other's place.
 */
const replaceCheckpoint = async (
  prefix: string,
  write: (temporary: string, shards: number) => Promise<void>,
  overwrite: boolean,
): Promise<void> => {
  const target = path.resolve(prefix);
  const folder = path.dirname(target);
  makeFolders(folder);
  const checkNew = (): void => {
    if (!overwrite && existsSync(`${target}.index`))
      throw Object.assign(new Error(`${target}.index is there already`), {
        code: 'EEXIST',
        syscall: 'rename',
      });
  };
  checkNew();
  await withLock(`${target}.lock`, async () => {
    checkNew();
    const before = dataFiles(target);
    await withUnfinished(target, async (made) => {
      await mkdir(made);
      const temporary = path.join(made, path.basename(target));
      await write(temporary, freeCount(before));
      for (const file of dataFiles(temporary)) await rename(file, path.join(folder, path.basename(file)));
      await rename(`${temporary}.index`, `${target}.index`);
    });
    for (const file of before) await rm(file, { force: true });
    await replaceFile(path.join(folder, 'checkpoint'), async (file) => writeFile(file, stateText(target)));
  });
};

/** Writes a model's weights, and what its optimizer remembers, if it is compiled. */
export const writeWeights = async (prefix: string, model: KerasModel, overwrite: boolean): Promise<void> => {
  const objects = numberObjects(modelObjects(model, true).root);
  await replaceCheckpoint(prefix, async (file, shards) => writeCheckpoint(file, objects, shards), overwrite);
};

/** Where the checkpoint is: in the folder of a SavedModel, too. */
const prefixOf = (place: string): string => {
  const inside = path.join(currentFolder(place), FILES.variables);
  return existsSync(`${place}.index`) || !existsSync(`${inside}.index`) ? place : inside;
};

/** Gives a model the weights of a checkpoint, and its optimizer what is there of it. */
export const readWeights = async (place: string, model: KerasModel): Promise<void> => {
  const read = async (): Promise<undefined> => {
    const prefix = prefixOf(place);
    await stat(`${prefix}.index`); // with the system's words, if there is none
    const checkpoint = await Checkpoint.open(prefix);
    try {
      await restoreWeights(model, checkpoint);
      await restoreOptimizerOf(model, checkpoint);
      return undefined;
    } finally {
      await checkpoint.close();
    }
  };
  await readSteadily(() => `${prefixOf(place)}.index`, read);
};
