/**
 * How a function of the user's own that has the place of a named object, an activation or an initializer, is called in
 * configurations: by a class name that no class has, from which the function can be found as long as it lives.
 */

const PREFIX = 'custom:';

/** Any function. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- whatever it takes and gives: its user knows
export type AnyFunction = Function;

const numbers = new WeakMap<AnyFunction, number>();
const functions = new Map<number, WeakRef<AnyFunction>>();
const gone = new FinalizationRegistry<number>((number) => functions.delete(number));
let count = 0;

/** What functions and objects of the user's own have the place of. */
export type UserKind = 'Activation' | 'Initializer' | 'Regularizer' | 'Constraint';

/** Makes what tfjs takes for a function, or for an object of a class, anew, of a configuration. */
type Make = (config: object) => object;

const makers = new WeakMap<AnyFunction, Map<UserKind, Make>>();

const noteMake = (of: AnyFunction, kind: UserKind, make: Make): void => {
  const known = makers.get(of) ?? new Map<UserKind, Make>();
  makers.set(of, known.set(kind, make));
};

/** What a name and a configuration stand for that tfjs cannot make, as a layer is made again of its own configuration. */
export const madeAgain = (kind: UserKind, className: string, config: object): object | undefined => {
  const of = functionOfClassName(className) ?? constructorOfName(className);
  return of === undefined ? undefined : makers.get(of)?.get(kind)?.(config);
};

/** The class name of an object around a function. */
export const classNameOfFunction = (call: AnyFunction, kind: UserKind, make: Make): string => {
  noteMake(call, kind, make);
  let number = numbers.get(call);
  if (number === undefined) {
    number = ++count;
    numbers.set(call, number);
    functions.set(number, new WeakRef(call));
    gone.register(call, number);
  }
  return `${PREFIX}${number}`;
};

/** An object of a class of the user's own that does what a named object does. */
export interface UserObject<Result, Value> {
  apply(value: Value): Result;
  /** What its configuration has; nothing by default. */
  getConfig?(): object;
}

const constructors = new Map<string, WeakRef<AnyFunction>>();

/** What the class of an object is called in configurations; the class can be found by that as long as it lives. */
export const classNameOfObject = (
  object: object,
  kind: UserKind,
  make: (object: object) => object,
): string => {
  const { constructor } = object as { readonly constructor: AnyFunction & { readonly className?: unknown } }; // all objects of classes have one
  const name = typeof constructor.className === 'string' ? constructor.className : constructor.name;
  constructors.set(name, new WeakRef(constructor));
  noteMake(constructor, kind, (config) => make(Reflect.construct(constructor, [config]) as object));
  return name;
};

/** The class of the user's own that an object of which was asked for the name of its class. */
export const constructorOfName = (className: string): AnyFunction | undefined =>
  constructors.get(className)?.deref();

/** What an object of the user's own has in its configuration. */
export const configOfObject = (object: UserObject<unknown, never>): Record<string, never> => ({
  ...object.getConfig?.(),
});

/** The function that a class name stands for; undefined if it is the name of a class. */
export const functionOfClassName = (className: string): AnyFunction | undefined =>
  className.startsWith(PREFIX) ? functions.get(Number(className.slice(PREFIX.length)))?.deref() : undefined;
