/** What layers of bins have learned, which Keras 2 has among the weights in HDF5 files. */
import type { LayersModel } from '@tensorflow/tfjs';
import type { Hdf5Reader } from '../../files/hdf5';
import { Discretization } from '../../layers/internal/feature-layers';
import type { Layer } from '../../layers/internal/target';
import { objectConfigOf, type Config } from '../../models/config/forms';
import { tf } from '../../tfjs/tensorflow';
import { isIncomplete, withLearned, type LearnedPlace } from './learned-state';
import type { StoredLayer, StoredWeight } from './read-weights';

/** Two rows: values, and how many values of the data each stands for. */
const isSummary = ({ path, shape }: StoredWeight): boolean =>
  shape.length === 2 && shape[0] === 2 && /(?:^|\/)summary(?:_\d+)?:0$/.test(path);

const hasBins = (layer: Layer): boolean =>
  layer instanceof tf.LayersModel ? layer.layers.some(hasBins) : layer instanceof Discretization;

/** The layers of a file, for a model that is there: its layers of bins have no weights, and keep their limits. */
export const withoutSummaries = (
  stored: readonly StoredLayer[],
  model: LayersModel,
): readonly StoredLayer[] =>
  hasBins(model)
    ? stored.map((layer) => ({ ...layer, weights: layer.weights.filter((one) => !isSummary(one)) }))
    : stored;

/** The summaries of one layer of the file: of a layer, or of a model in the model, which has them in the order of its layers. */
class Place implements LearnedPlace {
  constructor(
    private readonly reader: Hdf5Reader,
    private readonly summaries: StoredWeight[],
    private readonly used: Set<StoredWeight>,
  ) {}

  async layers(objects: readonly Readonly<Config>[]): Promise<readonly (LearnedPlace | undefined)[]> {
    return Promise.resolve(objects.map((object) => (isIncomplete(object) ? this : undefined)));
  }

  async vocabulary(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async summary(): Promise<ArrayLike<number> | undefined> {
    const next = this.summaries.shift();
    if (next === undefined) return undefined;
    this.used.add(next);
    return Float32Array.from(await this.reader.read(next.path), Number);
  }
}

/** The model's object, whose configuration says what its layers have learned, and the layers of the file without it. */
export const withSummaries = async (
  reader: Hdf5Reader,
  object: Readonly<Config>,
  stored: readonly StoredLayer[],
): Promise<{ readonly object: Readonly<Config>; readonly stored: readonly StoredLayer[] }> => {
  if (!isIncomplete(object)) return { object, stored };
  const used = new Set<StoredWeight>();
  const nameOf = (layer: Readonly<Config>): unknown => objectConfigOf(layer)?.config['name'];
  const root: LearnedPlace = {
    layers: async (objects) =>
      Promise.resolve(
        objects.map((layer) => {
          const found = stored.find(({ name }) => name === nameOf(layer));
          const summaries = found?.weights.filter(isSummary) ?? [];
          return summaries.length === 0 ? undefined : new Place(reader, summaries, used);
        }),
      ),
    vocabulary: async () => Promise.resolve(undefined),
    summary: async () => Promise.resolve(undefined),
  };
  const complete = await withLearned(object, root);
  return {
    object: complete,
    stored: stored.map((layer) => ({ ...layer, weights: layer.weights.filter((one) => !used.has(one)) })),
  };
};
