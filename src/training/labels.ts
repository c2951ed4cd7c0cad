import { argumentError } from '../base/checks';
import { describeShape, KerasArgumentError, KerasShapeError } from '../base/errors';
import { isKnownLoss, type Loss } from '../losses/registry';
import type { Mask } from '../tfjs/run-graph';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { labelsUnder, type Output } from '../step/output';
import { fits, inOrder, label, type Tensors } from './data';
import { all, checkFinite, checkNotEmpty, firstNot, isInteger, isWithin } from './values';

/** What is known of an output that has a loss. */
type TrainedOutput = Output & { readonly loss: Loss };

const hasLoss = (output: Output): output is TrainedOutput => output.loss !== undefined;

/**
 * The labels of a model's outputs as tensors of the shapes and in the range that the losses take; none for an output without
 * loss and metrics. Under padding there may be anything: `padding` gives the outputs' masks, and is asked only where
 * something is wrong with the labels.
 */
export const prepareTargets = (
  outputs: readonly Output[],
  y: unknown,
  tensors: Tensors,
  argument = 'y',
  padding: () => readonly Mask[] = () => [],
): (Tensor | undefined)[] => {
  const place = { argument };
  const names = outputs.map(({ name }) => name);
  const isOptional = (index: number): boolean =>
    outputs[index]?.loss === undefined && outputs[index]?.metrics.length === 0;
  return inOrder(names, y, place, isOptional).map((value, index) => {
    if (isOptional(index)) return undefined;
    const output = outputs[index] as Output; // one value for each output
    const target = tensors.of(
      value,
      place,
      output.loss?.labels === 'sparse' && isInteger(value) ? 'int32' : 'float32',
    );
    const what = label(argument, names, index);
    checkNotEmpty(target, what, place);
    const checked = (labels: Tensor): Tensor => {
      checkFinite(labels, what, place);
      if (!hasLoss(output) || !isKnownLoss(output.loss) || output.loss.labels === 'any') {
        return likeSingleUnit(output, labels, tensors);
      }
      return output.loss.labels === 'sparse'
        ? sparseTarget(output, labels, what, argument)
        : sameTarget(output, labels, what, argument, tensors);
    };
    try {
      return checked(target);
    } catch (error) {
      const mask = error instanceof KerasArgumentError ? (padding()[index] ?? null) : null;
      const withoutPadding = tf.tidy(() => labelsUnder(mask, target, output.loss));
      if (withoutPadding === target) throw error;
      return checked(tensors.takeOver(withoutPadding));
    }
  });
};

/** Flat labels of an output of one unit, as a column: `[rows]` and `[rows, 1]` would spread to `[rows, rows]`. */
const likeSingleUnit = (output: Output, target: Tensor, tensors: Tensors): Tensor =>
  output.shape.at(-1) === 1 && fits(target.shape, output.shape.slice(0, -1))
    ? tensors.takeOver(tf.expandDims(target, -1))
    : target;

/** The axis of an output that its loss is about. */
const classAxis = ({ shape, loss }: TrainedOutput): number => {
  const axis = loss.axis ?? -1;
  return axis < 0 ? axis + shape.length : axis;
};

const sparseTarget = (output: TrainedOutput, target: Tensor, what: string, argument: string): Tensor => {
  const axis = classAxis(output);
  const classes = output.shape[axis] ?? 0;
  const rows = output.shape.filter((_, index) => index !== axis);
  const received = `shape ${describeShape(target.shape)} for the output ${describeShape(output.shape)} of '${output.name}'`;
  const error = (expected: string, text: string, advice: string): KerasArgumentError =>
    new KerasArgumentError({
      argument,
      layer: output.name,
      expected,
      received: text,
      advice,
    });
  if (classes === 1) {
    throw error(
      `the loss '${output.loss.name}' needs an output with one unit for each class`,
      `one unit in '${output.name}'`,
      "For two classes, use 'binary_crossentropy' with one sigmoid unit, or two softmax units",
    );
  }
  if (!fits(target.shape, rows) && !fits(target.shape, [...rows, 1])) {
    throw error(
      `${what} must hold class numbers, one for each prediction`,
      received,
      fits(target.shape, output.shape)
        ? "For one-hot labels use the loss 'categorical_crossentropy'"
        : 'Give one label for each row',
    );
  }
  if (!isWithin(target, 0, classes - 1)) {
    throw error(
      `${what} must be class numbers from 0 to ${classes - 1}, for the ${classes} units of '${output.name}'`,
      firstNot(target, argument, (value) => value >= 0 && value <= classes - 1),
      'Count classes from 0, or give the last layer a unit for each class',
    );
  }
  if (
    target.dtype === 'float32' &&
    !all(target, Number.isInteger, () => tf.equal(target, tf.round(target)))
  ) {
    throw error(
      `${what} must be class numbers, which are whole, for the loss '${output.loss.name}'`,
      firstNot(target, argument, Number.isInteger),
      "Class numbers are 0, 1, 2, …; for other numbers use the loss 'mean_squared_error'",
    );
  }
  return target;
};

const sameTarget = (
  output: TrainedOutput,
  y: Tensor,
  what: string,
  argument: string,
  tensors: Tensors,
): Tensor => {
  const last = output.shape.at(-1);
  const labels = likeSingleUnit(output, y, tensors);
  if (!fits(labels.shape, output.shape)) {
    const rows = output.shape.slice(0, -1);
    const numbers = fits(y.shape, rows) || fits(y.shape, [...rows, 1]);
    throw new KerasShapeError({
      argument,
      layer: output.name,
      expected: `${what} must have the shape ${describeShape(output.shape)} of the output of '${output.name}' for the loss '${output.loss.name}'`,
      received: `shape ${describeShape(y.shape)}`,
      advice:
        numbers && output.loss.kind === 'categorical_crossentropy'
          ? `If they are class numbers, use the loss 'sparse_categorical_crossentropy', or toCategorical(${argument}, { numClasses: ${String(last)} })`
          : last === 1 && output.loss.kind === 'binary_crossentropy'
            ? "For one-hot labels use softmax units, one for each class, and the loss 'categorical_crossentropy'"
            : 'Reshape the labels, or change the units of the last layer',
    });
  }
  if (output.loss.kind?.endsWith('crossentropy') === true) {
    // Labels may be smoothed by noise, as in a GAN; class numbers and −1 are a mistake.
    const isNear = (value: number): boolean => value > -1 && value < 2;
    if (!all(labels, isNear, () => tf.logicalAnd(tf.greater(labels, -1), tf.less(labels, 2)))) {
      throw new KerasArgumentError({
        argument,
        layer: output.name,
        expected: `${what} must be made of numbers from 0 to 1 for the loss '${output.loss.name}'`,
        received: firstNot(y, argument, isNear),
        advice:
          "For class numbers use 'sparse_categorical_crossentropy' and a unit for each class, for labels −1 and 1 'hinge', for other numbers 'mean_squared_error'",
      });
    }
    if (output.loss.kind === 'categorical_crossentropy' && output.shape[classAxis(output)] === 1) {
      throw argumentError(
        { function: 'compile', argument: 'loss' },
        `one that fits the single unit of '${output.name}'`,
        output.loss.name,
        "Use 'binary_crossentropy' with a sigmoid unit: over one class, this loss is always 0",
      );
    }
  }
  return labels;
};
