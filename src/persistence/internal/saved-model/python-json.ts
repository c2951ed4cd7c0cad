/** JSON as Keras's SavedModels have it: what JSON has not is an object with a class. */
import { isConfig, isList, type Config } from '../../../models/config/forms';

/** Classes whose members are a list: tuples, and shapes. */
const LISTS = new Set(['__tuple__', 'TensorShape']);

const decoded = (value: unknown): unknown => {
  if (isList(value)) return value.map(decoded);
  if (!isConfig(value)) return value;
  const { class_name: className, items } = value;
  if (typeof className === 'string' && LISTS.has(className) && isList(items)) return items.map(decoded);
  return decodePython(value);
};

/** A configuration in which tuples and shapes are lists. */
export const decodePython = (config: Readonly<Config>): Config =>
  Object.fromEntries(Object.entries(config).map(([key, value]) => [key, decoded(value)]));
