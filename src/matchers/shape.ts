import { describeShape } from '../base/errors';
import { tf } from '../tfjs/tensorflow';
import type { MatcherResult } from './types';
import { checkShape, shapeOf } from './values';

/** The matcher `toHaveShape`: see `KerasMatchers`. */
export const toHaveShape = (received: unknown, shape: unknown): MatcherResult => {
  const expected = checkShape('toHaveShape', shape);
  const actual = shapeOf('toHaveShape', received);
  const isSymbolic = received instanceof tf.SymbolicTensor;
  const pass =
    actual.length === expected.length &&
    expected.every((size, axis) => (size === null && !isSymbolic) || size === actual[axis]);
  const differing = expected.flatMap((size, axis) =>
    size === actual[axis] || (size === null && !isSymbolic) ? [] : [axis],
  );
  const where =
    actual.length !== expected.length
      ? `It has ${actual.length} axes, not ${expected.length}.`
      : `They differ in axis ${differing.join(' and ')}.`;
  return {
    pass,
    message: () =>
      pass
        ? `expect(received).not.toHaveShape(${describeShape(expected)})\n\nThe shape is ${describeShape(actual)}.`
        : `expect(received).toHaveShape(expected)\n\nExpected: ${describeShape(expected)}\nReceived: ${describeShape(actual)}\n\n${where}`,
  };
};
