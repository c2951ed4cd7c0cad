import {
  callMethod,
  className,
  classOptions,
  functionNameFor,
  method,
  snakeCase,
  type OptionsArgument,
} from '../base/class-definition';
import {
  argumentError,
  checkOptions,
  nonEmptyString,
  optional,
  required,
  type OptionChecks,
} from '../base/checks';
import { describe, describeShape, KerasArgumentError, KerasShapeError } from '../base/errors';
import { refuseSurplus } from '../base/function-name';
import { asOwnMaker, noteOwnClass } from '../base/made-by';
import { sizeOf } from '../base/shapes';
import { asFloat } from '../losses/define-loss';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { StatefulMetric, type MetricOptions, type MetricValue } from './metric';

/** Numbers that a metric keeps: one, or arrays of them. */
export type MetricState = Readonly<Record<string, MetricNumbers>>;
/** A number, or nested arrays of numbers. */
export type MetricNumbers = number | readonly MetricNumbers[];

/** What {@link newMetricClass} makes a class of. */
export interface MetricClassDefinition<
  Options extends object,
  State extends MetricState,
  Value extends MetricValue,
> {
  /** The name of the class; metrics are called after it: `TruePositives` makes `true_positives`. */
  readonly classname: string;
  /** The state before the first batch, from the options that the metric is made with: numbers, or nested arrays of them. */
  readonly initialize: (options: Options) => State;
  /**
   * What a batch adds to the state, of tfjs operations: for each of its numbers a tensor of its shape. `sampleWeight` is one number
   * for each sample, or for each step of masked sequences; undefined for 1.
   */
  readonly updateState: (
    yTrue: Tensor,
    yPred: Tensor,
    sampleWeight: Tensor | undefined,
    options: Options,
  ) => { readonly [Name in keyof State]: Tensor };
  /** The metric of a state. */
  readonly result: (state: State, options: Options) => Value;
  /** What the metric's configuration has besides its name; its options by default. */
  readonly getConfig?: ((options: Options) => Readonly<Record<string, unknown>>) | undefined;
}

const classChecks = {
  classname: required(className),
  initialize: required(method),
  updateState: required(method),
  result: required(method),
  getConfig: optional(method),
} satisfies OptionChecks;

/** A part of the state: its name, its first values, its shape. */
interface Part {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

const shapeOf = (numbers: unknown): number[] =>
  Array.isArray(numbers) ? [numbers.length, ...shapeOf(numbers[0])] : [];

const partsOf = (functionName: string, state: unknown): Part[] => {
  const wrong = (received: string): KerasArgumentError =>
    new KerasArgumentError({
      function: functionName,
      argument: 'initialize',
      expected: '`initialize` must give the state: an object of numbers, or of nested arrays of them',
      received,
      advice: 'Write initialize: () => ({ total: 0, count: 0 })',
    });
  if (typeof state !== 'object' || state === null || Object.keys(state).length === 0)
    throw wrong(describe(state));
  return (Object.entries(state) as [string, unknown][]).map(([name, numbers]) => {
    const values: unknown[] = [numbers].flat<unknown[], number>(Infinity);
    const shape = shapeOf(numbers);
    if (
      values.length !== sizeOf(shape) ||
      !values.every((value): value is number => typeof value === 'number')
    ) {
      throw wrong(`\`${name}\`: ${describe(numbers)}`);
    }
    return { name, shape, values };
  });
};

/** What a batch adds, one after the other. */
const joined = (functionName: string, parts: readonly Part[], added: unknown): Tensor => {
  const given = (typeof added === 'object' && added !== null ? added : {}) as Readonly<
    Record<string, unknown>
  >; // read by names
  return tf.concat(
    parts.map(({ name, shape }) => {
      const value = given[name];
      if (!(value instanceof tf.Tensor)) {
        throw argumentError(
          { function: functionName, argument: 'updateState' },
          `a function that returns an object of tensors, \`${name}\` among them`,
          added,
          added === undefined
            ? 'Write return before the object'
            : `Let it return { ${parts.map((part) => part.name).join(', ')} }`,
        );
      }
      const tensor = value as Tensor; // of any rank, which `instanceof` leaves untyped
      if (tf.util.arraysEqual(tensor.shape, [...shape])) return tf.reshape(asFloat(tensor), [-1]);
      throw new KerasShapeError({
        function: functionName,
        argument: 'updateState',
        expected: `what is added to \`${name}\` must have its shape, ${describeShape(shape)}`,
        received: describeShape(tensor.shape),
        advice: 'Sum it over the batch: tf.sum(…)',
      });
    }),
  );
};

/** Flat numbers in the form of a part. */
const nested = (flat: readonly number[], shape: readonly number[]): MetricNumbers => {
  if (shape.length === 0) return flat[0] ?? 0;
  const [length = 0, ...inner] = shape;
  const size = sizeOf(inner);
  return Array.from({ length }, (_, index) => nested(flat.slice(index * size, (index + 1) * size), inner));
};

const stateOf = (parts: readonly Part[], sums: readonly number[]): MetricState => {
  let offset = 0;
  return Object.fromEntries(
    parts.map(({ name, shape, values }) => {
      const own = values.map((value, index) => value + (sums[offset + index] ?? 0));
      offset += values.length;
      return [name, nested(own, shape)];
    }),
  );
};

/**
 * A class of metrics of one's own, by its methods, as the function that makes such metrics. A metric has a state, to which each batch
 * adds: so it is exact over batches of any size, eagerly and compiled. Besides its own options the function takes `name`.
 *
 * R's `update_state` changes the state itself; here it returns what is added to it. A model that is saved with one is read with this
 * function under the class's name in `customObjects`.
 *
 * @throws KerasArgumentError if a method is missing; when it is used, if a part of the state is not given.
 * @throws KerasShapeError when it is used, if what is added has another shape than the state.
 * @example
 * const metricShare = newMetricClass({
 *   classname: 'Share',
 *   initialize: (_options: { above: number }) => ({ hits: 0, count: 0 }),
 *   updateState: (_yTrue, yPred, _weights, { above }) => ({
 *     hits: tf.sum(tf.cast(tf.greater(yPred, above), 'float32')),
 *     count: tf.scalar(yPred.size),
 *   }),
 *   result: ({ hits, count }) => hits / count,
 * })
 * const metric = metricShare({ above: 2 })
 * assert.strictEqual(metric.update([0, 0], [1, 3]).update([0, 0], [4, 5]).result(), 0.75)
 * @see R keras `new_metric_class`
 */
export const newMetricClass = <
  Options extends object = object,
  State extends MetricState = MetricState,
  Value extends MetricValue = number,
>(
  definition: MetricClassDefinition<Options, State, Value>,
  ...surplus: []
): ((...options: OptionsArgument<Options & MetricOptions>) => StatefulMetric<Value>) => {
  refuseSurplus('newMetricClass', ['definition'], surplus);
  const { classname, initialize, updateState, result, getConfig } = checkOptions(
    'newMetricClass',
    definition,
    classChecks,
  );
  const functionName = functionNameFor('metric', classname);
  return asOwnMaker((options?: object, ...more: unknown[]) => {
    refuseSurplus(functionName, ['options'], more);
    const { name: given, ...own } = classOptions(functionName, options);
    const { name } = checkOptions(
      functionName,
      { name: given },
      { name: optional(nonEmptyString, snakeCase(classname)) },
    );
    const parts = partsOf(functionName, callMethod(initialize, undefined, own));
    const config = (): typeof own =>
      getConfig === undefined ? own : (callMethod(getConfig, undefined, own) as typeof own); // its own affair
    const metric = new StatefulMetric<Value>({
      name,
      functionName,
      size: parts.reduce((total, { values }) => total + values.length, 0),
      sums: (yTrue, yPred, weights) =>
        joined(functionName, parts, callMethod(updateState, undefined, yTrue, yPred, weights, own)),
      result: (sums) => callMethod(result, undefined, stateOf(parts, sums), own) as Value, // as its type says
    });
    return noteOwnClass(metric, functionName, classname, () => ({ name, ...config() }));
  });
};
