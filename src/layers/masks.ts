import { tf } from '../tensorflow';
import type { CallOptions } from './custom';

interface Applied {
  apply(inputs: unknown, options?: CallOptions): unknown;
}

let done = false;

/**
 * Gives each layer the mask of its own input only. tfjs hands one options object from layer to layer, and writes a
 * mask into it where there is one; a later layer whose input has none would find the mask of an earlier layer.
 */
export const maskEachLayer = (): void => {
  if (done) return;
  done = true;
  const prototype = tf.layers.Layer.prototype as Applied; // wider than tfjs's own type of it
  // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with its layer below
  const apply = prototype.apply;
  prototype.apply = function (this: Applied, inputs, options): unknown {
    const own = { ...options };
    delete options?.['mask'];
    return apply.call(this, inputs, own);
  };
};
