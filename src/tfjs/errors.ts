import { isTfjsFile, originOf } from '../base/call-site';
import { messageOf } from '../base/causes';
import { KerasError, KerasNativeError } from '../base/errors';
import { setErrorTranslation } from '../base/function-name';
import { layerOfError } from './layer-apply';

/**
 * What TensorFlow or tfjs says in an error of its own, in one line; undefined for other errors, as those of a function that
 * the user gave.
 */
export const reasonOf = (error: unknown): string | undefined => {
  if (error instanceof KerasError) return undefined;
  // A native error may be of another realm than this module's, so it is known by its text.
  const status = /TF_Status: \d+\s*Message: ([^\n]*)/.exec(messageOf(error))?.[1];
  if (status !== undefined) return status;
  const origin = originOf(error);
  return origin !== undefined && isTfjsFile(origin) ? messageOf(error).replaceAll(/\s+/g, ' ') : undefined;
};

/** What to do about an error of TensorFlow's or tfjs's, from what it says. */
export const adviceFor = (reason: string, otherwise: string): string =>
  /OOM|out of memory|bad_alloc|allocat/i.test(reason)
    ? 'Use a smaller batchSize or a smaller model'
    : otherwise;

/**
 * What tfjs or TensorFlow refuse, in this library's form and with the layer that it arose in; which function was called is filled
 * in where the error leaves it. Other errors, as those of functions that the user gave, stay as they are.
 */
export const wrapTfjsError = (error: unknown): unknown => {
  const reason = reasonOf(error);
  if (reason === undefined) return error;
  const layer = layerOfError(error);
  return new KerasNativeError({
    expected: `${layer === undefined ? 'all operations' : `the layer '${layer}'`} must run; TensorFlow refused`,
    received: reason,
    advice: adviceFor(
      reason,
      `Check the data that goes into ${layer === undefined ? 'it' : 'this layer'}: its shape, type and values`,
    ),
    ...(layer === undefined ? {} : { layer }),
    cause: error,
  });
};
setErrorTranslation(wrapTfjsError);
