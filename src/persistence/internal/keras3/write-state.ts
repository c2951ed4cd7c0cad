/** Weights, and what an optimizer remembers, into an HDF5 file of Keras 3's layout. */
import type { LayersModel } from '@tensorflow/tfjs';
import { Hdf5Writer } from '../../../files/hdf5';
import type { Compilation } from '../../../models/compilation';
import { trainedWeights } from '../layer-weights';
import { GroupMaker, writeTensor } from '../write-weights';
import { writeOptimizerState } from './optimizer-state';
import { stateGroups, trainedIn, type StateGroup } from './state-groups';

const writeGroup = async (
  writer: Hdf5Writer,
  groups: GroupMaker,
  { paths: [path], name, weights, weightNames }: StateGroup,
): Promise<void> => {
  const place = path === '' ? 'vars' : `${path}/vars`;
  await groups.make(place);
  await writer.attribute(place, 'name', name);
  for (const [index, weight] of weights.entries())
    await writeTensor(writer, `${place}/${weightNames?.[index] ?? index}`, weight.read());
};

/** Writes the weights of a model, and what its optimizer remembers if it is given, into a file that is made. */
export const writeState = async (
  file: string,
  model: LayersModel,
  compilation: Compilation | undefined,
): Promise<void> => {
  const writer = await Hdf5Writer.create(file);
  try {
    const maker = new GroupMaker(writer);
    const groups = stateGroups(model);
    for (const group of groups) await writeGroup(writer, maker, group);
    if (compilation !== undefined) {
      const trained = trainedIn(groups, trainedWeights(model));
      await writeOptimizerState(writer, maker, compilation.optimizer, trained);
    }
    await writer.close();
  } catch (error) {
    await writer.discard();
    throw error;
  }
};
