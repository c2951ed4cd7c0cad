import { anyNumber, optional } from '../base/checks';
import { describeShape, KerasShapeError } from '../base/errors';
import type { NoOptions } from '../base/maker';
import { InitializerBase, register } from '../tfjs/base-classes';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { defineInitializer, type InitializerConfig } from './define-initializer';

/**
 * All weights 0.
 *
 * @throws KerasArgumentError if options are given: there are none.
 * @example
 * assert.deepStrictEqual(initializerZeros().apply([2]).arraySync(), [0, 0])
 * @see R keras `initializer_zeros`
 */
export const initializerZeros = defineInitializer<NoOptions>()(
  'initializerZeros',
  ['zeros', 'zero'],
  {},
  () => tf.initializers.zeros(),
);

/**
 * All weights 1.
 *
 * @throws KerasArgumentError if options are given: there are none.
 * @example
 * assert.deepStrictEqual(initializerOnes().apply([2]).arraySync(), [1, 1])
 * @see R keras `initializer_ones`
 */
export const initializerOnes = defineInitializer<NoOptions>()('initializerOnes', ['ones', 'one'], {}, () =>
  tf.initializers.ones(),
);

/** Options of {@link initializerConstant}. */
export interface ConstantOptions {
  /** The value of all weights. Default 0. */
  readonly value?: number | undefined;
}

/**
 * All weights one number.
 *
 * @throws KerasArgumentError if `value` is no number.
 * @example
 * assert.deepStrictEqual(initializerConstant({ value: 3 }).apply([2]).arraySync(), [3, 3])
 * assert.deepStrictEqual(initializerConstant(3).apply([2]).arraySync(), [3, 3])
 * @see R keras `initializer_constant`
 */
export const initializerConstant = defineInitializer<ConstantOptions>()(
  'initializerConstant',
  ['constant'],
  { value: optional(anyNumber, 0) },
  (options) => tf.initializers.constant(options),
);

/** Options of {@link initializerIdentity}. */
export interface IdentityOptions {
  /** The numbers on the diagonal. Default 1. */
  readonly gain?: number | undefined;
}

/** tfjs's own takes square matrices only. */
class Identity extends InitializerBase {
  static readonly className: string = 'Identity';
  private readonly gain: number;

  constructor({ gain }: { readonly gain?: number }) {
    super();
    this.gain = gain ?? 1;
  }

  override apply(shape: number[]): Tensor {
    const [rows, columns] = shape;
    if (rows === undefined || columns === undefined || shape.length !== 2) {
      throw new KerasShapeError({
        function: 'initializerIdentity',
        argument: 'shape',
        expected: 'the weights must be a matrix, to be an identity matrix',
        received: `weights of shape ${describeShape(shape)}`,
        advice: "Give the layer another initializer, for example 'orthogonal'",
      });
    }
    return tf.tidy(() => tf.mul(this.gain, tf.eye(rows, columns)));
  }

  override getConfig(): InitializerConfig {
    return { gain: this.gain };
  }
}
register(Identity);

/**
 * The identity matrix times `gain`: a layer begins by passing on its input.
 *
 * For weights of two dimensions only. Where they are not as many, the further rows or columns are 0.
 *
 * @throws KerasArgumentError if `gain` is no number.
 * @throws KerasShapeError when it is used, for weights that are no matrix.
 * @example
 * assert.deepStrictEqual(initializerIdentity(2).apply([2, 2]).arraySync(), [[2, 0], [0, 2]])
 * @see R keras `initializer_identity`
 */
export const initializerIdentity = defineInitializer<IdentityOptions>()(
  'initializerIdentity',
  ['identity'],
  { gain: optional(anyNumber, 1) },
  (options) => new Identity(options),
);
