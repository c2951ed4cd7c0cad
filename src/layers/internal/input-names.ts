let count = 0;
const unnamed = new WeakSet<object>();

/** `input_1`, `input_2`, …: the name of an input that the user did not name. */
export const nextInputName = (): string => `input_${++count}`;

/** Notes that an input's name is the library's own. */
export const noteUnnamedInput = (layer: object): void => {
  unnamed.add(layer);
};

/** Whether an input's name is the library's own, and so may change when the model is made. */
export const isUnnamedInput = (layer: object): boolean => unnamed.has(layer);
