import { tf, type Tensor } from './tensorflow';

// tfjs exports the makers of its initializers and activations, and not the classes that they must extend to be taken for such.

/** A tfjs initializer: anything with `apply(shape)`, from `tf.initializers` or of your own. */
export type Initializer = ReturnType<typeof tf.initializers.zeros>;

type InitializerClass = abstract new () => Initializer;

/** The base class of tfjs's initializers. */
export const InitializerBase = Object.getPrototypeOf(tf.initializers.zeros().constructor) as InitializerClass;

/** A tfjs constraint: anything with `apply(weight)`, applied to the weight after each update. */
export type Constraint = ReturnType<typeof tf.constraints.nonNeg>;

/** The base class of tfjs's constraints. */
export const ConstraintBase = Object.getPrototypeOf(
  tf.constraints.nonNeg().constructor,
) as abstract new () => Constraint;

/** A tfjs regularizer: anything with `apply(weight)`, a penalty that is added to the loss. */
export type Regularizer = ReturnType<typeof tf.regularizers.l1>;

/** The base class of tfjs's regularizers. */
export const RegularizerBase = Object.getPrototypeOf(
  tf.regularizers.l1().constructor,
) as abstract new () => Regularizer;

/** The object that tfjs-layers keeps as a layer's activation. */
export interface TfjsActivation {
  apply(x: Tensor, axis?: number): Tensor;
  getConfig(): Record<string, never>;
  getClassName(): string;
}

/** The activation object of a class that tfjs knows: one of its own, or one that was registered. */
export const activationOfClass = (className: string): TfjsActivation =>
  // tfjs's type lists its own names only.
  (
    tf.layers.activation({ activation: className as 'relu' }) as unknown as {
      readonly activation: TfjsActivation;
    }
  ).activation;

/** The base class of tfjs's activations. */
export const ActivationBase = Object.getPrototypeOf(
  activationOfClass('relu').constructor,
) as abstract new () => TfjsActivation;

type TfjsClass = new (...args: never) => unknown;

/** What tfjs keeps of a class under its name. */
type Registered = [TfjsClass, (constructor: TfjsClass, config: object) => unknown];

const registered = (): Readonly<Record<string, Registered>> =>
  // tfjs's types say that the map is private.
  (tf.serialization.SerializationMap.getMap() as unknown as { classNameMap: Record<string, Registered> })
    .classNameMap;

/** The classes that are no user's: tfjs's, and this library's. */
const libraryClasses = new Set<unknown>(Object.values(registered()).map(([constructor]) => constructor));

/** Whether an object's class is tfjs's or this library's, and so spells its configuration in camelCase. */
export const isOfLibraryClass = (object: object): boolean => libraryClasses.has(object.constructor);

/** A class that tfjs knows under a name. */
export interface RegisteredClass {
  /** Whether it is tfjs's or this library's. */
  readonly isOfLibrary: boolean;
  /** Makes an object of what its `getConfig` gives. */
  readonly make: (config: object) => unknown;
}

/** The class that tfjs knows under a name. */
export const registeredClass = (className: string): RegisteredClass | undefined => {
  const found = Object.hasOwn(registered(), className) ? registered()[className] : undefined;
  if (found === undefined) return undefined;
  const [constructor, fromConfig] = found;
  return {
    isOfLibrary: libraryClasses.has(constructor),
    make: (config) => fromConfig(constructor, config),
  };
};

/** Makes a class of the user's own known to tfjs under its class name. */
export const registerForUser = (tfjsClass: { readonly className: string }): void => {
  // tfjs asks for a constructor of the type of its unexported base class.
  tf.serialization.registerClass(
    tfjsClass as unknown as Parameters<typeof tf.serialization.registerClass>[0],
  );
};

/**
 * Makes a class known to tfjs under its class name, in place of tfjs's own of that name, so that models that tfjs saved come
 * back with it.
 */
export const register = (tfjsClass: { readonly className: string }): void => {
  libraryClasses.add(tfjsClass);
  registerForUser(tfjsClass);
};
