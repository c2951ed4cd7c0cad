import { tf, type Tensor } from '../../tfjs/tensorflow';
import type { UnmetRequirement } from './target';

export type Shapes = readonly (readonly (number | null)[])[];

export const sameRank = (shapes: Shapes): UnmetRequirement | undefined =>
  shapes.every(({ length }) => length === shapes[0]?.length)
    ? undefined
    : {
        needs: 'inputs of one number of dimensions',
        advice: 'Give them the same number of dimensions, for example with layerReshape or layerFlatten',
      };

/** What is wrong with the sizes of one axis: those that are known must be the same; `or` is allowed besides. */
export const sameSizes = (shapes: Shapes, axis: number, or?: number): boolean => {
  const known = new Set(shapes.map((shape) => shape[axis]).filter((size) => size !== null && size !== or));
  return known.size <= 1;
};

/** Tensors in the one type that holds the values of all: TensorFlow joins no others. */
export const inOneType = (tensors: readonly Tensor[]): Tensor[] => {
  const types = new Set(tensors.map(({ dtype }) => dtype));
  if (types.size === 1) return [...tensors];
  const common = types.has('float32') ? 'float32' : 'int32';
  return tensors.map((tensor) => tf.cast(tensor, common));
};

export type Masks = readonly (Tensor | null | undefined)[];

/** A step is there if it is there in all inputs that have a mask. A new tensor always: whoever asked frees it. */
export const inAll = (masks: Masks): Tensor | null => {
  const present = masks.filter((mask) => mask !== null && mask !== undefined);
  const [first] = present;
  if (first === undefined) return null;
  return tf.tidy(() => present.reduce((all, one) => tf.logicalAnd(all, one), tf.onesLike(first)));
};
