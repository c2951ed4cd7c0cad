import { sizeOf } from '../../../base/shapes';
import { attribute } from '../../../ops/native';
import { binding } from '../../../tfjs/binding';
import { MIN_BIAS_GRADIENT_ELEMENTS } from '../../tuning';
import { attributeOf, type RecordedOp } from '../recording';
import { inputOf, isFloat, shapeOf, type RewriteContext } from './context';

/** TensorFlow 1's kernel is slower than its sum where there are more axes than two. */
const isQuicker = (rank: number): boolean => rank === 2 || !binding().TF_Version.startsWith('1.');

/** A sum over all axes but the last, as the gradient of a bias is, has a kernel of its own, which is quicker than the one for any axes. */
export const biasGradient = (op: RecordedOp, context: RewriteContext): RecordedOp | undefined => {
  const shape = context.shape(inputOf(op, 0));
  const axes = context.constants.get(inputOf(op, 1))?.values as readonly number[] | undefined; // integers
  const rank = shape.length;
  const isLeading = axes?.length === rank - 1 && axes.every((axis, position) => axis === position);
  if (!isLeading || !isFloat(op) || attributeOf(op, 'keep_dims') === true || shapeOf(op).length !== 1)
    return undefined;
  if (!isQuicker(rank) || sizeOf(shape) < MIN_BIAS_GRADIENT_ELEMENTS) return undefined;
  return {
    name: 'BiasAddGrad',
    attributes: [attribute.type('T', 'float'), attribute.text('data_format', 'NHWC')],
    inputs: [inputOf(op, 0)],
    outputs: op.outputs,
  };
};
