/** The version of Keras whose files these are. */
export const KERAS_VERSION = '2.13.1';

/** What Keras calls what computes. */
export const BACKEND = 'tensorflow';
