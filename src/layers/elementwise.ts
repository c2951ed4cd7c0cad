import type { NoOptions } from '../base/maker';
import { KerasLayer, maskOrNone } from '../tfjs/keras-layer';
import { register, type Shape } from '../tfjs/layer-classes';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { defineMergeLayer } from './internal/define-layer';
import { inAll, inOneType, sameRank, sameSizes, type Shapes } from './internal/merging';
import type { LayerOptions } from './internal/options';
import type { UnmetRequirement } from './internal/target';

/** Inputs element by element, a size of 1 stretched to that of the others. tfjs's own join masks to one of a wrong shape. */
abstract class Elementwise extends KerasLayer<NoOptions> {
  constructor(args: object) {
    super(args, {});
  }

  /** What becomes of several tensors of one type. */
  protected abstract merge(tensors: Tensor[]): Tensor;

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.tidy(() => {
      const tensors = inOneType([inputs].flat());
      const shape = this.computeOutputShape(tensors.map((tensor) => tensor.shape)) as number[]; // sizes of values are known
      // tfjs's gradients of the largest and the smallest know no stretching.
      return this.merge(
        tensors.map((tensor) =>
          tensor.shape.every((size, axis) => size === shape[axis]) ? tensor : tf.broadcastTo(tensor, shape),
        ),
      );
    });
  }

  override computeMask(_inputs: Tensor | Tensor[], mask?: Tensor | Tensor[] | null): Tensor {
    return maskOrNone(inAll([mask].flat()));
  }

  override computeOutputShape(inputShapes: Shape | Shape[]): Shape {
    const shapes = inputShapes as Shape[]; // it takes several inputs
    return (shapes[0] ?? []).map((_, axis) => {
      const sizes = shapes.map((shape) => shape[axis] ?? null).filter((size) => size !== 1);
      if (sizes.length === 0) return 1;
      return sizes.find((size) => size !== null) ?? null;
    });
  }
}

class Add extends Elementwise {
  static readonly className: string = 'Add';
  protected override merge(tensors: Tensor[]): Tensor {
    return tensors.reduce((sum, tensor) => tf.add(sum, tensor));
  }
}
register(Add);

class Subtract extends Elementwise {
  static readonly className: string = 'Subtract';
  protected override merge([minuend, subtrahend]: Tensor[]): Tensor {
    return tf.sub(minuend as Tensor, subtrahend as Tensor); // there are two, as is checked
  }
}
register(Subtract);

class Multiply extends Elementwise {
  static readonly className: string = 'Multiply';
  protected override merge(tensors: Tensor[]): Tensor {
    return tensors.reduce((product, tensor) => tf.mul(product, tensor));
  }
}
register(Multiply);

class Average extends Elementwise {
  static readonly className: string = 'Average';
  protected override merge(tensors: Tensor[]): Tensor {
    return tf.div(
      tensors.reduce((sum, tensor) => tf.add(sum, tensor)),
      tensors.length,
    );
  }
}
register(Average);

class Maximum extends Elementwise {
  static readonly className: string = 'Maximum';
  protected override merge(tensors: Tensor[]): Tensor {
    return tensors.reduce((largest, tensor) => tf.maximum(largest, tensor));
  }
}
register(Maximum);

class Minimum extends Elementwise {
  static readonly className: string = 'Minimum';
  protected override merge(tensors: Tensor[]): Tensor {
    return tensors.reduce((smallest, tensor) => tf.minimum(smallest, tensor));
  }
}
register(Minimum);

const oneShape = (shapes: Shapes): UnmetRequirement | undefined =>
  sameRank(shapes) ??
  (shapes[0]?.every((_, axis) => sameSizes(shapes, axis, 1)) === true
    ? undefined
    : { needs: 'inputs of one shape', advice: 'Give the layers before it as many units as each other' });

const two = (shapes: Shapes): UnmetRequirement | undefined =>
  shapes.length === 2
    ? undefined
    : { needs: `two inputs, and has ${shapes.length}`, advice: 'Give it a list of two: [a, b]' };

/**
 * The sum of inputs, element by element.
 *
 * In a list of `[batch, …]` of one shape, out that shape. A size of 1 is stretched to that of the others.
 *
 * @throws KerasShapeError if the shapes differ.
 * @example
 * const input = layerInput({ shape: [4] })
 * const model = kerasModel(input, layerAdd([input, layerDense(input, { units: 4 })]))
 * assert.deepStrictEqual(outputShape(model), [null, 4])
 * @see R keras `layer_add`
 */
export const layerAdd = defineMergeLayer<LayerOptions>('layerAdd', (args: object) => new Add(args), {
  baseName: 'add',
  options: {},
  keepsTypes: true,
  shapeRequirement: oneShape,
});

/**
 * The difference of two inputs, element by element: `a − b`.
 *
 * In `[a, b]`, `[batch, …]` of one shape, out that shape. A size of 1 is stretched to that of the other.
 *
 * @throws KerasShapeError if the shapes differ, or there are not two.
 * @example
 * const input = layerInput({ shape: [4] })
 * const model = kerasModel(input, layerSubtract([input, layerDense(input, { units: 4 })]))
 * assert.deepStrictEqual(outputShape(model), [null, 4])
 * @see R keras `layer_subtract`
 */
export const layerSubtract = defineMergeLayer<LayerOptions>(
  'layerSubtract',
  (args: object) => new Subtract(args),
  {
    baseName: 'subtract',
    options: {},
    keepsTypes: true,
    shapeRequirement: (shapes) => two(shapes) ?? oneShape(shapes),
  },
);

/**
 * The product of inputs, element by element.
 *
 * In a list of `[batch, …]` of one shape, out that shape. A size of 1 is stretched to that of the others.
 *
 * @throws KerasShapeError if the shapes differ.
 * @example
 * const input = layerInput({ shape: [4] })
 * const gate = layerDense(input, { units: 4, activation: 'sigmoid' })
 * assert.deepStrictEqual(outputShape(kerasModel(input, layerMultiply([input, gate]))), [null, 4])
 * @see R keras `layer_multiply`
 */
export const layerMultiply = defineMergeLayer<LayerOptions>(
  'layerMultiply',
  (args: object) => new Multiply(args),
  { baseName: 'multiply', options: {}, keepsTypes: true, shapeRequirement: oneShape },
);

/**
 * The mean of inputs, element by element.
 *
 * In a list of `[batch, …]` of one shape, out that shape. A size of 1 is stretched to that of the others.
 *
 * @throws KerasShapeError if the shapes differ.
 * @example
 * const input = layerInput({ shape: [4] })
 * const model = kerasModel(input, layerAverage([input, layerDense(input, { units: 4 })]))
 * assert.deepStrictEqual(outputShape(model), [null, 4])
 * @see R keras `layer_average`
 */
export const layerAverage = defineMergeLayer<LayerOptions>(
  'layerAverage',
  (args: object) => new Average(args),
  { baseName: 'average', options: {}, shapeRequirement: oneShape },
);

/**
 * The largest of inputs, element by element.
 *
 * In a list of `[batch, …]` of one shape, out that shape. A size of 1 is stretched to that of the others.
 *
 * @throws KerasShapeError if the shapes differ.
 * @example
 * const input = layerInput({ shape: [4] })
 * const model = kerasModel(input, layerMaximum([input, layerDense(input, { units: 4 })]))
 * assert.deepStrictEqual(outputShape(model), [null, 4])
 * @see R keras `layer_maximum`
 */
export const layerMaximum = defineMergeLayer<LayerOptions>(
  'layerMaximum',
  (args: object) => new Maximum(args),
  { baseName: 'maximum', options: {}, keepsTypes: true, shapeRequirement: oneShape },
);

/**
 * The smallest of inputs, element by element.
 *
 * In a list of `[batch, …]` of one shape, out that shape. A size of 1 is stretched to that of the others.
 *
 * @throws KerasShapeError if the shapes differ.
 * @example
 * const input = layerInput({ shape: [4] })
 * const model = kerasModel(input, layerMinimum([input, layerDense(input, { units: 4 })]))
 * assert.deepStrictEqual(outputShape(model), [null, 4])
 * @see R keras `layer_minimum`
 */
export const layerMinimum = defineMergeLayer<LayerOptions>(
  'layerMinimum',
  (args: object) => new Minimum(args),
  { baseName: 'minimum', options: {}, keepsTypes: true, shapeRequirement: oneShape },
);
