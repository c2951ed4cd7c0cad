import type { RecordedOp } from '../trace/recording';
import { MAX_SEQUENTIAL_ELEMENTS } from '../tuning';
import type { Value } from './frame';

/** The nodes of tensors, by the tensors' ids in the recording. */
export type Nodes = Map<number, Value>;

/** Whether all operations are so small that handing them to other threads takes longer than they do. */
export const areSmall = (ops: readonly RecordedOp[]): boolean =>
  ops.every(({ outputs }) =>
    outputs.every(
      ({ shape }) => shape.reduce((product, length) => product * length, 1) <= MAX_SEQUENTIAL_ELEMENTS,
    ),
  );
