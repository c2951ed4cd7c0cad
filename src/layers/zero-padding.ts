import { optional } from '../base/checks';
import { register } from '../tfjs/layer-classes';
import { tf, type Tensor } from '../tfjs/tensorflow';
import {
  BorderLayer,
  bordersOf,
  formatChecks,
  type Border,
  type FormatOption,
} from './internal/border-options';
import { defineOptionalLayer } from './internal/define-layer';
import type { LayerOptions } from './internal/options';
import { inputOf } from './internal/window-options';

abstract class ZeroPadding extends BorderLayer<'padding'> {
  protected override lengthOf(size: number, axis: number): number {
    const [before, after] = this.borders[axis] as [number, number]; // one for each axis
    return before + size + after;
  }

  protected override resize(x: Tensor, first: number): Tensor {
    return tf.pad(
      x,
      x.shape.map((_, axis): [number, number] => [...this.ends(axis, first)]),
    );
  }
}

class ZeroPadding1D extends ZeroPadding {
  static readonly className: string = 'ZeroPadding1D';
  constructor(args: object) {
    super(args, 'padding', 1, 1);
  }
}
register(ZeroPadding1D);

class ZeroPadding2D extends ZeroPadding {
  static readonly className: string = 'ZeroPadding2D';
  constructor(args: object) {
    super(args, 'padding', 2, 1);
  }
}
register(ZeroPadding2D);

class ZeroPadding3D extends ZeroPadding {
  static readonly className: string = 'ZeroPadding3D';
  constructor(args: object) {
    super(args, 'padding', 3, 1);
  }
}
register(ZeroPadding3D);

/** Options of {@link layerZeroPadding1d}. */
export interface ZeroPadding1dOptions extends LayerOptions {
  /** Zeros at both ends, or at begin and end; 1 by default. */
  padding?: Border | undefined;
}

/**
 * Zeros before and after a sequence.
 *
 * In `[batch, steps, features]`, out `[batch, before + steps + after, features]`. No weights.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if `padding` is no integer of 0 or more, nor two.
 * @throws KerasShapeError if the input has other than three dimensions.
 * @example
 * const model = pipe(kerasModelSequential(), layerZeroPadding1d({ padding: [2, 1], inputShape: [10, 4] }))
 * assert.deepStrictEqual(outputShape(model), [null, 13, 4])
 * @see R keras `layer_zero_padding_1d`
 */
export const layerZeroPadding1d = defineOptionalLayer<ZeroPadding1dOptions>(
  'layerZeroPadding1d',
  (args: object) => new ZeroPadding1D(args),
  { baseName: 'zero_padding1d', options: { padding: optional(bordersOf(1), 1) }, rank: inputOf(1) },
);

/** Options of {@link layerZeroPadding2d}. */
export interface ZeroPadding2dOptions extends LayerOptions, FormatOption {
  /** Zeros around the image, above and below and on both sides, or `[[top, bottom], [left, right]]`; 1 by default. */
  padding?: number | readonly [Border, Border] | undefined;
}

/**
 * Zeros around images.
 *
 * In `[batch, height, width, channels]`, out `[batch, top + height + bottom, left + width + right, channels]`. No weights.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if `padding` is no integer of 0 or more, nor two, nor two pairs.
 * @throws KerasShapeError if the input has other than four dimensions.
 * @example
 * const model = pipe(kerasModelSequential(), layerZeroPadding2d({ padding: [1, [0, 2]], inputShape: [8, 8, 3] }))
 * assert.deepStrictEqual(outputShape(model), [null, 10, 10, 3])
 * @see R keras `layer_zero_padding_2d`
 */
export const layerZeroPadding2d = defineOptionalLayer<ZeroPadding2dOptions>(
  'layerZeroPadding2d',
  (args: object) => new ZeroPadding2D(args),
  {
    baseName: 'zero_padding2d',
    options: { padding: optional(bordersOf(2), 1), ...formatChecks },
    rank: inputOf(2),
  },
);

/** Options of {@link layerZeroPadding3d}. */
export interface ZeroPadding3dOptions extends LayerOptions, FormatOption {
  /** Zeros around the volume, at both ends of each axis, or a pair for each axis; 1 by default. */
  padding?: number | readonly [Border, Border, Border] | undefined;
}

/**
 * Zeros around volumes.
 *
 * In `[batch, depth, height, width, channels]`, out the same with longer axes between batch and channels. No weights.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if `padding` is no integer of 0 or more, nor three, nor three pairs.
 * @throws KerasShapeError if the input has other than five dimensions.
 * @example
 * const model = pipe(kerasModelSequential(), layerZeroPadding3d({ padding: [0, 1, 2], inputShape: [4, 4, 4, 1] }))
 * assert.deepStrictEqual(outputShape(model), [null, 4, 6, 8, 1])
 * @see R keras `layer_zero_padding_3d`
 */
export const layerZeroPadding3d = defineOptionalLayer<ZeroPadding3dOptions>(
  'layerZeroPadding3d',
  (args: object) => new ZeroPadding3D(args),
  {
    baseName: 'zero_padding3d',
    options: { padding: optional(bordersOf(3), 1), ...formatChecks },
    rank: inputOf(3),
  },
);
