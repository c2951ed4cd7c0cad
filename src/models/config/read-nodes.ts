/** How the layers of a graph are connected, as Keras 2 or Keras 3 writes it. */
import { furtherInputs } from './call-inputs';
import { configError, isConfig, isList, listOf, objectConfigOf, type Config } from './forms';

/** An input of an application: which output of which application of which layer. */
export type Source = readonly [layer: string, application: number, output: number];

const isSource = (value: unknown): value is Source =>
  isList(value) &&
  value.length >= 3 &&
  typeof value[0] === 'string' &&
  Number.isSafeInteger(value[1]) &&
  Number.isSafeInteger(value[2]);

const sourceFrom = (value: unknown): Source | undefined => {
  if (isSource(value)) return value;
  // As Keras 3 writes it.
  if (objectConfigOf(value)?.className === '__keras_tensor__') {
    const history = objectConfigOf(value)?.config['keras_history'];
    if (isSource(history)) return history;
  }
  return undefined;
};

/** All tensors in a value, in order; a list of them may be in lists. */
export const sourcesIn = (value: unknown): Source[] => {
  const source = sourceFrom(value);
  if (source !== undefined) return [source];
  return isList(value) ? value.flatMap(sourcesIn) : [];
};

/** One application of a layer: its inputs in order, and what else it is called with. */
export interface Application {
  readonly sources: readonly Source[];
  readonly kwargs: Readonly<Config>;
  /** Whether it is written as Keras 3 does, as a call. */
  readonly isCall: boolean;
}

/** Puts the tensors that are given by name behind those that are not, in the order in which the layer takes them. */
const applicationOf = (
  className: string,
  positional: readonly Source[],
  kwargs: Readonly<Config>,
  isCall: boolean,
): Application => {
  const names = furtherInputs(className) ?? [];
  const tensors = Object.entries(kwargs).filter(([, value]) => sourcesIn(value).length > 0);
  const order = (name: string): number => (names.includes(name) ? names.indexOf(name) : names.length);
  const sorted = tensors.toSorted(([a], [b]) => order(a) - order(b));
  const inputName = (name: string): boolean => name === 'inputs' || name === 'x' || name === 'query';
  const unknown = sorted.find(
    ([name]) => !names.includes(name) && !inputName(name) && name !== 'initial_state',
  );
  if (unknown !== undefined) {
    throw configError(
      `${className} must be applied to tensors that it takes`,
      `a tensor as \`${unknown[0]}\``,
    );
  }
  const leading = sorted.filter(([name]) => inputName(name)).flatMap(([, value]) => sourcesIn(value));
  const further = sorted.filter(([name]) => !inputName(name)).flatMap(([, value]) => sourcesIn(value));
  const given = [...leading, ...positional, ...further];
  const hasKey = tensors.some(([name]) => name === 'key');
  const hasMask = tensors.some(([name]) => name === 'attention_mask');
  // The keys are the values, where there is a mask and no keys.
  const query = given[0];
  const value = given[1];
  const sources =
    names.length > 0 && hasMask && !hasKey && given.length === 3 && query !== undefined && value !== undefined
      ? [query, value, value, ...given.slice(2)]
      : given;
  return {
    sources,
    kwargs: Object.fromEntries(Object.entries(kwargs).filter(([, value]) => sourcesIn(value).length === 0)),
    isCall,
  };
};

/**
 * What a layer is called with in Keras 3's form. Whether it trains Keras 3 writes where nobody has said it, too, and it goes by the model
 * nevertheless: what counts is a number, as it is written here.
 */
const callArguments = (kwargs: Readonly<Config>): Readonly<Config> => {
  const { training, ...others } = kwargs;
  return typeof training === 'boolean' ? others : kwargs;
};

export const applicationFrom = (className: string, node: unknown): Application => {
  // Keras 3: { args, kwargs }.
  if (isConfig(node)) {
    const { args, kwargs } = node;
    return applicationOf(className, sourcesIn(args), isConfig(kwargs) ? callArguments(kwargs) : {}, true);
  }
  const entries = listOf(node, 'inbound_nodes');
  // The states of one of several cells are a list within the list.
  const list: readonly unknown[] = isSource(entries)
    ? [entries]
    : entries.flatMap((entry): readonly unknown[] =>
        isList(entry) && !isSource(entry) && entry.every(isSource) ? entry : [entry],
      );
  const sources = list.map((entry) => {
    if (isSource(entry)) return entry;
    throw configError('the inputs of a layer must be outputs of layers', entry);
  });
  const kwargs = list.map((entry) => (isList(entry) && isConfig(entry[3]) ? entry[3] : {}));
  return applicationOf(className, sources, Object.assign({}, ...kwargs) as Config, false);
};
