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

const sources = new WeakMap<Variable, ValueSource>();

/**
 * Lets the values of variables be fetched when somebody looks: the first to read or set one of them has all fetched. Until then
 * the variables cost nothing, though their values are elsewhere. Who disposes one does not look.
 *
 * Gives a function that ends this without a fetch.
 */
export const deferValues = (variables: readonly Variable[], source: ValueSource): (() => void) => {
  const before = variables.map((variable) => ({ variable, value: variable[VALUE] }));
  const deferred = new Map(before.map(({ variable, value }) => [variable, value]));
  const restore = (variable: Variable, value: Variable['dataId']): void => {
    deferred.delete(variable);
    sources.delete(variable);
    Object.defineProperty(variable, VALUE, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
    // What is below is its class's.
    Reflect.deleteProperty(variable, DISPOSE);
  };
  const end = (): void => {
    for (const [variable, value] of [...deferred]) restore(variable, value);
  };
  const look = (): void => {
    end();
    source.fetch();
  };
  for (const { variable, value } of before) {
    sources.set(variable, source);
    Object.defineProperty(variable, DISPOSE, {
      value: () => {
        restore(variable, value);
        variable.dispose();
        if (deferred.size === 0) source.abandon?.();
      },
      configurable: true,
    });
    Object.defineProperty(variable, VALUE, {
      get: () => {
        look();
        return variable[VALUE];
      },
      set: (value: Variable['dataId']) => {
        look();
        Object.assign(variable, { [VALUE]: value });
      },
      enumerable: true,
      configurable: true,
    });
  }
  return end;
};

/** Whether a variable's value is elsewhere. */
export const isDeferred = (variable: Variable): boolean => sources.has(variable);

/**
 * What to await before one looks at variables whose values are being computed on another thread, so that the look has to wait for
 * nothing; undefined where it would not. Afterwards somebody else may have begun to compute them again: ask once more.
 */
export const whenReady = (variables: readonly Variable[]): Promise<void> | undefined => {
  for (const variable of variables) {
    const waiting = sources.get(variable)?.whenReady?.();
    if (waiting !== undefined) return waiting;
  }
  return undefined;
};
