import { sizeOf } from '../../base/shapes';
import type { RecordedOp } from '../trace/recording';
import { binding } from '../../tfjs/binding';
import { MAX_OPTIMIZED_OPERATIONS, MAX_OPTIMIZED_SMALL_OPERATIONS, MAX_SEQUENTIAL_ELEMENTS } from '../tuning';
import type { Value } from './frame';

/** The nodes of tensors, by the tensors' ids in the recording. */
export type Nodes = Map<number, Value>;

/** Whether all operations are so small that handing them to other threads takes longer than they do. */
export const areSmall = (ops: readonly RecordedOp[]): boolean =>
  ops.every(({ outputs }) => outputs.every(({ shape }) => sizeOf(shape) <= MAX_SEQUENTIAL_ELEMENTS));

/** Whether TensorFlow is to optimize a graph of these operations before it runs it, which takes it longer than all the rest. */
export const isWorthOptimizing = (ops: readonly RecordedOp[]): boolean => {
  if (!areSmall(ops)) return ops.length <= MAX_OPTIMIZED_OPERATIONS;
  return binding().TF_Version.startsWith('1.') && ops.length <= MAX_OPTIMIZED_SMALL_OPERATIONS;
};
