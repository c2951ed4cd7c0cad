/** Layers out of Keras's configurations: by the layer function of their class, so that its checks hold for files, too. */
import type { CustomObject } from '../../base/custom-objects';
import { camelCase } from '../../base/registry';
import { near } from '../../base/suggestions';
import { excerpt } from '../../files/malformed';
import { layerFunctionOf, type KnownLayer } from '../../layers/internal/layer-functions';
import { isLayer, type Layer, type LayerStep, type NewLayer } from '../../layers/internal/target';
import { LearnedBoundaries } from '../../layers/internal/quantiles';
import { LearnedVocabulary } from '../../layers/internal/vocabulary';
import { layerTf } from '../../layers/custom';
import { registeredClass } from '../../tfjs/base-classes';
import { apiName } from './class-names';
import {
  configError,
  customObjectOf,
  functionNameOf,
  isConfig,
  isList,
  objectConfigOf,
  refuseBytecode,
  withoutPackage,
  type Config,
  type ObjectConfig,
} from './forms';
import { readInnerModel } from './inner-model';
import { versionOfLayer } from './keras3-activations';
import { customFunction, inCamelCase, makeCustom, optionFrom } from './read-objects';
import { isOfModels } from './read-own-model';

/** What all configurations of layers may have, and layer functions take under other names, or not at all. */
const BASE: ReadonlySet<string> = new Set([
  'name',
  'trainable',
  'dtype',
  'batch_input_shape',
  'batch_shape',
  'autocast',
  'build_config',
  'inputDtype',
]);

/** What Keras saves of how it computes, and of shapes that it has seen: the numbers are the same without it. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  'implementation',
  'query_shape',
  'key_shape',
  'value_shape',
  'synchronized',
  'fused',
  'zero_output_for_mask',
  'input_length',
  'lora_rank',
  'lora_alpha',
  'quantization_mode',
  'use_cudnn',
  'flash_attention',
  'seed_generator',
  'ragged',
  'sparse',
  'input_dim',
  // Of layers with a vocabulary: how many tokens it has, and whether the user has given it, which the vocabulary says.
  'vocabulary_size',
  'has_input_vocabulary',
]);

/** Options for which null is not the same as none: of a bidirectional layer it says that both outputs stay. */
const WITH_NULL: ReadonlySet<string> = new Set(['merge_mode', 'standardize', 'split']);

/** Keras's separable convolutions have a kernel's options besides those of their two kernels, and do not use them. */
const isUnused = (className: string, key: string): boolean =>
  className.startsWith('SeparableConv') && /^kernel_(?:initializer|regularizer|constraint)$/.test(key);

/** Options of Keras 3's layers that are of use with others only, which are refused here: padding that keeps a picture's proportions, renormalization. */
const WITH_OTHERS: ReadonlySet<string> = new Set([
  ...['Resizing fill_mode', 'Resizing fill_value'],
  ...['BatchNormalization renorm_clipping', 'BatchNormalization renorm_momentum'],
]);

/** Values that say no more than that an option is not used, or is what it is here. */
const isNeutral = (className: string, key: string, value: unknown): boolean =>
  value === null ||
  value === false ||
  (key === 'groups' && value === 1) ||
  (key === 'oov_method' && value === 'floormod') ||
  (key === 'data_format' && value === 'channels_last') ||
  (className === 'RandomContrast' && key === 'value_range' && isList(value) && value.join() === '0,255') ||
  WITH_OTHERS.has(`${className} ${key}`);

/** Options of Keras 3 that its earlier versions, and functions here, call otherwise. */
const RENAMED: Readonly<Record<string, string>> = { 'LeakyReLU negative_slope': 'alpha' };

const DTYPES = /^(?:mixed_)?b?float(?:16|32|64)$/;

/** Checks the type that a layer computes in: here it is float32, to which others are rounded. */
const checkDtype = (dtype: unknown): void => {
  const config = objectConfigOf(dtype)?.config;
  const name = config === undefined ? dtype : config['name'];
  if (name === undefined || name === null || (typeof name === 'string' && DTYPES.test(name))) return;
  // An input's type, which stood there until Keras 2.4, and that of layers of ids and texts.
  if (name === 'int32' || name === 'int64' || name === 'bool' || name === 'uint8' || name === 'string')
    return;
  throw configError('`dtype` must be a type of numbers', name);
};

const shapeFrom = (config: Readonly<Config>): unknown =>
  config['batch_input_shape'] ?? config['batch_shape'] ?? undefined;

/** The options of a layer of a function. Python's bytecode is not run. */
const lambdaOptions = (config: Readonly<Config>): Config => {
  const functionOf = (key: string, type: unknown): unknown => {
    const value = config[key];
    if (value === null || value === undefined || (type === 'raw' && !isConfig(value)))
      return value ?? undefined;
    if (type === 'lambda' || isList(value)) refuseBytecode({ class_name: '__lambda__' }, `\`${key}\``);
    refuseBytecode(value, `\`${key}\``);
    const name = functionNameOf(value) ?? value;
    if (typeof name !== 'string') throw configError(`\`${key}\` must be the name of a function`, name);
    return customFunction(key, name);
  };
  const f = functionOf('function', config['function_type']);
  const outputShape = functionOf('output_shape', config['output_shape_type'] ?? 'raw');
  const mask = functionOf('mask', 'function');
  const { arguments: given } = config;
  return {
    f,
    ...(outputShape === undefined ? {} : { outputShape }),
    ...(mask === undefined ? {} : { mask }),
    ...(isConfig(given) && Object.keys(given).length > 0 ? { arguments: given } : {}),
  };
};

/** The options of a layer function, from a layer's configuration. */
const optionsFrom = (layer: KnownLayer, className: string, config: Readonly<Config>): Config => {
  checkDtype(config['dtype']);
  if (className === 'Lambda') return lambdaOptions(config);
  const known = new Set(layer.optionNames);
  const version = versionOfLayer(config);
  const options: Config = {};
  for (const [key, value] of Object.entries(config)) {
    const option = camelCase(RENAMED[`${className} ${key}`] ?? key);
    if (BASE.has(key)) continue;
    if (known.has(option)) {
      if (value !== null || WITH_NULL.has(key))
        options[option] = optionFrom(key, value, version, /^cells?$/.test(key) ? cellFrom : stepFrom);
      continue;
    }
    refuseBytecode(value, `\`${key}\``);
    if (isNeutral(className, key, value) || WITHOUT_EFFECT.has(key) || isUnused(className, key)) continue;
    throw configError(
      `${className} has no option \`${key}\` here`,
      `${key}: ${JSON.stringify(value).slice(0, 60)}`,
      `This library's ${layer.functionName} has: ${layer.optionNames.join(', ')}`,
    );
  }
  return adapted(className, options, config);
};

/** What a few of Keras's classes write in another form than their layer functions take. */
const adapted = (className: string, options: Config, config: Readonly<Config>): Config => {
  const [axis, ...further] = Array.isArray(options['axis']) ? (options['axis'] as unknown[]) : [];
  // Batch normalization that has been built has a list.
  if (className === 'BatchNormalization' && axis !== undefined && further.length === 0)
    return { ...options, axis };
  const { vocabulary } = options;
  // Nothing outside of what is read is opened.
  if (typeof vocabulary === 'string')
    throw configError(
      `the \`vocabulary\` of ${className} must be a list of tokens`,
      `the path of another file, '${excerpt(vocabulary)}'`,
      'In Python, build the layer with the tokens themselves, and save again',
    );
  // Learned before the file was written: it may be learned anew.
  if (isList(vocabulary) && config['has_input_vocabulary'] === false)
    return { ...options, vocabulary: new LearnedVocabulary(vocabulary) };
  const { binBoundaries } = options;
  if (className === 'Discretization' && isList(binBoundaries) && options['numBins'] !== undefined)
    return { ...options, binBoundaries: new LearnedBoundaries(binBoundaries as readonly number[]) }; // numbers, which the layer uses as such
  // The length of what comes in is a shape here.
  if (className === 'Embedding' && config['input_length'] === null) delete options['inputLength'];
  return options;
};

const nameFrom = (config: Readonly<Config>): string | undefined => {
  const { name } = config;
  if (name === undefined || name === null) return undefined;
  if (typeof name === 'string' && name !== '') return name;
  throw configError("a layer's `name` must be a text", name);
};

/** What is said of a computation that is no layer. */
const operationError = (className: string): Error =>
  configError(
    'layers must be of classes that are here',
    `a ${className}: an operation of TensorFlow or Keras in the place of a layer`,
    'In Python, use the layer instead, such as layers.Add() for +, and save again',
  );

/** Whether Keras 3 has it among its operations, whose names are those of layers in part: `Add` of a tensor and a number. */
const isOperation = ({ module }: Readonly<Config>): boolean =>
  typeof module === 'string' && /^keras\.(?:src\.)?ops\b/.test(module);

/** What stands for a class that no layer function makes. */
const unknownClass = (className: string): Error => {
  if (
    /^(?:TFOpLambda|SlicingOpLambda|TensorFlowOpLayer|ClassMethod|InstanceProperty|InstanceMethod)$/.test(
      className,
    )
  )
    return operationError(className);
  return configError(
    'layers must be of known classes',
    `the class '${className}'`,
    `Give it under its name: customObjects: { ${withoutPackage(className)}: … }`,
  );
};

/** The layer of a class of the program's own, or of tfjs's alone. */
const customLayer = (object: ObjectConfig): Layer => {
  const { className, config } = object;
  const custom = customObjectOf(object);
  const { dtype: _dtype, batch_input_shape: _shape, ...own } = config;
  const registered = registeredClass(className);
  const made: unknown =
    custom !== undefined
      ? fromClass(custom, own)
      : object.isOwn && registered?.isOfLibrary === true
        ? undefined
        : registered?.make(registered.isOfLibrary ? inCamelCase(own) : own);
  if (isLayer(made)) return made;
  throw unknownClass(className);
};

/** A layer of a class, of the function that `newLayerClass` or `createLayerWrapper` makes of it, or of a function of a configuration. */
const fromClass = (custom: CustomObject, config: Readonly<Config>): unknown => {
  type Known = CustomObject & { readonly fromConfig?: unknown; readonly layerClass?: unknown }; // a function has those, or not
  const given: Known = custom;
  const known = (typeof given.layerClass === 'function' ? given.layerClass : given) as Known;
  if (typeof known.fromConfig === 'function')
    return (known.fromConfig as (constructor: unknown, config: object) => unknown).call(known, known, config);
  return 'prototype' in known
    ? Reflect.construct(known, [config])
    : (known as unknown as (config: object) => unknown)(config); // it is no class
};

/** The step that adds the layer of a configuration, which has its name and may have the shape of its input; a cell, of a cell's. */
export const stepFrom = (object: Readonly<Config>, callOptions: Readonly<Config> = {}): unknown => {
  refuseBytecode(object, 'a layer');
  const found = objectConfigOf(object);
  if (found === undefined) throw configError('a layer must be a class and its configuration', object);
  const { config } = found;
  const className = apiName(found);
  if (isOperation(object)) throw operationError(className);
  // A wrapper has a model in it.
  if (isOfModels(className)) return readInnerModel(object);
  const named = { ...found, className };
  const isKeras = !found.isOwn && customObjectOf(named) === undefined;
  const known = isKeras ? layerFunctionOf(className) : undefined;
  if (known === undefined) return layerTf(customLayer(named));
  const name = nameFrom(config);
  const { trainable } = config;
  const batchInputShape = shapeFrom(config);
  const { inputDtype } = config;
  return known.step({
    ...optionsFrom(known, className, config),
    ...callOptions,
    ...(name === undefined ? {} : { name }),
    ...(typeof trainable === 'boolean' ? { trainable } : {}),
    ...(batchInputShape === undefined ? {} : { batchInputShape }),
    ...(inputDtype === undefined ? {} : { dtype: inputDtype }),
  });
};

/** The cell of a configuration. Of the user's own, it is made by its class, or by a function that is no class. */
const cellFrom = (object: Readonly<Config>): unknown => {
  const found = objectConfigOf(object);
  const custom = found === undefined ? undefined : customObjectOf(found);
  if (custom === undefined) return stepFrom(object);
  const { dtype: _dtype, ...own } = found?.config ?? {};
  const made = makeCustom(custom, own);
  return made === custom ? (custom as unknown as (config: object) => unknown)(own) : made; // it is no class
};

/** Whether a layer trains, if it was called with an answer to that; without one it does as the model does. */
export const trainingFrom = ({ training }: Readonly<Config>): { readonly training?: boolean } => {
  if (training === undefined || training === null) return {};
  if (typeof training === 'boolean' || training === 0 || training === 1)
    return { training: Boolean(training) };
  throw configError('`training` of a layer that is called must be true or false', training);
};

/** The options of a layer of a class that Keras takes as the layer is called. */
export const callOptionsFrom = (className: string, kwargs: Readonly<Config>): Config => {
  const taken = new Set(layerFunctionOf(className)?.callOptions);
  const entries = Object.entries(kwargs).map(([key, value]) => [camelCase(key), value] as const);
  const unknown = entries.find(
    ([key, value]) =>
      !taken.has(key) && key !== 'training' && key !== 'mask' && value !== null && value !== false,
  );
  if (unknown !== undefined) {
    const nearest = near(unknown[0], [...taken])[0]?.candidate;
    throw configError(
      `${className} takes no \`${unknown[0]}\` as it is called`,
      `${unknown[0]}: ${isConfig(unknown[1]) || Array.isArray(unknown[1]) ? 'an object' : String(unknown[1])}`,
      nearest === undefined ? 'Only inputs and options of layers can be read' : `Did you mean ${nearest}?`,
    );
  }
  return Object.fromEntries(entries.filter(([key, value]) => taken.has(key) && value !== null));
};

/** The layer alone that a configuration stands for, not added to anything yet. */
export const newLayerFrom = (object: Readonly<Config>, callOptions: Readonly<Config> = {}): NewLayer => {
  const step = stepFrom(object, callOptions);
  if (typeof step === 'function' && 'newLayer' in step) return (step as LayerStep).newLayer(); // it has the builder
  throw configError('a layer must be of a class of layers', `the class '${String(object['class_name'])}'`);
};
