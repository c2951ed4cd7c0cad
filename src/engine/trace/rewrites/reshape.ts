import { sameShape, sizeOf } from '../../../base/shapes';
import { attribute } from '../../../ops/native';
import { ATTRIBUTE_KINDS } from '../../../tfjs/binding';
import { attributeOf, type RecordedOp } from '../recording';
import {
  inputOf,
  outputOf,
  shapeOf,
  type Output,
  type Rewrite,
  type RewriteContext,
  type Rewriting,
  type Shape,
} from './context';

/** A change of shape of `source`; two of them are one, and none is needed where the shape is the same. */
export const reshapeTo = (
  source: number,
  output: Output,
  context: RewriteContext,
): { readonly alias: number } | RecordedOp => {
  const before = context.producer(source, 'Reshape');
  const root = before === undefined ? source : inputOf(before, 0);
  const { shape, dtype } = output;
  if (sameShape(context.shape(root), shape)) return { alias: root };
  return {
    name: 'Reshape',
    attributes: [{ name: 'T', type: ATTRIBUTE_KINDS.type, value: dtype }, attribute.type('Tshape', 'int32')],
    inputs: [root, context.ints(shape)],
    outputs: [output],
  };
};

/**
 * An operation whose first input a change of shape makes is done before that instead, if what it changed fits: then the
 * change may meet another one, or its end.
 */
export const beforeReshape = (
  op: RecordedOp,
  context: RewriteContext,
  fits: (shape: Shape) => boolean,
): Rewriting | undefined => {
  const [source = 0, ...others] = op.inputs;
  const before = context.producer(source, 'Reshape');
  if (before === undefined) return undefined;
  const root = inputOf(before, 0);
  const shape = context.shape(root);
  if (!fits(shape)) return undefined;
  const output = context.tensor(shape, outputOf(op).dtype);
  const moved = context.rewrite({ ...op, inputs: [root, ...others], outputs: [output] });
  const [made] = [moved].flat();
  if (made === undefined || !('name' in made)) return undefined;
  return [made, reshapeTo(output.id, outputOf(op), context) as RecordedOp]; // of another shape, as the change was
};

export const reshape: Rewrite = (op, context) => reshapeTo(inputOf(op, 0), outputOf(op), context);

/** A sum, a mean or an extreme over axes of length 1 only drops them. */
export const reduceNothing: Rewrite = (op, context) =>
  sizeOf(context.shape(inputOf(op, 0))) === sizeOf(shapeOf(op)) ? reshape(op, context) : undefined;

/** A change of the order of axes that leaves them as they are. */
export const transposeToSame: Rewrite = (op, { constants }) => {
  const order = constants.get(inputOf(op, 1))?.values as readonly number[] | undefined; // integers
  return order !== undefined && order.every((axis, position) => axis === position)
    ? { alias: inputOf(op, 0) }
    : undefined;
};

/** A change of type to the same one. */
export const castToSame: Rewrite = (op) =>
  attributeOf(op, 'SrcT') === attributeOf(op, 'DstT') ? { alias: inputOf(op, 0) } : undefined;

/** An elementwise operation of one tensor does not care for its shape. */
export const elementwise: Rewrite = (op, context) => beforeReshape(op, context, () => true);
