import type { LayerVariable } from '@tensorflow/tfjs';
import { sizeOf } from '../../base/shapes';
import { KerasLayer } from '../../tfjs/keras-layer';
import type { CallOptions, Shape } from '../../tfjs/layer-classes';
import { tf, type Tensor } from '../../tfjs/tensorflow';
import { bothOf, causalMask, masksOf, type AttentionCall } from './dense-attention';

/** A product with a kernel, and what is added to it. */
export interface Projection {
  readonly kernel: LayerVariable;
  readonly bias: LayerVariable | undefined;
}

/** The sizes of a projection: of the axes that it takes, and of those that it makes. */
type Sizes = readonly [from: readonly number[], to: readonly number[]];

type Projected = 'query' | 'key' | 'value' | 'attention_output';

/** The product of the last `axes` axes of a tensor with a kernel, plus a bias. */
export const project = (x: Tensor, { kernel, bias }: Projection, axes = 1): Tensor => {
  const weights = kernel.read();
  const given = x.shape.slice(0, x.rank - axes);
  const made = weights.shape.slice(axes);
  const product = tf.matMul(
    tf.reshape(x, [sizeOf(given), sizeOf(x.shape.slice(-axes))]),
    tf.reshape(weights, [sizeOf(weights.shape.slice(0, axes)), sizeOf(made)]),
  );
  const sum = bias === undefined ? product : tf.add(product, tf.reshape(bias.read(), [sizeOf(made)]));
  return tf.reshape(sum, [...given, ...made]);
};

/** The features of an input, which are known, as is checked. */
export const featuresOf = (shape: Shape): number => shape.at(-1) as number;

/** Attention of several heads, whose weights are the projections to the heads and back. */
export abstract class HeadProjections<Own extends { readonly useBias: boolean }> extends KerasLayer<Own> {
  protected projections: Readonly<Record<Projected, Projection>> | undefined;

  /** Makes the weights, in the order in which Keras has them. */
  protected buildProjections(sizes: Readonly<Record<Projected, Sizes>>): void {
    const projection = (name: Projected, place: number): Projection => {
      const [from, to] = sizes[name];
      return {
        kernel: this.weight(`${name}/kernel`, [...from, ...to], { like: 'kernel', place }),
        bias: this.own.useBias ? this.weight(`${name}/bias`, to, { like: 'bias', place }) : undefined,
      };
    };
    this.projections = {
      query: projection('query', 0),
      key: projection('key', 1),
      value: projection('value', 2),
      attention_output: projection('attention_output', 3),
    };
  }

  /** What each query may see of the keys, `[batch or 1, queries or 1, keys]`, by all masks; `shapePairs` gives that of an input its shape. */
  protected seenBy(
    inputs: readonly Tensor[],
    options: CallOptions,
    [queries, keys]: readonly [number, number],
    shapePairs: (pairs: Tensor) => Tensor = (pairs) => pairs,
  ): Tensor | undefined {
    const [ofQuery, ofValue, ofKey] = masksOf(options);
    const [, value, key = value, pairs] = inputs;
    const float = (mask: Tensor): Tensor => tf.cast(mask, 'float32');
    const all = [
      ofQuery === undefined ? undefined : tf.expandDims(float(ofQuery), 2),
      ofValue === undefined ? undefined : tf.expandDims(float(ofValue), 1),
      ofKey === undefined || key === value ? undefined : tf.expandDims(float(ofKey), 1),
      (options as AttentionCall).useCausalMask === true
        ? tf.expandDims(causalMask(queries, keys), 0)
        : undefined,
      pairs === undefined ? undefined : shapePairs(float(pairs)),
    ];
    return all.reduce((sum, mask) => bothOf(sum, mask), undefined);
  }
}
