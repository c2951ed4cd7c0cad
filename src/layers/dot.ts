import { argumentError, boolean, integer, optional, required, type Check } from '../base/checks';
import { batchDot } from '../ops/batch-dot';
import { KerasLayer, maskOrNone } from '../tfjs/keras-layer';
import { register, type Shape } from '../tfjs/layer-classes';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { defineListLayer } from './internal/define-layer';
import type { LayerOptions } from './internal/options';

interface DotFields {
  readonly axes: number | readonly number[];
  readonly normalize: boolean;
}

const EPSILON = 1e-12;

/** A tensor over its length along an axis. */
const normalized = (x: Tensor, axis: number): Tensor =>
  tf.mul(x, tf.rsqrt(tf.maximum(tf.sum(tf.square(x), axis, true), EPSILON)));

/** The axis of each of two inputs, counted from 0. */
const dotAxes = (axes: number | readonly number[], ranks: readonly number[]): [number, number] => {
  const [first = 0, second = first] = [axes].flat();
  const counted = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);
  return [counted(first, ranks[0] ?? 0), counted(second, ranks[1] ?? 0)];
};

/** tfjs's own takes few numbers of axes. */
class Dot extends KerasLayer<DotFields> {
  static readonly className: string = 'Dot';

  constructor(args: object) {
    super(args, { axes: -1, normalize: false });
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.tidy(() => {
      const [left, right] = inputs as [Tensor, Tensor]; // there are two, as is checked
      const [ofLeft, ofRight] = dotAxes(this.own.axes, [left.rank, right.rank]);
      const [a, b] = this.own.normalize
        ? [normalized(left, ofLeft), normalized(right, ofRight)]
        : [left, right];
      return batchDot(a, b, [ofLeft, ofRight]);
    });
  }

  override computeMask(): Tensor {
    return maskOrNone(null); // as in Keras, none comes out
  }

  override computeOutputShape(inputShapes: Shape | Shape[]): Shape {
    const [left = [], right = []] = inputShapes as Shape[]; // as in call
    const [ofLeft, ofRight] = dotAxes(this.own.axes, [left.length, right.length]);
    const sizes = [
      ...left.filter((_, axis) => axis !== ofLeft),
      ...right.slice(1).filter((_, axis) => axis + 1 !== ofRight),
    ];
    return sizes.length === 1 ? [sizes[0] ?? null, 1] : sizes;
  }
}
register(Dot);

/** Options of {@link layerDot}. */
export interface DotOptions extends LayerOptions {
  /** The axis of the sum, or that of each of the two inputs, counted with the batch axis as 0; −1 is the last. */
  axes: number | readonly [number, number];
  /** Whether both are divided by their lengths along that axis, so that the output is the cosine of their angle; false by default. */
  normalize?: boolean | undefined;
}

const dotAxesCheck: Check<number[]> = (value, place) => {
  const list: unknown[] = [value].flat();
  if (list.length !== 1 && list.length !== 2)
    throw argumentError(place, 'an integer, or one for each input', value);
  const axes = list.map((axis) => integer(axis, place));
  if (axes.includes(0)) throw argumentError(place, 'an axis after that of the batch, 0', value);
  return axes;
};

const dotChecks = { axes: required(dotAxesCheck), normalize: optional(boolean, false) };

/**
 * Sums of products of two inputs along an axis, for each sample: `output[i, …, j, …] = Σ_k a[i, …, k, …] · b[j, …, k, …]`.
 *
 * In `[a, b]`, `[batch, …]` with one size along `axes`; out `[batch, …other axes of a, …other axes of b]`, and `[batch, 1]` for
 * vectors.
 *
 * `axes` are counted from 0, with the batch axis, as in R.
 *
 * @throws KerasArgumentError if `axes` are no integers, or are the batch axis.
 * @throws KerasShapeError if the sizes along the axes differ, or there are not two inputs.
 * @example
 * const user = layerInput({ shape: [8] })
 * const film = layerInput({ shape: [8] })
 * const model = kerasModel([user, film], layerDot([user, film], { axes: 1, normalize: true }))
 * assert.deepStrictEqual(outputShape(model), [null, 1])
 * @see R keras `layer_dot`
 */
export const layerDot = defineListLayer<DotOptions, typeof dotChecks>(
  'layerDot',
  // Keras's configuration has one number where one is given.
  ({ axes, ...args }: { readonly axes: number[] }) =>
    new Dot({ ...args, axes: axes.length === 1 ? axes[0] : axes }),
  {
    baseName: 'dot',
    options: dotChecks,
    shapeRequirement: (shapes, { axes }) => {
      if (shapes.length !== 2) {
        return { needs: `two inputs, and has ${shapes.length}`, advice: 'Give it a list of two: [a, b]' };
      }
      const ranks = shapes.map(({ length }) => length);
      const chosen = dotAxes(axes, ranks);
      const missing = chosen.findIndex((axis, input) => axis < 1 || axis >= (ranks[input] ?? 0));
      if (missing !== -1) {
        return {
          needs: `inputs with the axes ${axes.join(' and ')}`,
          advice: `Give \`axes\` from 1 to ${Math.min(...ranks) - 1}`,
        };
      }
      const [a, b] = chosen.map((axis, input) => shapes[input]?.[axis] ?? null);
      return a === null || b === null || a === b
        ? undefined
        : {
            needs: `inputs of one size along the axes of the sum, and has ${a} and ${b}`,
            advice: 'Change `axes`, or project one of them with layerDense',
          };
    },
  },
);
