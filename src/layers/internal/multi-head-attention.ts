import type { LayerVariable } from '@tensorflow/tfjs';
import { nextSeed } from '../../base/random';
import { sizeOf } from '../../base/shapes';
import { dropout } from '../../ops/random';
import { KerasLayer } from '../../tfjs/keras-layer';
import { register, type CallOptions, type LayerConfig, type Shape } from '../../tfjs/layer-classes';
import { tf, type Tensor } from '../../tfjs/tensorflow';
import { KERNEL_DEFAULTS, type KernelFields } from './kernel-fields';
import { attend, bothOf, causalMask, masksOf, queryMaskOf, type AttentionCall } from './dense-attention';

/** Options of {@link MultiHeadAttention}. */
export interface MultiHeadAttentionFields extends KernelFields {
  readonly numHeads: number;
  readonly keyDim: number;
  readonly valueDim: number | null;
  readonly dropout: number;
  readonly useBias: boolean;
  readonly outputShape: readonly number[] | number | null;
  readonly attentionAxes: readonly number[] | number | null;
}

const DEFAULTS = {
  numHeads: 1,
  keyDim: 1,
  valueDim: null,
  dropout: 0,
  useBias: true,
  outputShape: null,
  attentionAxes: null,
  ...KERNEL_DEFAULTS,
} as unknown as MultiHeadAttentionFields; // names, of which the base class makes objects

/** A product with a kernel, and what is added to it. */
export interface Projection {
  readonly kernel: LayerVariable;
  readonly bias: LayerVariable | undefined;
}

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

/**
 * Attention of several heads. Called with `[query, value]`, `[query, value, key]` or `[query, value, key, attentionMask]`,
 * `[batch, …, features]` each.
 */
export class MultiHeadAttention extends KerasLayer<MultiHeadAttentionFields> {
  static readonly className: string = 'MultiHeadAttention';
  private readonly seed = nextSeed();
  private projections:
    Readonly<Record<'query' | 'key' | 'value' | 'attention_output', Projection>> | undefined;
  private shapes: { readonly query: Shape; readonly value: Shape; readonly key: Shape } | undefined;

  constructor(args: object) {
    super(args, DEFAULTS);
  }

  /** The sizes of an output after those of the query's axes. */
  private outputSizes(query: Shape): number[] {
    const { outputShape } = this.own;
    if (outputShape === null) return [query.at(-1) ?? 1];
    return typeof outputShape === 'number' ? [outputShape] : [...outputShape];
  }

  /** The axes that attention is over, of an input of a rank. */
  private axes(rank: number): number[] {
    const { attentionAxes } = this.own;
    if (attentionAxes === null) return Array.from({ length: rank - 2 }, (_, index) => index + 1);
    const axes = typeof attentionAxes === 'number' ? [attentionAxes] : [...attentionAxes];
    return axes.map((axis) => (axis < 0 ? axis + rank : axis));
  }

  override build(inputShapes: Shape | Shape[]): void {
    const [query = [], value = [], key = value] = inputShapes as Shape[]; // a list, as is checked
    const { numHeads, keyDim, valueDim, useBias } = this.own;
    this.shapes = { query, value, key };
    const values = valueDim ?? keyDim;
    let place = 0;
    const projection = (name: string, from: readonly number[], to: readonly number[]): Projection => {
      const like = place++;
      return {
        kernel: this.weight(`${name}/kernel`, [...from, ...to], { like: 'kernel', place: like }),
        bias: useBias ? this.weight(`${name}/bias`, to, { like: 'bias', place: like }) : undefined,
      };
    };
    const features = (shape: Shape): number => shape.at(-1) as number; // known, as is checked
    this.projections = {
      query: projection('query', [features(query)], [numHeads, keyDim]),
      key: projection('key', [features(key)], [numHeads, keyDim]),
      value: projection('value', [features(value)], [numHeads, values]),
      attention_output: projection('attention_output', [numHeads, values], this.outputSizes(query)),
    };
    super.build(inputShapes);
  }

  /** What each query may see, `[batch, …, 1, queries, keys]` or what broadcasts to it, of a flat number of queries and keys. */
  private seen(
    inputs: readonly Tensor[],
    options: CallOptions,
    [queries, keys, rank]: readonly [number, number, number],
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
      pairs === undefined ? undefined : tf.reshape(float(pairs), [...pairs.shape.slice(0, pairs.rank - 2 * this.axes(rank).length), queries, keys]), // prettier-ignore
    ];
    const seen = all.reduce((sum, mask) => bothOf(sum, mask), undefined);
    if (seen === undefined) return undefined;
    // The scores are [batch, other axes, heads, queries, keys].
    const outer = seen.shape.slice(0, -2);
    const missing = rank - this.axes(rank).length - outer.length;
    return tf.reshape(seen, [...outer, ...Array<number>(missing).fill(1), ...seen.shape.slice(-2)]);
  }

  override call(given: Tensor | Tensor[], options: CallOptions): Tensor | Tensor[] {
    return tf.tidy(() => {
      const inputs = given as readonly Tensor[]; // a list, as is checked
      const [query, value, key = value] = inputs as [Tensor, Tensor, Tensor?];
      const to = this.projections as NonNullable<typeof this.projections>; // it has been built
      const { rank } = query;
      const axes = this.axes(rank);
      // Heads are the axis before the last; attention's axes go behind them.
      const others = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => !axes.includes(axis) && axis !== rank - 1); // prettier-ignore
      const order = [...others, rank - 1, ...axes, rank];
      const outer = [...others.map((axis) => query.shape[axis] as number), this.own.numHeads];
      const count = (x: Tensor): number => sizeOf(axes.map((axis) => x.shape[axis] as number));
      const flat = (x: Tensor): Tensor => {
        const moved = tf.transpose(x, order);
        return tf.reshape(moved, [sizeOf(outer), count(x), x.shape[rank] as number]);
      };
      const scaled = tf.mul(project(query, to.query), 1 / Math.sqrt(this.own.keyDim));
      const [queries, keys] = [count(query), count(key)];
      const products = tf.matMul(flat(scaled), flat(project(key, to.key)), false, true);
      const scores = attend(
        tf.reshape(products, [...outer, queries, keys]),
        this.seen(inputs, options, [queries, keys, rank]),
      );
      const dropped =
        options['training'] === true && this.own.dropout > 0
          ? dropout(scores, this.own.dropout, this.seed)
          : scores;
      const sums = tf.matMul(tf.reshape(dropped, products.shape), flat(project(value, to.value)));
      const sizes = [...outer, ...axes.map((axis) => query.shape[axis] as number), sums.shape[2] as number];
      const back = order.map((_, axis) => order.indexOf(axis));
      const output = project(tf.transpose(tf.reshape(sums, sizes), back), to.attention_output, 2);
      if ((options as AttentionCall).returnAttentionScores !== true) return output;
      const spread = [
        ...outer,
        ...axes.map((axis) => query.shape[axis]),
        ...axes.map((axis) => key.shape[axis]),
      ];
      return [output, tf.reshape(scores, spread as number[])];
    });
  }

  override computeMask(_inputs: Tensor | Tensor[], mask?: Tensor | Tensor[] | null): Tensor {
    return queryMaskOf(mask);
  }

  override computeOutputShape(inputShapes: Shape | Shape[]): Shape | Shape[] {
    const [query = [], value = [], key = value] = inputShapes as Shape[]; // as in call
    const output = [...query.slice(0, -1), ...this.outputSizes(query)];
    if (this.callArguments['returnAttentionScores'] !== true) return output;
    const axes = this.axes(query.length);
    const others = query.slice(0, -1).filter((_, axis) => !axes.includes(axis));
    const over = (shape: Shape): Shape => axes.map((axis) => shape[axis] ?? null);
    return [output, [...others, this.own.numHeads, ...over(query), ...over(key)]];
  }

  override getConfig(): LayerConfig {
    const { query = null, value = null, key = null } = this.shapes ?? {};
    const valueDim = this.own.valueDim ?? this.own.keyDim;
    return { ...super.getConfig(), valueDim, queryShape: query, valueShape: value, keyShape: key };
  }
}
register(MultiHeadAttention);
