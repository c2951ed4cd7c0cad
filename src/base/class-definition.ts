import { argumentError, checkThat, isPlainObject, type Check } from './checks';
import { KerasArgumentError, type KerasErrorDetails } from './errors';

/** Any function, whatever it takes: a method of a class that is made of methods. */
export type Method = (...args: never) => unknown;

/** The check of a method. */
export const method: Check<Method> = checkThat(
  'a function',
  (value): value is Method => typeof value === 'function',
);

/** The check of a class's name. */
export const className: Check<string> = checkThat(
  'the name of a class, such as `MultiHead`',
  (value): value is string => typeof value === 'string' && /^[A-Za-z_$][\w$]*$/.test(value),
);

/** Calls a method with its object, as its type says it is to be called. */
export const callMethod = (given: Method, self: unknown, ...args: unknown[]): unknown =>
  Reflect.apply(given as (...all: unknown[]) => unknown, self, args); // its type is the user's affair

/** What `initialize` and other methods return is what the object has as fields. */
export type Fields<Returned> = Returned extends object ? Returned : unknown;

/** Who returned the fields of an object, and what such objects are called. */
interface FieldsPlace extends Pick<KerasErrorDetails, 'function' | 'layer'> {
  readonly by: string;
  readonly kind: 'layers' | 'models';
}

/** Puts what a method returned on its object; what all of its kind have is not to be covered. */
export const takeFields = (self: object, returned: unknown, { by, kind, ...place }: FieldsPlace): void => {
  if (!isPlainObject(returned)) return;
  for (const [name, value] of Object.entries(returned)) {
    if (name in self) {
      throw new KerasArgumentError({
        ...place,
        argument: by,
        expected: `what \`${by}\` returns must have names that ${kind} have not`,
        received: `\`${name}\`, which all ${kind} have`,
        advice: 'Give it another name',
      });
    }
    Object.assign(self, { [name]: value });
  }
};

/** Whether options may be left out, since there are none that must be given. */
export type OptionsArgument<Options> = object extends Options ? [options?: Options] : [options: Options];

/** `MultiHead` → `multi_head`, as Keras names objects after their classes. */
export const snakeCase = (name: string): string =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .toLowerCase();

/** `loss` and `PairWise` → `lossPairWise` */
export const functionNameFor = (prefix: string, classname: string): string =>
  `${prefix}${classname.charAt(0).toUpperCase()}${classname.slice(1)}`;

/** The options that an object of a class is made with: any, in one object. */
export const classOptions = (functionName: string, options: unknown): Readonly<Record<string, unknown>> => {
  if (options === undefined) return {};
  if (isPlainObject(options)) return options;
  throw argumentError({ function: functionName, argument: 'options' }, 'an object', options);
};
