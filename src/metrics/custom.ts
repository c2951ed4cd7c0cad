import { refuseSurplus } from '../base/function-name';
import { argumentError, nonEmptyString, type Check } from '../base/checks';
import { checkOptions, optional, required, type OptionChecks } from '../base/checks';
import { meanMetric, type MetricFunction, type MetricOptions, type StatefulMetric } from './metric';

const isMetricFunction = (value: unknown): value is MetricFunction => typeof value === 'function';

/**
 * A metric of one's own under a name: the weighted mean over all samples of what `values` returns.
 *
 * `values` gets labels and predictions of a batch and returns a value for each sample, `[batch]` (or several,
 * `[batch, ...]`, which all count); a scalar counts as one value of the whole batch. It must consist of tfjs
 * ops.
 *
 * @throws KerasArgumentError if the name is empty or `values` is no function.
 * @example
 * const largest = customMetric('largest_error', (yTrue, yPred) => tf.max(tf.abs(tf.sub(yTrue, yPred)), -1))
 * assert.strictEqual(largest.update(tf.zeros([2, 2]), [[1, -3], [5, 0]]).result(), 4)
 * @see R keras `custom_metric`
 */
export const customMetric = (name: string, values: MetricFunction, ...surplus: []): StatefulMetric => {
  refuseSurplus('customMetric', ['name', 'values'], surplus);
  nonEmptyString(name, { function: 'customMetric', argument: 'name' });
  if (!isMetricFunction(values)) {
    throw argumentError(
      { function: 'customMetric', argument: 'values' },
      'a function of (yTrue, yPred)',
      values,
    );
  }
  return meanMetric(name, values, undefined, 'customMetric');
};

/** Options of {@link metricMeanWrapper}. */
export interface MeanWrapperOptions extends MetricOptions {
  /** A function of labels and predictions: its value for each sample, of tfjs operations. */
  readonly fn: MetricFunction;
}

const metricFunction: Check<MetricFunction> = (value, place) => {
  if (isMetricFunction(value)) return value;
  throw argumentError(place, 'a function of (yTrue, yPred)', value);
};

/**
 * The mean over all samples of what a function gives, as {@link customMetric}; it is called as the function, unless `name` says
 * otherwise.
 *
 * @throws KerasArgumentError if `fn` is missing or no function, or an option unknown.
 * @example
 * const metric = metricMeanWrapper({ fn: (yTrue, yPred) => tf.abs(tf.sub(yTrue, yPred)), name: 'distance' })
 * assert.strictEqual(metric.update([1, 2], [2, 5]).result(), 2)
 * @see R keras `metric_mean_wrapper`
 */
export const metricMeanWrapper = (options: MeanWrapperOptions, ...surplus: []): StatefulMetric => {
  refuseSurplus('metricMeanWrapper', ['options'], surplus);
  const { fn, name } = checkOptions('metricMeanWrapper', options, {
    fn: required(metricFunction),
    name: optional(nonEmptyString),
  } satisfies OptionChecks<MeanWrapperOptions>);
  const named = name ?? (fn.name === '' || fn.name === 'fn' ? 'mean_wrapper' : fn.name);
  return meanMetric(named, fn, undefined, 'metricMeanWrapper');
};
