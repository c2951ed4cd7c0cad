/** Weights alone in files of Keras 3's layout, and out of files of any of Keras's. */
import { stat } from 'node:fs/promises';
import { Hdf5Reader } from '../../../files/hdf5';
import { replaceFile } from '../../../files/replace-file';
import type { FilePart } from '../../../files/zip';
import type { KerasModel } from '../../../models/model';
import { lookAt, ZIP_START } from '../formats';
import { readWeightsFile } from '../hdf5-model';
import { trainedWeights } from '../layer-weights';
import { assignWeights, SizeCheck } from '../read-weights';
import { withKerasWeights } from './model-file';
import { readOptimizerState } from './optimizer-state';
import { layoutOf, matchState, type StateMatching } from './read-state';
import { stateGroups, trainedIn } from './state-groups';
import { writeState } from './write-state';

/** Writes a model's weights, and the state of its optimizer. */
export const saveWeights = async (file: string, model: KerasModel, overwrite: boolean): Promise<void> =>
  replaceFile(file, async (temporary) => writeState(temporary, model.tf, model.state.compilation), {
    overwrite,
  });

/** Reads weights of Keras 3's layout into a model; says whether the file has that layout. */
const readLayout = async (part: FilePart, model: KerasModel, matching: StateMatching): Promise<boolean> => {
  const reader = await Hdf5Reader.open(part.file, part);
  try {
    const layout = await layoutOf(reader);
    if (layout === undefined) return false;
    const check = SizeCheck.ofSize(part.length);
    const groups = stateGroups(model.tf, undefined, layout);
    await assignWeights(reader, await matchState(reader, groups, check, matching));
    const { optimizer } = model.state.compilation ?? {};
    const trained = trainedIn(groups, trainedWeights(model.tf));
    if (optimizer !== undefined && !matching.skipMismatch)
      await readOptimizerState(reader, optimizer, trained, { check, isOfThis: false, layout });
    return true;
  } finally {
    await reader.close();
  }
};

/** Reads the weights of a file into a model. */
export const loadWeights = async (
  file: string,
  model: KerasModel,
  matching: StateMatching,
): Promise<void> => {
  if (ZIP_START(await lookAt(file))) {
    await withKerasWeights(file, async (part) => readLayout(part, model, matching));
    return;
  }
  const { size } = await stat(file);
  if (!(await readLayout({ file, offset: 0, length: size }, model, matching)))
    await readWeightsFile(file, model, { ...matching, byName: false, reshape: false });
};
