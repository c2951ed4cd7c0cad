/** A model's configuration with its class, as Keras writes it into JSON and HDF5. */
import type { LayersModel } from '@tensorflow/tfjs';
import { withCustomObjects, type CustomObjects } from '../../base/custom-objects';
import { excerpt, MalformedError } from '../../files/malformed';
import { pythonName } from '../../models/config/class-names';
import { configError, isConfig, isList, type Config } from '../../models/config/forms';
import { readingVersion, type KerasVersion } from '../../models/config/keras3-activations';
import { modelFrom } from '../../models/config/read-model';
import { buildConfigOf, classNameOf, layerConfig } from '../../models/config/write-model';
import type { KerasModel, Prediction } from '../../models/model';
import type { Layer } from '../../layers/internal/target';
import { BACKEND, KERAS_VERSION } from './version';

/** A model with its class and configuration. */
export const modelObject = (model: LayersModel): Config => ({
  class_name: classNameOf(model),
  config: layerConfig(model),
  ...buildConfigOf(model),
});

/** The same, with what Keras's JSON says besides. */
export const modelJson = (model: LayersModel): Config => ({
  ...modelObject(model),
  keras_version: KERAS_VERSION,
  backend: BACKEND,
});

/** Layers as Keras writes them into HDF5: without the place of their class, which its older versions do not know. */
const plainLayer = (object: unknown): unknown => {
  if (!isConfig(object)) return object;
  const { module, registered_name: _name, build_config: build, ...others } = object;
  // Only models of a class of the user's own are built by it.
  if (module === null && build !== undefined) Object.assign(others, { build_config: build });
  const config = isConfig(others['config']) ? plainLayers(others['config']) : others['config'];
  // Where no module is said, a class is known by what Python calls it.
  const named = module === 'keras.layers' ? { class_name: pythonName(String(others['class_name'])) } : {};
  return typeof module === 'string' || module === null ? { ...others, ...named, config } : object;
};

/** A configuration whose layers are written in the older form. */
const plainLayers = (config: Readonly<Config>): Config => ({
  ...config,
  ...(isList(config['layers']) ? { layers: config['layers'].map(plainLayer) } : {}),
});

/** A configuration in which vocabularies that were learned are given ones: Keras 2 keeps the former where HDF5 has no place. */
const withGivenVocabularies = (value: unknown): unknown => {
  if (isList(value)) return value.map(withGivenVocabularies);
  if (!isConfig(value)) return value;
  const entries = Object.entries(value).filter(([key]) => key !== 'has_input_vocabulary');
  return Object.fromEntries(entries.map(([key, one]) => [key, withGivenVocabularies(one)]));
};

/** A layer, or a model, with its class and configuration, as HDF5 and SavedModels have it. */
export const hdf5Object = (layer: Layer): Config => ({
  class_name: classNameOf(layer),
  config: withGivenVocabularies(plainLayers(layerConfig(layer))),
  ...buildConfigOf(layer),
});

/** JSON as Python writes it: with numbers that JSON has not. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    const plain = text.replaceAll(
      /"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g,
      (found) => ({ NaN: 'null', Infinity: '1e999', '-Infinity': '-1e999' })[found] ?? found,
    );
    return JSON.parse(plain);
  }
};

/** The object in a JSON text, or an error that says what the text is. */
export const objectIn = (text: string, what: string): Config => {
  let parsed: unknown;
  try {
    parsed = parseJson(text);
  } catch {
    throw new MalformedError(`${what} is no JSON: ${excerpt(text)}`);
  }
  if (isConfig(parsed)) return parsed;
  throw new MalformedError(`${what} must be an object of JSON, and is ${excerpt(text)}`);
};

/** The form of Keras's configurations that a version of Keras writes: `3.12.0` → 3. Those before 2 are read as that. */
export const formOfVersion = (version: unknown): KerasVersion | undefined =>
  typeof version === 'string' ? (Number.parseInt(version, 10) >= 3 ? 3 : 2) : undefined;

/** The model of a class and configuration, which is in the words of a version of Keras. */
export const readModel = (
  object: Readonly<Config>,
  customObjects: CustomObjects | undefined,
  version: KerasVersion = 2,
): KerasModel<Prediction> =>
  withCustomObjects(customObjects, () => {
    const { class_name: className } = object;
    if (typeof className !== 'string') throw configError('a model must have a class', className);
    return readingVersion(version, () => modelFrom(object));
  });
