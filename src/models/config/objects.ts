/** Layers and models, and the objects that stand for them in configurations. */
import { isPlainObject } from '../../base/checks';
import { makeLayer } from '../../layers/internal/apply';
import type { Layer } from '../../layers/internal/target';
import { builtModel, KerasModel, type Prediction } from '../model';
import { configuredClass, type KerasConfig } from './configured';
import { configError, isConfig, objectConfigOf, type Config } from './forms';
import { newLayerFrom } from './read-layer';
import { modelFrom } from './read-model';
import { isOfModels } from './read-own-model';

/** The tfjs layer or model of what has a configuration. */
export const tfjsOf = (object: KerasModel | Layer): Layer =>
  object instanceof KerasModel ? builtModel(object).tf : object;

/** A configuration with the name of its class. */
export const asObject = (config: unknown): Readonly<Config> => {
  if (!isConfig(config) || !isPlainObject(config))
    throw configError('`config` must be a configuration', config);
  const className = (config as KerasConfig)[configuredClass];
  if (className !== undefined) return { class_name: className, config };
  if (objectConfigOf(config) !== undefined) return config;
  throw configError(
    '`config` must say of what class it is',
    'a configuration without a class',
    "Give what getConfig() gave, or, as JSON forgets the class, { class_name: 'Dense', config }",
  );
};

/** The layer or model of a class and a configuration. */
export const objectFrom = (object: Readonly<Config>): KerasModel<Prediction> | Layer => {
  const { class_name: className } = object;
  if (typeof className === 'string' && isOfModels(className)) return modelFrom(object);
  const layer = newLayerFrom(object);
  return makeLayer(layer, layer.name ?? layer.baseName, layer.batchInputShape);
};
