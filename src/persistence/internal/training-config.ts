/** How a model is compiled, as Keras writes it into its files. */
import { makerOf } from '../../base/made-by';
import { savedOptions } from '../../layers/internal/custom-layer';
import { isLoss, losses } from '../../losses/registry';
import { StatefulMetric } from '../../metrics/metric';
import { metrics } from '../../metrics/registry';
import type { Compilation } from '../../models/compilation';
import { configError, isConfig, snakeCase, type Config } from '../../models/config/forms';
import { UpdateOptimizer, type Optimizer } from '../../optimizers/optimizer';
import { classOfFunction, makerOfClass } from './classes';

/** `beta1` → `beta_1`, `learningRate` → `learning_rate` */
const optionName = (name: string): string => snakeCase(name).replaceAll(/(beta|rho)(\d)/g, '$1_$2');

const optionsOf = (options: Readonly<Config>): Config =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      optionName(name),
      typeof value === 'function' ? nameOf(value, name) : (value ?? null),
    ]),
  );

const nameOf = (call: { readonly name: string }, what: string): string => {
  if (call.name !== '') return call.name;
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

const objectOf = (value: object): Config | undefined => {
  const made = makerOf(value);
  if (made === undefined) return undefined;
  const { functionName, className, options } = made;
  if (className === undefined)
    return { class_name: classOfFunction(functionName), config: optionsOf(options) };
  // A class of the user's own has its own spelling.
  return { class_name: className, config: savedOptions(`objects of class ${className}`, options) };
};

/** An object of a class of the user's own. */
const ownObject = (value: object): Config => {
  const getConfig = (value as { readonly getConfig?: unknown }).getConfig;
  const config: unknown = typeof getConfig === 'function' ? getConfig.call(value) : {};
  return { class_name: value.constructor.name, config };
};

/** Whether an object is of a class that the user wrote, and not of one that gives it a name only. */
const isOfOwnClass = (value: object): boolean =>
  !(value instanceof StatefulMetric) && Object.getPrototypeOf(value) !== Object.prototype;

/** A loss: its name, or its class and options. */
export const lossConfig = (value: unknown): unknown => {
  const known = knownName(losses, value);
  if (known !== undefined || typeof value === 'string') return known ?? value;
  if (typeof value === 'function') return nameOf(value, 'the loss');
  const object = value as object; // a loss
  return (
    objectOf(object) ??
    (Object.getPrototypeOf(object) === Object.prototype && isLoss(value) ? value.name : ownObject(object))
  );
};

/** A metric: its name, or its class and options. */
export const metricConfig = (value: unknown): unknown => {
  const known = knownName(metrics, value) ?? knownName(losses, value);
  if (known !== undefined || typeof value === 'string') return known ?? value;
  if (typeof value === 'function') return nameOf(value, 'a metric');
  const object = value as object; // a metric
  const made = objectOf(object);
  if (made !== undefined) return { ...made, config: { dtype: 'float32', ...(made['config'] as Config) } };
  return isOfOwnClass(object) ? ownObject(object) : (value as { readonly name: string }).name;
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
  const made = objectOf(rate);
  if (made === undefined) return nameOf(rate, 'the learning rate');
  const { class_name: className, config } = made;
  if (makerOf(rate)?.className !== undefined) return { module: null, ...made, registered_name: className };
  return {
    module: 'keras.optimizers.schedules',
    class_name: className,
    config: { ...(config as Config), name: null },
    registered_name: null,
  };
};

/** The class of an optimizer: one of the user's own is called as it was defined. */
const classOfOptimizer = (optimizer: Optimizer): string => {
  if (!(optimizer instanceof UpdateOptimizer)) return optimizer.constructor.name;
  const { functionName } = optimizer.parts;
  const className = classOfFunction(functionName);
  return makerOfClass('optimizer', className) === undefined ? functionName : className;
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
