import { describeShape, KerasShapeError } from '../base/errors';
import type { NoOptions } from '../base/maker';
import { ConstraintBase, register } from '../tfjs/base-classes';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { defineConstraint } from './define-constraint';

/**
 * For each place of a square kernel of a size, the place whose value it takes. As Keras has it: the middle takes the value that is
 * one step from it towards the first corner, each ring around it that on the diagonal towards the last one.
 */
const sources = (size: number): number[] => {
  const start = Math.floor(size / 2);
  const onDiagonal = (index: number): number => index * size + index;
  return Array.from({ length: size * size }, (_, place) => {
    const fromMiddle = (coordinate: number): number => Math.abs(coordinate - (size - 1) / 2);
    const ring = Math.ceil(Math.max(fromMiddle(Math.floor(place / size)), fromMiddle(place % size)));
    const isMiddle = size % 2 === 1 ? ring === 0 : ring === 1;
    if (isMiddle) return onDiagonal(Math.max(0, start - 1));
    return onDiagonal(start + ring - 1);
  });
};

class RadialConstraint extends ConstraintBase {
  static readonly className: string = 'RadialConstraint';

  override apply(weights: Tensor): Tensor {
    const [height = 0, width = 0, channels = 0, filters = 0] = weights.shape;
    if (weights.rank !== 4 || height !== width) {
      throw new KerasShapeError({
        function: 'constraintRadial',
        argument: 'weights',
        expected: 'the weights must be a kernel [size, size, channels, filters]',
        received: `weights of shape ${describeShape(weights.shape)}`,
        advice: 'Use it for the square kernels of convolutions over images',
      });
    }
    return tf.tidy(() => {
      const places = tf.reshape(weights, [height * width, channels * filters]);
      return tf.reshape(tf.gather(places, tf.tensor1d(sources(height), 'int32')), weights.shape);
    });
  }
}
register(RadialConstraint);

/**
 * Makes kernels of convolutions over images round: all weights of a ring around the middle become one.
 *
 * For weights `[size, size, channels, filters]`.
 *
 * @throws KerasArgumentError if options are given: there are none.
 * @throws KerasShapeError when it is used, for weights of another shape.
 * @example
 * const kernel = tf.reshape(tf.range(0, 16), [4, 4, 1, 1])
 * const round = constraintRadial().apply(kernel)
 * assert.deepStrictEqual([...round.dataSync()], [15, 15, 15, 15, 15, 5, 5, 15, 15, 5, 5, 15, 15, 15, 15, 15])
 * @see Keras 2.13 `RadialConstraint`
 */
export const constraintRadial = defineConstraint<NoOptions>()(
  'constraintRadial',
  ['radial_constraint', 'radial'],
  {},
  () => new RadialConstraint(),
);
