import { isPlainObject } from '../base/checks';
import type { EventLoopYielder } from '../step/event-loop';
import { uploadInSteps } from '../tfjs/binding';
import { tf, type Tensor } from '../tfjs/tensorflow';

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

/** The large tensors of a call's data whose values JavaScript has made. */
const waitingIn = (data: readonly unknown[]): Tensor[] => {
  const tensors = data.filter((each) => each !== undefined).map(tensorsOnly);
  // Arrays are copied before anybody else runs, who could change them.
  if (tensors.includes(undefined)) return [];
  // A variable's value is TensorFlow's.
  return tensors.flatMap((each) => each ?? []).filter((each) => !(each instanceof tf.Variable));
};

/**
 * Brings the large tensors of a call's data to TensorFlow, where JavaScript has made their values: a part at a time, and in between,
 * others run. Else the first look at them would copy them as a whole: 400 MB take a third of a second. To be awaited only where there is
 * something to await, so that all other data is looked at before the call returns.
 */
export const uploadLargeTensors = (
  data: readonly unknown[],
  yielder: EventLoopYielder,
): Promise<void> | undefined => {
  const uploads = [...new Set(waitingIn(data))].map(uploadInSteps);
  const pending = uploads.filter((upload) => upload.next().done !== true);
  if (pending.length === 0) return undefined;
  const finish = async (): Promise<void> => {
    try {
      for (const upload of pending) {
        while (upload.next().done !== true) if (yielder.isDue()) await yielder.yieldToEventLoop();
      }
    } finally {
      for (const upload of pending) upload.return();
    }
  };
  return finish();
};
