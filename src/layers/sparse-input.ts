import { attribute, run } from '../native';
import { tf, type Tensor, type Tensor2D } from '../tensorflow';

/** The ones of a batch of rows, as tensors: see `onesOf`. */
export interface OnesTensors {
  readonly rows: Tensor;
  readonly columns: Tensor;
  readonly rowsByColumn: Tensor;
  readonly columnsByColumn: Tensor;
}

const standing = new WeakMap<Tensor, OnesTensors>();

/**
 * A tensor that stands for a sparse batch on its way to the dense layer that takes it: it has the batch's shape and
 * nothing behind it. To be made inside a tidy.
 */
export const standIn = (shape: readonly number[], ones: OnesTensors): Tensor => {
  const nothing = tf.scalar(0);
  const { dataId } = nothing;
  // A second tensor over the same data, which each of the two frees once.
  tf.backend().incRef(dataId);
  const tensor = tf.engine().makeTensorFromTensorInfo({ dataId, shape: [...shape], dtype: 'float32' });
  standing.set(tensor, ones);
  return tensor;
};

/** What a tensor stands for, if it does. */
export const standsFor = (tensor: Tensor): OnesTensors | undefined => standing.get(tensor);

const sumOfRows = (data: Tensor, indices: Tensor, segments: Tensor, count: number): Tensor =>
  tf.tidy(() => {
    const types = [
      attribute.type('T', 'float'),
      attribute.type('Tidx', 'int32'),
      attribute.type('Tnumsegments', 'int32'),
    ];
    const inputs = [data, indices, segments, tf.scalar(count, 'int32')];
    return run('SparseSegmentSumWithNumSegments', types, inputs, 1)[0] as Tensor; // one output was asked for
  });

/**
 * The product of a matrix of zeros and ones with a kernel `[dimension, units]`: for each row, the sum of the kernel's
 * rows at its ones. Out `[rows, units]`.
 */
export const sparseMatMul = (ones: OnesTensors, kernel: Tensor, rows: number): Tensor2D => {
  const dimension = kernel.shape[0];
  const product = tf.customGrad((weights) => ({
    value: sumOfRows(weights as Tensor, ones.columns, ones.rows, rows),
    // The gradient of a kernel's row is the sum of those of the outputs that it went into.
    gradFunc: (gradient: Tensor) => [sumOfRows(gradient, ones.rowsByColumn, ones.columnsByColumn, dimension)],
  }));
  return product(kernel) as Tensor2D;
};
