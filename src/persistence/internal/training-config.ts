/** How a model is compiled, as Keras writes it into its files. */
import { makerOf } from '../../base/made-by';
import { savedOptions } from '../../layers/internal/custom-layer';
import { isKnownLoss, isLoss, losses } from '../../losses/registry';
import { StatefulMetric } from '../../metrics/metric';
import { metrics } from '../../metrics/registry';
import type { Compilation } from '../../models/compilation';
import { configError, isConfig, nameOfOwn, snakeCase, type Config } from '../../models/config/forms';
import { UpdateOptimizer, type Optimizer } from '../../optimizers/optimizer';
import { classOfFunction, makerOfClass } from './classes';

/** `beta1` → `beta_1`, `learningRate` → `learning_rate` */
const optionName = (name: string): string => snakeCase(name).replaceAll(/(beta|rho)(\d)/g, '$1_$2');

const optionsOf = (options: Readonly<Config>): Config =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      optionName(name),
      // A mean metric has a function.
      typeof value === 'function' ? nameOf(value, name, isMetricName) : (value ?? null),
    ]),
  );

type IsKnown = (name: string) => boolean;

const isLossName: IsKnown = (name) => losses.find(name) !== undefined;

/** Names that stand for a metric that depends on the labels. */
export const GENERAL_METRIC = /^(?:accuracy|acc|crossentropy|ce)$/;

/** Losses are metrics, too. */
const isMetricName: IsKnown = (name) =>
  GENERAL_METRIC.test(name) || metrics.find(name) !== undefined || isLossName(name);

const isClassOf =
  (family: Parameters<typeof makerOfClass>[0]): IsKnown =>
  (name) =>
    makerOfClass(family, name) !== undefined;

const nameOf = (call: { readonly name: string }, what: string, isKnown: IsKnown): string => {
  if (call.name !== '') return nameOfOwn(call, call.name, isKnown);
  throw configError(
    'a function must have a name to be saved',
    `a function without a name as ${what}`,
    'Give it a name, or save with includeOptimizer: false, which leaves out how the model is trained',
  );
};

/** A value, or values in lists and under names, each as `write` has it. */
export const nestedConfig = (
  value: unknown,
  isOne: (value: unknown) => boolean,
  write: (value: unknown) => unknown,
): unknown => {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return value.map((one) => nestedConfig(one, isOne, write));
  if (!isOne(value) && isConfig(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [name, nestedConfig(one, isOne, write)]),
    );
  }
  return write(value);
};

/** What a family of names and functions calls a value, as Keras spells it. */
const knownName = (family: typeof losses | typeof metrics, value: unknown): string | undefined => {
  const member = family.find(value);
  if (member === undefined) return undefined;
  // Names keep the spelling that they were given in, which is that of the history.
  return typeof value === 'string' && /^[a-z\d_]+$/.test(value) ? value : member.names[0];
};

const objectOf = (value: object, family: 'loss' | 'metric' | 'schedule'): Config | undefined => {
  const made = makerOf(value);
  if (made === undefined) return undefined;
  const { functionName, className, options } = made;
  if (className === undefined)
    return { class_name: classOfFunction(functionName), config: optionsOf(options) };
  // A class of the user's own has its own spelling.
  const name = nameOfOwn(value, className, isClassOf(family));
  return { class_name: name, config: savedOptions(`objects of class ${className}`, options) };
};

/** An object of a class of the user's own. */
const ownObject = (value: object, family: 'loss' | 'metric'): Config => {
  const getConfig = (value as { readonly getConfig?: unknown }).getConfig;
  const config: unknown = typeof getConfig === 'function' ? getConfig.call(value) : {};
  const { constructor } = value;
  return { class_name: nameOfOwn(constructor, constructor.name, isClassOf(family)), config };
};

/** Whether an object is of a class that the user wrote, and not of one that gives it a name only. */
const isOfOwnClass = (value: object): boolean =>
  !(value instanceof StatefulMetric) && Object.getPrototypeOf(value) !== Object.prototype;

/** A loss: its name, or its class and options. */
export const lossConfig = (value: unknown): unknown => {
  const known = knownName(losses, value);
  if (known !== undefined || typeof value === 'string') return known ?? value;
  if (typeof value === 'function') return nameOf(value, 'the loss', isLossName);
  const object = value as object; // a loss
  return (
    objectOf(object, 'loss') ??
    (Object.getPrototypeOf(object) === Object.prototype && isLoss(value)
      ? isKnownLoss(value)
        ? value.name
        : nameOfOwn(object, value.name, isLossName)
      : ownObject(object, 'loss'))
  );
};

/** A metric: its name, or its class and options. */
export const metricConfig = (value: unknown): unknown => {
  const known = knownName(metrics, value) ?? knownName(losses, value);
  if (known !== undefined || typeof value === 'string') return known ?? value;
  if (typeof value === 'function') return nameOf(value, 'a metric', isMetricName);
  const object = value as object; // a metric
  const made = objectOf(object, 'metric');
  if (made !== undefined) return { ...made, config: { dtype: 'float32', ...(made['config'] as Config) } };
  return isOfOwnClass(object)
    ? ownObject(object, 'metric')
    : nameOfOwn(object, (value as { readonly name: string }).name, isMetricName);
};

/** Whether a value is one object, and not several under names. */
export const isMade = (value: unknown): boolean =>
  isConfig(value) &&
  (makerOf(value) !== undefined ||
    'call' in value ||
    'sums' in value ||
    Object.getPrototypeOf(value) !== Object.prototype);

/** Keras's own defaults of what all optimizers have. */
const COMMON: Config = {
  weight_decay: null,
  clipnorm: null,
  global_clipnorm: null,
  clipvalue: null,
  use_ema: false,
  ema_momentum: 0.99,
  ema_overwrite_frequency: null,
  jit_compile: false,
  is_legacy_optimizer: false,
};

const rateConfig = (rate: unknown): unknown => {
  if (typeof rate !== 'function') return rate;
  const made = objectOf(rate, 'schedule');
  if (made === undefined) return nameOf(rate, 'the learning rate', () => false);
  const { class_name: className, config } = made;
  if (makerOf(rate)?.className !== undefined) return { module: null, ...made, registered_name: className };
  return {
    module: 'keras.optimizers.schedules',
    class_name: className,
    config: { ...(config as Config), name: null },
    registered_name: null,
  };
};

/** Keras's own optimizers have the package that functions and classes of a program have otherwise. */
const OPTIMIZER_PACKAGE = 'Own';

/** The class of an optimizer: one of the user's own is called as it was defined. */
const classOfOptimizer = (optimizer: Optimizer): string => {
  if (!(optimizer instanceof UpdateOptimizer)) {
    const { constructor } = optimizer;
    return nameOfOwn(constructor, constructor.name, isClassOf('optimizer'), OPTIMIZER_PACKAGE);
  }
  const { functionName, isOwn } = optimizer.parts;
  return isOwn
    ? nameOfOwn(optimizer, functionName, isClassOf('optimizer'), OPTIMIZER_PACKAGE)
    : classOfFunction(functionName);
};

/** An optimizer's class and options. */
export const optimizerConfig = (optimizer: Optimizer): Config => {
  const { name, learningRate, ...options } = optimizer.getConfig();
  const className = classOfOptimizer(optimizer);
  const own = className.toLowerCase() === String(name).replaceAll('_', '').toLowerCase();
  return {
    class_name: className,
    config: {
      name: own ? className : name,
      ...COMMON,
      ...optionsOf(options),
      learning_rate: rateConfig(learningRate),
    },
  };
};

/** How a model is compiled. */
export const trainingConfig = ({ optimizer, options }: Compilation): Config => ({
  loss: nestedConfig(options.loss, isMade, lossConfig),
  metrics: nestedConfig(options.metrics, isMade, metricConfig),
  weighted_metrics: nestedConfig(options.weightedMetrics, isMade, metricConfig),
  loss_weights: options.lossWeights ?? null,
  optimizer_config: optimizerConfig(optimizer),
});
