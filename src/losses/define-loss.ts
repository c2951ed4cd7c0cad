import { describeShape, KerasShapeError } from '../base/errors';
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

const named = new WeakMap<object, Loss>();

/** The loss that one of this library's loss functions stands for. */
export const lossOfFunction = (value: object): Loss | undefined => named.get(value);

const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((size, axis) => size === b[axis]);

const shapeError = (caller: string, expected: string, yTrue: Tensor, yPred: Tensor, advice: string) =>
  new KerasShapeError({
    function: caller,
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
export const labelsLikeOutput = (caller: string, yTrue: Tensor, yPred: Tensor): Tensor => {
  const labels = asFloat(yTrue);
  if (sameShape(labels.shape, yPred.shape)) return labels;
  const last = yPred.shape.at(-1);
  if (last === 1 && sameShape([...labels.shape, 1], yPred.shape)) return tf.reshape(labels, yPred.shape);
  if (sameShape(labels.shape, [...yPred.shape, 1])) return tf.reshape(labels, yPred.shape);
  const rows = yPred.shape.slice(0, -1);
  const classNumbers = sameShape(labels.shape, rows) || sameShape(labels.shape, [...rows, 1]);
  throw shapeError(
    caller,
    'the labels must have the shape of the output',
    yTrue,
    yPred,
    classNumbers && caller === 'lossCategoricalCrossentropy'
      ? `If they are class numbers, use 'sparse_categorical_crossentropy', or toCategorical(y, ${String(last)})`
      : 'Give labels of that shape, or change the units of the last layer',
  );
};

/** Integer labels as int32 in the output's shape without the class axis. */
export const sparseLabels = (caller: string, yTrue: Tensor, yPred: Tensor): Tensor => {
  const expected = yPred.shape.slice(0, -1);
  if (!sameShape(yTrue.shape, expected) && !sameShape(yTrue.shape, [...expected, 1])) {
    throw shapeError(
      caller,
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

/**
 * Defines a loss on labels in the output's shape: `formula` gets float32 labels of exactly that shape.
 * Options after the two tensors must be optional: as a named loss it is called without.
 */
export const defineLoss = <Call extends LossFunction>(name: string, caller: string, formula: Call): Call => {
  const call = (yTrue: Tensor, yPred: Tensor, ...options: []): Tensor =>
    tf.tidy(() => formula(labelsLikeOutput(caller, yTrue, yPred), yPred, ...options));
  named.set(call, { name, call, labels: 'same' });
  return call as Call; // the same parameters, handed on
};

/** Defines a loss on class numbers: `formula` gets int32 labels without the class axis. */
export const defineSparseLoss = (name: string, caller: string, formula: LossFunction): LossFunction => {
  const call: LossFunction = (yTrue, yPred) =>
    tf.tidy(() => formula(sparseLabels(caller, yTrue, yPred), yPred));
  named.set(call, { name, call, labels: 'sparse' });
  return call;
};
