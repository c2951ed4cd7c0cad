import { prepareLayout } from '../arrays/sparse-layout';
import { SparseMatrix } from '../arrays/sparse-matrix';
import { countNumbers, isArrayLike } from '../arrays/tensors';
import { isText } from '../arrays/texts';
import { isPlainObject } from '../base/checks';
import type { Steps } from '../base/steps';
import type { KerasModel } from '../models/model';
import type { EventLoopYielder } from '../step/event-loop';
import { uploadInSteps } from '../tfjs/binding';
import { tf, type Tensor } from '../tfjs/tensorflow';
import type { Tensors } from './data';
import { findFiniteInSteps } from './values';

/** What stays as it is while others run. */
type Lasting = Tensor | SparseMatrix;

const isLasting = (data: unknown): data is Lasting =>
  data instanceof SparseMatrix || data instanceof tf.Tensor;

/** The data of a call: what is given for inputs, and what for outputs. */
export interface GivenData {
  readonly model: KerasModel;
  readonly inputs: readonly unknown[];
  readonly outputs: readonly unknown[];
}

/** The arrays of data for so many inputs or outputs, in a list or by names. */
const arraysOf = (data: unknown, count: number): unknown[] => {
  if (data === undefined || data === null) return [];
  if (isPlainObject(data) && !isArrayLike(data)) return Object.values(data);
  if (!Array.isArray(data)) return [data];
  const isOfSeveral = count > 1 && data.length === count && typeof data[0] !== 'number';
  return isOfSeveral || data.every(isLasting) ? [...(data as unknown[])] : [data];
};

const allArrays = ({ model, inputs, outputs }: GivenData): unknown[] => {
  const [ofInputs, ofOutputs] = model.built ? [model.tf.inputs.length, model.tf.outputs.length] : [1, 1];
  const arrays = [
    ...inputs.flatMap((data) => arraysOf(data, ofInputs)),
    ...outputs.flatMap((data) => arraysOf(data, ofOutputs)),
  ];
  return [...new Set(arrays)];
};

/** Numbers of an array that are converted at once, before the call returns: they take some milliseconds. */
const MAX_CONVERTED_AT_ONCE = 2 ** 19;

/** What an array is called in errors that nobody sees: who converts it as a whole finds the same ones. */
const PLACE = { argument: 'x' };

/** Brings a large tensor to TensorFlow, and looks at its numbers; of a large sparse matrix, lays out its ones. */
function* inSteps(data: Lasting): Steps<void> {
  if (data instanceof SparseMatrix) return yield* prepareLayout(data);
  yield* uploadInSteps(data);
  if (!data.isDisposed) yield* findFiniteInSteps(data);
}

/** Converts a large array, and looks at its numbers. What is wrong with it is told by who looks at it as a whole. */
function* convertInSteps(array: unknown, tensors: Tensors): Steps<void> {
  let tensor: Tensor;
  try {
    tensor = yield* tensors.convert(array, PLACE);
  } catch {
    return;
  }
  yield* findFiniteInSteps(tensor);
}

/** How an array is prepared: in steps, or at once if it is small; undefined for what is no numbers. */
const preparing = (array: unknown, tensors: Tensors): Steps<void> | 'at once' | undefined => {
  if (isLasting(array)) {
    if (!(array instanceof tf.Tensor)) return inSteps(array);
    // A variable may get another value meanwhile; its own is TensorFlow's.
    return array.isDisposed ? undefined : array instanceof tf.Variable ? 'at once' : inSteps(array);
  }
  if (!isArrayLike(array) || isText(array)) return undefined;
  return countNumbers(array) > MAX_CONVERTED_AT_ONCE ? convertInSteps(array, tensors) : 'at once';
};

/** Converts small arrays before anybody else runs, who could change them; false if something is wrong with one. */
const convertNow = (arrays: readonly unknown[], tensors: Tensors): boolean => {
  try {
    for (const array of arrays) if (!isLasting(array)) tensors.of(array, PLACE);
    return true;
  } catch {
    return false;
  }
};

/**
 * Prepares a call's large data a part at a time, and in between, others run: brings tensors to TensorFlow where JavaScript has made their values,
 * converts arrays, sees whether their numbers are finite, and lays out sparse matrices. Else the first look at them would do it as a whole: to
 * copy 400 MB takes a third of a second, and to look at them a tenth. To be awaited only where there is something to await, so that all
 * other data is looked at before the call returns.
 */
export const prepareLargeData = (
  data: GivenData,
  tensors: Tensors,
  yielder: EventLoopYielder,
): Promise<void> | undefined => {
  const arrays = allArrays(data);
  const all = arrays.map((array) => preparing(array, tensors));
  if (all.includes(undefined)) return undefined;
  const pending = all
    .filter((steps) => typeof steps === 'object')
    .filter((steps) => steps.next().done !== true);
  if (pending.length === 0) return undefined;
  const end = (): void => {
    for (const steps of pending) steps.return();
  };
  if (
    !convertNow(
      arrays.filter((_, index) => all[index] === 'at once'),
      tensors,
    )
  ) {
    end();
    return undefined;
  }
  const finish = async (): Promise<void> => {
    try {
      for (const steps of pending) {
        do if (yielder.isDue()) await yielder.yieldToEventLoop();
        while (steps.next().done !== true);
      }
    } finally {
      end();
    }
  };
  return finish();
};
