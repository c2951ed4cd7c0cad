import { describe, KerasArgumentError } from '../errors';
import type { KerasModel } from '../models/model';
import { tf } from '../tensorflow';
import type { Arrays } from './batches';
import type { Output } from './compile';
import type { Tensors } from './data';

const error = (expected: string, received: unknown, advice: string): KerasArgumentError =>
  new KerasArgumentError({
    function: 'fit',
    argument: 'classWeight',
    expected,
    received: describe(received),
    advice,
  });

/** The classes' weights in order, or an error that says what is missing. */
const inOrder = (classWeight: unknown): number[] => {
  if (typeof classWeight !== 'object' || classWeight === null || Array.isArray(classWeight)) {
    throw error(
      '`classWeight` must be an object from class to weight',
      classWeight,
      'Write classWeight: { 0: 1, 1: 5 }',
    );
  }
  const given = classWeight as Readonly<Record<string, unknown>>; // any object can be read by name
  const keys = Object.keys(given);
  return keys.map((_, index) => {
    const weight = given[String(index)];
    if (typeof weight === 'number' && Number.isFinite(weight) && weight >= 0) return weight;
    throw error(
      `\`classWeight\` must give a weight of 0 or more to each class from 0 to ${keys.length - 1}`,
      classWeight,
      'List every class',
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
      `\`classWeight\` works for models with one output; '${model.name}' has ${outputs.length}`,
      classWeight,
      'Use sampleWeight, one list for each output',
    );
  }
  const weights = inOrder(classWeight);
  const oneHot = output.loss.labels === 'same' && (output.shape.at(-1) ?? 1) > 1;
  const classes = tf.tidy(() => {
    const numbers = oneHot ? tf.argMax(labels, -1) : tf.reshape(labels, [arrays.rows, -1]);
    return tf.cast(tf.reshape(numbers, [-1]), 'int32');
  });
  const numbers = classes.dataSync();
  classes.dispose();
  if (numbers.length !== arrays.rows) {
    throw error('`classWeight` needs one label for each row', classWeight, 'Use sampleWeight');
  }
  const byRow = Float32Array.from(numbers, (number) => {
    const weight = weights[number];
    if (weight !== undefined) return weight;
    throw error(
      `\`classWeight\` must list class ${number}, which is among the labels`,
      classWeight,
      'List every class',
    );
  });
  const given = arrays.weights[0];
  const vector = tf.tensor1d(byRow);
  const product = given === undefined ? vector : tf.mul(given, vector);
  if (product !== vector) vector.dispose();
  return { ...arrays, weights: [tensors.own(product)] };
};
