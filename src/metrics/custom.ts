import { refuseSurplus } from '../base/function-name';
import { argumentError, nonEmptyString } from '../base/checks';
import { meanMetric, type Metric, type MetricFunction } from './metric';

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
 * const sums = largest.sums(tf.zeros([2, 2]), tf.tensor2d([[1, -3], [5, 0]]), undefined)
 * assert.strictEqual(largest.result([...sums.dataSync()]), 4)
 * @see R keras `custom_metric`
 */
export const customMetric = (name: string, values: MetricFunction, ...surplus: []): Metric => {
  refuseSurplus('customMetric', ['name', 'values'], surplus);
  nonEmptyString(name, { function: 'customMetric', argument: 'name' });
  if (!isMetricFunction(values)) {
    throw argumentError(
      { function: 'customMetric', argument: 'values' },
      'a function of (yTrue, yPred)',
      values,
    );
  }
  return meanMetric(name, values);
};
