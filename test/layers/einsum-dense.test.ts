/** Dense layers over any axes: what they have in common with dense ones, and what does not fit. */
import {
  compile,
  getLayer,
  kerasModel,
  kerasModelSequential,
  layerDense,
  layerEinsumDense,
  layerInput,
  outputShape,
  pipe,
  setWeights,
  testOnBatch,
  tf,
  type EinsumDenseOptions,
  type LayerStep,
} from '../../src/index';
import { contraction } from '../../src/ops/contraction';
import { apply, distance, waves } from './support';

test('of two axes is a dense layer: output, penalties', () => {
  const common = { activation: 'tanh', activityRegularizer: 'l2', kernelRegularizer: 'l1' } as const;
  const results = [
    layerEinsumDense({ equation: 'ab,bc->ac', outputShape: 4, biasAxes: 'c', ...common }),
    layerDense({ units: 4, ...common }),
  ].map((step) => {
    const model = pipe(kerasModelSequential({ inputShape: [3] }), step, compile({ loss: 'mse' }));
    setWeights(model, [waves([3, 4], 1), waves([4], 2)]);
    const output = apply(getLayer(model, { index: 0 }), waves([5, 3], 0.3));
    return { output, loss: testOnBatch(model, waves([5, 3], 0.3), tf.zeros([5, 4])).loss };
  });
  const [einsum, dense] = results as [(typeof results)[0], (typeof results)[0]];
  expect(distance(einsum.output, dense.output)).toBe(0);
  expect(einsum.loss).toBeCloseTo(dense.loss, 6);
  expect(einsum.loss).toBeGreaterThan(testLoss(dense.output));
});

/** The mean of the squares: the loss without penalties. */
const testLoss = (output: tf.Tensor): number => Number(tf.mean(tf.square(output)).dataSync()[0]);

test('sizes that are not known stay open', () => {
  const input = layerInput({ shape: [null, 4] });
  const output = layerEinsumDense(input, {
    equation: 'abc,cde->abde',
    outputShape: [null, 2, 3],
    biasAxes: 'de',
  });
  const model = kerasModel(input, output);
  expect(outputShape(model)).toEqual([null, null, 2, 3]);
  expect(apply(getLayer(model, { index: 1 }), tf.zeros([5, 7, 4])).shape).toEqual([5, 7, 2, 3]);
});

test('a contraction adds up what one factor alone has', () => {
  const [a, b] = [waves([2, 3, 4], 0), waves([4, 5, 2], 1)];
  // By hand: Σ_j Σ_k Σ_m a[i, j, k] b[k, l, m], the product [l, i].
  const [left, right] = [a.arraySync() as number[][][], b.arraySync() as number[][][]];
  const expected = Array.from({ length: 5 }, (_, l) =>
    left.map((plane) =>
      plane
        .flatMap((row) =>
          row.map((value, k) => value * (right[k]?.[l]?.[0] ?? NaN) + value * (right[k]?.[l]?.[1] ?? NaN)),
        )
        .reduce((sum, value) => sum + value, 0),
    ),
  );
  const product = contraction(a, b, { a: 'ijk', b: 'klm', product: 'li' });
  expect(product.shape).toEqual([5, 2]);
  expect(distance(product, expected.flat())).toBeLessThan(1e-5);
});

describe('what does not fit', () => {
  const options = (more: Partial<EinsumDenseOptions>): EinsumDenseOptions => ({
    equation: 'abc,cd->abd',
    outputShape: [null, 2],
    ...more,
  });
  const make = (more: Partial<EinsumDenseOptions>) => (): LayerStep => layerEinsumDense(options(more));
  const put =
    (more: Partial<EinsumDenseOptions>, ...shape: (number | null)[]) =>
    (): unknown =>
      layerEinsumDense(layerInput({ shape }), options(more));
  const errors: readonly [string, () => unknown, string][] = [
    [
      'no equation',
      make({ equation: 'abc' }),
      "`equation` must be of the form 'X,Y->Z', '...X,Y->...Z' or 'X...,Y->Z...'",
    ],
    ['dots on one side', make({ equation: '...a,ab->b' }), '`equation` must be of the form'],
    ['a letter twice', make({ equation: 'aab,bc->ac' }), "each letter is once, and not 'a' twice"],
    [
      'an axis from nowhere',
      make({ equation: 'ab,bc->ad' }),
      "letters of the input or the kernel, and not 'd'",
    ],
    [
      'a kernel of unknown size',
      make({ equation: 'ab,bz->a' }),
      "letters of the input or the output, and not 'z'",
    ],
    [
      'a bias of what is summed',
      make({ biasAxes: 'dc' }),
      "`biasAxes` must be letters of the output, 'abd'. Received: 'dc'.",
    ],
    [
      'sizes that are none',
      make({ outputShape: [0] }),
      '`outputShape` must be a positive integer, or an array of them',
    ],
    ['no shape', make({ outputShape: null as never }), '`outputShape` must be a positive integer'],
    ['too few axes', put({}, 4), "needs input of 3 axes, as many as 'abc' has letters, and has 2"],
    ['too many axes', put({}, 3, 4, 5), "needs input of 3 axes, as many as 'abc' has letters, and has 4"],
    [
      'too few sizes',
      put({ outputShape: 2 }, 3, 4),
      "needs an `outputShape` of 2 sizes, for 'bd', and has 1",
    ],
    [
      'another size',
      put({ outputShape: [5, 2] }, 3, 4),
      "needs the size 5 of axis 'b' of the output, which the input has as 3",
    ],
    [
      'an unknown size',
      put({}, 3, null),
      "needs to know the size of axis 'c', since its weights depend on it",
    ],
    ['an unknown output', put({ outputShape: [null, null] }, 3, 4), "needs to know the size of axis 'd'"],
  ];
  test.each(errors)('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
