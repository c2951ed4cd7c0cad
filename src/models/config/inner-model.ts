/** Models in layers, which are read by who reads layers, and read layers themselves. */
import { configError, type Config } from './forms';

/** How deep models may be in layers in models. */
const MAX_DEPTH = 64;

let reader: ((object: Readonly<Config>) => unknown) | undefined;
let depth = 0;

/** Says how models are read: the reader of models does, when it is loaded. */
export const setModelReader = (read: (object: Readonly<Config>) => unknown): void => {
  reader = read;
};

/** The model of a configuration that is in a layer. */
export const readInnerModel = (object: Readonly<Config>): unknown => {
  if (reader === undefined || depth >= MAX_DEPTH)
    throw configError('models may be in layers', `more than ${MAX_DEPTH} of them in each other`);
  depth++;
  try {
    return reader(object);
  } finally {
    depth--;
  }
};
