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

/** An error of a step in this library's words. */
export const stepError = (
  verb: string,
  place: string,
  { reason, operation, layer, cause }: StepFailure,
): KerasNativeError => {
  const origin = layer === undefined ? '' : ` of the layer '${layer}'`;
  return new KerasNativeError({
    function: verb,
    expected: `${place} must run; ${operation ?? 'an operation'}${origin} failed in TensorFlow`,
    received: reason,
    advice: adviceForStep(reason),
    ...(layer === undefined ? {} : { layer }),
    cause,
  });
};

const adviceForStep = (reason: string): string => {
  if (/NaN|Inf /.test(reason)) {
    return 'The model keeps the weights from before this step. Use a smaller learning rate, scaled data or clipped values';
  }
  if (/is not in \[0, /.test(reason)) {
    return 'The model keeps the weights from before this step. Give an embedding an `inputDim` above the largest id';
  }
  return adviceFor(
    reason,
    'The model keeps the weights from before this step. Check the data that goes into this layer',
  );
};

/** An error in an eager step, if TensorFlow or tfjs is its origin; other errors as they are. */
export const eagerError = (verb: string, place: string, error: unknown): unknown => {
  const reason = reasonOf(error);
  return reason === undefined
    ? error
    : stepError(verb, place, { reason, layer: layerOfError(error), cause: error });
};
