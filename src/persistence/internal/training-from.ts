/** How a model is compiled, out of what Keras wrote of it. */
import type { CustomObject } from '../../base/custom-objects';
import { isOwnMaker } from '../../base/made-by';
import { camelCase } from '../../base/registry';
import { learningRateScheduleInverseTimeDecay } from '../../schedules';
import { losses } from '../../losses/registry';
import { metrics } from '../../metrics/registry';
import { optimizers } from '../../optimizers/registry';
import type { CompileOptions } from '../../models/compilation';
import {
  configError,
  customObjectNamed,
  customObjectOf,
  isConfig,
  isList,
  KERAS_PACKAGE,
  objectConfigOf,
  withoutPackage,
  type Config,
  type ObjectConfig,
} from '../../models/config/forms';
import { makeCustom } from '../../models/config/read-objects';
import { makerOfClass, type MakerOfClass } from './classes';

const ADVICE = 'Load with compile: false, and compile the model yourself';

/** What Keras saves of losses, metrics and optimizers that says nothing here. */
const LEFTOVERS = new Set([
  'dtype',
  'fn',
  'jit_compile',
  'is_legacy_optimizer',
  'loss_scale_factor',
  '_name',
]);

const optionsFrom = (config: Readonly<Config>): Config =>
  Object.fromEntries(
    Object.entries(config)
      .filter(([key, value]) => value !== null && !LEFTOVERS.has(key))
      .map(([key, value]) => [camelCase(key), value]),
  );

/** An object of a class of the program's own, whose configuration has its own spelling. */
const ownFrom = (custom: CustomObject, config: Readonly<Config>): unknown => {
  if (!isOwnMaker(custom)) return makeCustom(custom, config);
  const { dtype: _dtype, name, ...options } = config;
  return custom({ ...options, ...((name ?? null) === null ? {} : { name }) });
};

const unknownClass = (what: string, name: string): Error =>
  configError(
    `${what} must be known here`,
    `'${name}'`,
    `Give it under its name: customObjects: { ${withoutPackage(name)}: … }. ${ADVICE}`,
  );

/** A value, or values in lists and under names. */
const nested = (value: unknown, read: (value: unknown) => unknown): unknown => {
  if (isList(value)) return value.map((one) => nested(one, read));
  if (isConfig(value) && objectConfigOf(value) === undefined)
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, nested(one, read)]));
  return read(value);
};

const nameOf = withoutPackage;

/** What makes objects of Keras's class of a name, unless a program has registered a class of its own under it. */
const knownMaker = (
  family: Parameters<typeof makerOfClass>[0],
  { className, isOwn }: ObjectConfig,
): MakerOfClass | undefined => {
  const isKeras = !isOwn || (family === 'optimizer' && className.startsWith(`${KERAS_PACKAGE}>`));
  return isKeras ? makerOfClass(family, nameOf(className)) : undefined;
};

/** The name of a function, as Keras writes it in several ways. */
const functionIn = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value;
  return isConfig(value) && value['class_name'] === 'function' && typeof value['config'] === 'string'
    ? value['config']
    : undefined;
};

const lossFrom = (value: unknown): unknown => {
  if (value === null) return null;
  const name = functionIn(value);
  if (name !== undefined) {
    const custom = customObjectNamed(name);
    if (custom === undefined && losses.find(name) === undefined) throw unknownClass('losses', name);
    return custom ?? name;
  }
  const object = objectConfigOf(value);
  if (object === undefined)
    throw configError('a loss must be a name, or a class and its configuration', value, ADVICE);
  const className = nameOf(object.className);
  const custom = customObjectOf(object);
  if (custom !== undefined) return ownFrom(custom, object.config);
  if (className === 'LossFunctionWrapper') return lossFrom(object.config['fn']);
  const make = knownMaker('loss', object);
  if (make === undefined) throw unknownClass('losses', object.className);
  return make(optionsFrom(object.config));
};

const metricOfFunction = (fn: string, config: Readonly<Config>): unknown => {
  const custom = customObjectNamed(fn);
  if (custom !== undefined) return custom;
  const member = metrics.find(fn);
  // Each takes its options by their names.
  if (member !== undefined) return (member as (options: object) => unknown)(optionsFrom(config));
  if (losses.find(fn) !== undefined) return fn;
  throw unknownClass('metrics', fn);
};

const metricFrom = (value: unknown): unknown => {
  const name = functionIn(value);
  if (name !== undefined) {
    const isGeneral = /^(?:accuracy|acc|crossentropy|ce)$/.test(name);
    if (isGeneral || metrics.find(name) !== undefined || losses.find(name) !== undefined)
      return customObjectNamed(name) ?? name;
    const custom = customObjectNamed(name);
    if (custom === undefined) throw unknownClass('metrics', name);
    return custom;
  }
  const object = objectConfigOf(value);
  if (object === undefined)
    throw configError('a metric must be a name, or a class and its configuration', value, ADVICE);
  const className = nameOf(object.className);
  const custom = customObjectOf(object);
  if (custom !== undefined) return ownFrom(custom, object.config);
  const fn = functionIn(object.config['fn']);
  if (/^(?:MeanMetricWrapper|SumOverBatchSizeMetricWrapper)$/.test(className) && fn !== undefined)
    return metricOfFunction(fn, object.config);
  const make = knownMaker('metric', object);
  if (make === undefined) throw unknownClass('metrics', object.className);
  return make(optionsFrom(object.config));
};

const rateFrom = (value: unknown): unknown => {
  if (typeof value === 'number' || value === undefined) return value;
  const name = functionIn(value);
  const object = objectConfigOf(value);
  const className = name ?? nameOf(object?.className ?? '');
  const custom =
    name === undefined && object !== undefined ? customObjectOf(object) : customObjectNamed(className);
  if (custom !== undefined)
    return object === undefined || name !== undefined ? custom : ownFrom(custom, object.config);
  const make = object === undefined ? undefined : knownMaker('schedule', object);
  if (make === undefined || object === undefined) throw unknownClass('schedules', className);
  const { name: _name, ...options } = optionsFrom(object.config);
  return make(options);
};

/** Until Keras 2.10, optimizers had a decay of their own. */
const decayed = (rate: unknown, decay: unknown): unknown =>
  typeof decay === 'number' && decay > 0 && typeof rate === 'number'
    ? learningRateScheduleInverseTimeDecay({ initialLearningRate: rate, decaySteps: 1, decayRate: decay })
    : rate;

/** Numbers of 16 bits need losses that are scaled. Here they are of 32, and the optimizer inside takes them as they are. */
const withoutScaling = (value: unknown): unknown => {
  const object = objectConfigOf(value);
  return object !== undefined && /^LossScaleOptimizer(?:V\d)?$/.test(nameOf(object.className))
    ? object.config['inner_optimizer']
    : value;
};

/** The optimizer of a class and options. */
export const optimizerFrom = (value: unknown): unknown => {
  const inner = withoutScaling(value);
  // Keras 2.13 writes what it was called with into its .keras files.
  if (typeof inner === 'string' && optimizers.find(inner) !== undefined) return inner;
  const object = objectConfigOf(inner);
  if (object === undefined)
    throw configError('an optimizer must be a class and its configuration', value, ADVICE);
  const className = nameOf(object.className);
  const { learning_rate: rate, lr, decay, schedule_decay: _schedule, ...others } = object.config;
  const custom = customObjectOf(object);
  const { name, ...options } = optionsFrom(others);
  const given = {
    ...options,
    ...(typeof name === 'string' && name.toLowerCase() !== className.toLowerCase() ? { name } : {}),
  };
  const learningRate = decayed(rateFrom(rate ?? lr), decay);
  if (custom !== undefined)
    return ownFrom(custom, learningRate === undefined ? given : { ...given, learningRate });
  const make = knownMaker('optimizer', object);
  if (make === undefined) throw unknownClass('optimizers', object.className);
  // No decay of weights is null where there is one by default.
  const weightDecay = 'weight_decay' in others ? { weightDecay: others['weight_decay'] } : {};
  return make({ ...given, ...weightDecay, ...(learningRate === undefined ? {} : { learningRate }) });
};

/** What `compile` takes, from a training configuration; undefined if the model was not compiled for a loss. */
export const compileOptionsFrom = (config: Readonly<Config>): CompileOptions | undefined => {
  // Keras 3 has what it was called with under names of its own.
  const loss = nested(config['loss'] ?? null, lossFrom);
  if (loss === null) return undefined;
  const metricsOf = (value: unknown): unknown =>
    value === null || value === undefined ? undefined : nested(value, metricFrom);
  const optimizer = config['optimizer_config'] ?? config['optimizer'];
  return {
    loss,
    optimizer: optimizer === undefined ? undefined : optimizerFrom(optimizer),
    metrics: metricsOf(config['metrics']),
    weightedMetrics: metricsOf(config['weighted_metrics']),
    lossWeights: config['loss_weights'] ?? undefined,
  } as CompileOptions; // `compile` checks what has come of it
};
