import {
  compile,
  getLayer,
  kerasModelSequential,
  layerBatchNormalization,
  layerDense,
  pipe,
  tf,
  trainOnBatch,
  type BatchNormalizationOptions,
  type Layer,
  type Tensor,
} from '../../src/index';
import { record } from '../../src/engine/trace/record';
import { apply, distance, outcome, waves } from './support';

const layerOf = (shape: readonly number[], options: BatchNormalizationOptions = {}): Layer =>
  getLayer(pipe(kerasModelSequential({ inputShape: shape.slice(1) }), layerBatchNormalization(options)), {
    index: 0,
  });

// Keras's definition in PyTorch: output, gradients of input, gamma and beta, moving mean and moving variance after one
// step of momentum 0.9. Its fused kernel, which runs for images, multiplies the variance that moves by n / (n − 1).
//
// import numpy as np, torch
// def wave(*shape, shift=0.0):
//     return torch.tensor(0.5 * np.sin(np.arange(int(np.prod(shape))) * 1.7 + shift).reshape(shape))
// def run(shape, axis, bessel):
//     x = wave(*shape, shift=0.3).requires_grad_()
//     n = shape[axis]
//     gamma, beta = wave(n, shift=1.0).requires_grad_(), wave(n, shift=2.0).requires_grad_()
//     others = [i for i in range(len(shape)) if i != axis]
//     like = [n if i == axis else 1 for i in range(len(shape))]
//     mean, var = x.mean(others), x.var(others, unbiased=False)
//     y = (x - mean.view(like)) / (var.view(like) + 0.001).sqrt() * gamma.view(like) + beta.view(like)
//     (y * wave(*shape, shift=0.7)).sum().backward()
//     count = x.numel() / n
//     seen = var * count / (count - 1) if bessel else var
//     moved = 0.9 * 0 + 0.1 * mean, 0.9 * 1 + 0.1 * seen
//     for t in (y, x.grad, gamma.grad, beta.grad, *moved):
//         print([round(float(v), 6) for v in t.detach().flatten()], end=',\n')
// for case in [((4, 3), 1, False), ((2, 3, 2), 1, False), ((2, 2, 2, 2), 3, True), ((2, 2, 2, 2), 1, True)]:
//     print(case); run(*case)
const cases: [string, { shape: number[]; axis: number; expected: number[][] }][] = [
  [
    'rows',
    {
      shape: [4, 3],
      axis: -1,
      expected: [
        [
          0.943228, -0.037275, 0.312288, 0.084512, -0.086189, -0.632823, -0.001442, -0.381094, -0.961006,
          0.792296, -0.555114, -0.263987,
        ],
        [
          0.271783, -0.063455, 0.148643, 0.202779, 0.05006, 0.265494, -0.141611, 0.059781, -0.035046,
          -0.33295, -0.046386, -0.379091,
        ],
        [1.002431, 1.362569, 1.187089],
        [-0.551862, 0.367252, 0.457225],
        [-0.015615, 0.003503, 0.014712],
        [0.906749, 0.915415, 0.907774],
      ],
    },
  ],
  [
    'the first axis of sequences',
    {
      shape: [2, 3, 2],
      axis: 1,
      expected: [
        [
          0.643514, 1.025087, -0.414386, -0.490969, -0.814345, -0.713772, -0.087096, 0.23709, 0.05907,
          -0.213386, 0.392624, -0.410036,
        ],
        [
          0.1726, -0.156038, -0.074642, 0.107199, -0.125064, 0.281338, -0.180297, 0.163735, 0.059511,
          -0.092068, 0.052438, -0.208711,
        ],
        [1.234669, 1.245253, 1.258595],
        [0.178934, -0.292005, 0.385687],
        [-0.000414, -0.002785, 0.0058],
        [0.91135, 0.911387, 0.911511],
      ],
    },
  ],
  [
    'images',
    {
      shape: [2, 2, 2, 2],
      axis: -1,
      expected: [
        [
          0.62748, 0.047931, 0.200796, -0.60656, 0.851559, -0.078286, 0.019929, -0.445264, 0.977203, -0.26395,
          -0.042148, -0.24756, 0.971591, -0.460566, 0.03078, -0.065088,
        ],
        [
          0.157916, -0.022332, -0.17045, 0.043633, 0.08518, -0.100161, -0.080739, 0.111913, -0.015549,
          -0.154358, 0.024319, 0.148429, -0.117959, -0.170768, 0.117281, 0.143643,
        ],
        [3.263146, 1.710325],
        [0.014565, 0.427461],
        [-0.00194, 0.005263],
        [0.91881, 0.908503],
      ],
    },
  ],
  [
    'images whose channels come first',
    {
      shape: [2, 2, 2, 2],
      axis: 1,
      expected: [
        [
          0.624969, 0.999646, 0.121135, -0.027159, -0.059461, -0.103049, -0.546217, -0.38843, 1.037927,
          0.510348, -0.165736, 0.536062, 0.010794, -0.400329, -0.539866, -0.092786,
        ],
        [
          0.20952, -0.117497, -0.217858, 0.135021, 0.071101, -0.104466, -0.058157, 0.105478, 0.037179,
          -0.253612, -0.010442, 0.217687, -0.043157, -0.112472, 0.058165, 0.083508,
        ],
        [2.546573, 2.645037],
        [0.173077, 0.26895],
        [0.000826, 0.002498],
        [0.913458, 0.914136],
      ],
    },
  ],
];

test.each(cases)('training on %s: output, gradients and moving statistics', (_about, one) => {
  const { shape, axis, expected } = one;
  const features = shape.at(axis) as number;
  const make = (): Layer => {
    const layer = layerOf(shape, { axis, momentum: 0.9 });
    layer.setWeights([waves([features], 1), waves([features], 2), tf.zeros([features]), tf.ones([features])]);
    return layer;
  };
  const x = waves(shape, 0.3);
  const results = outcome(make(), x, { training: true });
  const once = make();
  apply(once, x, { training: true });
  results.push(...once.getWeights().slice(2));
  expect(results).toHaveLength(expected.length);
  results.forEach((result, index) => expect(distance(result, expected[index] ?? [])).toBeLessThan(3e-6));
});

test('otherwise it takes the moving statistics, and leaves them', () => {
  const layer = layerOf([1, 2], { epsilon: 1 });
  const weights = [tf.tensor1d([2, 3]), tf.tensor1d([0.5, 0]), tf.tensor1d([1, 2]), tf.tensor1d([3, 8])];
  layer.setWeights(weights);
  // 2 · (5 − 1) / √(3 + 1) + 0.5 and 3 · (5 − 2) / √(8 + 1)
  expect(distance(apply(layer, tf.tensor2d([[5, 5]])), [4.5, 3])).toBeLessThan(1e-6);
  layer.getWeights().forEach((after, index) => expect(distance(after, weights[index] as Tensor)).toBe(0));
});

test('frozen, it takes the moving statistics while training, too', () => {
  const layer = layerOf([2, 1], { trainable: false, epsilon: 1 });
  layer.setWeights([tf.ones([1]), tf.zeros([1]), tf.ones([1]), tf.tensor1d([3])]);
  expect(distance(apply(layer, tf.tensor2d([[5], [1]]), { training: true }), [2, 0])).toBeLessThan(1e-6);
  expect(layer.getWeights().map((weight) => weight.dataSync()[0])).toEqual([1, 0, 1, 3]);
  expect(layer.trainableWeights).toHaveLength(0);
});

test('without beta and gamma it only normalizes', () => {
  const layer = layerOf([2, 1], { center: false, scale: false, epsilon: 1e-6 });
  expect(layer.weights).toHaveLength(2);
  // Mean 3, variance 4.
  expect(distance(apply(layer, tf.tensor2d([[5], [1]]), { training: true }), [1, -1])).toBeLessThan(1e-6);
});

test('one row: the variance that moves is zero, and nothing is divided by n − 1 = 0', () => {
  const layer = layerOf([1, 1, 1, 2], { momentum: 0.5 });
  apply(layer, tf.tensor4d([[[[4, 6]]]]), { training: true });
  expect(layer.getWeights().map((weight) => [...weight.dataSync()])).toEqual([[1, 1], [0, 0], [2, 3], [0.5, 0.5]]); // prettier-ignore
});

test('a step of training moves the statistics once, by momentum 0.99', () => {
  const model = pipe(
    kerasModelSequential({ inputShape: [1] }),
    layerBatchNormalization(),
    layerDense({ units: 1 }),
  );
  compile(model, { loss: 'mse', optimizer: 'sgd' });
  trainOnBatch(model, [[1], [3]], [[0], [0]]);
  const [, , mean, variance] = getLayer(model, { index: 0 }).getWeights() as [Tensor, Tensor, Tensor, Tensor];
  // Mean 2, variance 1.
  expect(mean.dataSync()[0]).toBeCloseTo(0.02, 6);
  expect(variance.dataSync()[0]).toBeCloseTo(1, 6);
});

test('an axis that the input has not, or whose size is not known', () => {
  expect(() => layerOf([1, 2], { axis: 2 })).toThrow('needs input with an axis 2 of features');
  expect(() => layerOf([1, 2], { axis: 0 })).toThrow('Give an `axis` from 1 to 1, or −1 for the last.');
  expect(() => layerOf([1, null as unknown as number])).toThrow(
    'needs to know the size of the axis of features',
  );
});

test.each([[[2, 2, 2, 2]], [[2, 2, 1, 2, 2]]])(
  'a gradient of its gradient, as a penalty on gradients needs it, of a batch %p',
  (shape) => {
    const layer = layerOf(shape, { scale: false, center: false });
    const x = waves(shape, 0.3);
    const weights = waves(shape, 0.7);
    const slopes = (input: Tensor): Tensor =>
      tf.grad((each) => tf.sum(tf.mul(apply(layer, each, { training: true }), weights)))(input);
    const penalty = tf.grad((input) => tf.sum(tf.square(slopes(input))))(x);

    // The gradient of Σ w · (x − mean) / √(variance + 0.001) is (w − mean w − x̂ · mean(w x̂)) / √(variance + 0.001), in doubles.
    const [values, factors] = [Array.from(x.dataSync()), Array.from(weights.dataSync())];
    const mean = (list: readonly number[]): number =>
      list.reduce((sum, value) => sum + value, 0) / list.length;
    const squares = (input: readonly number[]): number =>
      [0, 1].reduce((sum, feature) => {
        const own = (list: readonly number[]): number[] => list.filter((_, index) => index % 2 === feature);
        const [its, w] = [own(input), own(factors)];
        const center = mean(its);
        const deviation = Math.sqrt(mean(its.map((value) => (value - center) ** 2)) + 0.001);
        const normal = its.map((value) => (value - center) / deviation);
        const along = mean(normal.map((value, index) => value * (w[index] ?? 0)));
        const slope = w.map((each, index) => (each - mean(w) - (normal[index] ?? 0) * along) / deviation);
        return sum + slope.reduce((total, each) => total + each ** 2, 0);
      }, 0);
    const step = 1e-5;
    const expected = values.map((_, at) => {
      const moved = (by: number): number[] =>
        values.map((value, index) => (index === at ? value + by : value));
      return (squares(moved(step)) - squares(moved(-step))) / (2 * step);
    });
    expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(0.1);
    expect(distance(penalty, expected)).toBeLessThan(2e-4);
  },
);

test('over images, it is one operation forward and one back, whichever engine runs it', () => {
  const layer = layerOf([4, 3, 3, 2]);
  const { recording } = record(() =>
    tf.grad((each) => tf.sum(tf.square(apply(layer, each, { training: true }))))(waves([4, 3, 3, 2], 1)),
  );
  const names = recording.ops.map(({ name }) => name);
  expect(names.filter((name) => name.startsWith('FusedBatchNorm'))).toEqual([
    'FusedBatchNormV3',
    'FusedBatchNormGradV3',
  ]);
  for (const pass of ['Mean', 'Sub', 'Rsqrt', 'SquaredDifference']) {
    const whole = recording.ops.filter(
      ({ name, outputs }) => name === pass && outputs[0]?.shape.length === 4,
    );
    expect(whole).toEqual([]);
  }
});
