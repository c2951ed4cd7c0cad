import { isArrayLike, toTensor, type ArrayLike } from '../arrays/tensors';
import {
  checkBareOptions,
  nonEmptyString,
  optional,
  type CheckedOptions,
  type OptionChecks,
} from '../base/checks';
import { asFunction, refuseSurplus } from '../base/function-name';
import { noteMaker } from '../base/made-by';
import { defineMaker, type BareOption, type MakerFunction } from '../base/maker';
import { withNames, type Named, type NameList, type NamesOf } from '../base/registry';
import { asFloat, type LossDefinition, type LossOptions } from '../losses/define-loss';
import { tf, type Tensor } from '../tfjs/tensorflow';
import {
  meanMetric,
  StatefulMetric,
  type MetricFunction,
  type MetricOptions,
  type MetricParts,
  type MetricValue,
} from './metric';

type OwnChecks<Options> = OptionChecks<Omit<Options, 'name'>> & OptionChecks;

/** What a metric is made of, but for its names. */
export type MetricBody<Value extends MetricValue = number> = Omit<
  MetricParts<Value>,
  'name' | 'functionName'
>;

/** A function that makes a metric, one of whose options is required: it cannot be meant by its name alone. */
export interface OptionedMetricFunction<Options, Value extends MetricValue = number> extends Named<never> {
  (options: Options): StatefulMetric<Value>;
}

/**
 * Defines a metric: the function that makes it, its names, the checks of its own options, and what is made of them. The
 * option `name` comes with its check; it is the first of the names by default.
 *
 * ```ts
 * export const metricTruePositives = defineMetric<ThresholdOptions>()('metricTruePositives', ['true_positives'],
 *   thresholdChecks, ({ threshold }) => ({ size: 1, sums: …, result: … }));
 * ```
 */
export const defineMetric =
  <Options extends MetricOptions>() =>
  <const Names extends NameList, const Checks extends OwnChecks<Options>, Value extends MetricValue = number>(
    functionName: string,
    names: Names,
    checks: Checks,
    make: (options: CheckedOptions<Checks>) => MetricBody<Value>,
  ): MakerFunction<Options, StatefulMetric<Value>, NamesOf<Names>> => {
    const all = { ...checks, name: optional(nonEmptyString, names[0]) };
    // The compiler does not see that the checks of all options but one, and of that one, are the checks of all options.
    const define = defineMaker<MetricOptions>() as unknown as (
      functionName: string,
      names: Names,
      checks: OptionChecks,
      make: (options: CheckedOptions<Checks> & { readonly name: string }) => StatefulMetric<Value>,
    ) => MakerFunction<Options, StatefulMetric<Value>, NamesOf<Names>>;
    return define(
      functionName,
      names,
      all,
      (options) => new StatefulMetric({ name: options.name, functionName, ...make(options) }),
    );
  };

/** A metric that is the mean of values: a function that makes it, or gives the values of labels and predictions. */
export interface MeanMetricFunction<
  Options extends MetricOptions,
  Name extends string = string,
> extends Named<Name> {
  (yTrue: ArrayLike, yPred: ArrayLike, options?: Options | BareOption<Options>): Tensor;
  (options?: Options | BareOption<Options>): StatefulMetric;
  /** It has both forms: what lifts it to `keras-pipe/fp` has to know. */
  readonly givesValues: true;
}

/** The values of labels and predictions, given in place of options. */
const valuesOf = (
  functionName: string,
  [yTrue, yPred, , ...surplus]: readonly unknown[],
  formula: () => MetricFunction,
): Tensor =>
  asFunction(functionName, () => {
    refuseSurplus(functionName, ['yTrue', 'yPred', 'options'], surplus);
    return tf.tidy(() => {
      const tensor = (value: unknown, argument: string): Tensor =>
        toTensor(value, { function: functionName, argument }).tensor;
      return asFloat(formula()(tensor(yTrue, 'yTrue'), tensor(yPred, 'yPred')));
    });
  });

/**
 * Defines a metric that is the mean over all samples of a value for each. `finish` is applied to the mean. Called with labels
 * and predictions in place of options, the function gives the values.
 */
export const defineMeanMetric =
  <Options extends MetricOptions>() =>
  <const Names extends NameList, const Checks extends OwnChecks<Options>>(
    functionName: string,
    names: Names,
    checks: Checks,
    values: (options: CheckedOptions<Checks>) => MetricFunction,
    finish: (mean: number) => number = (mean) => mean,
  ): MeanMetricFunction<Options, NamesOf<Names>> => {
    const all: OptionChecks = { ...checks, name: optional(nonEmptyString, names[0]) };
    const checked = (options: unknown): CheckedOptions<Checks> & { readonly name: string } =>
      checkBareOptions(functionName, options, all) as CheckedOptions<Checks> & {
        readonly name: string; // as all its checks give it
      };
    const call = (...args: readonly unknown[]): Tensor | StatefulMetric => {
      const [first, , options] = args;
      if (args.length > 1 || (isArrayLike(first) && typeof first !== 'number')) {
        return valuesOf(functionName, args, () => values(checked(options)));
      }
      const meanOptions = checked(first);
      const metric = meanMetric(meanOptions.name, values(meanOptions), finish, functionName);
      return noteMaker(metric, functionName, meanOptions);
    };
    Object.defineProperty(call, 'name', { value: functionName });
    // Which of the two it gives depends on the arguments as the overloads say.
    return withNames(
      Object.assign(call, { givesValues: true as const }),
      names,
    ) as unknown as MeanMetricFunction<Options, NamesOf<Names>>;
  };

/**
 * Defines the metric that is the mean of a loss, under all of the loss's names; the first of them is its name in the history,
 * unless another is given.
 */
export const metricOfLoss = <Name extends string, Own extends string = Name>(
  functionName: string,
  loss: LossDefinition<LossOptions, Name>,
  ...first: Own[]
): MeanMetricFunction<MetricOptions, Name | Own> => {
  const names: Named<Name | Own>['names'] = [first[0] ?? loss.names[0], ...loss.names];
  const metric = defineMeanMetric<MetricOptions>()(functionName, names, {}, () => loss);
  // A list of names' spellings are all there already.
  return metric as unknown as MeanMetricFunction<MetricOptions, Name | Own>;
};
