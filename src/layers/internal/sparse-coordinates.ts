import { attribute, inNativeScope, run, type NativeScope } from '../../ops/native';
import { tf, type Tensor, type Tensor2D } from '../../tfjs/tensorflow';
import type { SparseBatch } from '../../arrays/sparse-input';
import { frequentOf, rowsOf, valuesOf, zerosTimes } from './sparse-rows';

/**
 * From so many columns on, a kernel is multiplied in pieces of at most so many. TensorFlow 2 multiplies fewer than 32 in a loop of which
 * its compiler made vectors: with 40,000 nonzeros, 24 take 0.2 ms where 32 take 2.0.
 */
const MIN_COLUMNS_FOR_PIECES = 32;
const PIECE = 24;

/** Pieces are multiples of that, as vectors are. */
const VECTOR = 8;

const FLOAT = attribute.type('T', 'float');

/** Nonzeros of a batch as TensorFlow's sparse products take them. */
interface Coordinates {
  /** The row and the column of each, `[nonzeros, 2]`, int32. */
  readonly pairs: Tensor;
  /** What they are. */
  readonly values: Tensor;
}

type Numbers = 'float' | 'double' | 'int32' | 'int64';

const cast = (scope: NativeScope, x: Tensor | number, from: Numbers, to: Numbers): number =>
  scope.run('Cast', [attribute.type('SrcT', from), attribute.type('DstT', to)], [x]);

/**
 * The row of each nonzero, int32. Those of row r are numbered r, r + 2^−bits, r + 2 · 2^−bits, …, of which the whole part is taken; in
 * float64, in which all of these are exact.
 */
const rowNumbers = (scope: NativeScope, counts: Tensor, rows: number, bits: number): number => {
  const double = [attribute.type('T', 'double')];
  const step = cast(scope, tf.scalar(2 ** -bits), 'float', 'double');
  const firsts = tf.tensor1d(Float32Array.from({ length: rows }, (_, row) => row));
  const starts = cast(scope, firsts, 'float', 'double');
  // In float64, which no trace stands in for: how many numbers there are depends on these.
  const lengths = scope.run('Mul', double, [cast(scope, counts, 'int32', 'double'), step]);
  const ends = scope.run('AddV2', double, [starts, lengths]);
  const numbers = scope.run(
    'RaggedRange',
    [...double, attribute.type('Tsplits', 'int32')],
    [starts, ends, step],
    2,
    1,
  );
  return cast(scope, numbers, 'double', 'int32');
};

/** The coordinates of a batch's nonzeros in other than the frequent columns. */
const coordinatesOf = (batch: SparseBatch, rows: number, dimension: number): Coordinates =>
  inNativeScope((scope) => {
    const { columns, counts } = rowsOf(batch, batch.rows, rows);
    // A row's nonzeros number at most the columns.
    const numbers = rowNumbers(scope, counts, rows, Math.ceil(Math.log2(dimension + 1)));
    const bits = (x: Tensor | number, from: 'int32' | 'complex64', to: 'float' | 'int32'): number =>
      scope.run('Bitcast', [attribute.type('T', from), attribute.type('type', to)], [x]);
    // A complex number is a pair of numbers: to make these takes a third of what it takes to pack two lists into one of pairs.
    const parts = [numbers, columns].map((x) => bits(x, 'int32', 'float')) as [number, number]; // one for each
    const complex = scope.run('Complex', [FLOAT, attribute.type('Tout', 'complex64')], parts);
    return {
      pairs: scope.wrap(bits(complex, 'complex64', 'int32')),
      values: valuesOf(batch) ?? scope.wrap(scope.run('OnesLike', [FLOAT], [parts[1]])),
    };
  });

/** The product of the batch's nonzeros, `[rows, dimension]`, or their transpose, with a few columns. */
const multiplyFew = (
  { pairs, values }: Coordinates,
  shape: readonly [number, number],
  x: Tensor2D,
  isTransposed: boolean,
): Tensor2D =>
  inNativeScope((scope) => {
    const attributes = [
      FLOAT,
      attribute.type('Tindices', 'int32'),
      attribute.bool('adjoint_a', isTransposed),
      attribute.bool('adjoint_b', false),
    ];
    const dense = cast(scope, tf.tensor1d([...shape], 'int32'), 'int32', 'int64');
    return scope.wrap(
      scope.run('SparseTensorDenseMatMul', attributes, [pairs, values, dense, x]),
    ) as Tensor2D;
  });

/** A product with a matrix, as products with some of its columns side by side. */
const inPieces = (x: Tensor2D, multiply: (piece: Tensor2D) => Tensor2D): Tensor2D => {
  const [rows, columns] = x.shape;
  if (columns < MIN_COLUMNS_FOR_PIECES) return multiply(x);
  const pieces = Math.ceil(columns / PIECE);
  const width = Math.ceil(columns / pieces / VECTOR) * VECTOR;
  const starts = Array.from({ length: Math.ceil(columns / width) }, (_, piece) => piece * width);
  return tf.concat2d(
    starts.map((from) => multiply(tf.slice2d(x, [0, from], [rows, Math.min(width, columns - from)]))),
    1,
  );
};

/** Adds rows to some of a matrix's. */
const addRows = (matrix: Tensor2D, rows: Tensor, added: Tensor): Tensor2D => {
  const attributes = [FLOAT, attribute.type('Tindices', 'int32')];
  const [sum] = run('TensorScatterAdd', attributes, [matrix, tf.expandDims(rows, 1), added], 1);
  return sum as Tensor2D; // one output was asked for
};

/** The product of a sparse batch with a kernel by the coordinates of its nonzeros: the quickest that TensorFlow 2 has. */
export const coordinateMatMul = (batch: SparseBatch, kernel: Tensor, rows: number): Tensor2D => {
  const [dimension = 0] = kernel.shape;
  const product = tf.customGrad((weights, save) => {
    const coordinates = coordinatesOf(batch, rows, dimension);
    const block = frequentOf(batch);
    (save as (tensors: Tensor[]) => void)([
      coordinates.pairs,
      coordinates.values,
      ...(block === undefined ? [] : [block.denseBlock, block.frequent]),
    ]);
    const matrix = weights as Tensor2D;
    const multiply = (x: Tensor2D, its: Coordinates, isTransposed: boolean): Tensor2D =>
      inPieces(x, (piece) => multiplyFew(its, [rows, dimension], piece, isTransposed));
    const sums = tf.add(multiply(matrix, coordinates, false), zerosTimes(matrix));
    return {
      value:
        block === undefined
          ? sums
          : tf.add(sums, tf.matMul(block.denseBlock, tf.gather(matrix, block.frequent))),
      gradFunc: (gradient: Tensor, saved: Tensor[]) => {
        const [pairs, values, denseBlock, frequent] = saved as [Tensor, Tensor, Tensor2D?, Tensor?]; // as they were saved
        const ofRows = gradient as Tensor2D;
        const whole = multiply(ofRows, { pairs, values }, true);
        return denseBlock === undefined || frequent === undefined
          ? whole
          : addRows(whole, frequent, tf.matMul(denseBlock, ofRows, true));
      },
    };
  });
  return product(kernel) as Tensor2D;
};
