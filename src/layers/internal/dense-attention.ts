import { tf, type Tensor, type Tensor3D } from '../../tfjs/tensorflow';
import { nextSeed } from '../../base/random';
import { dropout } from '../../ops/random';
import { KerasLayer, maskOrNone } from '../../tfjs/keras-layer';
import type { CallOptions, LayerConfig, Shape } from '../../tfjs/layer-classes';

/** What is added to the scores of what is not to be seen, as Keras has it. */
const UNSEEN = -1e9;

/** Masks of inputs, in their order. */
export type Masks = readonly (Tensor | undefined)[];

/** The masks that a layer is called with, one for each input. */
export const masksOf = (options: CallOptions): Masks => {
  const { mask } = options as { readonly mask?: Tensor | null | readonly (Tensor | null)[] };
  return [mask].flat().map((one) => one ?? undefined);
};

/** The mask of the output of an attention layer: that of its queries, in a tensor of its own. */
export const queryMaskOf = (mask: Tensor | Tensor[] | null | undefined): Tensor => {
  const [ofQuery = null] = [mask].flat();
  return maskOrNone(ofQuery === null ? null : tf.clone(ofQuery));
};

/** How an attention layer is called, as Keras calls it. */
export interface AttentionCall {
  readonly useCausalMask?: boolean | undefined;
  readonly returnAttentionScores?: boolean | undefined;
}

/** `[queries, keys]` of ones where a query may see a key: those up to its own position. */
export const causalMask = (queries: number, keys: number): Tensor =>
  tf.cast(
    tf.greaterEqual(tf.expandDims(tf.range(0, queries, 1, 'int32'), 1), tf.expandDims(tf.range(0, keys, 1, 'int32'), 0)), // prettier-ignore
    'float32',
  );

/** Both of two masks of zeros and ones, which may be absent. */
export const bothOf = (a: Tensor | undefined, b: Tensor | undefined): Tensor | undefined => {
  if (a === undefined || b === undefined) return a ?? b;
  return tf.mul(a, b);
};

/** The distribution of attention, `softmax(scores)` over the last axis, of what the mask leaves. */
export const attend = (scores: Tensor, mask: Tensor | undefined): Tensor =>
  tf.softmax(mask === undefined ? scores : tf.add(scores, tf.mul(tf.sub(1, mask), UNSEEN)));

/** Options of the two attentions without heads. */
export interface DenseAttentionFields {
  readonly dropout: number;
  readonly causal: boolean;
}

/** What attention without heads is, but for its scores. Called with `[query, value]` or `[query, value, key]`. */
export abstract class DenseAttention<Fields extends DenseAttentionFields> extends KerasLayer<Fields> {
  private readonly seed = nextSeed();

  /** The scores `[batch, queries, keys]`. */
  protected abstract scores(query: Tensor3D, key: Tensor3D): Tensor;

  override call(inputs: Tensor | Tensor[], options: CallOptions): Tensor | Tensor[] {
    return tf.tidy(() => {
      const [query, value, key = value] = inputs as [Tensor3D, Tensor3D, Tensor3D?]; // a list, as is checked
      const [queryMask, valueMask] = masksOf(options);
      const call = options as AttentionCall;
      const scores = this.scores(query, key);
      const seen = bothOf(
        valueMask === undefined ? undefined : tf.expandDims(tf.cast(valueMask, 'float32'), 1),
        this.own.causal || call.useCausalMask === true
          ? tf.expandDims(causalMask(query.shape[1], key.shape[1]), 0)
          : undefined,
      );
      const distribution = attend(scores, seen);
      const dropped =
        options['training'] === true && this.own.dropout > 0
          ? dropout(distribution, this.own.dropout, this.seed)
          : distribution;
      const sum = tf.matMul(dropped, value);
      const output =
        queryMask === undefined ? sum : tf.mul(sum, tf.expandDims(tf.cast(queryMask, 'float32'), 2));
      return call.returnAttentionScores === true ? [output, dropped] : output;
    });
  }

  /** Keras 3 has no option `causal`, which Keras 2.13 only reads: it is said where it counts. */
  override getConfig(): LayerConfig {
    const { causal, ...others } = super.getConfig();
    return causal === true ? { causal, ...others } : others;
  }

  override computeMask(_inputs: Tensor | Tensor[], mask?: Tensor | Tensor[] | null): Tensor {
    return queryMaskOf(mask);
  }

  override computeOutputShape(inputShapes: Shape | Shape[]): Shape | Shape[] {
    const [query = [], value = []] = inputShapes as Shape[]; // as in call
    const output = [...query.slice(0, -1), value.at(-1) ?? null];
    return this.callArguments.returnAttentionScores === true
      ? [output, [...query.slice(0, -1), value[1] ?? null]]
      : output;
  }
}
