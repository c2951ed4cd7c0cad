import {
  argumentError,
  checkOptions,
  nonEmptyString,
  oneOf,
  optional,
  type CheckedOptions,
  type OptionChecks,
} from '../base/checks';
import { asFunction, refuseSurplus } from '../base/function-name';
import { noteMaker } from '../base/made-by';
import { describeShape, KerasShapeError } from '../base/errors';
import { isArrayLike, toTensor, type ArrayLike } from '../arrays/tensors';
import { withNames, type Named, type NameList, type NamesOf } from '../base/registry';
import { sameShape } from '../base/shapes';
import { tf, type Tensor } from '../tfjs/tensorflow';

/**
 * How labels come: in the output's shape, as integers without (or with a last axis of 1 for) the class axis, or in a form that the
 * loss itself looks at.
 */
export type LabelForm = 'same' | 'sparse' | 'any';

/** The loss of each sample, or a function of the user's own in its place. */
export type LossFunction = (yTrue: Tensor, yPred: Tensor) => Tensor;

/** A loss under its name. `call` gives the loss of each sample: the output's shape without its last axis. */
export interface Loss {
  /** Keras's name in snake_case, or the name of the user's function. */
  readonly name: string;
  readonly call: LossFunction;
  readonly labels: LabelForm;
  /** How the losses of samples become one number; their mean by default. */
  readonly reduction?: Reduction;
  /** The first name of the function of this library's that made it; none for a loss of the user's own. */
  readonly kind?: string;
  /** The axis of the output that the loss is about, the last one by default. */
  readonly axis?: number;
}

/** Keras's fuzz factor, `k_epsilon()`. */
export const EPSILON = 1e-7;

/**
 * An axis of the predictions, counted from 0.
 *
 * @throws KerasArgumentError if there is none of that number.
 */
export const axisOf = (functionName: string, axis: number, yPred: Tensor): number => {
  const counted = axis < 0 ? axis + yPred.rank : axis;
  if (counted >= 0 && counted < yPred.rank) return counted;
  throw argumentError(
    { function: functionName, argument: 'axis' },
    `an axis of predictions of shape ${describeShape(yPred.shape)}`,
    axis,
  );
};

const shapeError = (functionName: string, expected: string, yTrue: Tensor, yPred: Tensor, advice: string) =>
  new KerasShapeError({
    function: functionName,
    argument: 'yTrue',
    expected,
    received: `labels of shape ${describeShape(yTrue.shape)} for an output of shape ${describeShape(yPred.shape)}`,
    advice,
  });

/** As float32, at no cost if they are already. */
export const asFloat = (tensor: Tensor): Tensor =>
  tensor.dtype === 'float32' ? tensor : tf.cast(tensor, 'float32');

/**
 * Labels in the output's shape and type. A missing last axis of 1 is put in: without it, labels `[n]` against
 * an output `[n, 1]` would silently broadcast to `[n, n]`.
 */
export const labelsLikeOutput = (functionName: string, yTrue: Tensor, yPred: Tensor): Tensor => {
  const labels = asFloat(yTrue);
  if (sameShape(labels.shape, yPred.shape)) return labels;
  const last = yPred.shape.at(-1);
  if (last === 1 && sameShape([...labels.shape, 1], yPred.shape)) return tf.reshape(labels, yPred.shape);
  if (sameShape(labels.shape, [...yPred.shape, 1])) return tf.reshape(labels, yPred.shape);
  const rows = yPred.shape.slice(0, -1);
  const classNumbers = sameShape(labels.shape, rows) || sameShape(labels.shape, [...rows, 1]);
  throw shapeError(
    functionName,
    'the labels must have the shape of the output',
    yTrue,
    yPred,
    classNumbers && functionName === 'lossCategoricalCrossentropy'
      ? `If they are class numbers, use 'sparse_categorical_crossentropy', or toCategorical(y, ${String(last)})`
      : 'Give labels of that shape, or change the units of the last layer',
  );
};

/** A shape without one of its axes. */
const without = <T>(shape: readonly T[], axis: number): T[] => shape.filter((_, index) => index !== axis);

/** Integer labels as int32 in the output's shape without the class axis. */
export const sparseLabels = (
  functionName: string,
  yTrue: Tensor,
  yPred: Tensor,
  axis = yPred.rank - 1,
): Tensor => {
  const expected = without(yPred.shape, axis);
  if (!sameShape(yTrue.shape, expected) && !sameShape(yTrue.shape, [...expected, 1])) {
    throw shapeError(
      functionName,
      `the labels must be class numbers of shape ${describeShape(expected)} or ${describeShape([...expected, 1])}`,
      yTrue,
      yPred,
      sameShape(yTrue.shape, yPred.shape)
        ? "For one-hot labels use 'categorical_crossentropy'"
        : 'Give one class number for each prediction',
    );
  }
  const labels = yTrue.dtype === 'int32' ? yTrue : tf.cast(yTrue, 'int32');
  return sameShape(labels.shape, expected) ? labels : tf.reshape(labels, expected);
};

/** How the losses of a batch become one number, in Keras's words. */
export type Reduction = 'auto' | 'none' | 'sum' | 'sum_over_batch_size';

/** Options of every loss. */
export interface LossOptions {
  /**
   * `'sum_over_batch_size'`, the mean over samples, or `'sum'`; `'none'` keeps the loss of each sample, which a model cannot be
   * trained on. `'auto'`, the default, is the mean for a model, and keeps them where labels and predictions are given.
   */
  readonly reduction?: Reduction | undefined;
  /** What the loss is called; by default its own name. */
  readonly name?: string | undefined;
}

/** One of this library's losses: a function with its names, and with how its labels come. */
export interface LossDefinition<Options extends LossOptions, Name extends string> extends Named<Name> {
  (yTrue: ArrayLike, yPred: ArrayLike, options?: Options): Tensor;
  (options?: Options): Loss;
  readonly labels: LabelForm;
  /** It has both forms: what lifts it to `keras-pipe/fp` has to know. */
  readonly givesValues: true;
}

/** The checks of a loss's own options: those of all losses come besides. */
type OwnChecks<Options extends LossOptions> = OptionChecks<Omit<Options, keyof LossOptions>>;

/** The loss of each sample, from labels as the loss needs them. */
type Formula<Checks> = (yTrue: Tensor, yPred: Tensor, options: CheckedOptions<Checks>) => Tensor;

/**
 * Defines a loss: its names, the checks of its own options, and the formula of the loss of each sample. `formula` gets
 * float32 labels of exactly the output's shape.
 *
 * ```ts
 * export const lossPoisson = defineLoss()('lossPoisson', ['poisson'], {}, (yTrue, yPred) => …);
 * // metrics/of-losses.ts: the metric of the same names
 * export const metricPoisson = metricOfLoss('metricPoisson', lossPoisson);
 * ```
 */
export const defineLoss =
  <Options extends LossOptions = LossOptions>() =>
  <const Names extends NameList, const Checks extends OwnChecks<Options>>(
    functionName: string,
    names: Names,
    checks: Checks,
    formula: Formula<Checks>,
    /** What it is called by default where it is made with options, if not by its first name. */
    ownName: string = names[0],
  ): LossDefinition<Options, NamesOf<Names>> =>
    define(functionName, names, { labels: 'same', checks, ownName }, (yTrue, yPred, options) =>
      formula(labelsLikeOutput(functionName, yTrue, yPred), yPred, options as CheckedOptions<Checks>),
    );

/** Defines a loss on class numbers: `formula` gets int32 labels without the class axis, which its option `axis` says. */
export const defineSparseLoss =
  <Options extends LossOptions & { readonly axis?: number | undefined }>() =>
  <const Names extends NameList, const Checks extends OwnChecks<Options>>(
    functionName: string,
    names: Names,
    checks: Checks,
    formula: Formula<Checks>,
  ): LossDefinition<Options, NamesOf<Names>> =>
    define(functionName, names, { labels: 'sparse', checks, ownName: names[0] }, (yTrue, yPred, options) => {
      const axis = axisOf(functionName, typeof options.axis === 'number' ? options.axis : -1, yPred);
      return formula(
        sparseLabels(functionName, yTrue, yPred, axis),
        yPred,
        options as CheckedOptions<Checks>,
      );
    });

/** Defines a loss on labels of another form, which `formula` gets as they come, and checks. */
export const defineFreeLoss =
  <Options extends LossOptions = LossOptions>() =>
  <const Names extends NameList, const Checks extends OwnChecks<Options>>(
    functionName: string,
    names: Names,
    checks: Checks,
    formula: Formula<Checks>,
  ): LossDefinition<Options, NamesOf<Names>> =>
    define(functionName, names, { labels: 'any', checks, ownName: names[0] }, (yTrue, yPred, options) =>
      formula(yTrue, yPred, options as CheckedOptions<Checks>),
    );

/** The losses of samples as a reduction leaves them. */
export const reduced = (losses: Tensor, reduction: Reduction): Tensor =>
  reduction === 'sum' ? tf.sum(losses) : reduction === 'sum_over_batch_size' ? tf.mean(losses) : losses;

interface Parts {
  readonly labels: LabelForm;
  readonly checks: OptionChecks;
  readonly ownName: string;
}

type Checked = Readonly<Record<string, unknown>> & {
  readonly reduction: Reduction;
  readonly name: string;
  /** That of the labels' classes, where it is one. */
  readonly axis?: number | readonly number[] | null;
};

const define = <Options extends LossOptions, const Names extends NameList>(
  functionName: string,
  names: Names,
  { labels, checks, ownName }: Parts,
  compute: (yTrue: Tensor, yPred: Tensor, options: Checked) => Tensor,
): LossDefinition<Options, NamesOf<Names>> => {
  const all: OptionChecks = {
    ...checks,
    reduction: optional(oneOf('auto', 'none', 'sum', 'sum_over_batch_size'), 'auto'),
    name: optional(nonEmptyString, ownName),
  };
  const check = (options: unknown): Checked => checkOptions(functionName, options, all) as unknown as Checked; // as all its checks give it
  const valuesOf = (yTrue: unknown, yPred: unknown, options: Checked): Tensor =>
    asFunction(functionName, () =>
      tf.tidy(() => {
        const tensor = (value: unknown, argument: string): Tensor =>
          toTensor(value, { function: functionName, argument }).tensor;
        return compute(tensor(yTrue, 'yTrue'), tensor(yPred, 'yPred'), options);
      }),
    );
  const call = (...args: readonly unknown[]): Tensor | Loss => {
    const [first, second, options, ...surplus] = args;
    refuseSurplus(functionName, ['yTrue', 'yPred', 'options'], surplus);
    if (args.length > 1 || isArrayLike(first)) {
      const checked = check(options);
      return tf.tidy(() => reduced(valuesOf(first, second, checked), checked.reduction));
    }
    const checked = check(first);
    const loss: Loss = {
      name: checked.name,
      labels,
      reduction: checked.reduction,
      kind: names[0],
      ...(typeof checked.axis === 'number' ? { axis: checked.axis } : {}),
      call: (yTrue, yPred) => valuesOf(yTrue, yPred, checked),
    };
    return noteMaker(loss, functionName, checked);
  };
  Object.defineProperty(call, 'name', { value: functionName });
  // Which of the two it gives depends on the arguments as the overloads say.
  return withNames(
    Object.assign(call, { labels, givesValues: true as const }),
    names,
  ) as unknown as LossDefinition<Options, NamesOf<Names>>;
};
