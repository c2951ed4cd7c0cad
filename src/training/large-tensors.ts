import { isPlainObject } from '../base/checks';
import type { EventLoopYielder } from '../step/event-loop';
import { uploadInSteps } from '../tfjs/binding';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { findFiniteInSteps } from './values';

/** Data that is a tensor, tensors in a list or tensors by names; undefined where it is, or has, anything else. */
const tensorsOnly = (data: unknown): Tensor[] | undefined => {
  const list: readonly unknown[] = Array.isArray(data)
    ? data
    : isPlainObject(data)
      ? Object.values(data)
      : [data];
  const isTensor = (each: unknown): each is Tensor => each instanceof tf.Tensor && !each.isDisposed;
  return list.every(isTensor) ? [...list] : undefined;
};

/** The tensors of a call's data. */
const tensorsIn = (data: readonly unknown[]): Tensor[] => {
  const tensors = data.filter((each) => each !== undefined).map(tensorsOnly);
  // Arrays are copied before anybody else runs, who could change them.
  if (tensors.includes(undefined)) return [];
  // A variable may get another value meanwhile; its own is TensorFlow's.
  return tensors.flatMap((each) => each ?? []).filter((each) => !(each instanceof tf.Variable));
};

/** Brings a large tensor to TensorFlow, and looks at its numbers. */
function* inSteps(tensor: Tensor): Generator<undefined, void, undefined> {
  yield* uploadInSteps(tensor);
  if (!tensor.isDisposed) yield* findFiniteInSteps(tensor);
}

/**
 * Brings the large tensors of a call's data to TensorFlow, where JavaScript has made their values, and sees whether they are finite: a part at
 * a time, and in between, others run. Else the first look at them would copy them as a whole: 400 MB take a third of a second, and the look
 * itself a tenth. To be awaited only where there is something to await, so that all other data is looked at before the call returns.
 */
export const prepareLargeTensors = (
  data: readonly unknown[],
  yielder: EventLoopYielder,
): Promise<void> | undefined => {
  const all = [...new Set(tensorsIn(data))].map(inSteps);
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
