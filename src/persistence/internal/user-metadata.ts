/** A model's metadata in its files: JSON, where the format has a place for what is none of its own. */
import { open } from 'node:fs/promises';
import { constants, existsSync } from 'node:fs';
import path from 'node:path';
import { makeFolders } from '../../files/folders';
import { MalformedError } from '../../files/malformed';
import { writeNew } from '../../files/replace-folder';
import type { Config } from '../../models/config/forms';
import { checkedMetadata, type ModelMetadata } from '../../models/metadata';
import type { KerasModel, Prediction } from '../../models/model';
import { objectIn } from './model-config';

/** What it is called where it stands beside what Keras writes. */
export const USER_METADATA = 'user_metadata';

/** The file in a SavedModel, in the folder that TensorFlow leaves to those who save. */
const FILE = path.join('assets.extra', `${USER_METADATA}.json`);

/** The entry for an object of JSON; none if there is nothing to say. */
export const metadataEntry = ({ metadata }: KerasModel<Prediction>): Config =>
  metadata === undefined ? {} : { [USER_METADATA]: metadata };

/** Gives a model what an object of JSON has for it. */
export const takeMetadata = (model: KerasModel<Prediction>, { [USER_METADATA]: entry }: Config): void => {
  if (entry !== undefined && entry !== null) model.metadata = entry as ModelMetadata; // which is checked there
};

/** Writes it into the folder of a SavedModel. */
export const writeMetadataFile = async (
  folder: string,
  { metadata }: KerasModel<Prediction>,
): Promise<void> => {
  if (metadata === undefined) return;
  const file = path.join(folder, FILE);
  makeFolders(path.dirname(file));
  await writeNew(file, JSON.stringify(metadata));
};

/** What the folder of a SavedModel has of it. */
export const readMetadataFile = async (folder: string): Promise<ModelMetadata | undefined> => {
  const file = path.join(folder, FILE);
  if (!existsSync(file)) return undefined;
  // What is no file, such as a pipe, must not be waited for.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!(await handle.stat()).isFile()) throw new MalformedError(`${FILE} must be a file`);
    return checkedMetadata(objectIn(await handle.readFile('utf8'), FILE));
  } finally {
    await handle.close();
  }
};
