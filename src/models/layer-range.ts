import { argumentError, type Check } from '../base/checks';
import { KerasArgumentError } from '../base/errors';
import { didYouMean } from '../base/suggestions';

/** The first and the last of the layers to show, both shown: names, or expressions of which the first and the last match count. */
export type LayerRange = readonly [from: string | RegExp, to: string | RegExp];

const isName = (value: unknown): boolean => typeof value === 'string' || value instanceof RegExp;

/** Whether a value is two names of layers. */
export const layerRange: Check<LayerRange> = (value, place) => {
  if (Array.isArray(value) && value.length === 2 && value.every(isName))
    return value as unknown as LayerRange; // two names
  throw argumentError(
    place,
    'a list of two names of layers, or regular expressions',
    value,
    "Write layerRange: ['conv2d', 'dense']",
  );
};

const placesOf = (names: readonly string[], wanted: string | RegExp): readonly number[] => {
  const isWanted = (name: string): boolean =>
    typeof wanted === 'string' ? name === wanted : wanted.test(name);
  const places = names.flatMap((name, place) => (isWanted(name) ? [place] : []));
  if (places.length > 0) return places;
  throw new KerasArgumentError({
    argument: 'layerRange',
    expected: '`layerRange` must name layers of the model',
    received: String(wanted),
    advice: typeof wanted === 'string' ? didYouMean(wanted, names) : `The layers are: ${names.join(', ')}`,
  });
};

/**
 * Those of the layers that are in a range, whichever of its two ends comes first.
 *
 * @see Keras `get_layer_index_bound_by_layer_name`
 */
export const layersInRange = <T extends { readonly name: string }>(
  layers: readonly T[],
  range: LayerRange | undefined,
): readonly T[] => {
  if (range === undefined) return layers;
  const names = layers.map(({ name }) => name);
  const [from, to] = [placesOf(names, range[0]), placesOf(names, range[1])];
  const [first, last] = [from[0] ?? 0, to.at(-1) ?? 0];
  return first <= last ? layers.slice(first, last + 1) : layers.slice(to[0], (from.at(-1) ?? 0) + 1);
};
