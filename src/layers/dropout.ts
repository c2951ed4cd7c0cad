import { tf, type Tensor } from '../tfjs/tensorflow';
import { dropRate, integer, optional, required, type Check } from '../base/checks';
import { nextSeed } from '../base/random';
import { classOf, singleInput, register, type CallOptions } from '../tfjs/layer-classes';
import { defineLayer } from './internal/define-layer';
import type { LayerOptions } from './internal/options';
import { dropout } from '../ops/random';

/** Options of {@link layerDropout}. */
export interface DropoutOptions extends LayerOptions {
  /** The fraction of the inputs to drop: at least 0 and below 1. */
  rate: number;
  /**
   * The shape of the mask, batch axis included; where it is 1, the values along the axis are dropped together, and
   * `null` stands for the input's size.
   */
  noiseShape?: readonly (number | null)[] | undefined;
  /** A seed of the layer's own; drawn from `setRandomSeed`'s stream by default. */
  seed?: number | undefined;
}

const noiseShape: Check<(number | null)[]> = (value, place) =>
  (Array.isArray(value) ? value : [value]).map((size: unknown) =>
    size === null ? null : integer(size, place),
  );

const TfjsDropout = classOf(tf.layers.dropout({ rate: 0.5 }));

/** tfjs draws its masks number by number in JavaScript, from a generator without a seed. */
class Dropout extends TfjsDropout {
  static readonly className: string = 'Dropout';
  private readonly drawSeed: number;
  private readonly fraction: number;
  private readonly mask: readonly (number | null)[] | null | undefined;

  constructor(args: { rate: number; noiseShape?: (number | null)[]; seed?: number }) {
    super(args as never); // `classOf` cannot know the factory's arguments
    this.drawSeed = args.seed ?? nextSeed();
    this.fraction = args.rate;
    this.mask = args.noiseShape;
  }

  override call(inputs: Tensor | Tensor[], options: CallOptions): Tensor {
    const x = singleInput(inputs);
    if (options['training'] !== true || this.fraction === 0) return x;
    const shape = this.mask?.map((size, axis) => size ?? x.shape[axis] ?? 1);
    return dropout(x, this.fraction, this.drawSeed, shape);
  }
}
register(Dropout);

/**
 * Randomly zeroes inputs while training: `x · mask / (1 − rate)`. Otherwise it does nothing.
 *
 * In `[batch, …]`, out the same shape. `rate` is a fraction of the inputs.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if `rate` is not in [0, 1).
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 4, inputShape: [8] }), layerDropout({ rate: 0.5 }))
 * assert.deepStrictEqual(outputShape(model), [null, 4])
 * @see R keras `layer_dropout`; Srivastava et al. 2014
 */
export const layerDropout = defineLayer<DropoutOptions>(
  'layerDropout',
  (args: ConstructorParameters<typeof Dropout>[0]) => new Dropout(args),
  {
    baseName: 'dropout',
    options: { rate: required(dropRate), noiseShape: optional(noiseShape), seed: optional(integer) },
  },
);
