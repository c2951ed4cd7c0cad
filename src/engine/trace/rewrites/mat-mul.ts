import { attribute } from '../../../ops/native';
import { attributeOf, type RecordedOp } from '../recording';
import { inputOf, isFloat, outputOf, type Rewrite } from './context';
import { reshapeTo } from './reshape';

/**
 * A product of two matrices has a kernel of its own, which TensorFlow fuses with a bias and an activation. tfjs writes
 * some as products of two batches of one matrix.
 */
export const matMul: Rewrite = (op, context) => {
  const [a, b] = [inputOf(op, 0), inputOf(op, 1)];
  const isMatrix = (id: number): boolean => {
    const shape = context.shape(id);
    return shape.length === 2 || (shape.length === 3 && shape[0] === 1);
  };
  if (!isFloat(op) || !isMatrix(a) || !isMatrix(b)) return undefined;
  const reshaped: RecordedOp[] = [];
  const matrix = (id: number): number => {
    const shape = context.shape(id);
    if (shape.length === 2) return id;
    const output = context.tensor(shape.slice(1));
    const change = reshapeTo(id, output, context);
    if ('alias' in change) return change.alias;
    reshaped.push(change);
    return output.id;
  };
  const inputs = [matrix(a), matrix(b)];
  const output = outputOf(op);
  const isBatch = output.shape.length === 3;
  const product = isBatch ? context.tensor(output.shape.slice(1)) : output;
  const multiplied: RecordedOp = {
    name: 'MatMul',
    attributes: [
      attribute.type('T', 'float'),
      attribute.bool('transpose_a', attributeOf(op, 'adj_x') === true),
      attribute.bool('transpose_b', attributeOf(op, 'adj_y') === true),
    ],
    inputs,
    outputs: [product],
  };
  if (!isBatch) return [...reshaped, multiplied];
  return [...reshaped, multiplied, reshapeTo(product.id, output, context) as RecordedOp]; // of another rank
};
