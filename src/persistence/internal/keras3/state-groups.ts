/** Where Keras 3 has the weights of a model: a group for each layer, inside that of what the layer is in. */
import type { LayersModel, LayerVariable } from '@tensorflow/tfjs';
import { isAdaptive } from '../../../layers/internal/learned';
import type { Layer } from '../../../layers/internal/target';
import { pythonName } from '../../../models/config/class-names';
import { isConfig, isList, type Config } from '../../../models/config/forms';
import { classNameOf } from '../../../models/config/write-model';
import { tf } from '../../../tfjs/tensorflow';
import { learnsState, orderedWeights, savedLayers } from '../layer-weights';
import { knownLayer, ownWeights, partsOf, weightsIn, type Names } from './layer-parts';

/** A group of weights. */
export interface StateGroup {
  /** Where it is, `layers/lstm/cell`, or may be. */
  readonly paths: Names;
  /** What the layer is called. */
  readonly name: string;
  readonly weights: readonly LayerVariable[];
  /** What Keras calls each of them there, if not by its number. */
  readonly weightNames?: readonly string[];
  /** Whether it may have more: what the layer has learned, which is read with the configuration. */
  readonly hasLearned?: boolean;
}

/** How files have the layers of models. */
export interface Layout {
  /** The group in that of a model where its layers are. */
  readonly container: string;
  /** How many places a layer takes among those of its class in a model. */
  readonly placesOf: (layer: Layer) => number;
}

export const KERAS_3: Layout = {
  container: 'layers',
  placesOf: () => 1,
};

/** Keras 2.12 and 2.13 list a layer that has weights a second time, as one that has some. */
export const KERAS_2: Layout = {
  container: '_layer_checkpoint_dependencies',
  placesOf: (layer) => (layer.weights.length > 0 || learnsState(layer) ? 2 : 1),
};

/** The name under which Keras 2.13 and 3 have the weights of tokens, which is no number. */
const IDF_WEIGHTS = 'idf_weights';

/** What Keras calls weights in their group, if not by their numbers. */
const namesOf = (weights: readonly LayerVariable[]): Pick<StateGroup, 'weightNames'> =>
  weights.some(({ originalName }) => originalName.split('/').at(-1) === IDF_WEIGHTS)
    ? { weightNames: weights.map(() => IDF_WEIGHTS) } // there is one
    : {};

/** `Conv2DTranspose` → `conv2d_transpose`, as Keras names groups after classes. */
export const groupName = (className: string): string =>
  className
    .replaceAll(/\W+/g, '')
    .replaceAll(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();

const joined = (path: string, name: string): string => (path === '' ? name : `${path}/${name}`);

const within = (paths: Names, names: Names): Names =>
  paths.flatMap((path) => names.map((name) => joined(path, name))) as unknown as Names; // there is one of each

/** What a configuration has under a key: objects of layers. */
const objectsIn = (config: Readonly<Config> | undefined, key: string): readonly Readonly<Config>[] => {
  const value = config?.[key];
  return (isList(value) ? value : [value]).filter(isConfig);
};

const configIn = (object: Readonly<Config> | undefined): Readonly<Config> | undefined =>
  isConfig(object?.['config']) ? object['config'] : undefined;

const nameIn = (object: Readonly<Config>): unknown => object['name'] ?? configIn(object)?.['name'];

/** The layers of a model in the order in which its file lists them: Keras may have gone through the graph in another one. */
const layersInOrder = (model: LayersModel, objects: readonly Readonly<Config>[]): readonly Layer[] => {
  const places = new Map(objects.map((object, index) => [nameIn(object), index]));
  const placeOf = ({ name }: Layer): number => places.get(name) ?? places.size;
  return savedLayers(model).toSorted((a, b) => placeOf(a) - placeOf(b));
};

class Walk {
  readonly groups: StateGroup[] = [];
  private readonly visited = new Set<Layer>();

  constructor(private readonly layout: Layout) {}

  /** The group of a layer and those inside of it, where the layer is met first. `object` is what its configuration is, if that is known. */
  visit(layer: Layer, paths: Names, object: Readonly<Config> | undefined): void {
    if (this.visited.has(layer)) return;
    this.visited.add(layer);
    const config = configIn(object);
    if (layer instanceof tf.LayersModel) {
      const objects = objectsIn(config, 'layers');
      this.groups.push({ paths, name: layer.name, weights: [] });
      const { container, placesOf } = this.layout;
      this.visitAll(layersInOrder(layer, objects), within(paths, [container]), objects, placesOf);
      return;
    }
    const known = knownLayer(layer);
    const parts = partsOf(known);
    const inside = new Set(parts.flatMap(weightsIn));
    const others = orderedWeights(known).filter((weight) => !inside.has(weight));
    const weights = ownWeights(known, others);
    this.groups.push({
      paths,
      name: layer.name,
      weights,
      ...namesOf(weights),
      hasLearned: isAdaptive(known),
    });
    for (const part of parts) {
      const at = within(paths, part.attributes);
      const objects = objectsIn(config, part.attributes[0]);
      if ('layer' in part) this.visit(part.layer, at, objects[0]);
      else if ('layers' in part) this.visitAll(part.layers, at, objects);
      else
        this.groups.push({
          paths: at,
          name: part.attributes[0],
          weights: part.weights,
          ...namesOf(part.weights),
        });
    }
  }

  private visitAll(
    layers: readonly Layer[],
    paths: Names,
    objects: readonly Readonly<Config>[],
    placesOf: Layout['placesOf'] = () => 1,
  ): void {
    const counts = new Map<string, number>();
    for (const layer of layers) {
      const className = classNameOf(layer);
      const name = groupName(pythonName(className));
      const count = counts.get(name) ?? 0;
      counts.set(name, count + placesOf(layer));
      const numbered = count === 0 ? name : `${name}_${count}`;
      this.visit(
        layer,
        within(paths, [numbered]),
        objects.find((object) => nameIn(object) === layer.name),
      );
    }
  }
}

/**
 * The groups of a model's weights, in the order in which Keras has the weights of the model. With the configuration in the file that it
 * came from, layers are counted as they are listed there.
 */
export const stateGroups = (
  model: LayersModel,
  object?: Readonly<Config>,
  layout: Layout = KERAS_3,
): StateGroup[] => {
  const walk = new Walk(layout);
  walk.visit(model, [''], object);
  return walk.groups;
};

/** The weights of a model that are trained, in the order of its groups. */
export const trainedIn = (
  groups: readonly StateGroup[],
  trained: readonly LayerVariable[],
): LayerVariable[] => {
  const isTrained = new Set(trained);
  return [...new Set(groups.flatMap(({ weights }) => weights))].filter((weight) => isTrained.has(weight));
};
