/** A model's configuration in a `model.json`: as Keras writes it, or as TensorFlow.js does. */
import { MalformedError } from '../../../files/malformed';
import { isConfig, isList, type Config } from '../../../models/config/forms';
import { objectIn } from '../model-config';
import { shown } from './manifest';

/** What TensorFlow.js's own layers do where their configuration says nothing. */
const IMPLIED: Readonly<Record<string, Config>> = {
  GRU: { reset_after: false },
  GRUCell: { reset_after: false },
  Softmax: { axis: 1 },
};

/** Fields of TensorFlow.js's configurations that say nothing. */
const LEFTOVERS: ReadonlySet<string> = new Set(['input_d_type', 'rank']);

/** What a recurrent layer of any cell has itself: TensorFlow.js writes the cell's options besides. */
const OF_RNN: ReadonlySet<string> = new Set([
  ...['name', 'trainable', 'dtype', 'batch_input_shape', 'cell', 'return_sequences', 'return_state'],
  ...['go_backwards', 'stateful', 'unroll'],
]);

const ownIn = (className: string, config: Config): Config =>
  className === 'RNN'
    ? Object.fromEntries(Object.entries(config).filter(([key]) => OF_RNN.has(key)))
    : { ...(Object.hasOwn(IMPLIED, className) ? IMPLIED[className] : {}), ...config };

/** A value of TensorFlow.js's configuration with what goes without saying there. */
const saidIn = (value: unknown): unknown => {
  if (isList(value)) return value.map(saidIn);
  if (!isConfig(value)) return value;
  const { class_name: className, config } = value;
  const entries = Object.entries(value)
    .filter(([key]) => !LEFTOVERS.has(key))
    .map(([key, one]) => [key, saidIn(one)]);
  const said = Object.fromEntries(entries) as Config; // of the same keys
  if (typeof className !== 'string' || !isConfig(config)) return said;
  return { ...said, config: ownIn(className, said['config'] as Config) }; // of a configuration
};

const parsed = (value: unknown): Config => {
  const object = typeof value === 'string' ? objectIn(value, 'modelTopology') : value;
  if (isConfig(object)) return object;
  throw new MalformedError(`modelTopology must be an object, and is ${shown(object)}`);
};

/** The class and configuration of the model. */
export const modelOfTopology = (value: unknown): Config => {
  const topology = parsed(value);
  const object = 'model_config' in topology ? parsed(topology['model_config']) : topology;
  const isOfTfjs = String(topology['keras_version'] ?? object['keras_version']).startsWith('tfjs');
  return isOfTfjs ? (saidIn(object) as Config) : object; // of an object
};

/** TensorFlow.js's optimizers whose options go by other names than Keras's. */
const OPTIMIZERS: Readonly<Record<string, (config: Readonly<Config>) => Config>> = {
  RMSProp: ({ decay, ...config }) => ({
    class_name: 'RMSprop',
    config: { ...config, ...(decay === undefined ? {} : { rho: decay }) },
  }),
  Momentum: ({ use_nesterov: nesterov, ...config }) => ({
    class_name: 'SGD',
    config: { ...config, ...(nesterov === undefined ? {} : { nesterov }) },
  }),
};

/** How TensorFlow.js says that a model is compiled, as Keras would. */
export const trainingOfTfjs = (training: Readonly<Config>): Config => {
  const { optimizer_config: optimizer, metrics } = training;
  const { class_name: className, config } = isConfig(optimizer) ? optimizer : {};
  const change =
    typeof className === 'string' && Object.hasOwn(OPTIMIZERS, className) ? OPTIMIZERS[className] : undefined;
  return {
    ...training,
    metrics: metrics ?? null,
    ...(change !== undefined && isConfig(config) ? { optimizer_config: change(config) } : {}),
  };
};
