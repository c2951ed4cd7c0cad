import { asFunction, refuseSurplus } from '../base/function-name';
import { describeShape, KerasShapeError } from '../base/errors';
import { toTensor, type ArrayLike } from '../arrays/tensors';
import { withNames, type Named, type NameList, type NamesOf } from '../base/registry';
import { tf, type Tensor } from '../tfjs/tensorflow';

/**
 * How labels come: in the output's shape, or as integers without (or with a last axis of 1 for) the class
 * axis.
 */
export type LabelForm = 'same' | 'sparse';

/** The loss of each sample, or a function of the user's own in its place. */
export type LossFunction = (yTrue: Tensor, yPred: Tensor) => Tensor;

/** A loss under its name. `call` gives the loss of each sample: the output's shape without its last axis. */
export interface Loss {
  /** Keras's name in snake_case, or the name of the user's function. */
  readonly name: string;
  readonly call: LossFunction;
  readonly labels: LabelForm;
}

/** Keras's fuzz factor, `k_epsilon()`. */
export const EPSILON = 1e-7;

const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((size, axis) => size === b[axis]);

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

/** Integer labels as int32 in the output's shape without the class axis. */
export const sparseLabels = (functionName: string, yTrue: Tensor, yPred: Tensor): Tensor => {
  const expected = yPred.shape.slice(0, -1);
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

/** One of this library's losses: a function with its names, and with how its labels come. */
export interface LossDefinition<Options extends readonly unknown[], Name extends string> extends Named<Name> {
  (yTrue: ArrayLike, yPred: ArrayLike, ...options: Options): Tensor;
  readonly labels: LabelForm;
}

/**
 * Defines a loss: the function that computes it, its names, and the formula of the loss of each sample. `formula` gets
 * float32 labels of exactly the output's shape. What comes after the two tensors must be optional: as a named loss it is
 * called without.
 *
 * ```ts
 * export const lossPoisson = defineLoss('lossPoisson', ['poisson'], (yTrue, yPred) => …);
 * // metrics/of-losses.ts: the metric of the same names
 * export const metricPoisson = metricOfLoss('metricPoisson', lossPoisson);
 * ```
 */
export const defineLoss = <const Names extends NameList, Options extends readonly unknown[] = []>(
  functionName: string,
  names: Names,
  formula: (yTrue: Tensor, yPred: Tensor, ...options: Options) => Tensor,
): LossDefinition<Options, NamesOf<Names>> =>
  define(functionName, names, 'same', formula.length, (yTrue, yPred, options) =>
    formula(labelsLikeOutput(functionName, yTrue, yPred), yPred, ...options),
  );

/** Defines a loss on class numbers: `formula` gets int32 labels without the class axis. */
export const defineSparseLoss = <const Names extends NameList>(
  functionName: string,
  names: Names,
  formula: LossFunction,
): LossDefinition<[], NamesOf<Names>> =>
  define(functionName, names, 'sparse', 2, (yTrue, yPred) =>
    formula(sparseLabels(functionName, yTrue, yPred), yPred),
  );

const define = <const Names extends NameList, Options extends readonly unknown[]>(
  functionName: string,
  names: Names,
  labels: LabelForm,
  parameters: number,
  compute: (yTrue: Tensor, yPred: Tensor, options: Options) => Tensor,
): LossDefinition<Options, NamesOf<Names>> => {
  const taken = ['yTrue', 'yPred', 'options'].slice(0, parameters);
  const call = (yTrue: ArrayLike, yPred: ArrayLike, ...options: Options): Tensor =>
    asFunction(functionName, () => {
      refuseSurplus(functionName, taken, options.slice(taken.length - 2));
      return tf.tidy(() => {
        const tensor = (value: ArrayLike, argument: string): Tensor =>
          toTensor(value, { function: functionName, argument }).tensor;
        return compute(tensor(yTrue, 'yTrue'), tensor(yPred, 'yPred'), options);
      });
    });
  Object.defineProperty(call, 'name', { value: functionName });
  return withNames(Object.assign(call, { labels }), names);
};
