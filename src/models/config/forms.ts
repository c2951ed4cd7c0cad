/** The forms of Keras's configurations: names in snake_case, and objects by their class. */
import { customObject, type CustomObject } from '../../base/custom-objects';
import { describe, KerasArgumentError } from '../../base/errors';
import { noteRegisteredName, registeredNameOf } from './registered-names';

/** A configuration, as JSON has it. */
export type Config = Record<string, unknown>;

/** An object in a configuration: the name of its class, and what it is made of. */
export interface ObjectConfig {
  readonly className: string;
  readonly config: Readonly<Config>;
  /** The name that a program has registered it under, `package>name`. */
  readonly registeredName?: string;
  /** Whether it is of a class of a program's own, and never of Keras's of that name. */
  readonly isOwn: boolean;
}

/** `kernelInitializer` → `kernel_initializer` */
export const snakeCase = (name: string): string =>
  name
    .replaceAll(/(.)([A-Z][a-z0-9]+)/g, '$1_$2')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase();

export const isConfig = (value: unknown): value is Readonly<Config> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A list in a configuration, of whatever it is. */
export const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

/** A value that must be a list. */
export const listOf = (value: unknown, what: string): readonly unknown[] => {
  if (isList(value)) return value;
  throw configError(`\`${what}\` must be a list`, value);
};

/** An object of a class in Keras's form, as version 2.13 and later write it. */
export const objectForm = (module: string, className: string, config: unknown): Config => ({
  module,
  class_name: className,
  config,
  registered_name: null,
});

/** A function of the program's own. */
export const functionForm = (name: string): Config => ({
  module: 'builtins',
  class_name: 'function',
  config: name,
  registered_name: name,
});

/** What is said of a configuration that cannot be. */
export const configError = (
  expected: string,
  value: unknown,
  advice = 'Give what getConfig() or modelToJson() gave',
): KerasArgumentError =>
  new KerasArgumentError({
    argument: 'config',
    expected,
    received: typeof value === 'string' ? value : describe(value),
    advice,
  });

/** Modules of Python that Keras's own classes are in; functions are said to be in the last. */
const OF_KERAS = /^(?:tf_keras|keras|tensorflow|builtins)(?:\.|$)/;

/** The package of what is registered without one. Optimizers of Keras 2.11 to 2.13 are, too. */
export const KERAS_PACKAGE = 'Custom';

/** Whether a name has a package before it that is not Keras's, and so stands for something of a program's own. */
const isOfProgram = (name: string): boolean => name.includes('>') && !/^(?:tf_)?keras>/i.test(name);

/** The object of a class that a value is, if it is one; of a function, its name is the class. */
export const objectConfigOf = (value: unknown): ObjectConfig | undefined => {
  if (!isConfig(value)) return undefined;
  const { class_name: className, config, registered_name: registered, module } = value;
  if (typeof className !== 'string') return undefined;
  const isRegistered = typeof registered === 'string';
  // What is Keras's own is in a place of Keras's.
  const isElsewhere =
    isRegistered && (module === null || (typeof module === 'string' && !OF_KERAS.test(module)));
  return {
    className,
    config: isConfig(config) ? config : {},
    ...(isRegistered ? { registeredName: registered } : {}),
    isOwn: isElsewhere || isOfProgram(className) || (isRegistered && isOfProgram(registered)),
  };
};

/** A registered name, `package>name`, without the package. */
export const withoutPackage = (registeredName: string): string =>
  registeredName.slice(registeredName.lastIndexOf('>') + 1);

/**
 * The name under which something of the program's own is written: the one that it was read by, or its own. With Keras's package for
 * what has none where the name is known without it: it would be taken for Keras's.
 */
export const nameOfOwn = (
  object: object,
  name: string,
  isKnown: (name: string) => boolean,
  ownPackage = KERAS_PACKAGE,
): string => registeredNameOf(object) ?? (isKnown(name) ? `${ownPackage}>${name}` : name);

/** What of the program's own an object in a configuration stands for: known by its registered name, or by that without its package. */
export const customObjectOf = ({
  className,
  registeredName = className,
}: ObjectConfig): CustomObject | undefined => customObjectNamed(registeredName) ?? customObject(className);

/** What of the program's own a name stands for, which may have a package before it. */
export const customObjectNamed = (name: string): CustomObject | undefined => {
  const found = customObject(name) ?? customObject(withoutPackage(name));
  if (found !== undefined) noteRegisteredName(found, name);
  return found;
};

/** The name of the function of the program's own that a value stands for, if it does. */
export const functionNameOf = (value: unknown): string | undefined =>
  isConfig(value) && value['class_name'] === 'function' && typeof value['config'] === 'string'
    ? value['config']
    : undefined;

const isBytecode = (value: unknown): boolean =>
  isConfig(value) &&
  (value['class_name'] === '__lambda__' ||
    (isConfig(value['config']) && typeof value['config']['code'] === 'string'));

/** Throws for what only Python could run. */
export const refuseBytecode = (value: unknown, what: string): void => {
  if (!isBytecode(value)) return;
  throw configError(
    `${what} must be known by its name`,
    'a lambda of Python, saved as bytecode',
    'Code of another language is never run. In Python, give the layer a named function, and save again; here, give ' +
      'its counterpart in customObjects',
  );
};
