/** Weights into HDF5 files. */
import type { LayersModel } from '@tensorflow/tfjs';
import type { Hdf5Dtype, Hdf5Writer } from '../../files/hdf5';
import type { Tensor } from '../../tfjs/tensorflow';
import { writeNames } from './attributes';
import { namedWeights, savedLayers } from './layer-weights';
import { BACKEND, KERAS_VERSION } from './version';

/** Makes groups, and those above them, once each. */
export class GroupMaker {
  private readonly made = new Set<string>();

  constructor(private readonly writer: Hdf5Writer) {}

  /** Makes the group of a path; the paths of groups have no slash at the end. */
  async make(path: string): Promise<void> {
    if (path === '' || this.made.has(path)) return;
    await this.make(path.slice(0, Math.max(0, path.lastIndexOf('/'))));
    await this.writer.group(path);
    this.made.add(path);
  }

  /** The group in which something of a path is. */
  async makeParent(path: string): Promise<void> {
    await this.make(path.slice(0, path.lastIndexOf('/')));
  }
}

/** Writes a tensor's values. */
export const writeTensor = async (writer: Hdf5Writer, path: string, tensor: Tensor): Promise<void> => {
  const dtype: Hdf5Dtype = tensor.dtype === 'int32' ? 'int32' : tensor.dtype === 'bool' ? 'uint8' : 'float32';
  await writer.dataset(path, dtype, tensor.shape, await tensor.data<'float32' | 'int32' | 'bool'>());
};

/** Writes the weights of a model's layers below a group, which is made. */
export const writeWeights = async (
  writer: Hdf5Writer,
  groups: GroupMaker,
  group: string,
  model: LayersModel,
): Promise<void> => {
  const at = group === '' ? '/' : group;
  await groups.make(group);
  const layers = savedLayers(model);
  await writeNames(
    writer,
    at,
    'layer_names',
    layers.map(({ name }) => name),
  );
  await writer.attribute(at, 'backend', BACKEND);
  await writer.attribute(at, 'keras_version', KERAS_VERSION);
  const below = group === '' ? '' : `${group}/`;
  // Keras sorts them, so that a group is there before those whose names begin with its name.
  for (const layer of [...layers].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = `${below}${layer.name}`;
    await groups.make(path);
    const weights = namedWeights(layer);
    await writeNames(
      writer,
      path,
      'weight_names',
      weights.map(({ name }) => name),
    );
    for (const { name, weight } of weights) {
      await groups.makeParent(`${path}/${name}`);
      await writeTensor(writer, `${path}/${name}`, weight.read());
    }
  }
  await groups.make(`${below}top_level_model_weights`);
  await writeNames(writer, `${below}top_level_model_weights`, 'weight_names', []);
};
