/** Keras's names of the inputs after the first of layers that take each as an argument of its own, and not a list. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  MultiHeadAttention: ['value', 'key', 'attention_mask'],
  GroupQueryAttention: ['value', 'key', 'attention_mask'],
};

/** The names of the further inputs of a class of layers; undefined for those that take a list. */
export const furtherInputs = (className: string): readonly string[] | undefined =>
  Object.hasOwn(NAMES, className) ? NAMES[className] : undefined;

/** Of those, classes that Keras 2 has not. */
const SINCE_KERAS_3: ReadonlySet<string> = new Set(['GroupQueryAttention']);

/**
 * Whether applications of a class are calls whatever the form of the model: of one that Keras 3 alone has, and it finds further inputs of
 * an application in none of the lists of Keras 2, but in calls among these.
 */
export const isAlwaysCalled = (className: string): boolean => SINCE_KERAS_3.has(className);
