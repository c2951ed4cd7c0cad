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

abstract class Cropping extends BorderLayer<'cropping'> {
  protected override lengthOf(size: number, axis: number): number {
    const [before, after] = this.borders[axis] as [number, number]; // one for each axis
    return size - before - after;
  }

  protected override resize(x: Tensor, first: number): Tensor {
    const ends = x.shape.map((_, axis) => this.ends(axis, first));
    return tf.slice(
      x,
      ends.map(([before]) => before),
      ends.map(([before, after], axis) => (x.shape[axis] ?? 0) - before - after),
    );
  }
}

class Cropping1D extends Cropping {
  static readonly className: string = 'Cropping1D';
  constructor(args: object) {
    super(args, 'cropping', 1, 1);
  }
}
register(Cropping1D);

class Cropping2D extends Cropping {
  static readonly className: string = 'Cropping2D';
  constructor(args: object) {
    super(args, 'cropping', 2, 0);
  }
}
register(Cropping2D);

class Cropping3D extends Cropping {
  static readonly className: string = 'Cropping3D';
  constructor(args: object) {
    super(args, 'cropping', 3, 1);
  }
}
register(Cropping3D);

/** Options of {@link layerCropping1d}. */
export interface Cropping1dOptions extends LayerOptions {
  /** Steps that are cut off at both ends, or at begin and end; 1 by default. */
  cropping?: Border | undefined;
}

/**
 * Cuts steps off both ends of a sequence.
 *
 * In `[batch, steps, features]`, out `[batch, steps − before − after, features]`. No weights.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if `cropping` is no integer of 0 or more, nor two.
 * @throws KerasShapeError if the input has other than three dimensions, or nothing is left.
 * @example
 * const model = pipe(kerasModelSequential(), layerCropping1d({ cropping: [2, 1], inputShape: [10, 4] }))
 * assert.deepStrictEqual(outputShape(model), [null, 7, 4])
 * @see R keras `layer_cropping_1d`
 */
export const layerCropping1d = defineOptionalLayer<Cropping1dOptions>(
  'layerCropping1d',
  (args: object) => new Cropping1D(args),
  { baseName: 'cropping1d', options: { cropping: optional(bordersOf(1), 1) }, rank: inputOf(1) },
);

/** Options of {@link layerCropping2d}. */
export interface Cropping2dOptions extends LayerOptions, FormatOption {
  /** Pixels that are cut off around the image, above and below and on both sides, or `[[top, bottom], [left, right]]`; 0 by default. */
  cropping?: number | readonly [Border, Border] | undefined;
}

/**
 * Cuts pixels off the border of images.
 *
 * In `[batch, height, width, channels]`, out `[batch, height − top − bottom, width − left − right, channels]`. No weights.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if `cropping` is no integer of 0 or more, nor two, nor two pairs.
 * @throws KerasShapeError if the input has other than four dimensions, or nothing is left.
 * @example
 * const model = pipe(kerasModelSequential(), layerCropping2d({ cropping: [[1, 2], 3], inputShape: [10, 10, 3] }))
 * assert.deepStrictEqual(outputShape(model), [null, 7, 4, 3])
 * @see R keras `layer_cropping_2d`
 */
export const layerCropping2d = defineOptionalLayer<Cropping2dOptions>(
  'layerCropping2d',
  (args: object) => new Cropping2D(args),
  {
    baseName: 'cropping2d',
    options: { cropping: optional(bordersOf(2), 0), ...formatChecks },
    rank: inputOf(2),
  },
);

/** Options of {@link layerCropping3d}. */
export interface Cropping3dOptions extends LayerOptions, FormatOption {
  /** What is cut off at both ends of each axis, or a pair for each axis; 1 by default. */
  cropping?: number | readonly [Border, Border, Border] | undefined;
}

/**
 * Cuts off the border of volumes.
 *
 * In `[batch, depth, height, width, channels]`, out the same with shorter axes between batch and channels. No weights.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if `cropping` is no integer of 0 or more, nor three, nor three pairs.
 * @throws KerasShapeError if the input has other than five dimensions, or nothing is left.
 * @example
 * const model = pipe(kerasModelSequential(), layerCropping3d({ cropping: [1, 2, [0, 1]], inputShape: [6, 6, 6, 1] }))
 * assert.deepStrictEqual(outputShape(model), [null, 4, 2, 5, 1])
 * @see R keras `layer_cropping_3d`
 */
export const layerCropping3d = defineOptionalLayer<Cropping3dOptions>(
  'layerCropping3d',
  (args: object) => new Cropping3D(args),
  {
    baseName: 'cropping3d',
    options: { cropping: optional(bordersOf(3), 1), ...formatChecks },
    rank: inputOf(3),
  },
);
