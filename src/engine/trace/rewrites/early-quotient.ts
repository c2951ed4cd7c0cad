import { sizeOf } from '../../../base/shapes';
import { isAll } from '../recording';
import { inputOf, isFloat, shapeOf, type Rewrite, type RewriteContext } from './context';

/** The position of the ones in a product that only repeats its other factor. */
const onesIn = (inputs: readonly number[], context: RewriteContext): number | undefined => {
  const position = inputs.findIndex((id) => {
    const values = context.constants.get(id)?.values;
    return values !== undefined && values.length > 1 && isAll(values, 1);
  });
  return position < 0 ? undefined : position;
};

/**
 * What is repeated by a product with ones, and then divided by a number, as the gradient of a mean is, is divided before it is repeated: the
 * same numbers, of which there are fewer then.
 */
export const earlyQuotient: Rewrite = (op, context) => {
  const [quotient] = op.outputs;
  const divisor = inputOf(op, 1);
  const product = context.producer(inputOf(op, 0), 'Mul');
  if (quotient === undefined || product === undefined || !isFloat(op)) return undefined;
  if (context.constants.get(divisor)?.shape.length !== 0) return undefined;
  const ones = onesIn(product.inputs, context);
  if (ones === undefined) return undefined;
  const repeated = inputOf(product, 1 - ones);
  const shape = context.shape(repeated);
  if (2 * sizeOf(shape) > sizeOf(shapeOf(op))) return undefined;
  const divided = context.tensor(shape);
  const inputs = product.inputs.map((id) => (id === repeated ? divided.id : id));
  return [
    { ...op, inputs: [repeated, divisor], outputs: [divided] },
    { ...product, inputs, outputs: [quotient] },
  ];
};
