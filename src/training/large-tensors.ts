import { prepareLayout } from '../arrays/sparse-layout';
import { SparseMatrix } from '../arrays/sparse-matrix';
import { isPlainObject } from '../base/checks';
import type { Steps } from '../base/steps';
import type { EventLoopYielder } from '../step/event-loop';
import { uploadInSteps } from '../tfjs/binding';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { findFiniteInSteps } from './values';

/** What stays as it is while others run. */
type Lasting = Tensor | SparseMatrix;

/** Data that is a tensor or a sparse matrix, several in a list or several by names; undefined where it is, or has, anything else. */
const lastingOnly = (data: unknown): Lasting[] | undefined => {
  const list: readonly unknown[] = Array.isArray(data)
    ? data
    : isPlainObject(data)
      ? Object.values(data)
      : [data];
  const isLasting = (each: unknown): each is Lasting =>
    each instanceof SparseMatrix || (each instanceof tf.Tensor && !each.isDisposed);
  return list.every(isLasting) ? [...list] : undefined;
};

/** The tensors and sparse matrices of a call's data. */
const lastingIn = (data: readonly unknown[]): Lasting[] => {
  const all = data.filter((each) => each !== undefined).map(lastingOnly);
  // Arrays are copied before anybody else runs, who could change them.
  if (all.includes(undefined)) return [];
  // A variable may get another value meanwhile; its own is TensorFlow's.
  return all.flatMap((each) => each ?? []).filter((each) => !(each instanceof tf.Variable));
};

/** Brings a large tensor to TensorFlow, and looks at its numbers; of a large sparse matrix, lays out its ones. */
function* inSteps(data: Lasting): Steps<void> {
  if (data instanceof SparseMatrix) return yield* prepareLayout(data);
  yield* uploadInSteps(data);
  if (!data.isDisposed) yield* findFiniteInSteps(data);
}

/**
 * Brings the large tensors of a call's data to TensorFlow, where JavaScript has made their values, sees whether they are finite, and lays out
 * its large sparse matrices: a part at a time, and in between, others run. Else the first look at them would do it as a whole: to copy 400 MB takes
 * a third of a second, and to look at them a tenth. To be awaited only where there is something to await, so that all other data is looked at
 * before the call returns.
 */
export const prepareLargeTensors = (
  data: readonly unknown[],
  yielder: EventLoopYielder,
): Promise<void> | undefined => {
  const all = [...new Set(lastingIn(data))].map(inSteps);
  const pending = all.filter((steps) => steps.next().done !== true);
  if (pending.length === 0) return undefined;
  const finish = async (): Promise<void> => {
    try {
      for (const steps of pending) {
        do if (yielder.isDue()) await yielder.yieldToEventLoop();
        while (steps.next().done !== true);
      }
    } finally {
      for (const steps of pending) steps.return();
    }
  };
  return finish();
};
