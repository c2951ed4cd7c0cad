/** Masks that a layer or a model is called with. */
import { argumentError, type Check } from '../../base/checks';
import { describeShape, KerasShapeError } from '../../base/errors';
import { tf, type Tensor } from '../../tfjs/tensorflow';

/** Which steps of the (first) input are there, or a list, one for each input; null for all. */
export type InputMask = Tensor | null | readonly (Tensor | null)[];

/** The check of masks. */
export const inputMask: Check<InputMask> = (value, place) => {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.every((mask) => mask === null || mask instanceof tf.Tensor)) return value as InputMask; // as just seen
  throw argumentError(
    place,
    'a tensor, [batch, steps], a list of them, one for each input, or null',
    value,
    "Write tf.tensor([[1, 1, 0]], undefined, 'bool')",
  );
};

/** A mask goes over the first axes of an input. */
const checkShape = (input: Tensor, mask: Tensor): void => {
  const fits = mask.shape.every((size, axis) => size === 1 || size === input.shape[axis]);
  if (fits && mask.rank > 0) return;
  throw new KerasShapeError({
    argument: 'mask',
    expected: `\`mask\` must have a truth value for each step of the input, whose shape is ${describeShape(input.shape)}`,
    received: `shape ${describeShape(mask.shape)}`,
    advice: 'Give a mask of the first axes of the input, [batch, steps]',
  });
};

/** The mask of each input, where masks are given. To be called inside a tidy. */
export const masksFor = (
  inputs: readonly Tensor[],
  mask: InputMask | undefined,
): readonly (Tensor | null)[] | undefined => {
  if (mask === undefined) return undefined;
  const list = [mask].flat() as (Tensor | null)[]; // of masks
  if (list.length > inputs.length) {
    throw new KerasShapeError({
      argument: 'mask',
      expected: `there must be no more masks than inputs, ${inputs.length}`,
      received: `${list.length}`,
      advice: 'Give one mask for each input, null for those of which all steps are there',
    });
  }
  return inputs.map((input, index) => {
    const one = list[index] ?? null;
    if (one === null) return null;
    checkShape(input, one);
    return one.dtype === 'bool' ? one : tf.cast(one, 'bool');
  });
};
