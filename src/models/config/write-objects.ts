/** What stands in a layer's configuration, in Keras's form. */
import { constructorOfName, functionOfClassName, type AnyFunction } from '../../base/user-function';
import { drawnSeed } from '../../initializers/define-initializer';
import { activations } from '../../activations/registry';
import {
  configError,
  functionForm,
  isConfig,
  isList,
  nameOfOwn,
  objectForm,
  snakeCase,
  type Config,
} from './forms';
import { isActivation } from './keras3-activations';

/** An object in a configuration of tfjs's: a class and what it is made of. */
interface TfjsObject {
  readonly className: string;
  readonly config: Readonly<Config>;
}

export const isTfjsObject = (value: unknown): value is TfjsObject =>
  isConfig(value) && typeof value['className'] === 'string' && isConfig(value['config']);

/** Options whose values are names, which tfjs spells in camelCase. */
const NAMED = /^(?:mode|distribution|dataFormat|interpolation|activation|.*Activation)$/;

/** Keras's names of kinds of variance scaling: what they scale by, and how they draw. */
const SCALINGS: Readonly<Record<string, string>> = {
  '1 fanAvg uniform': 'GlorotUniform',
  '1 fanAvg truncatedNormal': 'GlorotNormal',
  '1 fanAvg normal': 'GlorotNormal',
  '2 fanIn uniform': 'HeUniform',
  '2 fanIn truncatedNormal': 'HeNormal',
  '2 fanIn normal': 'HeNormal',
  '1 fanIn uniform': 'LecunUniform',
  '1 fanIn truncatedNormal': 'LecunNormal',
  '1 fanIn normal': 'LecunNormal',
};

/** tfjs's objects that Keras has by another name. */
const asKeras = ({ className, config }: TfjsObject): TfjsObject => {
  if (className === 'VarianceScaling') {
    const { scale, mode, distribution, seed } = config;
    const name = SCALINGS[`${String(scale)} ${String(mode)} ${String(distribution)}`];
    return name === undefined ? { className, config } : { className: name, config: { seed } };
  }
  if (className === 'L1L2') {
    const { l1, l2 } = config;
    if (l1 === 0 && l2 !== 0) return { className: 'L2', config: { l2 } };
    if (l2 === 0 && l1 !== 0) return { className: 'L1', config: { l1 } };
  }
  return { className, config };
};

const MODULES = ['initializer', 'regularizer', 'constraint'] as const;

const moduleOf = (key: string): string => {
  const kind = MODULES.find((one) => key.toLowerCase().endsWith(one));
  return kind === undefined ? 'keras.layers' : `keras.${kind}s`;
};

/** What a configuration that is read again at once calls by names of its own: functions, and classes. */
let live: Map<string, AnyFunction> | undefined;

/**
 * Writes a configuration for this program alone, and gives what the names in it stand for: functions need no names, and classes
 * need not be registered.
 */
export const writeLive = <Result>(
  write: () => Result,
): { readonly config: Result; readonly objects: Readonly<Record<string, AnyFunction>> } => {
  const outer = live;
  const names = new Map<string, AnyFunction>();
  live = names;
  try {
    return { config: write(), objects: Object.fromEntries(names) };
  } finally {
    live = outer;
  }
};

/** Notes the class of the program's own that an object has. */
export const noteClass = (className: string, constructor: AnyFunction): void => {
  live?.set(className, constructor);
};

/** What an object is called in a configuration that this program alone reads, and at once; undefined in others. */
export const liveName = (cell: object): string | undefined => {
  if (live === undefined) return undefined;
  const name = `cell ${live.size}`;
  live.set(name, () => cell);
  return name;
};

/** What a function is called in a configuration. */
export const nameOfFunction = (call: AnyFunction, key: string): string => {
  if (live !== undefined) {
    const name = `function ${live.size}`;
    live.set(name, call);
    return name;
  }
  // Other functions are known by customObjects only.
  const isKnown = (one: string): boolean =>
    isActivation(snakeCase(key)) && activations.find(one) !== undefined;
  const name = nameOfOwn(call, call.name, isKnown);
  if (name !== '') return name;
  throw configError(
    'a function must have a name to be in a configuration',
    `a function without a name as \`${snakeCase(key)}\``,
    'Give the function a name: const wave = (x) => tf.sin(x); reading it back takes customObjects: { wave }',
  );
};

const objectOf = (key: string, object: TfjsObject): Config => {
  const call = functionOfClassName(object.className);
  if (call !== undefined) return functionForm(nameOfFunction(call, key));
  const constructor = constructorOfName(object.className);
  if (constructor !== undefined) noteClass(object.className, constructor);
  const { className, config } = asKeras(object);
  const written = configOf(config);
  if (drawnSeed in object.config) written['seed'] = null;
  return objectForm(moduleOf(key), className, written);
};

const valueOf = (key: string, value: unknown): unknown => {
  if (value === undefined || value === null) return null;
  if (isList(value)) return value.map((item) => valueOf(key, item));
  if (isTfjsObject(value)) return objectOf(key, value);
  if (typeof value === 'function') return functionForm(nameOfFunction(value, key));
  if (typeof value === 'string' && NAMED.test(key)) {
    const call = functionOfClassName(value);
    return call === undefined ? snakeCase(value) : nameOfFunction(call, key);
  }
  return value;
};

/** A configuration of tfjs's in Keras's form. */
export const configOf = (config: Readonly<Config>): Config =>
  Object.fromEntries(Object.entries(config).map(([key, value]) => [snakeCase(key), valueOf(key, value)]));
