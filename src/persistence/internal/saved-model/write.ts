/** Models into folders of TensorFlow's SavedModel format. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { openForward } from '../../../engine/export/open-forward';
import { replaceFolder, writeNew } from '../../../files/replace-folder';
import type { KerasModel } from '../../../models/model';
import { binding } from '../../../tfjs/binding';
import { writeMetadataFile } from '../user-metadata';
import { writeCheckpoint } from './checkpoint';
import { FILES } from './files';
import { kerasMetadata } from './keras-metadata';
import { savedModel, signatureObject } from './meta-graph';
import { modelObjects } from './model-objects';
import { numberObjects, plainObject, type Trackable } from './trackable';

const writeVariables = async (folder: string, objects: ReturnType<typeof numberObjects>): Promise<void> => {
  await mkdir(path.join(folder, 'variables'));
  await writeCheckpoint(path.join(folder, FILES.variables), objects);
};

/** How a model is written. */
export interface SavedModelOptions {
  readonly overwrite: boolean;
  /** Whether how the model is trained is in it, and what its optimizer remembers. */
  readonly includeOptimizer: boolean;
}

/** Writes a model that TensorFlow serves, and of which Keras makes layers again. */
export const writeKerasModel = async (
  folder: string,
  model: KerasModel,
  { overwrite, includeOptimizer }: SavedModelOptions,
): Promise<void> => {
  const forward = openForward(model);
  const made = modelObjects(model, includeOptimizer);
  made.root.add('signatures', signatureObject(forward));
  const objects = numberObjects(made.root);
  const variables = forward.variables.map(({ variable }) => made.variables.get(variable) as Trackable); // all weights have one
  const graph = savedModel({ forward, objects, variables, version: binding().TF_Version });
  const metadata = kerasMetadata(model, made, objects, includeOptimizer);
  await replaceFolder(
    folder,
    async (temporary) => {
      await writeVariables(temporary, objects);
      await writeNew(path.join(temporary, FILES.metadata), metadata);
      await writeMetadataFile(temporary, model);
      await writeNew(path.join(temporary, FILES.graph), graph);
    },
    { overwrite, mark: FILES.graph },
  );
};

/** Writes a model for serving only: its prediction, with its weights as variables, or as constants in the graph. */
export const writeServedModel = async (
  folder: string,
  model: KerasModel,
  { overwrite, isFrozen }: { readonly overwrite: boolean; readonly isFrozen: boolean },
): Promise<void> => {
  const forward = openForward(model);
  const made = modelObjects(model, false);
  const root = isFrozen ? plainObject() : made.root;
  root.add('signatures', signatureObject(forward));
  const objects = numberObjects(root);
  const variables = forward.variables.map(({ variable }) => made.variables.get(variable) as Trackable); // all weights have one
  const graph = savedModel({
    forward,
    objects,
    variables: isFrozen ? undefined : variables,
    version: binding().TF_Version,
  });
  await replaceFolder(
    folder,
    async (temporary) => {
      await writeVariables(temporary, objects);
      await writeMetadataFile(temporary, model);
      await writeNew(path.join(temporary, FILES.graph), graph);
    },
    { overwrite, mark: FILES.graph },
  );
};
