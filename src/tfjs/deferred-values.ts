import type { Variable } from './tensorflow';

/** tfjs finds a variable's value by this property: whatever reads or sets the value goes through it. */
const VALUE = 'dataId';
const DISPOSE = 'dispose';

/** Where the values of variables are meanwhile. */
export interface ValueSource {
  /** Assigns the values of all of them; called once, by the first to read or set one. May have to wait for them. */
  fetch(): void;
  /** While that would have to wait: what to wait for instead. It never rejects. */
  whenReady?(): Promise<void> | undefined;
  /** Nobody will look: all of the variables were disposed. */
  abandon?(): void;
}

/** Variables whose values are elsewhere, and what each has for a value meanwhile. */
interface Deferred {
  readonly source: ValueSource;
  readonly values: Map<Variable, Variable['dataId']>;
}

const deferred = new WeakMap<Variable, Deferred>();

const restore = (variable: Variable, { values }: Deferred): void => {
  const value = values.get(variable);
  values.delete(variable);
  deferred.delete(variable);
  Object.defineProperty(variable, VALUE, { value, writable: true, enumerable: true, configurable: true });
  // What is below is its class's.
  Reflect.deleteProperty(variable, DISPOSE);
};

const restoreAll = (own: Deferred): void => {
  for (const variable of [...own.values.keys()]) restore(variable, own);
};

const look = (variable: Variable): void => {
  const own = deferred.get(variable);
  if (own === undefined) return;
  restoreAll(own);
  own.source.fetch();
};

/** The same functions for all variables: those of a property V8 keeps, with all that they refer to, until it collects all objects. */
const WATCHED: PropertyDescriptorMap & ThisType<Variable> = {
  [DISPOSE]: {
    value() {
      const own = deferred.get(this);
      if (own !== undefined) restore(this, own);
      this.dispose();
      if (own?.values.size === 0) own.source.abandon?.();
    },
    configurable: true,
  },
  [VALUE]: {
    get() {
      look(this);
      return this[VALUE];
    },
    set(value: Variable['dataId']) {
      look(this);
      Object.assign(this, { [VALUE]: value });
    },
    enumerable: true,
    configurable: true,
  },
};

/**
 * Lets the values of variables be fetched when somebody looks: the first to read or set one of them has all fetched. Until then
 * the variables cost nothing, though their values are elsewhere. Who disposes one does not look.
 *
 * Gives a function that ends this without a fetch.
 */
export const deferValues = (variables: readonly Variable[], source: ValueSource): (() => void) => {
  const own = { source, values: new Map(variables.map((variable) => [variable, variable[VALUE]])) };
  for (const variable of variables) {
    deferred.set(variable, own);
    Object.defineProperties(variable, WATCHED);
  }
  return () => restoreAll(own);
};

/** Whether a variable's value is elsewhere. */
export const isDeferred = (variable: Variable): boolean => deferred.has(variable);

/**
 * What to await before one looks at variables whose values are being computed on another thread, so that the look has to wait for
 * nothing; undefined where it would not. Afterwards somebody else may have begun to compute them again: ask once more.
 */
export const whenReady = (variables: readonly Variable[]): Promise<void> | undefined => {
  for (const variable of variables) {
    const waiting = deferred.get(variable)?.source.whenReady?.();
    if (waiting !== undefined) return waiting;
  }
  return undefined;
};
