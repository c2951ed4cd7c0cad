/**
 * What layers of preprocessing have learned, where Keras's files have it: besides the configuration, which says it here, since the sizes
 * of what comes out of the layers depend on it.
 */
import { boundariesOf } from '../../layers/internal/quantiles';
import { isConfig, isList, objectConfigOf, type Config } from '../../models/config/forms';

/** Where a file has what a layer has learned, or what the layers of a model have. */
export interface LearnedPlace {
  /** The places of a model's layers, of which there are the objects; undefined for one of which the file has nothing. */
  layers(objects: readonly Readonly<Config>[]): Promise<readonly (LearnedPlace | undefined)[]>;
  /** The tokens, special ones included. */
  vocabulary(ofNumbers: boolean): Promise<readonly (string | number)[] | undefined>;
  /** Values in ascending order, and then how many values of the data each stands for. */
  summary(): Promise<ArrayLike<number> | undefined>;
}

const LOOKUPS: ReadonlySet<unknown> = new Set(['StringLookup', 'IntegerLookup', 'TextVectorization']);

const isOpen = (value: unknown): boolean => (value ?? null) === null;

/** The objects of the layers of a model; none for a layer. */
export const layersIn = ({ config }: Readonly<Config>): readonly Readonly<Config>[] => {
  const layers = isConfig(config) ? config['layers'] : undefined;
  return isList(layers) ? layers.filter(isConfig) : [];
};

/** What a layer's configuration does not say: what it has learned. */
export const openPart = (object: Readonly<Config>): 'vocabulary' | 'summary' | undefined => {
  const { className, config } = objectConfigOf(object) ?? {};
  if (config === undefined) return undefined;
  if (LOOKUPS.has(className) && isOpen(config['vocabulary'])) return 'vocabulary';
  return className === 'Discretization' && isOpen(config['bin_boundaries']) ? 'summary' : undefined;
};

/** Whether a configuration of a layer, or one in a model, does not say what was learned. */
export const isIncomplete = (object: Readonly<Config>): boolean =>
  openPart(object) !== undefined || layersIn(object).some(isIncomplete);

/** The limits of bins for a summary in a file; undefined if nothing was learned. */
const limitsOf = (summary: ArrayLike<number>, bins: unknown): readonly number[] | undefined => {
  const numbers = Float32Array.from(summary);
  const half = numbers.length / 2;
  if (half === 0 || typeof bins !== 'number' || bins < 1) return undefined;
  return boundariesOf({ values: numbers.subarray(0, half), weights: numbers.subarray(half) }, bins);
};

const learnedConfig = async (object: Readonly<Config>, place: LearnedPlace): Promise<Config> => {
  const { className, config = {} } = objectConfigOf(object) ?? {};
  if (openPart(object) === 'vocabulary') {
    const vocabulary = await place.vocabulary(className === 'IntegerLookup');
    return vocabulary === undefined ? config : { ...config, vocabulary, has_input_vocabulary: false };
  }
  const summary = await place.summary();
  const limits = summary === undefined ? undefined : limitsOf(summary, config['num_bins']);
  return limits === undefined ? config : { ...config, bin_boundaries: limits };
};

/** The object of a model, or of a layer, whose configuration says what was learned, as a file has it in a place. */
export const withLearned = async (object: Readonly<Config>, place: LearnedPlace): Promise<Config> => {
  if (!isIncomplete(object)) return object;
  if (openPart(object) !== undefined) return { ...object, config: await learnedConfig(object, place) };
  const layers = layersIn(object);
  const places = await place.layers(layers);
  const complete: Config[] = [];
  for (const [index, layer] of layers.entries()) {
    const inner = places[index];
    complete.push(inner === undefined ? layer : await withLearned(layer, inner));
  }
  return { ...object, config: { ...(object['config'] as Config), layers: complete } }; // it has layers
};
