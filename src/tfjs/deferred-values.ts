import type { Variable } from './tensorflow';

/** tfjs finds a variable's value by this property: whatever reads or sets the value goes through it. */
const VALUE = 'dataId';

/**
 * Lets the values of variables be fetched when somebody looks: the first to read or set one of them calls `fetch`, which must
 * assign the values of all. Until then the variables cost nothing, though their values are elsewhere.
 *
 * Gives a function that ends this without a fetch.
 */
export const deferValues = (variables: readonly Variable[], fetch: () => void): (() => void) => {
  const before = variables.map((variable) => ({ variable, value: variable[VALUE] }));
  let isDeferred = true;
  const end = (): void => {
    if (!isDeferred) return;
    isDeferred = false;
    for (const { variable, value } of before) {
      Object.defineProperty(variable, VALUE, {
        value,
        writable: true,
        enumerable: true,
        configurable: true,
      });
    }
  };
  const look = (): void => {
    end();
    fetch();
  };
  for (const { variable } of before) {
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
