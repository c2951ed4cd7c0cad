/** Poolings by their largest elements and their gradients, rewritten, against TensorFlow's own operations one by one. */
import { binding, idOf } from '../../../../src/tfjs/binding';
import { neededFor } from '../../../../src/engine/graph/emit';
import { rewrite } from '../../../../src/engine/trace/rewrite';
import { record } from '../../../../src/engine/trace/record';
import { tf, type Tensor, type Tensor4D } from '../../../../src/tfjs/tensorflow';
import { replay } from '../../support';

interface Pooling {
  readonly input: [number, number, number, number];
  readonly size?: number;
  readonly strides?: number;
  readonly padding?: 'valid' | 'same';
  /** Whole numbers, of which many are the same. */
  readonly ties?: boolean;
}

interface Rewritten {
  /** The names of the operations that the results need. */
  readonly names: readonly string[];
  /** The shape of what relu's gradient looks at; none if it is not there. */
  readonly rectified: readonly number[];
}

const numbersOf = ({ input, ties = false }: Pooling): Tensor4D =>
  tf.tidy(() => {
    const numbers = tf.randomNormal(input, 0, 1, 'float32', 1) as Tensor4D;
    return ties ? tf.round(tf.mul<Tensor4D>(numbers, 2)) : numbers;
  });

/** The gradients of functions of images, as they are recorded and as they are rewritten: the same, exactly but for sums. */
const check = (pooling: Pooling, run: (x: Tensor4D) => Tensor, alsoTheSum = false): Rewritten => {
  let rewritten: Rewritten | undefined;
  tf.tidy(() => {
    const x = numbersOf(pooling);
    const factors = tf.randomNormal(run(x).shape, 0, 1, 'float32', 2);
    const given = [x, factors];
    given.forEach(idOf);
    const { result, recording } = record(() => {
      const { value, grad } = tf.valueAndGrad((of) => run(of as Tensor4D))(x, factors);
      return [value, alsoTheSum ? tf.sum(grad, [0, 1, 2]) : grad];
    });
    const made = rewrite(recording, new Map(given.map((tensor) => [idOf(tensor), tensor.shape])));
    const targets = result.map((tensor) => made.resolve(idOf(tensor)));
    const { needed } = neededFor(made.recording.ops, targets, (id) => given.some((one) => idOf(one) === id));
    const ops = made.recording.ops.filter((_, index) => needed.has(index));
    const values = replay({ ...made.recording, ops }, given, targets);
    result.forEach((tensor, index) => {
      // Zeros of either sign are the same.
      const expected = Array.from(tensor.dataSync(), (value) => value + 0);
      const received = values[index]?.map((value) => value + 0);
      // What is a sum is so in another order.
      const { size = 2, strides = size } = pooling;
      if (index === 1 && (alsoTheSum || strides < size))
        expected.forEach((sum, place) => expect(received?.[place]).toBeCloseTo(sum, 5));
      else expect(received).toEqual(expected);
    });
    rewritten = {
      names: ops.map(({ name }) => name),
      rectified: [...(ops.find(({ name }) => name === 'ReluGrad')?.outputs[0]?.shape ?? [])],
    };
  });
  return rewritten as unknown as Rewritten; // the tidy ran its function, or threw
};

const pool =
  ({ size = 2, strides = size, padding = 'valid' }: Pooling) =>
  (x: Tensor4D): Tensor4D =>
    tf.maxPool(x, size, strides, padding);

const poolings: [string, Pooling][] = [
  ['windows of 2 × 2', { input: [3, 6, 8, 5] }],
  ['ties', { input: [3, 6, 8, 16], ties: true }],
  ['a rest at the end', { input: [2, 7, 5, 3] }],
  ['windows that overlap', { input: [2, 9, 9, 4], size: 3, strides: 2, ties: true }],
  ['windows that leave gaps', { input: [2, 9, 9, 4], size: 2, strides: 3 }],
  ['padded', { input: [2, 7, 7, 4], size: 3, strides: 2, padding: 'same', ties: true }],
  ['one channel', { input: [1, 28, 28, 1], ties: true }],
  ['the whole image', { input: [2, 5, 5, 17], size: 5 }],
];

/** The name that the gradient has on this library. */
const gradientName = binding().hasKernel('_MklNativeMaxPoolGrad') ? '_MklNativeMaxPoolGrad' : 'MaxPoolGrad';

test.each(poolings)('the gradient of relu comes before that of the pooling: %s', (_, pooling) => {
  const { names, rectified } = check(pooling, (x) => pool(pooling)(tf.relu(x)));
  expect(names.filter((name) => name === gradientName)).toHaveLength(1);
  expect(names.filter((name) => name === 'ReluGrad')).toHaveLength(1);
  const [, height = 0, width = 0] = rectified;
  expect(height * width).toBeLessThan(pooling.input[1] * pooling.input[2]);
});

test.each(poolings)('without relu: %s', (_, pooling) => {
  expect(check(pooling, pool(pooling)).names).toContain(gradientName);
});

test('relu may be used by something else, too', () => {
  const pooling: Pooling = { input: [2, 6, 6, 3] };
  const { rectified } = check(pooling, (x) => {
    const rectified = tf.relu(x);
    return tf.add(pool(pooling)(rectified), tf.mean(rectified));
  });
  expect(rectified).toEqual(pooling.input);
});

test('a pooling twice of the same has two gradients', () => {
  const pooling: Pooling = { input: [2, 6, 6, 3] };
  check(pooling, (x) => {
    const rectified = tf.relu(x);
    return tf.mul(pool(pooling)(rectified), tf.sum(pool({ ...pooling, size: 3 })(rectified)));
  });
});

test('one after the other', () => {
  const pooling: Pooling = { input: [2, 16, 16, 3], ties: true };
  const { names } = check(pooling, (x) => pool(pooling)(tf.relu(pool(pooling)(tf.relu(x)))));
  expect(names.filter((name) => name === gradientName)).toHaveLength(2);
});

test('the sum of a gradient over height and width is taken before it', () => {
  const pooling: Pooling = { input: [4, 8, 8, 6] };
  const { names } = check(pooling, (x) => pool(pooling)(tf.relu(x)), true);
  expect(names).not.toContain(gradientName);
  expect(names).toContain('Sum');
});
