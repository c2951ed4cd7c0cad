import type * as Tfjs from '@tensorflow/tfjs';

/** What tfjs-node gives its kernels, beyond tfjs's own types. */
interface NodeBackend {
  readonly binding: {
    readonly TF_ATTR_INT: number;
    readonly TF_ATTR_TYPE: number;
    readonly TF_FLOAT: number;
    readonly TF_INT32: number;
    readonly TF_BOOL: number;
    readonly TF_STRING: number;
  };
  executeSingleOutput(
    name: string,
    attributes: readonly { name: string; type: number; value: number }[],
    inputs: readonly Tfjs.TensorInfo[],
  ): Tfjs.TensorInfo;
}

const GATHER = 'GatherV2';

/**
 * `gather` without reading all indices back into JavaScript, one by one, to see whether they are in range, as tfjs-node's own does:
 * TensorFlow's kernel looks for itself. That would be slow, and hide the operation from being compiled.
 */
const gather =
  (tf: typeof Tfjs): Tfjs.KernelFunc =>
  ({ inputs, attrs, backend }) => {
    const node = backend as NodeBackend; // the kernel is registered for this backend only
    const { x, indices } = inputs as { x: Tfjs.TensorInfo; indices: Tfjs.TensorInfo }; // GatherV2's inputs
    const { axis, batchDims } = attrs as { axis: number; batchDims: number }; // and its attributes
    const types: Readonly<Record<string, number>> = {
      float32: node.binding.TF_FLOAT,
      int32: node.binding.TF_INT32,
      bool: node.binding.TF_BOOL,
      string: node.binding.TF_STRING,
    };
    const type = (name: string, dtype: string) => ({
      name,
      type: node.binding.TF_ATTR_TYPE,
      value: types[dtype] ?? node.binding.TF_FLOAT,
    });
    const axisTensor = tf.scalar(axis, 'int32');
    const result = node.executeSingleOutput(
      GATHER,
      [
        { name: 'batch_dims', type: node.binding.TF_ATTR_INT, value: batchDims },
        type('Tparams', x.dtype),
        type('Tindices', indices.dtype),
        type('Taxis', 'int32'),
      ],
      [x, indices, axisTensor],
    );
    axisTensor.dispose();
    return result;
  };

/** Kernels of this library's own, of which tfjs-node's are not registered: by their names. */
export const ownKernels = (tf: typeof Tfjs): ReadonlyMap<string, Tfjs.KernelFunc> =>
  new Map([[GATHER, gather(tf)]]);

/**
 * Replaces the gradient of `gather` where it takes rows. tfjs's own sums up the rows, and then copies the sum, with its axes in
 * the order in which they are: of a large table, as long again.
 */
export const replaceGatherGradient = (tf: typeof Tfjs): void => {
  const original = tf.getGradient(GATHER);
  tf.unregisterGradient(GATHER);
  tf.registerGradient({
    ...original,
    gradFunc: (dy, saved, attrs) => {
      const [x, indices] = saved as [Tfjs.Tensor, Tfjs.Tensor1D]; // what it saves
      const { axis, batchDims } = attrs as unknown as { axis: number; batchDims: number }; // GatherV2's attributes
      const [rows, ...inner] = x.shape;
      if (axis !== 0 || batchDims !== 0) return original.gradFunc(dy, saved, attrs);
      return {
        x: () => {
          const values = tf.reshape(dy as Tfjs.Tensor, [indices.size, ...inner]); // of one output
          return tf.unsortedSegmentSum(values, tf.reshape(indices, [indices.size]), rows);
        },
        indices: () => indices,
      };
    },
  });
};
