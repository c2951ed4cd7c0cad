/** Classes of layers that files call otherwise than Keras's API does. */
import { customObjectOf, type ObjectConfig } from './forms';

/** What Python calls classes, where that is not what the API calls them: files without the module of a class have it. */
const PYTHON_NAMES: Readonly<Record<string, string>> = { GroupQueryAttention: 'GroupedQueryAttention' };

/** Python's name of a class of Keras's API. */
export const pythonName = (className: string): string =>
  Object.hasOwn(PYTHON_NAMES, className) ? (PYTHON_NAMES[className] ?? className) : className;

/** The API's names of classes, by those in files: what TensorFlow 1.13 to 2.1 called some, as Keras still reads it, and Python's names. */
const API_NAMES: ReadonlyMap<string, string> = new Map([
  ['BatchNormalizationV1', 'BatchNormalization'],
  ['BatchNormalizationV2', 'BatchNormalization'],
  ...Object.entries(PYTHON_NAMES).map(([name, inPython]) => [inPython, name] as const),
]);

/** The name of a layer's class in Keras's API; a class of the program's own keeps the name that it has. */
export const apiName = (object: ObjectConfig): string =>
  customObjectOf(object) === undefined
    ? (API_NAMES.get(object.className) ?? object.className)
    : object.className;
