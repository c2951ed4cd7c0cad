/** Models of classes of the user's own, out of their configurations. */
import { KerasModel, type ModelConstructor, type Prediction } from '../model';
import { configError, customObjectNamed, isConfig, isList, type Config } from './forms';

type Shape = readonly (number | null)[];

/** Classes of models whose configuration says of what layers they are. */
const MODELS = new Set(['Sequential', 'Functional', 'Model']);

/** Whether a configuration is that of a model. */
export const isModelClass = (className: string): boolean => MODELS.has(className);

/** The class of the user's own of a name, if it is one of models. */
export const ownModelClass = (name: string): ModelConstructor | undefined => {
  const found = customObjectNamed(name) as { readonly modelClass?: unknown } | undefined; // as newModelClass marks it
  const custom: unknown = found?.modelClass ?? found;
  const isModel = typeof custom === 'function' && custom.prototype instanceof KerasModel;
  return isModel ? (custom as ModelConstructor) : undefined; // as just seen
};

/** Whether a class in a configuration is one of models: Keras's, or one of the user's own. */
export const isOfModels = (className: string): boolean =>
  customObjectNamed(className) === undefined
    ? isModelClass(className)
    : ownModelClass(className) !== undefined;

const shapesIn = (value: unknown): Shape | readonly Shape[] | undefined => {
  const isShape = (list: unknown): boolean =>
    isList(list) &&
    list.every((size) => size === null || (Number.isSafeInteger(size) && (size as number) > 0));
  const isShapes = isList(value) && value.length > 0 && (isShape(value) || value.every(isShape));
  if (value === undefined || isShapes) return value as Shape | readonly Shape[] | undefined; // as just seen
  throw configError('`input_shape` must be a shape, or a list of them', value);
};

/** A model of a class of the user's own, built by the shape of its input if the configuration says that. */
export const ownModelFrom = (
  Model: ModelConstructor,
  object: Readonly<Config>,
  config: Readonly<Config>,
): KerasModel<Prediction> => {
  // Without the key by which this program knows what class a configuration is of.
  const { trainable, dtype: _dtype, ...options } = Object.fromEntries(Object.entries(config));
  const known = Model as { readonly fromConfig?: unknown }; // a class has it, or not
  const model: unknown =
    typeof known.fromConfig === 'function'
      ? (known.fromConfig as (config: object) => unknown).call(Model, options)
      : new Model(options as never); // what the class takes
  if (!(model instanceof KerasModel))
    throw configError('`fromConfig` of a class of models must give one', model);
  const build = isConfig(object['build_config']) ? object['build_config'] : {};
  const shape = shapesIn(build['input_shape']);
  if (shape !== undefined) {
    if (build['input_dtype'] === 'string')
      model.buildFor(shape as Shape, 'string'); // of one input or several, as the model takes it
    else model.buildFor(shape as Shape);
    if (trainable === false) model.tf.trainable = false;
  }
  return model as KerasModel<Prediction>; // of whatever output
};
