import { isDeferred } from '../tfjs/deferred-values';
import { uploadInSteps } from '../tfjs/binding';
import type { Variable } from '../tfjs/tensorflow';

/**
 * Brings large values of variables to TensorFlow that JavaScript has made, such as the first ones of an embedding, a part at a time: else the first look
 * at them would copy them as a whole. Between two parts `pause` lets others run. Undefined where there is nothing to wait for.
 */
export const uploadVariables = (
  variables: readonly Variable[],
  pause: () => Promise<void>,
): Promise<void> | undefined => {
  // What is elsewhere, TensorFlow has made.
  const uploads = variables.filter((variable) => !isDeferred(variable)).map(uploadInSteps);
  const pending = uploads.filter((upload) => upload.next().done !== true);
  if (pending.length === 0) return undefined;
  const finish = async (): Promise<void> => {
    try {
      for (const upload of pending) {
        do await pause();
        while (upload.next().done !== true);
      }
    } finally {
      for (const upload of pending) upload.return();
    }
  };
  return finish();
};
