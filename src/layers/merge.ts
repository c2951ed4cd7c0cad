import { tf, type Tensor } from '../tfjs/tensorflow';
import { integer, optional } from '../base/checks';
import { joinedAxisOf } from '../tfjs/private';
import { classOf, register, type Shape } from '../tfjs/layer-classes';
import { defineMergeLayer } from './internal/define-layer';
import { inAll, inOneType, sameRank, sameSizes, type Masks } from './internal/merging';
import type { LayerOptions } from './internal/options';

/** Options of {@link layerConcatenate}. */
export interface ConcatenateOptions extends LayerOptions {
  /** The axis along which inputs are joined, counted with the batch axis; −1, the last, by default. */
  axis?: number | undefined;
}

const TfjsConcatenate = classOf(tf.layers.concatenate());

/**
 * tfjs takes any negative axis for the last, and sizes that are not known for different from those that are; and it cannot
 * join along the steps where only some of the inputs have masks.
 */
class Concatenate extends TfjsConcatenate {
  static readonly className: string = 'Concatenate';

  private get joined(): number {
    return joinedAxisOf(this);
  }

  override build(): void {
    this.built = true; // it has no weights, and the shapes are checked
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.concat(inOneType([inputs].flat()), this.joined);
  }

  override computeMask(inputs: Tensor | Tensor[], mask?: Tensor | Tensor[] | null): Tensor {
    const tensors = [inputs].flat();
    const masks: Masks = [mask].flat();
    const rank = masks.find((one) => one !== null && one !== undefined)?.rank;
    const axis = this.joined < 0 ? this.joined + (tensors[0]?.rank ?? 0) : this.joined;
    // tfjs takes no mask for null, though the type of its method does not say so.
    if (rank === undefined || axis >= rank) return inAll(masks) as Tensor;
    return tf.tidy(() =>
      tf.concat(
        tensors.map(({ shape }, index) => masks[index] ?? tf.ones(shape.slice(0, rank), 'bool')),
        axis,
      ),
    );
  }

  override computeOutputShape(inputShapes: Shape | Shape[]): Shape {
    const shapes = inputShapes as Shape[]; // it takes several inputs
    const rank = shapes[0]?.length ?? 0;
    const axis = this.joined < 0 ? this.joined + rank : this.joined;
    return Array.from({ length: rank }, (_, index) => {
      const sizes = shapes.map((shape) => shape[index] ?? null);
      if (index !== axis) return sizes.find((size) => size !== null) ?? null;
      return sizes.reduce((sum, size) => (sum === null || size === null ? null : sum + size));
    });
  }
}
register(Concatenate);

const concatenateChecks = { axis: optional(integer, -1) };

/**
 * Joins inputs along one axis.
 *
 * In a list of `[batch, …]` that agree in all other axes, out the same with the axis's sizes added up. Where the inputs are of
 * different types, the output is of the one that holds all: integers become floats beside floats, as in Keras 3.
 *
 * @throws KerasShapeError if the inputs differ in another axis.
 * @example
 * const a = layerInput({ shape: [2] })
 * const b = layerInput({ shape: [3] })
 * const model = kerasModel([a, b], pipe([a, b], layerConcatenate()))
 * assert.deepStrictEqual(outputShape(model), [null, 5])
 * @see R keras `layer_concatenate`
 */
export const layerConcatenate = defineMergeLayer<ConcatenateOptions, typeof concatenateChecks>(
  'layerConcatenate',
  (args: never) => new Concatenate(args),
  {
    baseName: 'concatenate',
    options: concatenateChecks,
    keepsTypes: true,
    texts: 'kept',
    shapeRequirement: (shapes, { axis }) => {
      const rank = shapes[0]?.length ?? 0;
      if (axis < -rank || axis >= rank) {
        return {
          needs: `input with an axis ${axis}`,
          advice: `Give an \`axis\` from 0, the batch axis, to ${rank - 1}, or from −1 down from the last`,
        };
      }
      const joined = axis < 0 ? axis + rank : axis;
      const differing = Array.from({ length: rank }, (_, index) => index).filter(
        (index) => index !== joined && !sameSizes(shapes, index),
      );
      return (
        sameRank(shapes) ??
        (differing.length === 0
          ? undefined
          : {
              needs: `inputs of the same sizes in all axes but ${joined}, along which it joins them`,
              advice: `They differ in axis ${differing.join(' and ')}; make the sizes equal, or give another \`axis\``,
            })
      );
    },
  },
);
