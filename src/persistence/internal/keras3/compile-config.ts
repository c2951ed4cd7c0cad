/** How a model is compiled, as Keras 3 writes it into its files. */
import { losses } from '../../../losses/registry';
import { metrics } from '../../../metrics/registry';
import type { Compilation } from '../../../models/compilation';
import {
  functionForm,
  isConfig,
  objectForm,
  withoutPackage,
  type Config,
} from '../../../models/config/forms';
import type { KerasModel, Prediction } from '../../../models/model';
import { outputsFor } from '../../../training/outputs';
import { makerOfClass } from '../classes';
import {
  GENERAL_METRIC,
  isMade,
  lossConfig,
  metricConfig,
  nestedConfig,
  optimizerConfig,
} from '../training-config';

/** An object in Keras 3's form: of its own classes the place is known, those of a program are known by their names. */
const formOf = (family: 'loss' | 'metric' | 'optimizer', { class_name: name, config }: Config): Config => {
  const className = String(name);
  if (makerOfClass(family, className) !== undefined)
    return objectForm(`keras.${family === 'loss' ? 'losses' : `${family}s`}`, className, config);
  return { module: null, class_name: withoutPackage(className), config, registered_name: className };
};

/** Keras 3 has another name for the mean of all, and no leftovers. */
const withoutLeftovers = (config: unknown): unknown => {
  if (!isConfig(config)) return config;
  const { reduction, ...others } = config;
  if (reduction === undefined) return config;
  return {
    ...others,
    reduction: reduction === 'auto' || reduction === null ? 'sum_over_batch_size' : reduction,
  };
};

const lossForm = (value: unknown): unknown => {
  const written = lossConfig(value);
  if (isConfig(written)) return formOf('loss', { ...written, config: withoutLeftovers(written['config']) });
  const known = losses.find(written);
  return known === undefined ? functionForm(String(written)) : known.names[0];
};

const metricForm = (value: unknown): unknown => {
  const written = metricConfig(value);
  if (isConfig(written)) return formOf('metric', { ...written, config: withoutLeftovers(written['config']) });
  const name = String(written);
  const isKnown =
    GENERAL_METRIC.test(name) || metrics.find(name) !== undefined || losses.find(name) !== undefined;
  return isKnown ? name : functionForm(name);
};

const optimizerForm = (written: Config): Config => {
  const {
    jit_compile: _jit,
    is_legacy_optimizer: _legacy,
    learning_rate: rate,
    ...others
  } = written['config'] as Config; // which is one
  const schedule = isConfig(rate) && isConfig(rate['config']) ? rate : undefined;
  const { name: _name, ...ofSchedule } = (schedule?.['config'] ?? {}) as Config; // as just seen
  return formOf('optimizer', {
    ...written,
    config: {
      ...others,
      learning_rate:
        schedule !== undefined
          ? { ...schedule, config: ofSchedule }
          : typeof rate === 'string'
            ? functionForm(rate)
            : rate,
      loss_scale_factor: null,
    },
  });
};

/** Losses and metrics, which Keras 3 wants one by one where there are several outputs. */
const objectives = (model: KerasModel<Prediction>, { options }: Compilation): Config => {
  const metricsOf = (value: unknown): unknown =>
    (value ?? null) === null ? null : [nestedConfig(value, isMade, metricForm)].flat();
  if (model.tf.outputs.length === 1) {
    const weights: unknown = options.lossWeights ?? null;
    return {
      loss: nestedConfig(options.loss, isMade, lossForm),
      loss_weights: weights,
      metrics: metricsOf(options.metrics),
      weighted_metrics: metricsOf(options.weightedMetrics),
    };
  }
  const outputs = outputsFor(model as KerasModel, options); // of whatever outputs
  const each = (list: 'metrics' | 'weightedMetrics'): unknown =>
    outputs.every((output) => output[list].length === 0)
      ? null
      : outputs.map((output) => output[list].map(metricForm));
  return {
    loss: outputs.map(({ loss }) => (loss === undefined ? null : lossForm(loss))),
    loss_weights: options.lossWeights === undefined ? null : outputs.map(({ lossWeight }) => lossWeight),
    metrics: each('metrics'),
    weighted_metrics: each('weightedMetrics'),
  };
};

/** How a model is compiled. */
export const compileConfig = (model: KerasModel<Prediction>, compilation: Compilation): Config => ({
  optimizer: optimizerForm(optimizerConfig(compilation.optimizer)),
  ...objectives(model, compilation),
});
