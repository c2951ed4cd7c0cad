/** What a model carries with it for those who use it. */
import { argumentError, isPlainObject } from '../base/checks';

/** What is kept with a model, in its files too: names of classes, how its inputs are prepared, whatever else JSON has. */
export interface ModelMetadata {
  /** The names of the classes, in the order in which the model predicts them. */
  readonly classNames?: readonly string[] | undefined;
  /** What is done to inputs before the model gets them: sizes, means, the words of a vocabulary. */
  readonly preprocessing?: unknown;
  readonly [name: string]: unknown;
}

/** Deeper than this nothing is that somebody has written. */
const MAX_DEPTH = 100;

/** A copy of a value of JSON that nobody changes; `path` says where it is, for an error. */
const copyOf = (value: unknown, path: string, depth = 0): unknown => {
  if (depth > MAX_DEPTH)
    throw argumentError({ argument: path }, `less deep than ${MAX_DEPTH} lists and objects`, value);
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (Array.isArray(value))
    return Object.freeze(value.map((one, index) => copyOf(one, `${path}[${index}]`, depth + 1)));
  if (isPlainObject(value)) {
    const given = Object.entries(value).filter(([, one]) => one !== undefined);
    return Object.freeze(
      Object.fromEntries(given.map(([name, one]) => [name, copyOf(one, `${path}.${name}`, depth + 1)])),
    );
  }
  throw argumentError(
    { argument: path },
    'what JSON has: texts, finite numbers, true, false, null, lists and plain objects of these',
    value,
    'Give the numbers of a tensor as await tensor.array(), those of a typed array as Array.from(array)',
  );
};

const isText = (value: unknown): value is string => typeof value === 'string';

/** What was given as a model's metadata, as a copy that nobody changes. */
export const checkedMetadata = (value: unknown): ModelMetadata | undefined => {
  if (value === undefined) return undefined;
  const argument = 'metadata';
  if (!isPlainObject(value))
    throw argumentError(
      { argument },
      'an object',
      value,
      "Write model.metadata = { classNames: ['a', 'b'] }",
    );
  const copy = copyOf(value, argument) as ModelMetadata; // of what was just seen
  const { classNames } = copy;
  if (classNames !== undefined && !(Array.isArray(classNames) && classNames.every(isText)))
    throw argumentError({ argument: `${argument}.classNames` }, 'a list of texts', classNames);
  return copy;
};
