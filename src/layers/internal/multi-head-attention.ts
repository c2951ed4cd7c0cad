import { nextSeed } from '../../base/random';
import { sizeOf } from '../../base/shapes';
import { dropout } from '../../ops/random';
import { register, type CallOptions, type LayerConfig, type Shape } from '../../tfjs/layer-classes';
import { tf, type Tensor } from '../../tfjs/tensorflow';
import { KERNEL_DEFAULTS, type KernelFields } from './kernel-fields';
import { attended } from './attention-parts';
import { attend, queryMaskOf, type AttentionCall } from './dense-attention';
import { featuresOf, HeadProjections, project } from './head-projections';

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

/**
 * Attention of several heads. Called with `[query, value]`, `[query, value, key]` or `[query, value, key, attentionMask]`,
 * `[batch, …, features]` each.
 */
export class MultiHeadAttention extends HeadProjections<MultiHeadAttentionFields> {
  static readonly className: string = 'MultiHeadAttention';
  private readonly seed = nextSeed();
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
    const { numHeads, keyDim, valueDim } = this.own;
    this.shapes = { query, value, key };
    const values = valueDim ?? keyDim;
    this.buildProjections({
      query: [[featuresOf(query)], [numHeads, keyDim]],
      key: [[featuresOf(key)], [numHeads, keyDim]],
      value: [[featuresOf(value)], [numHeads, values]],
      attention_output: [[numHeads, values], this.outputSizes(query)],
    });
    super.build(inputShapes);
  }

  /** What each query may see, `[batch, …, 1, queries, keys]` or what broadcasts to it, of a flat number of queries and keys. */
  private seen(
    inputs: readonly Tensor[],
    options: CallOptions,
    [queries, keys, rank]: readonly [number, number, number],
  ): Tensor | undefined {
    const axes = this.axes(rank).length;
    const seen = this.seenBy(inputs, options, [queries, keys], (pairs) =>
      tf.reshape(pairs, [...pairs.shape.slice(0, pairs.rank - 2 * axes), queries, keys]),
    );
    if (seen === undefined) return undefined;
    // The scores are [batch, other axes, heads, queries, keys].
    const outer = seen.shape.slice(0, -2);
    const missing = rank - axes - outer.length;
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
      const attending = {
        query: flat(scaled),
        key: flat(project(key, to.key)),
        value: flat(project(value, to.value)),
      };
      const seen = this.seen(inputs, options, [queries, keys, rank]);
      const drops = options['training'] === true && this.own.dropout > 0;
      const { sums, scores } = attended(attending, {
        rows: outer[0] as number, // there are heads
        seen,
        scoresOf: (products, ofPart) =>
          attend(tf.reshape(products, [-1, ...outer.slice(1), queries, keys]), ofPart),
        drop: drops ? (all) => dropout(all, this.own.dropout, this.seed) : undefined,
        returnsScores: (options as AttentionCall).returnAttentionScores === true,
      });
      const sizes = [...outer, ...axes.map((axis) => query.shape[axis] as number), sums.shape[2] as number];
      const back = order.map((_, axis) => order.indexOf(axis));
      const output = project(tf.transpose(tf.reshape(sums, sizes), back), to.attention_output, 2);
      if (scores === undefined) return output;
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
