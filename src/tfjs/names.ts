import type * as Tfjs from '@tensorflow/tfjs';

/**
 * tfjs-layers counts in one map how often each name of a weight or a symbolic tensor was asked for; the second and later ones
 * are numbered: `dense/kernel`, `dense/kernel_1`, …
 */
type NameCounts = Map<string, number>;

const PROBE = 'keras-pipe/probe';

/**
 * Finds that map, which is in a scope that nothing else sees: it is the one that is asked for the name of a symbolic tensor
 * that is being made.
 */
const nameCountsOf = (tf: typeof Tfjs): NameCounts | undefined => {
  let found: NameCounts | undefined;
  const prototype = Map.prototype as {
    has: (this: Map<unknown, unknown>, key: unknown) => boolean;
  };
  const { has } = prototype;
  prototype.has = function (key) {
    if (key === PROBE) found ??= this as NameCounts; // tfjs-layers' own, as the test sees
    return has.call(this, key);
  };
  try {
    // A tensor of no layer, which nothing keeps.
    new tf.SymbolicTensor('float32', [null, 1], null as never, [], {}, PROBE);
  } finally {
    prototype.has = has;
  }
  return found?.delete(PROBE) === true ? found : undefined;
};

/** A name of which another was made by a number: its base, and the number. */
const numbered = (name: string): { readonly base: string; readonly number: number } | undefined => {
  const [, base, digits] = /^(.+)_([1-9]\d*)$/.exec(name) ?? [];
  return base === undefined ? undefined : { base, number: Number(digits) };
};

/** Whether the count of its base says that a name was given. */
const isNumberedBy = (counts: (base: string) => number | undefined, name: string): boolean => {
  const parts = numbered(name);
  return parts !== undefined && (counts(parts.base) ?? 0) > parts.number;
};

/** Makes a map take no room for numbered names: the count of the base says which of them were given. */
const leaveNumberedOut = (counts: NameCounts): void => {
  const own = {
    has: counts.has.bind(counts),
    get: counts.get.bind(counts),
    set: counts.set.bind(counts),
  };
  Object.assign(counts, {
    has: (name: string): boolean => own.has(name) || isNumberedBy(own.get, name),
    get: (name: string): number | undefined => own.get(name) ?? (isNumberedBy(own.get, name) ? 1 : undefined),
    set: (name: string, count: number): NameCounts => {
      if (count === 1 && isNumberedBy(own.get, name)) return counts;
      return own.set(name, count);
    },
  });
};

let known: NameCounts | undefined;

/** The map of names, if this tfjs has one where it is looked for. */
export const nameCounts = (): ReadonlyMap<string, number> | undefined => known;

/** Forgets a name that only one weight or tensor had, which is gone. */
export const forgetName = (name: string): void => {
  if (known?.get(name) === 1) known.delete(name);
};

const outputs = new FinalizationRegistry<string>(forgetName);

/** Forgets the names of the outputs of a layer that is gone. */
export const forgetOutputNames = (layer: Tfjs.layers.Layer): void => {
  for (const { outputTensors } of layer.inboundNodes) {
    for (const output of outputTensors) {
      // The name may be another's by the time that this one is collected.
      outputs.unregister(output);
      forgetName(output.name);
    }
  }
};

/** Has the name of a symbolic tensor forgotten when nobody reaches it any more. */
const watchSymbolicTensors = ({ prototype }: typeof Tfjs.SymbolicTensor): void => {
  // Of all that a layer or an input makes, no function is told: but each gets a name.
  Object.defineProperty(prototype, 'name', {
    set(this: Tfjs.SymbolicTensor, name: string) {
      Object.defineProperty(this, 'name', {
        value: name,
        writable: true,
        enumerable: true,
        configurable: true,
      });
      outputs.register(this, name, this);
    },
    configurable: true,
  });
};

/**
 * Keeps tfjs-layers' map of names small. It has the names of all weights and symbolic tensors that there ever were, about 0.6 kB
 * a model, those of models too that were disposed or forgotten.
 */
export const boundNames = (tf: typeof Tfjs): void => {
  known = nameCountsOf(tf);
  if (known !== undefined) leaveNumberedOut(known);
  watchSymbolicTensors(tf.SymbolicTensor);
  const { prototype } = tf.LayerVariable;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with its weight below
  const { dispose } = prototype;
  prototype.dispose = function (): void {
    dispose.call(this);
    forgetName(this.name);
  };
};
