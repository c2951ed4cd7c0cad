import {
  initializerConstant,
  initializerGlorotNormal,
  initializerGlorotUniform,
  initializerHeNormal,
  initializerHeUniform,
  initializerIdentity,
  initializerLecunNormal,
  initializerLecunUniform,
  initializerOnes,
  initializerOrthogonal,
  initializerRandomNormal,
  initializerRandomUniform,
  initializerTruncatedNormal,
  initializerVarianceScaling,
  initializerZeros,
  kerasModelSequential,
  KerasArgumentError,
  layerDense,
  pipe,
  setRandomSeed,
  tf,
  type Initializer,
  type InitializerLike,
  type Tensor2D,
} from '../../src/index';
import { savedAndLoaded } from '../base/support';
import { weightArrays } from '../support/weights';
import { statistics, type Statistics } from './support';

const drawn = (one: Initializer, shape: number[] = [200, 100]): Statistics => {
  const values = one.apply(shape);
  const seen = statistics(values);
  values.dispose();
  return seen;
};
// 20,000 draws: the standard error of their mean is σ / 141, that of their deviation less than σ / 200.
const near = (seen: Statistics, mean: number, deviation: number): void => {
  expect(Math.abs(seen.mean - mean)).toBeLessThanOrEqual((5 * deviation) / 141);
  expect(Math.abs(seen.deviation - deviation)).toBeLessThanOrEqual((5 * deviation) / 200 + 1e-7);
};

// Keras's definitions; a uniform from a to b has the mean (a + b) / 2 and the deviation (b − a) / √12.
test.each<[string, Initializer, number, number]>([
  [
    'uniform from 0 to 1',
    initializerRandomUniform({ minval: 0, maxval: 1, seed: 1 }),
    0.5,
    1 / Math.sqrt(12),
  ],
  [
    'uniform from −1 to 0',
    initializerRandomUniform({ minval: -1, maxval: 0, seed: 2 }),
    -0.5,
    1 / Math.sqrt(12),
  ],
  ['normal', initializerRandomNormal({ mean: 2, stddev: 3, seed: 3 }), 2, 3],
  ['normal without deviation', initializerRandomNormal({ mean: 2, stddev: 0 }), 2, 0],
  ['cut normal', initializerTruncatedNormal({ mean: 2, stddev: 3, seed: 4 }), 2, 3 * 0.87962566],
  ['scaled by inputs', initializerVarianceScaling({ scale: 4, seed: 5 }), 0, Math.sqrt(4 / 200)],
  ['scaled by outputs', initializerVarianceScaling({ mode: 'fan_out', seed: 6 }), 0, Math.sqrt(1 / 100)],
  ['scaled by both', initializerVarianceScaling({ mode: 'fanAvg', seed: 7 }), 0, Math.sqrt(1 / 150)],
  [
    'uniform, scaled',
    initializerVarianceScaling({ distribution: 'uniform', seed: 8 }),
    0,
    Math.sqrt(1 / 200),
  ],
  [
    'cut, scaled',
    initializerVarianceScaling({ distribution: 'truncated_normal', seed: 9 }),
    0,
    Math.sqrt(1 / 200),
  ],
  [
    'uncut, scaled',
    initializerVarianceScaling({ distribution: 'untruncated_normal', seed: 10 }),
    0,
    Math.sqrt(1 / 200),
  ],
  ['constant', initializerConstant({ value: -3 }), -3, 0],
  ['constant, bare', initializerConstant(7), 7, 0],
])('%s', (_name, one, mean, deviation) => near(drawn(one), mean, deviation));

test('cut or not shows in the largest', () => {
  const largest = (distribution: 'normal' | 'untruncated_normal'): number =>
    drawn(initializerVarianceScaling({ distribution, seed: 3 })).largest * Math.sqrt(200) * 0.87962566;
  expect(largest('normal')).toBeLessThanOrEqual(2 * (1 + 1e-6));
  expect(largest('untruncated_normal')).toBeGreaterThan(2.5);
});

test('gain of an orthogonal and of an identity matrix', () => {
  const matrix = initializerOrthogonal({ gain: 3 }).apply([4, 4]) as Tensor2D;
  const squares = tf.matMul(matrix, matrix, true);
  expect(tf.max(tf.abs(tf.sub(squares, tf.mul(tf.eye(4), 9)))).dataSync()[0]).toBeLessThan(1e-4);
  expect(initializerIdentity(2).apply([2, 3]).arraySync()).toEqual([[2, 0, 0], [0, 2, 0]]); // prettier-ignore
  expect(() => initializerIdentity().apply([2, 2, 2])).toThrow(
    'initializerIdentity: the weights must be a matrix, to be an identity matrix. Received: weights of shape [2, 2, 2].',
  );
});

const seeded = (seed: number | undefined): Readonly<Record<string, Initializer>> => ({
  uniform: initializerRandomUniform({ seed }),
  normal: initializerRandomNormal({ seed }),
  truncated: initializerTruncatedNormal({ seed }),
  scaling: initializerVarianceScaling({ seed }),
  orthogonal: initializerOrthogonal({ seed }),
  glorotUniform: initializerGlorotUniform({ seed }),
  glorotNormal: initializerGlorotNormal({ seed }),
  heUniform: initializerHeUniform({ seed }),
  heNormal: initializerHeNormal({ seed }),
  lecunUniform: initializerLecunUniform({ seed }),
  lecunNormal: initializerLecunNormal({ seed }),
});
test.each(Object.keys(seeded(0)))('%s: one seed makes the same weights, none makes others', (name) => {
  const weights = (seed: number | undefined): unknown => seeded(seed)[name]?.apply([3, 3]).arraySync();
  for (const seed of [0, 1, -5, 2 ** 40]) expect(weights(seed)).toEqual(weights(seed));
  expect(weights(0)).not.toEqual(weights(1));
  expect(weights(undefined)).not.toEqual(weights(undefined));
});

test.each(
  Object.entries({
    ...seeded(0),
    ...seeded(7),
    constant: initializerConstant(3),
    identity: initializerIdentity(2),
    zeros: initializerZeros(),
    ones: initializerOnes(),
    far: initializerRandomUniform({ minval: 0, maxval: 2, seed: 3 }),
    flat: initializerRandomNormal({ mean: 0, stddev: 0, seed: 3 }),
    uncut: initializerVarianceScaling({
      scale: 2,
      mode: 'fan_out',
      distribution: 'untruncated_normal',
      seed: 3,
    }),
  }),
)('%s: the same after saving and loading', (_name, one) => {
  expect(savedAndLoaded(one).apply([3, 3]).arraySync()).toEqual(one.apply([3, 3]).arraySync());
  expect(savedAndLoaded(one).getConfig()).toEqual(one.getConfig());
});

test.each([
  [
    () => initializerRandomNormal({ stddev: -1 }),
    'initializerRandomNormal: `stddev` must be a number of 0 or more. Received: -1.',
  ],
  [() => initializerVarianceScaling({ scale: 0 }), '`scale` must be a positive number. Received: 0.'],
  [
    () => initializerVarianceScaling({ mode: 'fan' as never }),
    "`mode` must be one of 'fan_in', 'fan_out', 'fan_avg'. Received: 'fan'.",
  ],
  [
    () => initializerVarianceScaling({ distribution: 'cauchy' as never }),
    "`distribution` must be one of 'normal', ",
  ],
  [() => initializerGlorotUniform({ seed: 0.5 }), '`seed` must be an integer. Received: 0.5.'],
  [
    () => initializerGlorotUniform('1' as never),
    "initializerGlorotUniform: `seed` must be an integer. Received: '1'.",
  ],
  [
    () => initializerRandomUniform(3 as never),
    'initializerRandomUniform: the options must be an object. Received: 3.',
  ],
  [
    () => initializerZeros({ value: 3 } as never),
    'initializerZeros: the options must be known ones. Received: the unknown option `value`. There are none to give.',
  ],
])('%#: those out of range are refused', (make, message) => {
  expect(make).toThrow(KerasArgumentError);
  expect(make).toThrow(message);
});

test('in a layer: an object keeps its seed, a function makes one for each layer', () => {
  const kernels = (kernelInitializer: InitializerLike): unknown[] =>
    [1, 2].map(
      () =>
        weightArrays(
          pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3], kernelInitializer })),
        )[0],
    );
  const [first, second] = kernels(initializerHeNormal({ seed: 3 }));
  expect(first).toEqual(second);
  const [one, other] = kernels(initializerHeNormal);
  expect(one).not.toEqual(other);
  setRandomSeed(5);
  const byFunction = kernels(initializerHeNormal);
  setRandomSeed(5);
  expect(kernels('he_normal')).toEqual(byFunction);
});
