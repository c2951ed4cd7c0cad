import type { Tensor } from '@tensorflow/tfjs';

/** Masks of what layers have put out, as Keras keeps them at its tensors: the next layer finds them there. */
const masks = new WeakMap<Tensor, Tensor>();

/** The mask that a tensor came with out of a layer, if it is still there. */
export const maskOf = (tensor: Tensor): Tensor | null => {
  const mask = masks.get(tensor);
  return mask === undefined || mask.isDisposed ? null : mask;
};

/** Notes the mask of what a layer has put out. */
export const noteMask = (tensor: Tensor, mask: Tensor | null): void => {
  if (mask === null) masks.delete(tensor);
  else masks.set(tensor, mask);
};

/** Runs something to which tensors have their masks. */
export const withInputMasks = <T>(
  tensors: readonly Tensor[],
  own: readonly (Tensor | null)[],
  run: () => T,
): T => {
  const before = tensors.map(maskOf);
  tensors.forEach((tensor, index) => noteMask(tensor, own[index] ?? null));
  try {
    return run();
  } finally {
    tensors.forEach((tensor, index) => noteMask(tensor, before[index] ?? null));
  }
};
