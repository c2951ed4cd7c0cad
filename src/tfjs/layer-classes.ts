import type { tf, Tensor } from './tensorflow';

export { register } from './base-classes';

/** What the constructor of a tfjs layer takes. */
export type LayerArguments = NonNullable<ConstructorParameters<typeof tf.layers.Layer>[0]>;

/** What a layer's `getConfig` gives. */
export type LayerConfig = ReturnType<InstanceType<typeof tf.layers.Layer>['getConfig']>;

export type Shape = (number | null)[];

/** The one input of a layer that takes one. */
export const singleInput = (inputs: Tensor | Tensor[]): Tensor =>
  Array.isArray(inputs) ? (inputs[0] as Tensor) : inputs; // tfjs passes a list of one

/** A method's `kwargs`, of which layers read `training`, `mask` and `initialState`. */
export type CallOptions = Record<string, unknown>;

/**
 * The class of the layers that a tfjs factory makes. tfjs does not export these classes, and they must be extended
 * where they are wrong.
 */
export const classOf = <Made extends object>(made: Made): new (args: never) => Made =>
  made.constructor as new (args: never) => Made;
