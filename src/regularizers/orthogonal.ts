import { nonNegativeNumber, oneOf, optional } from '../base/checks';
import { describeShape, KerasShapeError } from '../base/errors';
import { RegularizerBase, register } from '../tfjs/base-classes';
import { tf, type Scalar, type Tensor } from '../tfjs/tensorflow';
import { defineRegularizer } from './define-regularizer';

/** Options of {@link regularizerOrthogonal}. */
export interface OrthogonalRegularizerOptions {
  /** The factor of the penalty, of 0 or more. Default 0.01. */
  readonly factor?: number | undefined;
  /** Whether rows, the default, or columns are to stand at right angles. */
  readonly mode?: 'rows' | 'columns' | undefined;
}

class OrthogonalRegularizer extends RegularizerBase {
  static readonly className: string = 'OrthogonalRegularizer';
  readonly factor: number;
  readonly mode: 'rows' | 'columns';

  constructor({ factor = 0.01, mode = 'rows' }: OrthogonalRegularizerOptions = {}) {
    super();
    this.factor = factor;
    this.mode = mode;
  }

  override apply(weights: Tensor): Scalar {
    if (weights.rank !== 2) {
      throw new KerasShapeError({
        function: 'regularizerOrthogonal',
        argument: 'weights',
        expected: 'the weights must be a matrix',
        received: `weights of shape ${describeShape(weights.shape)}`,
        advice: "Use it for kernels of dense layers, or 'l2' here",
      });
    }
    return tf.tidy(() => {
      const isRows = this.mode === 'rows';
      const length = tf.sum(tf.square(weights), isRows ? 1 : 0, true);
      const unit = tf.mul(weights, tf.rsqrt(tf.maximum(length, 1e-12))).as2D(...sizesOf(weights));
      const size = isRows ? unit.shape[0] : unit.shape[1];
      // One vector alone has nothing to stand at a right angle to.
      const pairs = Math.max(1, (size * (size - 1)) / 2);
      const products = tf.matMul(unit, unit, !isRows, isRows);
      const others = tf.mul(products, tf.sub(1, tf.eye(size)));
      return tf.mul<Scalar>(tf.sum(tf.abs(others)), (this.factor * 0.5) / pairs);
    });
  }

  override getConfig(): { readonly factor: number; readonly mode: string } {
    return { factor: this.factor, mode: this.mode };
  }
}
register(OrthogonalRegularizer);

const sizesOf = ({ shape: [rows = 0, columns = 0] }: Tensor): [number, number] => [rows, columns];

/**
 * A penalty that is 0 where the rows, or columns, of a matrix stand at right angles: `factor` times the mean of `|cos|` over all
 * pairs of them.
 *
 * For weights of two dimensions.
 *
 * @throws KerasArgumentError if an option is unknown or out of range.
 * @throws KerasShapeError when it is used, for weights that are no matrix.
 * @example
 * assert.strictEqual(regularizerOrthogonal().apply(tf.eye(3)).arraySync(), 0)
 * const alike = regularizerOrthogonal({ factor: 1 }).apply(tf.ones([2, 2]))
 * assert.ok(Math.abs(alike.arraySync() - 1) < 1e-6)
 * @see R keras `regularizer_orthogonal`
 */
export const regularizerOrthogonal = defineRegularizer<OrthogonalRegularizerOptions>()(
  'regularizerOrthogonal',
  ['orthogonal_regularizer', 'orthogonal'],
  { factor: optional(nonNegativeNumber, 0.01), mode: optional(oneOf('rows', 'columns'), 'rows') },
  (options) => new OrthogonalRegularizer(options),
);
