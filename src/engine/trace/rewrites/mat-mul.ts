import { attribute } from '../../../ops/native';
import { attributeOf, type RecordedOp } from '../recording';
import { binding } from '../../../tfjs/binding';
import { MAX_TRANSPOSED_PRODUCT_COLUMNS, MIN_TRANSPOSED_PRODUCT_ROWS } from '../../tuning';
import {
  inputOf,
  isFloat,
  outputOf,
  shapeOf,
  type Output,
  type Rewrite,
  type RewriteContext,
} from './context';
import { reshapeTo } from './reshape';

const transpose = (id: number, output: Output, context: RewriteContext): RecordedOp => ({
  name: 'Transpose',
  attributes: [attribute.type('T', 'float'), attribute.type('Tperm', 'int32')],
  inputs: [id, context.ints([1, 0])],
  outputs: [output],
});

/**
 * `aᵀ b` of few columns, as the gradient of a wide first layer's kernel is, as the transpose of `bᵀ a`: Eigen takes up to three times as long for
 * the other one.
 */
const narrow = (product: RecordedOp, context: RewriteContext): readonly RecordedOp[] => {
  const [a, b] = [inputOf(product, 0), inputOf(product, 1)];
  const [rows = 0, columns = 0] = shapeOf(product);
  const isTransposed =
    attributeOf(product, 'transpose_a') === true && attributeOf(product, 'transpose_b') === false;
  const isNarrow = rows >= MIN_TRANSPOSED_PRODUCT_ROWS && columns <= MAX_TRANSPOSED_PRODUCT_COLUMNS;
  if (!isTransposed || !isNarrow || binding().hasKernel('_MklMatMul')) return [product];
  const other = context.tensor([columns, rows]);
  return [{ ...product, inputs: [b, a], outputs: [other] }, transpose(other.id, outputOf(product), context)];
};

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
  const made = [...reshaped, ...narrow(multiplied, context)];
  if (!isBatch) return made;
  return [...made, reshapeTo(product.id, output, context) as RecordedOp]; // of another rank
};
