/** Noise and dropout of whole features: their distributions, their seeds, and what does not fit. */
import {
  compile,
  fit,
  getLayer,
  kerasModelSequential,
  layerAlphaDropout,
  layerDense,
  layerDot,
  layerGaussianDropout,
  layerGaussianNoise,
  layerGroupNormalization,
  layerInput,
  layerLayerNormalization,
  layerMasking,
  layerSpatialDropout1d,
  layerSpatialDropout2d,
  layerSpatialDropout3d,
  layerSubtract,
  pipe,
  setRandomSeed,
  tf,
  type LayerStep,
  type SymbolicTensor,
  type Tensor,
} from '../../src/index';
import { apply } from './support';

const drawn = (step: LayerStep, x: Tensor): Tensor => {
  const model = pipe(kerasModelSequential({ inputShape: x.shape.slice(1) }), step);
  return apply(getLayer(model, { index: 0 }), x, { training: true });
};

/** Mean and deviation. */
const momentsOf = (x: Tensor): [number, number] => {
  const { mean, variance } = tf.moments(x);
  return [Number(mean.dataSync()[0]), Math.sqrt(Number(variance.dataSync()[0]))];
};

beforeEach(() => setRandomSeed(11));

const N = 200_000;

// Of so many numbers the mean is within 0.01 of the expected one in all but one of a million cases.
test('Gaussian noise has the mean 0 and the deviation that is asked for', () => {
  const [mean, deviation] = momentsOf(drawn(layerGaussianNoise({ stddev: 0.5 }), tf.zeros([200, N / 200])));
  expect(mean).toBeCloseTo(0, 2);
  expect(deviation).toBeCloseTo(0.5, 2);
});

test('Gaussian dropout multiplies by numbers around 1, with the deviation √(rate / (1 − rate))', () => {
  const [mean, deviation] = momentsOf(drawn(layerGaussianDropout({ rate: 0.2 }), tf.ones([200, N / 200])));
  expect(mean).toBeCloseTo(1, 2);
  expect(deviation).toBeCloseTo(0.5, 2);
});

test('alpha dropout keeps mean and variance, and drops the fraction that is asked for', () => {
  const x = tf.randomNormal([200, N / 200], 0, 1, 'float32', 4);
  const output = drawn(layerAlphaDropout({ rate: 0.25 }), x);
  const [mean, deviation] = momentsOf(output);
  expect(Math.abs(mean)).toBeLessThan(0.015);
  expect(Math.abs(deviation - 1)).toBeLessThan(0.015);
  // What is dropped becomes one number.
  const values = output.dataSync();
  const counts = new Map<number, number>();
  values.forEach((value) => counts.set(value, (counts.get(value) ?? 0) + 1));
  expect([...counts.values()].reduce((most, count) => Math.max(most, count)) / N).toBeCloseTo(0.25, 2);
});

const spatial: readonly [string, LayerStep, number[], number][] = [
  ['1d', layerSpatialDropout1d({ rate: 0.3 }), [40, 5, 1000], 2],
  ['2d', layerSpatialDropout2d({ rate: 0.3 }), [40, 2, 2, 1000], 3],
  [
    '2d, channels first',
    layerSpatialDropout2d({ rate: 0.3, dataFormat: 'channels_first' }),
    [40, 1000, 2, 2],
    1,
  ],
  ['3d', layerSpatialDropout3d({ rate: 0.3 }), [40, 2, 1, 2, 1000], 4],
];
test.each(spatial)('spatial dropout drops whole features, %s', (_, step, shape, axis) => {
  const output = drawn(step, tf.ones(shape));
  const between = shape.map((__, index) => index).filter((index) => index !== 0 && index !== axis);
  const [least, most] = [tf.min(output, between), tf.max(output, between)];
  expect([...least.dataSync()]).toEqual([...most.dataSync()]);
  const kept = [...most.dataSync()].filter((value) => value !== 0);
  kept.forEach((value) => expect(value).toBeCloseTo(1 / 0.7, 5));
  expect(kept.length / 40_000).toBeCloseTo(0.7, 2);
});

const steps: readonly [string, LayerStep][] = [
  ['layerGaussianNoise', layerGaussianNoise({ stddev: 0.5 })],
  ['layerGaussianDropout', layerGaussianDropout({ rate: 0.5 })],
  ['layerAlphaDropout', layerAlphaDropout({ rate: 0.5 })],
  ['layerSpatialDropout1d', layerSpatialDropout1d({ rate: 0.5 })],
];
test.each(steps)(
  '%s draws alike in both engines, other numbers each step, and the same for the same seed',
  async (_, step) => {
    const losses = async (seed: number, engine: 'eager' | 'compiled'): Promise<number[]> => {
      setRandomSeed(seed);
      const model = pipe(
        kerasModelSequential({ inputShape: [4, 3] }),
        step,
        layerDense({ units: 1, kernelInitializer: 'ones' }),
        compile({ loss: 'mse', optimizer: 'sgd' }),
      );
      const history = await fit(model, tf.ones([6, 4, 3]), tf.ones([6, 4, 1]), {
        epochs: 3,
        batchSize: 3,
        verbose: 0,
        engine,
      });
      return history.metrics.loss;
    };
    const eager = await losses(3, 'eager');
    expect(await losses(3, 'eager')).toEqual(eager);
    (await losses(3, 'compiled')).forEach((loss, epoch) => expect(loss).toBeCloseTo(eager[epoch] ?? NaN, 5));
    expect(new Set(eager).size).toBe(3);
    expect(await losses(4, 'eager')).not.toEqual(eager);
  },
);

test('without training they do nothing', () => {
  const x = tf.randomNormal([2, 4, 3]);
  for (const [, step] of steps) {
    const model = pipe(kerasModelSequential({ inputShape: [4, 3] }), step);
    expect([...apply(getLayer(model, { index: 0 }), x).dataSync()]).toEqual([...x.dataSync()]);
  }
});

describe('what does not fit', () => {
  const input = (...shape: number[]): SymbolicTensor => layerInput({ shape });
  const errors: readonly [string, () => unknown, string][] = [
    [
      'a negative deviation',
      () => layerGaussianNoise({ stddev: -1 }),
      '`stddev` must be a number of 0 or more. Received: -1.',
    ],
    ['a rate of 1', () => layerGaussianDropout({ rate: 1 }), '`rate` must be a fraction of the units'],
    ['a rate that is missing', () => layerAlphaDropout({} as never), 'the option `rate` is required'],
    [
      'images for sequences',
      () => layerSpatialDropout1d(input(2, 2, 2), { rate: 0.5 }),
      'needs input of 3 dimensions',
    ],
    ['three to subtract', () => layerSubtract([input(2), input(2), input(2)]), 'needs two inputs, and has 3'],
    ['other shapes', () => layerSubtract([input(2), input(3)]), 'needs inputs of one shape'],
    ['the batch axis', () => layerDot({ axes: 0 }), '`axes` must be an axis after that of the batch, 0'],
    [
      'an axis that there is not',
      () => layerDot([input(2), input(2)], { axes: 2 }),
      'needs inputs with the axes 2',
    ],
    [
      'other sizes',
      () => layerDot([input(2), input(3)], { axes: 1 }),
      'needs inputs of one size along the axes of the sum, and has 2 and 3',
    ],
    [
      'groups',
      () => layerGroupNormalization(input(5), { groups: 2 }),
      'needs a number of channels that its 2 groups divide, and has 5',
    ],
    ['no groups', () => layerGroupNormalization({ groups: 0 }), '`groups` must be a positive integer, or −1'],
    [
      'an axis to normalize',
      () => layerLayerNormalization(input(5), { axis: 2 }),
      'needs input with an axis 2 after that of the batch',
    ],
    [
      'the batch axis to normalize',
      () => layerLayerNormalization(input(5), { axis: [1, 0] }),
      'needs input with an axis 0 after that of the batch',
    ],
    ['vectors to mask', () => layerMasking(input(5)), 'needs input of 3 to 8 dimensions'],
  ];
  test.each(errors)('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
