import { sparseBatchOf } from '../../arrays/sparse-input';
import { classOf, register, singleInput, type CallOptions } from '../../tfjs/layer-classes';
import { denseView } from '../../tfjs/private';
import { tf, type Tensor } from '../../tfjs/tensorflow';
import { sparseMatMul } from './sparse-product';
import type { Layer } from './target';

const TfjsDense = classOf(tf.layers.dense({ units: 1 }));

/** Takes a sparse batch too, whose product with the kernel is a sum of the kernel's rows. */
export class Dense extends TfjsDense {
  static readonly className: string = 'Dense';

  override call(inputs: Tensor | Tensor[], options: CallOptions): Tensor | Tensor[] {
    const x = singleInput(inputs);
    const sparseBatch = sparseBatchOf(x);
    if (sparseBatch === undefined) return super.call(inputs, options);
    return tf.tidy(() => {
      const { kernel, bias, activation: apply } = denseView(this);
      const product: Tensor = sparseMatMul(sparseBatch, kernel.read(), x.shape[0]);
      const sum = bias === null ? product : tf.add(product, bias.read());
      return apply === null ? sum : apply.apply(sum);
    });
  }
}
register(Dense);

/** How many units a layer has that takes sparse batches, too; undefined for others, classes that extend the dense one included. */
export const unitsOfDense = (layer: Layer): number | undefined =>
  (layer.constructor as unknown) === Dense ? (layer.weights[0]?.shape[1] ?? undefined) : undefined;
