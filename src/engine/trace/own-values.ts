import { apart, withinInSteps, type Leave, type Steps, type Surroundings } from '../../base/steps';
import { isPartDue } from '../../step/event-loop';
import { tidyInSteps } from '../../tfjs/engine-steps';
import { putValue, valuesOf } from '../../tfjs/private';
import { tf, type Tensor, type Variable } from '../../tfjs/tensorflow';

/** Gives variables values of a trace's own, which it may change; at the end these are freed. */
const enterValues = (variables: readonly Variable[], own: readonly Tensor[]): Leave => {
  variables.forEach((variable, index) => putValue(variable, own[index] as Tensor)); // one for each
  return () =>
    own.forEach((value, index) => {
      // What was assigned has taken its place.
      Object.assign(value, { dataId: (variables[index] as Variable).dataId }); // one for each
      value.dispose();
    });
};

/**
 * Traces something step by step, with variables whose values are its own, and frees all that it makes: others that run in between see nothing of
 * it, nor it of what they set. In `others` there is more of what it leaves while it runs.
 */
export function* traceApart<T>(
  variables: readonly Variable[],
  steps: () => Steps<T>,
  others: readonly Surroundings[] = [],
): Steps<T> {
  // Looks at them before they are put aside: values that are elsewhere come back by that.
  const own = variables.map((variable) => tf.keep(tf.clone<Tensor>(variable)));
  const withOwn = (): Steps<T> => withinInSteps(() => enterValues(variables, own), steps);
  return yield* apart(
    tidyInSteps(tf, withOwn, () => []),
    () => isPartDue(variables.length),
    [valuesOf(variables), ...others],
  );
}
