import { isWithinGradient } from '../tfjs/private';
import { tf, type Tensor } from '../tfjs/tensorflow';

/** Of attention's products `[batch, queries, keys]` the weights of the values, which are a softmax over the keys that may be seen. */
export type AttentionWeights = (products: Tensor, seen: Tensor | undefined) => Tensor;

/**
 * Attention, `O = W · V` with the weights `W = softmax(Q · Kᵀ)`, of `Q [batch, queries, size]`, `K [batch, keys, size]` and
 * `V [batch, keys, values]`: `[batch, queries, values]`.
 *
 * The gradient of a softmax takes from that of each weight the sum of all of its row, each times its weight. That is the row's sum of `dO ∘ O`,
 * which is as much smaller as there are more keys than values; and as one more column of dO it is taken away in the product that gives the gradient
 * of the weights, (dO, Σ dO ∘ O) · (V, −1)ᵀ.
 *
 * Source: Dao, Fu, Ermon, Rudra and Ré, "FlashAttention" (2022), appendix B.2.
 */
export const attention = (
  query: Tensor,
  key: Tensor,
  value: Tensor,
  weightsOf: AttentionWeights = (products) => tf.softmax(products),
  seen?: Tensor,
): Tensor => {
  // tfjs hands `save` after the tensors, though its type speaks of tensors only.
  const forward = tf.customGrad((...args) => {
    const [q, k, v, save] = args as unknown as [Tensor, Tensor, Tensor, (tensors: Tensor[]) => void];
    const weights = weightsOf(tf.matMul(q, k, false, true), seen);
    const output = tf.matMul(weights, v);
    save([q, k, v, weights, output, ...(seen === undefined ? [] : [seen])]);
    return {
      value: output,
      gradFunc: (gradient: Tensor, saved: Tensor[]) => {
        const [q1, k1, v1, weights1, output1, seen1] = saved as [
          Tensor,
          Tensor,
          Tensor,
          Tensor,
          Tensor,
          Tensor?,
        ]; // as saved
        // A gradient of this gradient has to know how they come about.
        const again = isWithinGradient();
        const w1 = again ? weightsOf(tf.matMul(q1, k1, false, true), seen1) : weights1;
        const o1 = again ? tf.matMul(w1, v1) : output1;
        const sums = tf.sum(tf.mul(gradient, o1), 2, true);
        const minus = tf.fill([v1.shape[0], v1.shape[1] as number, 1], -1); // it has three axes
        const ofWeights = tf.matMul(tf.concat([gradient, sums], 2), tf.concat([v1, minus], 2), false, true);
        const ofProducts = tf.mul(w1, ofWeights);
        return [
          tf.matMul(ofProducts, k1),
          tf.matMul(ofProducts, q1, true, false),
          tf.matMul(w1, gradient, true, false),
        ] as Tensor[];
      },
    };
  });
  return forward(query, key, value);
};
