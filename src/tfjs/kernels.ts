import type * as Tfjs from '@tensorflow/tfjs';
import { compareVersions } from '../native/locate';

/** What tfjs-node gives its kernels, beyond tfjs's own types. */
interface NodeBackend {
  readonly binding: {
    readonly TF_Version: string;
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
  executeSingleInput(name: string, input: Tfjs.TensorInfo): Tfjs.TensorInfo;
}

/** What a kernel is called with. */
type Call = Parameters<Tfjs.KernelFunc>[0];

/** A kernel in the place of tfjs-node's, which it may call. */
type OwnKernel = (tf: typeof Tfjs, original: Tfjs.KernelFunc) => Tfjs.KernelFunc;

const GATHER = 'GatherV2';

/**
 * `gather` without reading all indices back into JavaScript, one by one, to see whether they are in range, as tfjs-node's own does:
 * TensorFlow's kernel looks for itself. That would be slow, and hide the operation from being compiled.
 */
const gather: OwnKernel =
  (tf) =>
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

/** Whole numbers are round: TensorFlow 2.21's kernel makes zeros of them. */
const round: OwnKernel = (_tf, original) => (call) => {
  const { x } = call.inputs as { x: Tfjs.TensorInfo }; // Round's input
  const node = call.backend as NodeBackend; // as above
  return x.dtype === 'int32' ? node.executeSingleInput('Identity', x) : original(call);
};

/** The oldest 2.x whose kernels have been seen to be right where those of 1.15 are not. */
const MENDED = '2.13';

const isOld = (backend: unknown): boolean =>
  compareVersions((backend as NodeBackend).binding.TF_Version, MENDED) < 0; // as above

/** Two tensors of whole numbers. */
interface Operands {
  readonly a: Tfjs.Tensor;
  readonly b: Tfjs.Tensor;
}

/** How whole numbers are divided by −1, and by all others. */
interface Division {
  readonly byMinusOne: (tf: typeof Tfjs, a: Tfjs.Tensor) => Tfjs.Tensor;
  readonly byOthers: (
    tf: typeof Tfjs,
    operands: Operands,
    call: Call,
    original: Tfjs.KernelFunc,
  ) => Tfjs.Tensor;
}

/** What divides whole numbers, and −1 apart: on TensorFlow 1.15 a program that divides the smallest number, −2³¹, by it is ended. */
const dividing =
  ({ byMinusOne, byOthers }: Division): OwnKernel =>
  (tf, original) =>
  (call) => {
    const { a, b } = call.inputs as unknown as Operands; // the inputs of FloorDiv and of Mod
    if (a.dtype !== 'int32' || b.dtype !== 'int32' || !isOld(call.backend)) return original(call);
    return tf.tidy(() => {
      const isMinusOne = tf.equal(b, tf.scalar(-1, 'int32'));
      const others = tf.where(isMinusOne, tf.onesLike(b), b);
      const result = byOthers(tf, { a, b: others }, call, original);
      return tf.where(isMinusOne, byMinusOne(tf, a), result);
    });
  };

/**
 * The quotient, rounded down. TensorFlow 1.15 adds up the sizes of both numbers when their signs differ, and has the wrong sign where
 * that is beyond 2³¹: here its quotient towards 0 is made smaller by 1 where something is left over on the divisor's other side.
 */
const floorDiv = dividing({
  byMinusOne: (tf, a) => tf.neg(a),
  byOthers: (tf, { a, b }, { backend }) => {
    const node = backend as NodeBackend; // as above
    const type = [{ name: 'T', type: node.binding.TF_ATTR_TYPE, value: node.binding.TF_INT32 }];
    const towardsZero = (name: string): Tfjs.Tensor =>
      node.executeSingleOutput(name, type, [a, b]) as Tfjs.Tensor; // it gives tensors
    const sides = tf.mul(tf.sign(towardsZero('Mod')), tf.sign(b));
    return tf.add(towardsZero('Div'), tf.minimum(sides, tf.scalar(0, 'int32')));
  },
});

const mod = dividing({
  byMinusOne: (tf, a) => tf.zerosLike(a),
  byOthers: (_tf, operands, call, original) => original({ ...call, inputs: { ...operands } }) as Tfjs.Tensor, // tfjs-node's kernels give tensors
});

/** Up to where a box may reach, in pictures, and where none is. */
const LARGEST_BOX = 1e6;
const OUTSIDE = 2;

/** On TensorFlow 1.15 a box that is NaN or infinite is read from any place of the memory: here it is one outside of the picture. */
const cropAndResize: OwnKernel = (tf, original) => (call) => {
  const { boxes } = call.inputs as { boxes: Tfjs.Tensor2D }; // of CropAndResize's inputs
  if (!isOld(call.backend)) return original(call);
  const safe = tf.tidy(() => {
    const isInReach = tf.all(tf.less(tf.abs(boxes), LARGEST_BOX), 1, true);
    return tf.where(isInReach, boxes, tf.fill(boxes.shape, OUTSIDE));
  });
  const result = original({ ...call, inputs: { ...call.inputs, boxes: safe } });
  safe.dispose();
  return result;
};

/** Kernels of this library's own, in the place of tfjs-node's: by their names. */
export const OWN_KERNELS: ReadonlyMap<string, OwnKernel> = new Map([
  [GATHER, gather],
  ['Round', round],
  ['FloorDiv', floorDiv],
  ['Mod', mod],
  ['CropAndResize', cropAndResize],
]);

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
