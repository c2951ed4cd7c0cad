import { nextSeed } from '../../base/random';
import { dropout } from '../../ops/random';
import { register, type CallOptions, type Shape } from '../../tfjs/layer-classes';
import { tf, type Tensor, type Tensor3D } from '../../tfjs/tensorflow';
import { KERNEL_DEFAULTS, type KernelFields } from './kernel-fields';
import { attended } from './attention-parts';
import { attend, queryMaskOf, type AttentionCall } from './dense-attention';
import { featuresOf, HeadProjections, project } from './head-projections';

/** Options of {@link GroupQueryAttention}. */
interface GroupQueryAttentionFields extends KernelFields {
  readonly headDim: number;
  readonly numQueryHeads: number;
  readonly numKeyValueHeads: number;
  readonly dropout: number;
  readonly useBias: boolean;
  readonly seed: number | null;
}

const DEFAULTS = {
  headDim: 1,
  numQueryHeads: 1,
  numKeyValueHeads: 1,
  dropout: 0,
  useBias: true,
  ...KERNEL_DEFAULTS,
  seed: null,
} as unknown as GroupQueryAttentionFields; // names, of which the base class makes objects

/**
 * Attention in which a group of heads of the query shares a head of key and value. Called with `[query, value]`, `[query, value, key]`
 * or `[query, value, key, attentionMask]`, `[batch, steps, features]` each.
 */
export class GroupQueryAttention extends HeadProjections<GroupQueryAttentionFields> {
  static readonly className: string = 'GroupQueryAttention';
  private readonly drawn = nextSeed();

  constructor(args: object) {
    super(args, DEFAULTS);
  }

  override build(inputShapes: Shape | Shape[]): void {
    const [query = [], value = [], key = value] = inputShapes as Shape[]; // a list, as is checked
    const { headDim, numQueryHeads, numKeyValueHeads } = this.own;
    this.buildProjections({
      query: [[featuresOf(query)], [numQueryHeads, headDim]],
      key: [[featuresOf(key)], [numKeyValueHeads, headDim]],
      value: [[featuresOf(value)], [numKeyValueHeads, headDim]],
      attention_output: [[numQueryHeads, headDim], [featuresOf(query)]],
    });
    super.build(inputShapes);
  }

  override call(given: Tensor | Tensor[], options: CallOptions): Tensor | Tensor[] {
    return tf.tidy(() => {
      const inputs = given as readonly Tensor[]; // a list, as is checked
      const [query, value, key = value] = inputs as [Tensor3D, Tensor3D, Tensor3D?];
      const to = this.projections as NonNullable<typeof this.projections>; // it has been built
      const { headDim, numQueryHeads, numKeyValueHeads } = this.own;
      const [batch, queries] = query.shape;
      const keys = key.shape[1];
      const shared = numQueryHeads / numKeyValueHeads;
      // The queries of the heads of a group are rows of one matrix, so that keys and values need not be repeated.
      const scaled = tf.mul(project(query, to.query), 1 / Math.sqrt(headDim));
      const rows = tf.reshape(tf.transpose(scaled, [0, 2, 1, 3]), [
        batch * numKeyValueHeads,
        shared * queries,
        headDim,
      ]);
      const heads = (x: Tensor): Tensor =>
        tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [batch * numKeyValueHeads, keys, headDim]);
      const attending = {
        query: rows,
        key: heads(project(key, to.key)),
        value: heads(project(value, to.value)),
      };
      const all = this.seenBy(inputs, options, [queries, keys]);
      const seen = all === undefined ? undefined : tf.expandDims(all, 1); // for all heads
      const drops = options['training'] === true && this.own.dropout > 0;
      const { sums, scores } = attended(attending, {
        rows: batch,
        seen,
        scoresOf: (products, ofPart) => {
          const distribution = attend(tf.reshape(products, [-1, numQueryHeads, queries, keys]), ofPart);
          // What sees nothing attends to nothing.
          return ofPart === undefined ? distribution : tf.mul(distribution, ofPart);
        },
        drop: drops ? (all) => dropout(all, this.own.dropout, this.own.seed ?? this.drawn) : undefined,
        returnsScores: (options as AttentionCall).returnAttentionScores === true,
      });
      const output = project(
        tf.transpose(tf.reshape(sums, [batch, numQueryHeads, queries, headDim]), [0, 2, 1, 3]),
        to.attention_output,
        2,
      );
      return scores === undefined ? output : [output, scores];
    });
  }

  override computeMask(_inputs: Tensor | Tensor[], mask?: Tensor | Tensor[] | null): Tensor {
    return queryMaskOf(mask);
  }

  override computeOutputShape(inputShapes: Shape | Shape[]): Shape | Shape[] {
    const [query = [], value = []] = inputShapes as Shape[]; // as in call
    if (this.callArguments['returnAttentionScores'] !== true) return query;
    return [query, [query[0] ?? null, this.own.numQueryHeads, query[1] ?? null, value[1] ?? null]];
  }
}
register(GroupQueryAttention);
