/**
 * TensorFlow, the only import of `@tensorflow/tfjs-node` in this library. Types come from `@tensorflow/tfjs`, which is
 * always installed.
 */
import { install } from './install';
import { load } from './load';

/** tfjs on TensorFlow's C library. */
export const tf = load();
install(tf);

export type {
  DataType,
  Rank,
  Scalar,
  SymbolicTensor,
  Tensor,
  Tensor1D,
  Tensor2D,
  Tensor3D,
  Tensor4D,
  TensorLike,
  TypedArray,
  Variable,
} from '@tensorflow/tfjs';
