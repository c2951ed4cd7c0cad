import { resolveMetric, type MetricLike } from '../../../metrics/registry';
import type { Compilation } from '../../../models/compilation';
import type { KerasModel } from '../../../models/model';
import type { Output } from '../../../step/output';
import { at, compilationOf, outputsOf } from '../../../training/outputs';
import type { Feature } from './examples';

/** Names that stand for a metric that depends on the labels. */
const GENERAL = /^(?:accuracy|acc|crossentropy|ce)$/;

type List = 'metrics' | 'weightedMetrics';

const exact = (output: Output, list: List, labels: Feature | undefined): MetricLike[] =>
  output[list].map((metric) => {
    if (typeof metric !== 'string' || !GENERAL.test(metric)) return metric as MetricLike; // as `compile` took it
    const labelShape = labels === undefined ? {} : { labelShape: [1, ...labels.shape] };
    return resolveMetric(metric, { shape: output.shape, loss: output.loss, ...labelShape }, at(list));
  });

/**
 * How a model is compiled, with the metrics that general names stand for with these labels. Keras 2 finds out from the model's outputs
 * when it loads a file, and takes the accuracy of class numbers for that of one-hot labels.
 */
export const withExactMetrics = (model: KerasModel, labels: readonly Feature[]): Compilation => {
  const compilation = compilationOf(model);
  const outputs = outputsOf(model);
  const of = (list: List): object => {
    if (outputs.every((output) => output[list].length === 0)) return {};
    const [first = [], ...others] = outputs.map((output, index) => exact(output, list, labels[index]));
    return { [list]: others.length === 0 ? first : [first, ...others] };
  };
  const { metrics: _metrics, weightedMetrics: _weighted, ...options } = compilation.options;
  return { ...compilation, options: { ...options, ...of('metrics'), ...of('weightedMetrics') } };
};
