/** Layers' and models' configurations, as Keras 2.13 or Keras 3 writes them. */
import type { LayersModel, Sequential } from '@tensorflow/tfjs';
import { layerFunctionOf } from '../../layers/internal/layer-functions';
import { Lambda } from '../../layers/internal/lambda-layer';
import { isLayer, type Layer } from '../../layers/internal/target';
import { isPlainObject } from '../../base/checks';
import { savedOptions } from '../../layers/internal/custom-layer';
import { OwnCell, WrappedCell } from '../../layers/internal/own-cells';
import { isOfLibraryClass } from '../../tfjs/base-classes';
import { tf } from '../../tfjs/tensorflow';
import { knownWrapper, type OwnClass } from '../model';
import { configError, functionForm, isConfig, nameOfOwn, objectForm, snakeCase, type Config } from './forms';
import { FLOAT32, withKeras3Activations, type KerasVersion } from './keras3-activations';
import { isModelClass } from './read-own-model';
import { registeredNameOf } from './registered-names';
import { Applications, buildConfig } from './write-nodes';
import { configOf, isTfjsObject, liveName, nameOfFunction, noteClass } from './write-objects';

/** Options of Keras 2.13's classes that Keras 3's refuse: they have no effect. */
const NOT_IN_KERAS_3: readonly (readonly [classes: RegExp, options: readonly string[]])[] = [
  [/^(?:Conv\dDTranspose|DepthwiseConv\dD|SeparableConv\dD)$/, ['groups']],
  [/^SeparableConv\dD$/, ['kernel_initializer', 'kernel_regularizer', 'kernel_constraint']],
  [/^SpatialDropout\dD$/, ['trainable', 'noise_shape']],
  [/^Discretization$/, ['trainable']],
  [/^MultiHeadAttention$/, ['query_shape', 'key_shape', 'value_shape']],
  // It is an argument of the call: see Applications.
  [/^(?:AdditiveAttention|Attention)$/, ['causal']],
];

/**
 * Both directions of a layer: where none is said, Keras 3 has the other one go backwards, whichever way the first one goes, and refuses
 * two that go the same way.
 */
const withBothDirections = (config: Config): Config => {
  const { layer, backward_layer: backward } = config;
  const own = isConfig(layer) ? layer['config'] : undefined;
  if (!isConfig(layer) || !isConfig(own) || own['go_backwards'] !== true || isConfig(backward)) return config;
  const backwards = { ...own, name: `backward_${String(own['name'])}`, go_backwards: false };
  return { ...config, backward_layer: { ...layer, config: backwards } };
};

/** A configuration in a version's words, without what it refuses. */
const ofVersion = (config: Config, className: string, version: KerasVersion): Config => {
  if (version === 2) return config;
  const refused = NOT_IN_KERAS_3.filter(([classes]) => classes.test(className)).flatMap(
    ([, options]) => options,
  );
  const taken = Object.fromEntries(Object.entries(config).filter(([key]) => !refused.includes(key)));
  return withKeras3Activations(className === 'Bidirectional' ? withBothDirections(taken) : taken);
};

/** What all layers have; Keras computes in the type that it calls the layer's. */
const baseConfig = (
  { name, trainable, batchInputShape }: Readonly<Config>,
  version: KerasVersion,
): Config => ({
  name,
  trainable: trainable ?? true,
  ...(Array.isArray(batchInputShape) && version === 2 ? { batch_input_shape: batchInputShape } : {}),
  dtype: version === 2 ? 'float32' : FLOAT32,
});

const inputConfig = (
  name: string,
  shape: readonly (number | null)[],
  dtype: string,
  version: KerasVersion,
): Config => ({
  [version === 2 ? 'batch_input_shape' : 'batch_shape']: [...shape],
  dtype,
  sparse: false,
  ragged: false,
  name,
});

/** A layer's form under the name that the layer around it has for it: a bidirectional one puts the direction before. */
const renamed = (form: Config, known: unknown): Config =>
  isTfjsObject(known) && 'name' in known.config
    ? { ...form, config: { ...(form['config'] as Config), name: known.config['name'] } } // all forms have one
    : form;

/** The layers inside a layer under the names that its configuration has for them. */
const innerConfig = (layer: Layer, own: Readonly<Config>, version: KerasVersion): Config => {
  const fields = layer as unknown as Readonly<Record<string, unknown>>; // by the names of its options
  return Object.fromEntries(
    Object.entries(own).flatMap(([key, value]): [string, unknown][] => {
      const field = fields[key];
      if (isLayer(field)) return [[snakeCase(key), renamed(layerObject(field, version), value)]];
      const isListOfLayers = Array.isArray(field) && field.length > 0 && field.every(isLayer);
      return isListOfLayers ? [[snakeCase(key), field.map((one) => layerObject(one, version))]] : [];
    }),
  );
};

/** A function's configuration is its name, and what it is called with. */
const lambdaConfig = (layer: Lambda, version: KerasVersion): Config => {
  const { f, mask, outputShape, arguments: given } = layer.functions;
  if (f === null)
    throw configError('a layer of a function must have the function', `the layer '${layer.name}'`);
  if (version === 3) {
    const shape =
      typeof outputShape === 'function'
        ? functionForm(nameOfFunction(outputShape, 'outputShape'))
        : outputShape;
    return {
      function: functionForm(nameOfFunction(f, 'f')),
      ...((shape ?? null) === null ? {} : { output_shape: shape }),
      ...(mask === null ? {} : { mask: functionForm(nameOfFunction(mask, 'mask')) }),
      arguments: given ?? {},
    };
  }
  return {
    function: nameOfFunction(f, 'f'),
    function_type: 'function',
    module: null,
    output_shape:
      typeof outputShape === 'function' ? nameOfFunction(outputShape, 'outputShape') : outputShape,
    output_shape_type: typeof outputShape === 'function' ? 'function' : 'raw',
    output_shape_module: null,
    ...(mask === null ? {} : { mask: functionForm(nameOfFunction(mask, 'mask')) }),
    arguments: given ?? {},
  };
};

/** The class of the user's own that a model is of. */
const ownClassOf = (layer: Layer): OwnClass | undefined =>
  layer instanceof tf.LayersModel ? knownWrapper(layer)?.ownClass : undefined;

/** What a model of a class of the user's own is built by, as Keras has it: its input's shape, or shapes; and their type, if they are texts. */
export const buildConfigOf = (layer: Layer): Config => {
  if (!(layer instanceof tf.LayersModel) || ownClassOf(layer) === undefined) return {};
  const shapes = layer.inputs.map(({ shape }) => [...shape]);
  const areTexts = layer.inputs[0]?.dtype === 'string';
  return {
    build_config: {
      input_shape: shapes.length === 1 ? shapes[0] : shapes,
      ...(areTexts ? { input_dtype: 'string' } : {}),
    },
  };
};

/** A layer's configuration, a model's included. */
export const layerConfig = (given: Layer, version: KerasVersion = 2): Config => {
  const own = ownClassOf(given);
  if (own !== undefined) {
    noteClass(own.name, own.constructor);
    return { ...own.config };
  }
  return plainConfig(given instanceof WrappedCell ? given.layer : given, version);
};

/** Whether configurations are as Keras's own, without what layers have learned from data. */
let isWithoutLearned = false;

/** Runs what gives configurations without what layers have learned from data, which Keras has in its files besides them. */
export const withoutLearned = <Result>(run: () => Result): Result => {
  const outer = isWithoutLearned;
  isWithoutLearned = true;
  try {
    return run();
  } finally {
    isWithoutLearned = outer;
  }
};

/** What a layer of preprocessing says besides its configuration. */
interface LearningLayer {
  /** What it has learned, as options. */
  readonly learnedConfig?: () => Readonly<Config>;
  /** The type that Keras has it compute in, if not float32. */
  readonly kerasDtype?: string;
}

const plainConfig = (layer: Layer, version: KerasVersion): Config => {
  if (layer instanceof tf.Sequential) return sequentialConfig(layer, version);
  if (layer instanceof tf.LayersModel) return functionalConfig(layer, version);
  const config = layer.getConfig() as Readonly<Config>;
  const { name: _n, trainable: _t, batchInputShape: _b, dtype: _d, inputDType: _i, ...own } = config;
  if (layer.getClassName() === 'InputLayer') {
    const shape = config['batchInputShape'] as (number | null)[]; // an input has one
    return inputConfig(layer.name, shape, String(config['dtype']), version);
  }
  // A class of the user's own has its own spelling.
  const base = baseConfig({ ...config, name: layer.name }, version);
  if (!isOfLibraryClass(layer)) {
    noteClass(layer.getClassName(), layer.constructor);
    return { ...base, ...own };
  }
  if (layer instanceof Lambda) return { ...base, ...lambdaConfig(layer, version) };
  // Keras 3 refuses what it has not; where the batch comes first, as it does there, nothing need be said.
  const { timeMajor, ...others } = own;
  const { learnedConfig, kerasDtype } = layer as LearningLayer; // absent from others
  const written = {
    ...base,
    ...(kerasDtype === undefined ? {} : { dtype: kerasDtype }),
    ...configOf(timeMajor === true ? own : others),
    ...innerConfig(layer, own, version),
    ...(learnedConfig === undefined || isWithoutLearned ? {} : configOf(learnedConfig.call(layer))),
  };
  return ofVersion(written, layer.getClassName(), version);
};

/** Keras's name of a layer's class. */
export const classNameOf = (layer: Layer): string => {
  const own = ownClassOf(layer);
  if (own !== undefined) return nameOfOwn(own, own.name, isModelClass);
  if (layer instanceof tf.Sequential) return 'Sequential';
  return layer instanceof tf.LayersModel ? 'Functional' : layer.getClassName();
};

/** Where Keras has a layer's class. */
const moduleOf = (layer: Layer, version: KerasVersion): string | null => {
  if (ownClassOf(layer) !== undefined) return null;
  if (layer instanceof tf.Sequential) return 'keras';
  if (layer instanceof tf.LayersModel)
    return version === 2 ? 'keras.src.engine.functional' : 'keras.src.models.functional';
  return isOfLibraryClass(layer) && !(layer instanceof WrappedCell) ? 'keras.layers' : null;
};

/** A cell that is an object, or an instance of a class, of the user's own, by its class and its fields. */
const ownCellObject = (source: object): Config => {
  const form = (name: string, config: object): Config => ({
    ...objectForm('builtins', name, { ...config }),
    module: null,
    registered_name: name,
  });
  const live = liveName(source);
  if (live !== undefined) return form(live, {});
  const { name: className } = source.constructor;
  const isOfClass = !isPlainObject(source);
  const own =
    'getConfig' in source && typeof source.getConfig === 'function'
      ? (source.getConfig as () => object)
      : undefined;
  const config =
    own?.call(source) ?? (isOfClass ? savedOptions(`the cell of class ${className}`, { ...source }) : {});
  const isKnown = (name: string): boolean => layerFunctionOf(name) !== undefined;
  return form(isOfClass ? nameOfOwn(source.constructor, className, isKnown) : 'OwnCell', config);
};

/** A layer as an object in a configuration. */
export const layerObject = (layer: Layer, version: KerasVersion = 2): Config => {
  if (layer instanceof OwnCell) return ownCellObject(layer.source);
  const module = moduleOf(layer, version);
  const className = classNameOf(layer);
  const { batch_input_shape: shape, ...others } = layerConfig(layer, version);
  // The shape is that of the input, which is a layer of its own.
  const isInput = className === 'InputLayer' && shape !== undefined;
  const config = isInput ? { batch_input_shape: shape, ...others } : others;
  const form = objectForm(module ?? 'builtins', className, config);
  const isGraph = className === 'Functional' && version === 3;
  const named =
    module === null || isGraph
      ? { ...form, module, registered_name: registeredNameOf(layer.constructor) ?? className }
      : form;
  const isOwnModel = ownClassOf(layer) !== undefined;
  return { ...named, ...(version === 2 || isOwnModel ? buildConfigOf(layer) : buildConfig(layer)) };
};

const sequentialConfig = (stack: Sequential, version: KerasVersion): Config => {
  const input = stack.inputs[0];
  const layers = stack.layers
    .filter((layer) => layer.getClassName() !== 'InputLayer')
    .map((layer) => layerObject(layer, version));
  const base =
    version === 2 ? { name: stack.name } : baseConfig({ name: stack.name, trainable: stack.trainable }, 3);
  if (input === undefined) return { ...base, layers };
  const { sourceLayer, shape, dtype } = input;
  const config = inputConfig(sourceLayer.name, shape, dtype, version);
  const first = objectForm('keras.layers', 'InputLayer', config);
  return {
    ...base,
    layers: [first, ...layers],
    ...(version === 2 ? {} : { build_input_shape: [...shape] }),
  };
};

const functionalConfig = (model: LayersModel, version: KerasVersion): Config => {
  const applications = new Applications(model, version);
  const layers = model.layers.map((layer) => ({
    ...layerObject(layer, version),
    name: layer.name,
    inbound_nodes: layer.getClassName() === 'InputLayer' ? [] : applications.nodesOf(layer),
  }));
  return {
    name: model.name,
    trainable: model.trainable,
    layers,
    input_layers: applications.ends(model.inputs),
    output_layers: applications.ends(model.outputs),
  };
};
