/** What layers have learned, as Keras 2.12 and later have it in `.keras` files: vocabularies as files, summaries among the weights. */
import { sizeOf } from '../../../base/shapes';
import type { Hdf5Reader } from '../../../files/hdf5';
import { MalformedError } from '../../../files/malformed';
import { objectConfigOf, type Config } from '../../../models/config/forms';
import { isIncomplete, layersIn, openPart, withLearned, type LearnedPlace } from '../learned-state';
import { findStored, type SizeCheck } from '../read-weights';
import { groupName, type Layout } from './state-groups';

/** A folder of files besides configuration and weights. */
export interface Assets {
  readonly names: readonly string[];
  readonly text: (name: string) => Promise<string>;
}

const FOLDER = 'assets/';
const VOCABULARY = '/vocabulary.txt';

/** The number of `string_lookup_2` among those of its class. */
const numberOf = (name: string): number => Number(/_(\d+)$/.exec(name)?.[1] ?? 0);

/** The paths of all layers that have learned something: of a file that is open, and of its assets. */
interface Found {
  readonly reader: Hdf5Reader;
  readonly check: SizeCheck;
  readonly assets: Assets;
  readonly layout: Layout;
  readonly paths: readonly string[];
}

class Place implements LearnedPlace {
  constructor(
    private readonly found: Found,
    private readonly path: string,
  ) {}

  /** Layers have their places by their classes, numbered in the order of the configuration. */
  async layers(objects: readonly Readonly<Config>[]): Promise<readonly (LearnedPlace | undefined)[]> {
    const { paths, layout } = this.found;
    const below = this.path === '' ? `${layout.container}/` : `${this.path}/${layout.container}/`;
    const names = new Set(
      paths.filter((path) => path.startsWith(below)).map((path) => path.slice(below.length).split('/')[0]),
    );
    const incomplete = objects.filter(isIncomplete);
    const placesOf = (base: string): string[] =>
      [...names]
        .filter((name) => name !== undefined && name.replace(/_\d+$/, '') === base)
        .map((name) => name as string) // as just seen
        .sort((one, other) => numberOf(one) - numberOf(other));
    return Promise.resolve(
      objects.map((object) => {
        if (!isIncomplete(object)) return undefined;
        const base = baseOf(object);
        const alike = incomplete.filter((one) => baseOf(one) === base);
        const places = placesOf(base);
        if (places.length === 0) return undefined;
        if (places.length !== alike.length)
          throw new MalformedError(
            `it has what ${places.length} layers of ${base} have learned, and ${alike.length} layers that need it`,
          );
        return new Place(this.found, `${below}${String(places[alike.indexOf(object)])}`);
      }),
    );
  }

  async vocabulary(ofNumbers: boolean): Promise<readonly (string | number)[] | undefined> {
    const { names, text } = this.found.assets;
    const name = `${FOLDER}${this.path}${VOCABULARY}`;
    if (!names.includes(name)) return undefined;
    const content = await text(name);
    if (content === '') return undefined;
    const lines = content.split('\n');
    if (!ofNumbers) return lines;
    const wrong = lines.find((line) => !/^-?\d+$/.test(line));
    if (wrong !== undefined)
      throw new MalformedError(`${name} must have whole numbers, and has '${wrong.slice(0, 40)}'`);
    return lines.map(Number);
  }

  async summary(): Promise<ArrayLike<number> | undefined> {
    const { reader, check } = this.found;
    const { path, shape } = await findStored(reader, `${this.path}/vars/0`, check);
    if (sizeOf(shape) === 0) return undefined;
    return Float32Array.from(await reader.read(path), Number);
  }
}

/** What Keras calls the groups of a layer's class, without their numbers. */
const baseOf = (object: Readonly<Config>): string => groupName(objectConfigOf(object)?.className ?? '');

/** The groups of summaries below one of a model. */
const summariesBelow = async (
  reader: Hdf5Reader,
  object: Readonly<Config>,
  path: string,
  layout: Layout,
): Promise<string[]> => {
  const layers = layersIn(object).filter(isIncomplete);
  const group = path === '' ? layout.container : `${path}/${layout.container}`;
  const found = layers.length === 0 ? undefined : await reader.look(group);
  if (found?.kind !== 'group') return [];
  const paths: string[] = [];
  for (const name of found.names) {
    const alike = layers.filter((layer) => baseOf(layer) === name.replace(/_\d+$/, ''));
    const at = `${group}/${name}`;
    if (alike.some((layer) => openPart(layer) === 'summary')) {
      const stored = await reader.look(`${at}/vars/0`);
      if (stored?.kind === 'dataset' && stored.shape.length === 2 && stored.shape[0] === 2) paths.push(at);
    }
    // A name stands for one class of layers; models of one class may differ in what is in them.
    for (const layer of alike) paths.push(...(await summariesBelow(reader, layer, at, layout)));
  }
  return [...new Set(paths)];
};

/** The object of a model whose configuration says what its layers have learned. */
export const withLearnedFiles = async (
  object: Readonly<Config>,
  reader: Hdf5Reader,
  { assets, check, layout }: { readonly assets: Assets; readonly check: SizeCheck; readonly layout: Layout },
): Promise<Readonly<Config>> => {
  if (!isIncomplete(object)) return object;
  const vocabularies = assets.names
    .filter((name) => name.startsWith(FOLDER) && name.endsWith(VOCABULARY))
    .map((name) => name.slice(FOLDER.length, -VOCABULARY.length));
  const paths = [...vocabularies, ...(await summariesBelow(reader, object, '', layout))];
  return withLearned(object, new Place({ reader, check, assets, layout, paths }, ''));
};
