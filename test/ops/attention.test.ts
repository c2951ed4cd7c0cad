import { attention, type AttentionWeights } from '../../src/ops/attention';
import { tf, type Tensor } from '../../src/index';
import { distance, waves } from '../layers/support';

const [BATCH, QUERIES, KEYS, SIZE, VALUES] = [3, 5, 7, 4, 2];
const of = (steps: number, size: number, seed: number): Tensor =>
  tf.reshape(waves([BATCH * steps, size], seed), [BATCH, steps, size]);
const inputs = (): [Tensor, Tensor, Tensor] => [of(QUERIES, SIZE, 1), of(KEYS, SIZE, 2), of(KEYS, VALUES, 3)];

/** A key of each row may not be seen. */
const offset = (): Tensor =>
  tf.mul(tf.oneHot(tf.tensor1d([0, 3, 6], 'int32'), KEYS).reshape([BATCH, 1, KEYS]), -1e9);

/** By its definition, whose gradient is tfjs's. */
const defined = (
  query: Tensor,
  key: Tensor,
  value: Tensor,
  weightsOf: AttentionWeights = (products) => tf.softmax(products),
  seen?: Tensor,
): Tensor => tf.matMul(weightsOf(tf.matMul(query, key, false, true), seen), value);

const weighted = (x: Tensor): Tensor => tf.sum(tf.mul(x, of(QUERIES, VALUES, 4)));

describe.each([
  ['all is seen', undefined],
  ['of what is seen', (products: Tensor, seen?: Tensor) => tf.softmax(tf.add(products, seen as Tensor))],
])('attention, %s', (_, weightsOf) => {
  test('is its definition', () => {
    const [query, key, value] = inputs();
    expect(
      distance(
        attention(query, key, value, weightsOf, offset()),
        defined(query, key, value, weightsOf, offset()),
      ),
    ).toBeLessThan(1e-6);
  });

  test('and has its gradients, those of gradients too', () => {
    const gradients = (f: typeof attention): Tensor[] => {
      const first = tf.grads((q, k, v) => weighted(f(q, k, v, weightsOf, offset())));
      const second = tf.grads((q, k, v) => tf.sum(tf.square(first([q, k, v])[0] as Tensor)));
      return [...first(inputs()), ...second(inputs())];
    };
    const expected = gradients(defined);
    gradients(attention).forEach((gradient, index) => {
      expect(distance(gradient, expected[index] as Tensor)).toBeLessThan(1e-5);
    });
  });
});
