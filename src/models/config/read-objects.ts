/** Options of this library out of Keras's configurations. */
import { activations } from '../../activations/registry';
import { customObject } from '../../base/custom-objects';
import { camelCase, type Named, type Registry } from '../../base/registry';
import { constraints } from '../../constraints/registry';
import { initializers } from '../../initializers/registry';
import { regularizers } from '../../regularizers/registry';
import { registeredClass } from '../../tfjs/base-classes';
import { activationIn, isActivation, type KerasVersion } from './keras3-activations';
import {
  configError,
  customObjectNamed,
  customObjectOf,
  functionNameOf,
  isConfig,
  objectConfigOf,
  refuseBytecode,
  withoutPackage,
  type Config,
  type ObjectConfig,
} from './forms';

type Family = Registry<Named & (() => unknown)>;

interface Kind {
  readonly name: string;
  readonly family: Family;
  /** How functions of the family call what Keras calls otherwise. */
  readonly renamed: Readonly<Record<string, string>>;
}

/** What the last word of an option's name says of it. */
const KINDS: readonly Kind[] = [
  { name: 'initializer', family: initializers, renamed: {} },
  { name: 'regularizer', family: regularizers, renamed: {} },
  { name: 'constraint', family: constraints, renamed: {} },
];

/** Keras's leftovers in objects' configurations, which say nothing here. */
const LEFTOVERS: ReadonlySet<string> = new Set(['dtype', 'partition_info']);

const optionsOf = ({ className, config }: ObjectConfig): Config => {
  const entries = Object.entries(config).filter(([key, value]) => value !== null && !LEFTOVERS.has(key));
  const options = Object.fromEntries(entries.map(([key, value]) => [camelCase(key), value]));
  // Penalties of one factor call it `l` in R.
  if (className === 'L1' || className === 'L2') return { l: options[className.toLowerCase()] };
  return options;
};

const withCustom = (registeredName: string, name = withoutPackage(registeredName)): string =>
  `Give it under its name: customObjects: { ${/^[A-Za-z_]\w*$/.test(name) ? name : `'${name}'`}: … }`;

const valueInCamelCase = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(valueInCamelCase);
  return isConfig(value) ? inCamelCase(value) : value;
};

/** A configuration with tfjs's names. */
export const inCamelCase = (config: Readonly<Config>): Config =>
  Object.fromEntries(Object.entries(config).map(([key, value]) => [camelCase(key), valueInCamelCase(value)]));

/** An object of a class of the program's own, made of its configuration. */
export const makeCustom = (found: unknown, config: Readonly<Config>): unknown => {
  const known = found as { readonly prototype?: unknown; readonly fromConfig?: unknown }; // a function has those, or not
  if (typeof known.fromConfig === 'function') {
    // That of tfjs's classes takes the class first.
    const ofClass = known.fromConfig.length > 1 ? [found, { ...config }] : [{ ...config }];
    return (known.fromConfig as (...given: unknown[]) => unknown).apply(found, ofClass);
  }
  const isClass = /^class\b/.test(Function.prototype.toString.call(found));
  return isClass ? new (found as new (config: object) => unknown)({ ...config }) : found;
};

const makeObject = ({ name, family }: Kind, key: string, object: ObjectConfig): unknown => {
  const { className, config } = object;
  const custom = customObjectOf(object);
  if (custom !== undefined) return makeCustom(custom, config);
  const member = family.find(className);
  if (member !== undefined && !object.isOwn)
    return (member as (options: object) => unknown)(optionsOf(object));
  const registered = registeredClass(className);
  if (registered !== undefined && !(object.isOwn && registered.isOfLibrary))
    return registered.make(registered.isOfLibrary ? inCamelCase(config) : config);
  throw configError(
    `\`${key}\` must be the configuration of a known ${name}`,
    `the class '${className}'`,
    `${family.advice(className)} ${withCustom(className)}`,
  );
};

/** A function of the program's own by its name. */
export const customFunction = (key: string, name: string): unknown => {
  const found = customObjectNamed(name);
  if (found !== undefined) return found;
  throw configError(
    `functions in configurations must be known by their names`,
    `the function '${name}' as \`${key}\``,
    withCustom(name),
  );
};

/** An activation, which Keras saves by its name, or as a function. */
const activationFrom = (key: string, value: unknown, version: KerasVersion): unknown => {
  const written = typeof value === 'string' ? value : functionNameOf(value);
  const custom = written === undefined ? undefined : customObjectNamed(written);
  if (custom !== undefined) return custom;
  const name = activationIn(version, written ?? value);
  if (typeof name !== 'string') {
    throw configError(
      `\`${key}\` must be the name of an activation`,
      value,
      'Make an activation layer of it',
    );
  }
  return activations.find(name) === undefined ? customFunction(key, name) : name;
};

/** What an option is, from its value in a configuration of a version of Keras. Layers in it are made by `readLayer`. */
export const optionFrom = (
  key: string,
  value: unknown,
  version: KerasVersion,
  readLayer: (object: Readonly<Config>) => unknown,
): unknown => {
  refuseBytecode(value, `\`${key}\``);
  if (isActivation(key)) return activationFrom(key, value, version);
  const kind = KINDS.find(({ name }) => key.endsWith(name));
  const functionName = functionNameOf(value);
  if (functionName !== undefined) return customFunction(key, functionName);
  const object = objectConfigOf(value);
  if (kind !== undefined) {
    if (typeof value === 'string') return customObject(value) ?? value;
    if (object !== undefined) return makeObject(kind, key, object);
    throw configError(`\`${key}\` must be a name, or a class and its configuration`, value);
  }
  if (object !== undefined && isConfig(value)) return readLayer(value);
  if (Array.isArray(value) && value.length > 0 && value.every((one) => objectConfigOf(one) !== undefined))
    return value.map((one) => readLayer(one as Config)); // as it has just been seen
  return value;
};
