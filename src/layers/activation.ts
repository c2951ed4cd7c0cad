import { tf, type Tensor } from '../tfjs/tensorflow';
import { activation, type ActivationLike } from '../activations/registry';
import { integer, optional, required } from '../base/checks';
import { KerasLayer } from '../tfjs/keras-layer';
import { classOf, singleInput, register, type CallOptions, type LayerArguments } from '../tfjs/layer-classes';
import { fromLogits, withLogitsOf } from '../ops/logits';
import { defineLayer, defineOptionalLayer } from './internal/define-layer';
import type { LayerOptions } from './internal/options';

/** Options of {@link layerActivation}. */
export interface ActivationOptions extends LayerOptions {
  /** A name, or a function of a tensor. */
  activation: ActivationLike;
}

const TfjsActivation = classOf(tf.layers.activation({ activation: 'linear' }));

/** Behind the linear activation are the logits that are behind its input, as in Keras. */
class Activation extends TfjsActivation {
  static readonly className: string = 'Activation';

  override call(inputs: Tensor | Tensor[], options: CallOptions): Tensor {
    const x = singleInput(inputs);
    const output = singleInput(super.call(inputs, options));
    return output === x ? withLogitsOf(tf.clone(x), x) : output;
  }
}
register(Activation);

/**
 * Applies an activation to its input: `output = activation(input)`.
 *
 * In `[batch, …]`, out the same shape. Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError for an unknown activation.
 * @example
 * const model = pipe(kerasModelSequential(), layerActivation({ activation: 'tanh', inputShape: [3] }))
 * assert.deepStrictEqual(outputShape(model), [null, 3])
 * @see R keras `layer_activation`
 */
export const layerActivation = defineLayer<ActivationOptions>(
  'layerActivation',
  (args: never) => new Activation(args),
  {
    baseName: 'activation',
    options: { activation: required(activation) },
  },
);

/**
 * Scaled exponential linear unit: `1.0507 · elu(x, 1.6733)`, which keeps mean and variance through layers.
 *
 * In `[batch, …]`, out the same shape. Adds the layer to a Sequential model in place and returns that model.
 *
 * @example
 * const model = pipe(kerasModelSequential(), layerActivationSelu({ inputShape: [3] }))
 * assert.deepStrictEqual(outputShape(model), [null, 3])
 * @see R keras `layer_activation_selu`; Klambauer et al. 2017
 */
export const layerActivationSelu = defineOptionalLayer<LayerOptions>(
  'layerActivationSelu',
  (args: LayerArguments) => new Activation({ ...args, activation: 'selu' } as never),
  { baseName: 'activation', options: {} },
);

/** Options of {@link layerActivationSoftmax}. */
export interface SoftmaxOptions extends LayerOptions {
  /** The axis that sums to one, counted with the batch axis; −1, the last, by default. */
  axis?: number | undefined;
}

/** tfjs's Softmax works along the last axis only. */
class Softmax extends KerasLayer<{ readonly axis: number }> {
  static readonly className: string = 'Softmax';

  constructor(args: object = {}) {
    super(args, { axis: -1 });
  }

  override call(inputs: Tensor | Tensor[], options: CallOptions = {}): Tensor {
    return tf.tidy(() => {
      const given = singleInput(inputs);
      const [mask] = [options['mask'] as Tensor | Tensor[] | null | undefined].flat();
      // Along one that is of another rank, as of steps whose features these are, all of a step is there or none.
      const isOfPlaces = mask !== null && mask !== undefined && mask.rank === given.rank;
      const x = isOfPlaces ? tf.add(given, tf.mul(tf.sub(1, tf.cast(mask, 'float32')), -1e9)) : given;
      const axis = this.own.axis < 0 ? this.own.axis + x.rank : this.own.axis;
      if (axis === x.rank - 1) return fromLogits(tf.softmax(x), x, 'crossentropy of classes');
      const exponential = tf.exp(tf.sub(x, tf.max(x, axis, true)));
      return tf.div(exponential, tf.sum(exponential, axis, true));
    });
  }
}
register(Softmax);

const softmaxChecks = { axis: optional(integer, -1) };

/**
 * Softmax: `exp(x) / Σ exp(x)` along one axis.
 *
 * In `[batch, …]`, out the same shape; places that a mask of that shape leaves out are 0. Adds the layer to a Sequential model in place and
 * returns that model.
 *
 * @throws KerasArgumentError if `axis` is no integer.
 * @example
 * const model = pipe(kerasModelSequential(), layerActivationSoftmax({ inputShape: [3] }))
 * assert.deepStrictEqual(outputShape(model), [null, 3])
 * @see R keras `layer_activation_softmax`
 */
export const layerActivationSoftmax = defineOptionalLayer<SoftmaxOptions, typeof softmaxChecks>(
  'layerActivationSoftmax',
  (args: object) => new Softmax(args),
  {
    baseName: 'softmax',
    options: softmaxChecks,
    shapeRequirement: ([shape = []], { axis }) => {
      if (axis >= -shape.length && axis < shape.length) return undefined;
      return {
        needs: `input with an axis ${axis}`,
        advice: `Give an \`axis\` from 1 to ${shape.length - 1}, or −1 for the last`,
      };
    },
  },
);
