import { sameShape } from '../../../base/shapes';
import { attribute } from '../../../ops/native';
import { isAll, type RecordedOp } from '../recording';
import { inputOf, isFloat, shapeOf, type Rewrite, type RewriteContext } from './context';

/** Whether a tensor is one number everywhere. */
const isOne = (id: number, value: number, context: RewriteContext): boolean => {
  const constant = context.constants.get(id);
  if (constant !== undefined) {
    return isAll(constant.values, value);
  }
  // One of many elements, which is filled in the step.
  const fill = context.producer(id, 'Fill');
  return fill !== undefined && isOne(inputOf(fill, 1), value, context);
};

/** The `x` of tfjs's step function, `isNaN(x) ? x : x > 0 ? 1 : 0`. */
const argumentOfStep = (select: RecordedOp, context: RewriteContext): number | undefined => {
  const isNan = context.producer(inputOf(select, 0), 'IsNan');
  const inner = context.producer(inputOf(select, 2), 'Select');
  const x = inputOf(select, 1);
  if (isNan === undefined || inner === undefined || inputOf(isNan, 0) !== x) return undefined;
  const greater = context.producer(inputOf(inner, 0), 'Greater');
  if (greater === undefined || inputOf(greater, 0) !== x) return undefined;
  const isStep =
    isOne(inputOf(greater, 1), 0, context) &&
    isOne(inputOf(inner, 1), 1, context) &&
    isOne(inputOf(inner, 2), 0, context);
  return isStep ? x : undefined;
};

/**
 * tfjs multiplies a gradient with the step function of relu's input, which takes six operations. TensorFlow has one for
 * all, which takes relu's output as well as its input.
 */
export const reluGradient: Rewrite = (op, context) => {
  for (const position of [1, 0]) {
    const select = context.producer(inputOf(op, position), 'Select');
    const gradient = inputOf(op, 1 - position);
    if (select === undefined || !isFloat(op) || !sameShape(context.shape(gradient), shapeOf(op))) continue;
    const x = argumentOfStep(select, context);
    if (x === undefined) continue;
    return {
      name: 'ReluGrad',
      attributes: [attribute.type('T', 'float')],
      inputs: [gradient, context.reluOf(x) ?? x],
      outputs: op.outputs,
    };
  }
  return undefined;
};
