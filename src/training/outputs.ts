import { argumentError, isPlainObject, ownValue, type Place } from '../base/checks';
import { KerasArgumentError, KerasStateError } from '../base/errors';
import { isLoss, resolveLoss } from '../losses/registry';
import { weightedBySample } from '../metrics/metric';
import { resolveMetric, type Metric } from '../metrics/registry';
import type { Compilation, CompileOptions } from '../models/compilation';
import type { KerasModel } from '../models/model';
import type { Output } from '../step/output';

/** The values for the outputs, in order, of an option that may be one for all, a list, or keyed by output. */
const perOutput = (
  names: readonly string[],
  value: unknown,
  place: Place,
  isOne: (value: unknown) => boolean,
): unknown[] => {
  if (isOne(value)) return names.map(() => value);
  if (Array.isArray(value)) {
    if (value.length === names.length) return value;
    throw argumentError(
      place,
      names.length === 1
        ? `one value, since the model has one output, '${names.join()}'`
        : `one value, or one for each of the ${names.length} outputs (${names.join(', ')})`,
      value,
    );
  }
  if (isPlainObject(value)) {
    const unknown = Object.keys(value).find((key) => !names.includes(key));
    if (unknown !== undefined) {
      throw argumentError(
        place,
        `keyed by the outputs' names: ${names.map((name) => `'${name}'`).join(', ')}`,
        unknown,
        'Name the layer that makes the output: layerDense({ name: … })',
      );
    }
    return names.map((name) => ownValue(value, name));
  }
  throw argumentError(place, 'one value, or one for each output', value);
};

/** Model outputs' names; two outputs of one layer are told apart by a number, as Keras does. */
const outputNames = (model: KerasModel): string[] => {
  const seen = new Map<string, number>();
  return model.tf.outputNames.map((name) => {
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return count === 0 ? name : `${name}_${count}`;
  });
};

/** Where a mistake in an option of `compile` is. */
export const at = (argument: string): Place => ({ function: 'compile', argument });

/** Whether a value stands for one loss. */
export const isLossLike = (value: unknown): boolean =>
  typeof value === 'string' || typeof value === 'function' || isLoss(value);

/** Whether a value stands for one metric. */
export const isMetricLike = (value: unknown): boolean =>
  typeof value === 'string' ||
  typeof value === 'function' ||
  (typeof value === 'object' && value !== null && 'sums' in value);

/** The outputs of a compiled model with their losses; needs the model built. */
export const outputsOf = (model: KerasModel): Output[] => outputsFor(model, compilationOf(model).options);

/** The outputs of a model with the losses that options say; needs the model built. */
export const outputsFor = (model: KerasModel, options: CompileOptions): Output[] => {
  const names = outputNames(model);
  const losses =
    options.loss === null ? names.map(() => null) : perOutput(names, options.loss, at('loss'), isLossLike);
  const { lossWeights } = options;
  const metricsFor = (argument: 'metrics' | 'weightedMetrics'): unknown[] => {
    const metrics = options[argument];
    const nested = Array.isArray(metrics) && metrics.some((item) => Array.isArray(item));
    return perOutput(
      names,
      metrics ?? [],
      at(argument),
      (value) => isMetricLike(value) || (Array.isArray(value) && !nested),
    );
  };
  const [unweighted, weighted] = [metricsFor('metrics'), metricsFor('weightedMetrics')];
  const weights = perOutput(names, lossWeights ?? 1, at('lossWeights'), (value) => typeof value === 'number');
  return names.map((name, index) => {
    const weight = weights[index] ?? 1;
    if (typeof weight !== 'number' || !Number.isFinite(weight)) {
      throw argumentError(at('lossWeights'), 'made of finite numbers', weight);
    }
    const loss = losses[index];
    if (loss === undefined) {
      throw argumentError(
        at('loss'),
        `given for every output; '${name}' has none`,
        options.loss,
        'Write null for an output that is not trained',
      );
    }
    return {
      name,
      shape: model.tf.outputs[index]?.shape ?? [],
      loss: loss === null ? undefined : resolveLoss(loss, at('loss')),
      lossWeight: weight,
      metrics: [unweighted[index] ?? []].flat(),
      weightedMetrics: [weighted[index] ?? []].flat(),
    };
  });
};

/** Logs and history have one value under each name. */
export const checkNames = (names: readonly string[], argument: string): void => {
  const twice = names.find((name, index) => name === 'loss' || names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new KerasArgumentError({
    function: 'compile',
    argument,
    expected: "metrics' names must differ, also from 'loss'",
    received: twice === 'loss' ? "a metric named 'loss'" : `two metrics named '${twice}'`,
    advice: `Leave one out, or name it: customMetric('my_${twice}', …), or the option \`name\` of a metric`,
  });
};

/** The metrics of one output for labels of a shape: those in which weights do not count, then those in which they do. */
export const metricsOf = (output: Output, labelShape: readonly number[]): Metric[] => {
  const context = { shape: output.shape, loss: output.loss, labelShape };
  const metrics = output.metrics.map((metric) => resolveMetric(metric, context, at('metrics')));
  const weighted = output.weightedMetrics.map((metric) =>
    weightedBySample(resolveMetric(metric, context, at('weightedMetrics'))),
  );
  checkNames(
    [...metrics, ...weighted].map(({ name }) => name),
    weighted.length > 0 ? 'weightedMetrics' : 'metrics',
  );
  return [...metrics, ...weighted];
};

/** How a model is trained, or the error that it is not compiled. */
export const compilationOf = (model: KerasModel): Compilation => {
  const { compilation } = model.state;
  if (compilation !== undefined) return compilation;
  throw new KerasStateError({
    expected: 'the model must be compiled',
    received: `the model '${model.name}', which is not`,
    advice:
      "First compile(model, { optimizer: 'rmsprop', loss: 'mse' }), or put compile({ … }) into the pipe",
  });
};
