/** The version of Keras whose files these are. */
export const KERAS_VERSION = '2.13.1';

/** The version of Keras 3 whose files these are, where they are of Keras 3. */
export const KERAS_3_VERSION = '3.12.0';

/** What Keras calls what computes. */
export const BACKEND = 'tensorflow';
