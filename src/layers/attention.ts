import {
  boolean,
  checkThat,
  dropRate,
  oneOf,
  optional,
  positiveInteger,
  required,
  type Check,
} from '../base/checks';
import { nextSeed } from '../base/random';
import type { LayerVariable } from '@tensorflow/tfjs';
import { type Shape as ReadonlyShape } from './internal/input-checks';
import { register, type Shape } from '../tfjs/layer-classes';
import { tf, type Tensor, type Tensor3D } from '../tfjs/tensorflow';
import {
  defineAttentionLayer,
  type AttentionLayerFunction,
  type OptionalAttentionLayerFunction,
} from './internal/define-layer';
import { DenseAttention, type DenseAttentionFields } from './internal/dense-attention';
import {
  activityOptionCheck,
  kernelOptionChecks,
  type ActivityOption,
  type KernelOptions,
} from './internal/kernel-options';
import { MultiHeadAttention } from './internal/multi-head-attention';
import type { LayerOptions } from './internal/options';
import { knownSize } from './internal/shape-rules';
import type { RankRule, UnmetRequirement } from './internal/target';

/** Options of attention that Keras takes at the call. */
interface AttentionCallOptions {
  /** Whether no query sees a later key, as in a decoder; false by default. */
  useCausalMask?: boolean | undefined;
  /** Whether the distribution of attention is put out, too, as the second of two outputs; false by default. */
  returnAttentionScores?: boolean | undefined;
}

const callChecks = {
  useCausalMask: optional(boolean),
  returnAttentionScores: optional(boolean),
};

const CALL_OPTIONS = ['useCausalMask', 'returnAttentionScores'] as const;

const sequences: RankRule = {
  minNDim: 3,
  maxNDim: 3,
  advice: 'Give it sequences of vectors, [batch, steps, features]: layerEmbedding makes them from ids',
};

const differ = (a: number | null | undefined, b: number | null | undefined): boolean =>
  a !== null && b !== null && a !== b;

const tooMany = (shapes: readonly ReadonlyShape[], most: number): UnmetRequirement | undefined =>
  shapes.length <= most
    ? undefined
    : {
        needs: `two to ${most} inputs`,
        advice: `Give it [query, value] or [query, value, key]${most > 3 ? ' or [query, value, key, attentionMask]' : ''}`,
      };

/** What queries, values and keys must have in common where the scores are products of queries and keys. */
const alike = (shapes: readonly ReadonlyShape[]): UnmetRequirement | undefined => {
  const [query = [], value = [], key = value] = shapes;
  const many = tooMany(shapes, 3);
  if (many !== undefined) return many;
  if (differ(query[2], key[2])) {
    return {
      needs: `queries and keys of one number of features, and has ${query[2]} and ${key[2]}`,
      advice: 'Make them equal with layerDense, or use layerMultiHeadAttention, which projects them',
    };
  }
  return sameSteps(value, key);
};

const sameSteps = (value: ReadonlyShape, key: ReadonlyShape): UnmetRequirement | undefined =>
  differ(value[1], key[1])
    ? {
        needs: `a key for each value, and has ${key[1]} keys and ${value[1]} values`,
        advice: 'Make keys and values of the same sequence',
      }
    : undefined;

interface AttentionFields extends DenseAttentionFields {
  readonly useScale: boolean;
  readonly scoreMode: 'dot' | 'concat';
}

class Attention extends DenseAttention<AttentionFields> {
  static readonly className: string = 'Attention';
  private scale: LayerVariable | undefined;
  private concatScoreWeight: LayerVariable | undefined;

  constructor(args: object) {
    super(args, { dropout: 0, causal: false, useScale: false, scoreMode: 'dot' });
  }

  override build(inputShapes: Shape | Shape[]): void {
    const ones = tf.initializers.ones();
    if (this.own.useScale) this.scale = this.addWeight('scale', [], 'float32', ones);
    if (this.own.scoreMode === 'concat') {
      this.concatScoreWeight = this.addWeight('concat_score_weight', [], 'float32', ones);
    }
    super.build(inputShapes);
  }

  protected override scores(query: Tensor3D, key: Tensor3D): Tensor {
    const scaled = (sum: Tensor): Tensor => (this.scale === undefined ? sum : tf.mul(sum, this.scale.read()));
    if (this.concatScoreWeight === undefined) return scaled(tf.matMul(query, key, false, true));
    const sums = tf.add(tf.expandDims(query, 2), tf.expandDims(key, 1));
    return tf.mul(tf.sum(tf.tanh(scaled(sums)), -1), this.concatScoreWeight.read());
  }
}
register(Attention);

/** Options of {@link layerAttention}. */
export interface AttentionOptions extends LayerOptions, AttentionCallOptions {
  /** Whether the scores are multiplied by a number that is learned; false by default. */
  useScale?: boolean | undefined;
  /** 'dot', the product of query and key, by default; 'concat', the sum of the hyperbolic tangents of their sum. */
  scoreMode?: 'dot' | 'concat' | undefined;
  /** The fraction of the distribution to drop while training; 0 by default. */
  dropout?: number | undefined;
}

const attentionChecks = {
  useScale: optional(boolean, false),
  scoreMode: optional(oneOf('dot', 'concat'), 'dot'),
  dropout: optional(dropRate, 0),
  ...callChecks,
};

/**
 * Dot-product attention: `output = softmax(query · keyᵀ) · value`.
 *
 * Takes `[query, value]` or `[query, value, key]`: `[batch, queries, features]`, `[batch, keys, size]` and
 * `[batch, keys, features]`; the values are the keys where there are none. Out `[batch, queries, size]`, and with
 * `returnAttentionScores` the distribution, `[batch, queries, keys]`. Steps that a mask leaves out of the values are not attended
 * to; those that it leaves out of the queries are zeros in the output. Weights: a scale with `useScale`, and one more number for
 * 'concat'.
 *
 * @throws KerasArgumentError for an unknown option, a mode that there is not, or a rate that is not in [0, 1).
 * @throws KerasShapeError if queries and keys have different numbers of features, or keys and values of steps.
 * @example
 * const query = layerInput({ shape: [4, 8] })
 * const value = layerInput({ shape: [6, 8] })
 * const model = kerasModel([query, value], layerAttention([query, value]))
 * assert.deepStrictEqual(outputShape(model), [null, 4, 8])
 * @see R keras `layer_attention`; Luong et al. 2015
 */
export const layerAttention = defineAttentionLayer<AttentionOptions, typeof attentionChecks>(
  'layerAttention',
  (args: object) => new Attention(args),
  {
    baseName: 'attention',
    options: attentionChecks,
    callOptions: CALL_OPTIONS,
    rank: sequences,
    shapeRequirement: alike,
  },
) as OptionalAttentionLayerFunction<AttentionOptions>; // the call styles are told apart by the arguments

interface AdditiveAttentionFields extends DenseAttentionFields {
  readonly useScale: boolean;
}

class AdditiveAttention extends DenseAttention<AdditiveAttentionFields> {
  static readonly className: string = 'AdditiveAttention';
  private scale: LayerVariable | undefined;

  constructor(args: object) {
    super(args, { dropout: 0, causal: false, useScale: true });
  }

  override build(inputShapes: Shape | Shape[]): void {
    const [, value = []] = inputShapes as Shape[]; // a list, as is checked
    if (this.own.useScale) {
      const features = value.at(-1) as number; // known, as is checked
      this.scale = this.addWeight(
        'scale',
        [features],
        'float32',
        tf.initializers.glorotUniform({ seed: nextSeed() }),
      );
    }
    super.build(inputShapes);
  }

  protected override scores(query: Tensor3D, key: Tensor3D): Tensor {
    const sums = tf.tanh(tf.add(tf.expandDims(query, 2), tf.expandDims(key, 1)));
    return tf.sum(this.scale === undefined ? sums : tf.mul(sums, this.scale.read()), -1);
  }
}
register(AdditiveAttention);

/** Options of {@link layerAdditiveAttention}. */
export interface AdditiveAttentionOptions extends LayerOptions, AttentionCallOptions {
  /** Whether each feature is multiplied by a number that is learned; true by default. */
  useScale?: boolean | undefined;
  /** The same as `useCausalMask`, as Keras 2 has it. */
  causal?: boolean | undefined;
  /** The fraction of the distribution to drop while training; 0 by default. */
  dropout?: number | undefined;
}

const additiveChecks = {
  useScale: optional(boolean, true),
  causal: optional(boolean, false),
  dropout: optional(dropRate, 0),
  ...callChecks,
};

/**
 * Additive attention: `output = softmax(Σ scale · tanh(query + key)) · value`.
 *
 * Takes `[query, value]` or `[query, value, key]`: `[batch, queries, features]`, `[batch, keys, features]` each; the values are the
 * keys where there are none. Out `[batch, queries, features]`, and with `returnAttentionScores` the distribution,
 * `[batch, queries, keys]`. Masks count as in {@link layerAttention}. Weights: scale `[features]`.
 *
 * @throws KerasArgumentError for an unknown option, or a rate that is not in [0, 1).
 * @throws KerasShapeError if queries and keys have different numbers of features, or keys and values of steps.
 * @example
 * const query = layerInput({ shape: [4, 8] })
 * const value = layerInput({ shape: [6, 8] })
 * const [output, scores] = layerAdditiveAttention([query, value], { returnAttentionScores: true })
 * assert.deepStrictEqual(outputShape(kerasModel([query, value], [output, scores])), [[null, 4, 8], [null, 4, 6]])
 * @see R keras `layer_additive_attention`; Bahdanau et al. 2015
 */
export const layerAdditiveAttention = defineAttentionLayer<AdditiveAttentionOptions, typeof additiveChecks>(
  'layerAdditiveAttention',
  (args: object) => new AdditiveAttention(args),
  {
    baseName: 'additive_attention',
    options: additiveChecks,
    callOptions: CALL_OPTIONS,
    rank: sequences,
    shapeRequirement: (shapes, { useScale }) =>
      alike(shapes) ?? (useScale && shapes[1]?.[2] === null ? knownSize('the last axis') : undefined),
  },
) as OptionalAttentionLayerFunction<AdditiveAttentionOptions>; // as in layerAttention

/** Options of {@link layerMultiHeadAttention}. */
export interface MultiHeadAttentionOptions
  extends LayerOptions, KernelOptions, ActivityOption, AttentionCallOptions {
  /** The number of heads. */
  numHeads: number;
  /** The length of the vectors to which queries and keys are projected, for each head. */
  keyDim: number;
  /** The same for values; `keyDim` by default. */
  valueDim?: number | undefined;
  /** The fraction of the distribution to drop while training; 0 by default. */
  dropout?: number | undefined;
  /** The sizes of the output after its axes of steps; the number of the queries' features by default. */
  outputShape?: number | readonly number[] | undefined;
  /** The axes that attention is over, counted with the batch axis as 0; all but batch and features by default. */
  attentionAxes?: number | readonly number[] | undefined;
}

const isPositive = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) > 0;

const sizes: Check<number[]> = checkThat(
  'a positive integer or an array of them',
  (value): value is number[] =>
    Array.isArray(value) ? value.length > 0 && value.every(isPositive) : isPositive(value),
);

const multiHeadChecks = {
  numHeads: required(positiveInteger),
  keyDim: required(positiveInteger),
  valueDim: optional(positiveInteger),
  dropout: optional(dropRate, 0),
  outputShape: optional(sizes),
  attentionAxes: optional(sizes),
  ...kernelOptionChecks,
  ...activityOptionCheck,
  ...callChecks,
};

const attendable = (
  shapes: readonly ReadonlyShape[],
  attentionAxes: number | readonly number[] | undefined,
): UnmetRequirement | undefined => {
  const [query = [], value = [], key = value] = shapes;
  const many = tooMany(shapes, 4);
  if (many !== undefined) return many;
  if (query.length !== value.length || query.length !== key.length) {
    return {
      needs: 'queries, values and keys of one number of dimensions',
      advice: 'Give them the same number of dimensions, for example with layerReshape',
    };
  }
  const axes = [attentionAxes ?? query.slice(1, -1).map((_, axis) => axis + 1)].flat();
  const missing = axes.find((axis) => axis >= query.length - 1);
  if (missing !== undefined) {
    return {
      needs: `input with an axis ${missing} before that of features, over which it attends`,
      advice: `Give \`attentionAxes\` from 1 to ${query.length - 2}`,
    };
  }
  const unlike = query.findIndex(
    (size, axis) =>
      axis > 0 &&
      axis < query.length - 1 &&
      !axes.includes(axis) &&
      (differ(size, key[axis]) || differ(size, value[axis])),
  );
  if (unlike !== -1) {
    return {
      needs: `inputs of one size in axis ${unlike}, over which it does not attend`,
      advice: 'Make the sizes equal, or name the axis in `attentionAxes`',
    };
  }
  const open = [query, value, key].some((shape) => shape.at(-1) === null);
  return axes.map((axis) => (differ(value[axis], key[axis]) ? sameSteps([null, value[axis] ?? null], [null, key[axis] ?? null]) : undefined)).find((one) => one !== undefined) ?? (open ? knownSize('the last axis') : undefined); // prettier-ignore
};

/**
 * Attention of several heads: `output = Σ_h softmax(q_h · k_hᵀ / √keyDim) · v_h · W_h`, where `q_h`, `k_h` and `v_h` are queries, keys
 * and values times kernels of each head, plus biases.
 *
 * Takes `[query, value]`, `[query, value, key]` or `[query, value, key, attentionMask]`: `[batch, queries, …]`, `[batch, keys, …]`
 * twice, and truth values `[batch, queries, keys]`: whether a query may see a key. The values are the keys where there are none.
 * Out `[batch, queries, features]`, with the queries' features unless `outputShape` says otherwise; with `returnAttentionScores` the
 * distribution, too, `[batch, heads, queries, keys]`. Steps that a mask leaves out are not attended to. Weights, for query, key, value
 * and output in turn: a kernel, `[features, heads, keyDim]`, and a bias, `[heads, keyDim]`.
 *
 * `attentionAxes` are counted from 0, the batch axis.
 *
 * @throws KerasArgumentError for an unknown option or name, sizes that are no positive integers, or a rate that is not in [0, 1).
 * @throws KerasShapeError if the inputs do not fit each other.
 * @example
 * const x = layerInput({ shape: [10, 16] })
 * const model = kerasModel(x, layerMultiHeadAttention([x, x], { numHeads: 2, keyDim: 8, useCausalMask: true }))
 * assert.deepStrictEqual(outputShape(model), [null, 10, 16])
 * assert.strictEqual(countParams(model), 3 * (16 * 2 * 8 + 2 * 8) + 2 * 8 * 16 + 16)
 * @see R keras `layer_multi_head_attention`; Vaswani et al. 2017
 */
export const layerMultiHeadAttention = defineAttentionLayer<
  MultiHeadAttentionOptions,
  typeof multiHeadChecks
>('layerMultiHeadAttention', (args: object) => new MultiHeadAttention(args), {
  baseName: 'multi_head_attention',
  options: multiHeadChecks,
  callOptions: CALL_OPTIONS,
  rank: { ...sequences, maxNDim: 8 },
  shapeRequirement: (shapes, { attentionAxes }) => attendable(shapes, attentionAxes),
}) as AttentionLayerFunction<MultiHeadAttentionOptions>; // as in layerAttention
