import { nonEmptyString, optional, type CheckedOptions, type OptionChecks } from '../base/checks';
import { defineMaker, type MakerFunction } from '../base/maker';
import type { Named, NameList, NamesOf } from '../base/registry';
import type { LossDefinition } from '../losses/define-loss';
import { meanMetric, type Metric, type MetricFunction, type MetricOptions } from './metric';

type OwnChecks<Options> = OptionChecks<Omit<Options, 'name'>> & OptionChecks;

/**
 * Defines a metric: the function that makes it, its names, the checks of its own options, and what is made of them. The
 * option `name` comes with its check; it is the first of the names by default.
 *
 * ```ts
 * export const metricTruePositives = defineMetric<ThresholdOptions>()('metricTruePositives', ['true_positives'],
 *   thresholdChecks, ({ name, threshold }) => ({ name, size: 1, sums: …, result: … }));
 * ```
 */
export const defineMetric =
  <Options extends MetricOptions>() =>
  <const Names extends NameList, const Checks extends OwnChecks<Options>>(
    functionName: string,
    names: Names,
    checks: Checks,
    make: (options: CheckedOptions<Checks> & { readonly name: string }) => Metric,
  ): MakerFunction<Options, Metric, NamesOf<Names>> => {
    const all = { ...checks, name: optional(nonEmptyString, names[0]) };
    // The compiler does not see that the checks of all options but one, and of that one, are the checks of all options.
    const define = defineMaker<MetricOptions>() as unknown as (
      functionName: string,
      names: Names,
      checks: OptionChecks,
      make: (options: CheckedOptions<Checks> & { readonly name: string }) => Metric,
    ) => MakerFunction<Options, Metric, NamesOf<Names>>;
    return define(functionName, names, all, make);
  };

/** Defines a metric without options of its own: the mean over all samples of a value for each. */
export const defineMeanMetric = <const Names extends NameList>(
  functionName: string,
  names: Names,
  values: MetricFunction,
  finish?: (mean: number) => number,
): MakerFunction<MetricOptions, Metric, NamesOf<Names>> =>
  defineMetric<MetricOptions>()(functionName, names, {}, ({ name }) => meanMetric(name, values, finish));

/**
 * Defines the metric that is the mean of a loss, under all of the loss's names; the first of them is its name in the history,
 * unless another is given.
 */
export const metricOfLoss = <Name extends string, Own extends string = Name>(
  functionName: string,
  loss: LossDefinition<[], Name>,
  ...first: Own[]
): MakerFunction<MetricOptions, Metric, Name | Own> => {
  const names: Named<Name | Own>['names'] = [first[0] ?? loss.names[0], ...loss.names];
  // A list of names' spellings are all there already.
  return defineMeanMetric(functionName, names, loss) as unknown as MakerFunction<
    MetricOptions,
    Metric,
    Name | Own
  >;
};
