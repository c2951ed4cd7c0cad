/** Keras's names of the inputs after the first of layers that take each as an argument of its own, and not a list. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  MultiHeadAttention: ['value', 'key', 'attention_mask'],
  GroupQueryAttention: ['value', 'key'],
};

/** The names of the further inputs of a class of layers; undefined for those that take a list. */
export const furtherInputs = (className: string): readonly string[] | undefined =>
  Object.hasOwn(NAMES, className) ? NAMES[className] : undefined;
