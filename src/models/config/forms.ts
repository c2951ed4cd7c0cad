/** The forms of Keras's configurations: names in snake_case, and objects by their class. */
import { describe, KerasArgumentError } from '../../base/errors';

/** A configuration, as JSON has it. */
export type Config = Record<string, unknown>;

/** An object in a configuration: the name of its class, and what it is made of. */
export interface ObjectConfig {
  readonly className: string;
  readonly config: Readonly<Config>;
  /** The name that a program has registered it under, `package>name`, without the package. */
  readonly registeredName?: string;
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

/** The object of a class that a value is, if it is one; of a function, its name is the class. */
export const objectConfigOf = (value: unknown): ObjectConfig | undefined => {
  if (!isConfig(value)) return undefined;
  const { class_name: className, config, registered_name: registered } = value;
  if (typeof className !== 'string') return undefined;
  const name = typeof registered === 'string' ? registered.slice(registered.lastIndexOf('>') + 1) : undefined;
  return {
    className,
    config: isConfig(config) ? config : {},
    ...(name === undefined ? {} : { registeredName: name }),
  };
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
