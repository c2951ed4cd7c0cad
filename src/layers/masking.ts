import type { NoOptions } from '../base/maker';
import { anyNumber, nonNegativeNumber, optional } from '../base/checks';
import { initializerIdentity } from '../initializers/constant';
import { KerasLayer, maskOrNone } from '../tfjs/keras-layer';
import { register, singleInput } from '../tfjs/layer-classes';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { defineOptionalLayer } from './internal/define-layer';
import type { LayerOptions } from './internal/options';

interface MaskingFields {
  readonly maskValue: number;
}

class Masking extends KerasLayer<MaskingFields> {
  static readonly className: string = 'Masking';

  constructor(args: object) {
    super(args, { maskValue: 0 });
  }

  /** Whether a step has any other value than the one that stands for padding. */
  private present(x: Tensor, keepDims: boolean): Tensor {
    return tf.any(tf.notEqual(x, this.own.maskValue), -1, keepDims);
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    // Whether a step is there has no gradient, and tfjs none of the operations that say so.
    const masked = tf.customGrad((...args) => {
      const [x, save] = args as unknown as [Tensor, (tensors: Tensor[]) => void]; // tfjs hands `save` last
      const present = tf.cast(this.present(x, true), 'float32');
      save([present]);
      return {
        value: tf.mul(x, present),
        gradFunc: (gradient: Tensor, saved: Tensor[]) => tf.mul(gradient, saved[0] as Tensor), // the one that was saved
      };
    });
    return tf.tidy(() => masked(singleInput(inputs)));
  }

  override computeMask(inputs: Tensor | Tensor[]): Tensor {
    return maskOrNone(tf.tidy(() => this.present(singleInput(inputs), false)));
  }
}
register(Masking);

/** Options of {@link layerMasking}. */
export interface MaskingOptions extends LayerOptions {
  /** The value that all features of a step have where there is nothing; 0 by default. */
  maskValue?: number | undefined;
}

/**
 * Makes a mask: steps whose features all are `maskValue` are padding, which later layers skip.
 *
 * In `[batch, steps, features]`, out the same, zeros where there is padding. No weights.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if `maskValue` is no number.
 * @throws KerasShapeError if the input has no axis of steps.
 * @example
 * const model = pipe(kerasModelSequential(), layerMasking({ maskValue: -1, inputShape: [10, 3] }), layerLstm({ units: 4 }))
 * assert.deepStrictEqual(outputShape(model), [null, 4])
 * @see R keras `layer_masking`
 */
export const layerMasking = defineOptionalLayer<MaskingOptions>(
  'layerMasking',
  (args: object) => new Masking(args),
  {
    baseName: 'masking',
    options: { maskValue: optional(anyNumber, 0) },
    rank: { minNDim: 3, maxNDim: 8, advice: 'Give it sequences of vectors, [batch, steps, features]' },
  },
);

/** A layer that puts out what goes in. */
abstract class Passing<Fields extends object> extends KerasLayer<Fields> {
  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.clone(singleInput(inputs));
  }
}

interface ActivityRegularizationFields {
  readonly l1: number;
  readonly l2: number;
}

class ActivityRegularization extends Passing<ActivityRegularizationFields> {
  static readonly className: string = 'ActivityRegularization';

  constructor(args: object) {
    super(args, { l1: 0, l2: 0 });
    const { l1, l2 } = this.own;
    this.activityRegularizer = tf.regularizers.l1l2({ l1, l2 });
  }
}
register(ActivityRegularization);

/** Options of {@link layerActivityRegularization}. */
export interface ActivityRegularizationOptions extends LayerOptions {
  /** The factor of the sum of absolute values; 0 by default. */
  l1?: number | undefined;
  /** The factor of the sum of squares; 0 by default. */
  l2?: number | undefined;
}

/**
 * Adds a penalty on its input to the loss, and puts it out as it is: `(l1 · Σ |x| + l2 · Σ x²) / rows`.
 *
 * In `[batch, …]`, out the same. No weights. Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if a factor is negative.
 * @example
 * const model = pipe(kerasModelSequential(), layerActivityRegularization({ l2: 0.01, inputShape: [8] }))
 * assert.deepStrictEqual(outputShape(model), [null, 8])
 * @see R keras `layer_activity_regularization`
 */
export const layerActivityRegularization = defineOptionalLayer<ActivityRegularizationOptions>(
  'layerActivityRegularization',
  (args: object) => new ActivityRegularization(args),
  {
    baseName: 'activity_regularization',
    options: { l1: optional(nonNegativeNumber, 0), l2: optional(nonNegativeNumber, 0) },
  },
);

class Identity extends Passing<NoOptions> {
  static readonly className: string = 'Identity';

  constructor(args: object) {
    super(args, {});
  }

  /** Keras has an initializer of this name, too, in a list of its own; tfjs has one list for all classes. */
  static override fromConfig<T>(constructor: new (config: never) => T, config: object): T {
    return 'gain' in config
      ? (initializerIdentity(Number(config.gain)) as unknown as T) // the configuration is the initializer's
      : new constructor(config as never); // what `getConfig` gave
  }
}
register(Identity);

/**
 * Puts out what goes in: a place for another layer, or a name for a tensor.
 *
 * In `[batch, …]`, out the same. No weights. Adds the layer to a Sequential model in place and returns that model.
 *
 * @example
 * const model = pipe(kerasModelSequential(), layerIdentity({ inputShape: [8] }))
 * assert.deepStrictEqual(outputShape(model), [null, 8])
 * @see R keras3 `layer_identity`
 */
export const layerIdentity = defineOptionalLayer<LayerOptions>(
  'layerIdentity',
  (args: object) => new Identity(args),
  { baseName: 'identity', options: {}, keepsTypes: true },
);
