import { KerasNativeError } from '../base/errors';
import { adviceFor, reasonOf } from '../tfjs/errors';
import { layerOfError } from '../tfjs/layer-apply';

/** What is known of a step that failed in TensorFlow. */
export interface StepFailure {
  /** What TensorFlow says. */
  readonly reason: string;
  /** The operation that failed. */
  readonly operation?: string | undefined;
  /** The layer that it belongs to. */
  readonly layer?: string | undefined;
  readonly cause?: unknown;
}

/** A step in words: its number and its epoch's, which are counted from 0; without an epoch, of an evaluation. */
export const placeOfStep = (step: number, epoch: number | undefined, isTest: boolean): string => {
  const of = epoch === undefined ? '' : ` of ${isTest ? 'the validation after ' : ''}epoch ${epoch + 1}`;
  return `step ${step + 1}${of}`;
};

/** Where a step failed. */
export interface StepPlace {
  /** What failed, as a clause: `step 3 of epoch 1`. */
  readonly place: string;
  /** Whether the step would have changed the weights. */
  readonly isTraining: boolean;
}

/** An error of a step in this library's words. */
export const stepError = (
  { place, isTraining }: StepPlace,
  { reason: said, operation, layer, cause }: StepFailure,
): KerasNativeError => {
  // What TensorFlow makes of a number that int32 does not hold is not what came.
  const reason = said.replace('= -2147483648 is not in', '= a number beyond the 32-bit integers is not in');
  const origin = layer === undefined ? '' : ` of the layer '${layer}'`;
  return new KerasNativeError({
    expected: `${place} must run; ${operation ?? 'an operation'}${origin} failed in TensorFlow`,
    received: reason,
    advice: adviceForStep(reason, isTraining),
    ...(layer === undefined ? {} : { layer }),
    cause,
  });
};

const adviceForStep = (reason: string, isTraining: boolean): string => {
  const kept = isTraining ? 'The model keeps the weights from before this step. ' : '';
  if (/NaN|Inf /.test(reason)) {
    return `${kept}Use a smaller learning rate, scaled data or clipped values`;
  }
  if (/is not in \[0, /.test(reason)) {
    return `${kept}Give an embedding an \`inputDim\` above the largest id`;
  }
  return adviceFor(reason, `${kept}Check the data that goes into this layer`);
};

/** An error in an eager step, if TensorFlow or tfjs is its origin; other errors as they are. */
export const eagerError = (at: StepPlace, error: unknown): unknown => {
  const reason = reasonOf(error);
  return reason === undefined ? error : stepError(at, { reason, layer: layerOfError(error), cause: error });
};

/** Runs a step one operation after the other; what TensorFlow or tfjs refuse names the step. */
export const runStep = <Result>(at: StepPlace, run: () => Result): Result => {
  try {
    return run();
  } catch (error) {
    throw eagerError(at, error);
  }
};

/** The same of a step that takes a while. */
export const runStepLater = async <Result>(at: StepPlace, run: () => Promise<Result>): Promise<Result> => {
  try {
    return await run();
  } catch (error) {
    throw eagerError(at, error);
  }
};
