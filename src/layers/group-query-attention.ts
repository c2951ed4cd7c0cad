import {
  argumentError,
  boolean,
  dropRate,
  integer,
  optional,
  positiveInteger,
  required,
} from '../base/checks';
import { defineAttentionLayer, type AttentionLayerFunction } from './internal/define-layer';
import { GroupQueryAttention } from './internal/group-query-attention';
import { activityOptionCheck, kernelOptionChecks, type ActivityOption, type KernelOptions } from './internal/kernel-options'; // prettier-ignore
import type { LayerOptions } from './internal/options';
import { knownSize } from './internal/shape-rules';

/** Options of {@link layerGroupQueryAttention}. */
export interface GroupQueryAttentionOptions extends LayerOptions, KernelOptions, ActivityOption {
  /** The length of the vectors to which queries, keys and values are projected, for each head. */
  headDim: number;
  /** The number of heads of the query: a multiple of `numKeyValueHeads`. */
  numQueryHeads: number;
  /** The number of heads of key and value. */
  numKeyValueHeads: number;
  /** The fraction of the distribution to drop while training; 0 by default. */
  dropout?: number | undefined;
  /** A seed of the layer's own; drawn from `setRandomSeed`'s stream by default. */
  seed?: number | undefined;
  /** Whether no query sees a later key, as in a decoder; false by default. */
  useCausalMask?: boolean | undefined;
  /** Whether the distribution of attention is put out, too, as the second of two outputs; false by default. */
  returnAttentionScores?: boolean | undefined;
}

const checks = {
  headDim: required(positiveInteger),
  numQueryHeads: required(positiveInteger),
  numKeyValueHeads: required(positiveInteger),
  dropout: optional(dropRate, 0),
  seed: optional(integer),
  ...kernelOptionChecks,
  ...activityOptionCheck,
  useCausalMask: optional(boolean),
  returnAttentionScores: optional(boolean),
};

/**
 * Attention of several heads, some of which share keys and values: `output = Σ_h softmax(q_h · k_gᵀ / √headDim) · v_g · W_h`, where `g`
 * is the group of head `h`, and `q_h`, `k_g` and `v_g` are queries, keys and values times kernels of theirs, plus biases. With one head
 * of key and value for each of the query it is {@link layerMultiHeadAttention}; with one for all, multi-query attention.
 *
 * Takes `[query, value]`, `[query, value, key]` or `[query, value, key, attentionMask]`: `[batch, queries, features]`,
 * `[batch, keys, features]` twice, and truth values `[batch, queries, keys]`: whether a query may see a key. The values are the keys
 * where there are none. Out `[batch, queries, features]`; with `returnAttentionScores` the distribution, too,
 * `[batch, numQueryHeads, queries, keys]`. Steps that a mask leaves out are not attended to. Weights, for query, key, value and output in
 * turn: a kernel, `[features, heads, headDim]`, and a bias, `[heads, headDim]`.
 *
 * @throws KerasArgumentError for an unknown option or name, sizes that are no positive integers, or heads that do not divide.
 * @throws KerasShapeError if the inputs do not fit each other.
 * @example
 * const x = layerInput({ shape: [10, 16] })
 * const model = kerasModel(x, layerGroupQueryAttention([x, x], { headDim: 8, numQueryHeads: 4, numKeyValueHeads: 2 }))
 * assert.deepStrictEqual(outputShape(model), [null, 10, 16])
 * assert.strictEqual(countParams(model), 2 * (16 * 4 * 8) + 4 * 8 + 16 + 2 * (16 * 2 * 8 + 2 * 8))
 * @see R keras3 `layer_group_query_attention`; Ainslie et al. 2023
 */
export const layerGroupQueryAttention = defineAttentionLayer<GroupQueryAttentionOptions, typeof checks>(
  'layerGroupQueryAttention',
  (args: object) => new GroupQueryAttention(args),
  {
    baseName: 'group_query_attention',
    options: checks,
    callOptions: ['useCausalMask', 'returnAttentionScores'],
    rank: {
      minNDim: 3,
      maxNDim: 3,
      advice: 'Give it sequences of vectors, [batch, steps, features]: layerEmbedding makes them from ids',
    },
    check: ({ numQueryHeads, numKeyValueHeads }) => {
      if (numQueryHeads % numKeyValueHeads === 0) return;
      const place = { function: 'layerGroupQueryAttention', argument: 'numQueryHeads' };
      throw argumentError(
        place,
        `a multiple of \`numKeyValueHeads\`, which is ${numKeyValueHeads}`,
        numQueryHeads,
      );
    },
    shapeRequirement: (shapes) => {
      const [query = [], value = [], key = value] = shapes;
      if (shapes.length > 4) {
        return {
          needs: 'two to 4 inputs',
          advice: 'Give it [query, value] or [query, value, key] or [query, value, key, attentionMask]',
        };
      }
      if (value[1] !== key[1] && (value[1] ?? null) !== null && (key[1] ?? null) !== null) {
        return {
          needs: `a key for each value, and has ${key[1]} keys and ${value[1]} values`,
          advice: 'Make keys and values of the same sequence',
        };
      }
      return [query, value, key].some((shape) => shape.at(-1) === null)
        ? knownSize('the last axis')
        : undefined;
    },
  },
) as AttentionLayerFunction<GroupQueryAttentionOptions>; // the call styles are told apart by the arguments
