import { describe, describeShape, KerasArgumentError } from '../base/errors';
import type { KerasModel } from '../models/model';
import { tf } from '../tfjs/tensorflow';
import type { Arrays } from '../step/batches';
import type { Output } from '../step/output';
import type { Tensors } from './data';
import { all, firstNot } from './values';

const error = (expected: string, received: string, advice: string): KerasArgumentError =>
  new KerasArgumentError({ argument: 'classWeight', expected, received, advice });

/** The classes' weights in order, or an error that says what is missing. */
const inOrder = (classWeight: unknown): number[] => {
  if (typeof classWeight !== 'object' || classWeight === null || Array.isArray(classWeight)) {
    throw error(
      '`classWeight` must be an object from class to weight',
      describe(classWeight),
      'Write classWeight: { 0: 1, 1: 5 }',
    );
  }
  const byClass = classWeight as Readonly<Record<string, unknown>>; // any object can be read by name
  const keys = Object.keys(byClass);
  return keys.map((_, index) => {
    const weight = byClass[String(index)];
    if (typeof weight === 'number' && Number.isFinite(weight) && weight >= 0) return weight;
    throw error(
      `\`classWeight\` must give a weight of 0 or more to each class from 0 to ${keys.length - 1}`,
      describe(classWeight),
      'List every class, from 0 on',
    );
  });
};

/** The arrays with each row's weight multiplied by its class's. */
export const classWeights = (
  model: KerasModel,
  outputs: readonly Output[],
  arrays: Arrays,
  classWeight: unknown,
  tensors: Tensors,
): Arrays => {
  if (classWeight === undefined) return arrays;
  const [output] = outputs;
  const [labels] = arrays.y;
  if (outputs.length !== 1 || output === undefined || labels === undefined) {
    throw error(
      '`classWeight` works for models with one output',
      `the model '${model.name}', which has ${outputs.length}`,
      'Use sampleWeight, one list for each output',
    );
  }
  const weights = inOrder(classWeight);
  const oneHot = output.loss?.labels === 'same' && (labels.shape.at(-1) ?? 1) > 1 && labels.rank > 1;
  if ((oneHot ? labels.size / (labels.shape.at(-1) ?? 1) : labels.size) !== arrays.rows) {
    throw error(
      '`classWeight` needs one label for each row',
      `labels of shape ${describeShape(labels.shape)}`,
      'Use sampleWeight',
    );
  }
  if (
    !oneHot &&
    !all(labels, Number.isInteger, () => tf.equal(labels, tf.round(tf.cast(labels, 'float32'))))
  ) {
    throw error(
      '`classWeight` needs labels that are class numbers',
      firstNot(labels, 'y', Number.isInteger),
      'Use sampleWeight',
    );
  }
  const numbers = tf.tidy(() => (oneHot ? tf.argMax(labels, -1) : labels).dataSync());
  const byRow = Float32Array.from(numbers, (number) => {
    const weight = weights[number];
    if (weight !== undefined) return weight;
    throw error(
      '`classWeight` must list every class that is among the labels',
      `a label ${number} and ${describe(classWeight)}`,
      `Add a weight for class ${number}`,
    );
  });
  const sampleWeight = arrays.weights[0];
  const product = tf.tidy(() => {
    const vector = tf.tensor1d(byRow);
    return sampleWeight === undefined ? vector : tf.mul(sampleWeight, vector);
  });
  return { ...arrays, weights: [tensors.takeOver(product)] };
};
