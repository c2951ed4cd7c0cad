import type * as Tfjs from '@tensorflow/tfjs';
import { keepSurroundings, type Steps } from '../base/steps';
import { applyRegularized } from './activity';
import type { CallOptions } from './layer-classes';
import { markOutputs, noteInputTypes, typesOf } from './text-types';

interface Applied {
  readonly name: string;
  apply(inputs: unknown, options?: CallOptions): unknown;
}

let current: string | undefined;
let applied: object | undefined;
const failures = new WeakMap<object, string>();

keepSurroundings({
  get: () => ({ current, applied }),
  set: (value) => ({ current, applied } = value),
});

/** The name of the layer that is being applied: of the innermost one, where layers are in layers. */
export const layerBeingApplied = (): string | undefined => current;

/** The layer that is being applied: the innermost one, where layers are in layers. */
export const appliedLayer = (): object | undefined => applied;

const applying = <T>(layer: object, run: () => T): T => {
  const outer = applied;
  applied = layer;
  try {
    return run();
  } finally {
    applied = outer;
  }
};

/** The name of the innermost layer in which an error arose. */
export const layerOfError = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null ? failures.get(error) : undefined;

const noteFailure = (layer: string | undefined, error: unknown): void => {
  if (layer !== undefined && typeof error === 'object' && error !== null && !failures.has(error)) {
    failures.set(error, layer);
  }
};

/** Runs something on behalf of a layer. */
export const onBehalfOf = <T>(layer: string | undefined, run: () => T): T => {
  const outer = current;
  current = layer;
  try {
    return run();
  } catch (error) {
    noteFailure(layer, error);
    throw error;
  } finally {
    current = outer;
  }
};

/** Applies a layer step by step, such as a model whose layers are applied one after the other. */
export function* applyingInSteps<T>(layer: { readonly name: string }, steps: () => Steps<T>): Steps<T> {
  const outer = { current, applied };
  ({ name: current } = layer);
  applied = layer;
  try {
    return yield* steps();
  } catch (error) {
    noteFailure(layer.name, error);
    throw error;
  } finally {
    ({ current, applied } = outer);
  }
}

/** What comes before each application of a layer: throws if the inputs are not as it takes them, or gives others for them. */
export type BeforeApply = (layer: object, inputs: unknown) => unknown;

let beforeApply: BeforeApply = (_layer, inputs) => inputs;

/** Sets what comes before each application of a layer; the layer's own operations count it as part of the layer. */
export const setBeforeApply = (before: BeforeApply): void => {
  beforeApply = before;
};

/**
 * Changes how tfjs applies layers. It is known which layer is being applied, for errors; and each layer gets the mask of its
 * own input only: tfjs hands one options object from layer to layer, and writes a mask into it where there is one, so that a
 * later layer whose input has none would find the mask of an earlier layer. Activity regularizers, which tfjs refuses, count.
 */
export const replaceApply = (tf: typeof Tfjs): void => {
  const prototype = tf.layers.Layer.prototype as unknown as Applied; // wider than tfjs's own type of it
  // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with its layer below
  const apply = prototype.apply;
  prototype.apply = function (this: Applied, inputs, options): unknown {
    const own = { ...options };
    delete options?.['mask'];
    return applying(this, () =>
      onBehalfOf(this.name, () =>
        applyRegularized(tf, this, () => {
          const types = typesOf(inputs);
          if (types.includes('string')) noteInputTypes(this, types);
          const outputs = apply.call(this, beforeApply(this, inputs), own);
          markOutputs(this, outputs);
          return outputs;
        }),
      ),
    );
  };
};
