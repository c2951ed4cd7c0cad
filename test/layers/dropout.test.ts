import {
  compile,
  getLayer,
  kerasModelSequential,
  layerDense,
  layerDropout,
  optimizerSgd,
  pipe,
  setRandomSeed,
  tf,
  trainOnBatch,
  type DropoutOptions,
  type Layer,
  type Tensor,
} from '../../src/index';
import { withStepSeed } from '../../src/ops/random';
import { apply, distance } from './support';

const layerOf = (options: DropoutOptions, inputShape: readonly number[] = [1000]): Layer =>
  getLayer(pipe(kerasModelSequential({ inputShape }), layerDropout(options)), { index: 0 });

const training = { training: true };
const ones = tf.keep(tf.ones([100, 1000]));

test.each([0.1, 0.5, 0.9])('rate %d: drops that fraction, and scales the others up', (rate) => {
  const values = [...apply(layerOf({ rate }), ones, training).dataSync()];
  const dropped = values.filter((value) => value === 0).length;
  // 100,000 independent draws: within five standard deviations.
  expect(Math.abs(dropped - rate * 1e5)).toBeLessThan(5 * Math.sqrt(1e5 * rate * (1 - rate)));
  const kept = values.find((value) => value !== 0) ?? 0;
  expect(kept).toBeCloseTo(1 / (1 - rate), 5);
  expect(new Set(values).size).toBe(2);
});

test('it does nothing when not training, and with rate 0', () => {
  const x = tf.randomNormal([2, 1000]);
  expect(distance(apply(layerOf({ rate: 0.5 }), x), x)).toBe(0);
  expect(distance(apply(layerOf({ rate: 0 }), x, training), x)).toBe(0);
});

test('the mask differs from step to step, from layer to layer, and from row to row', () => {
  setRandomSeed(1);
  const [layer, other] = [layerOf({ rate: 0.5 }), layerOf({ rate: 0.5 })];
  const maskOf = (one: Layer, step: number): string =>
    withStepSeed(tf.tensor1d([7, step], 'int32'), () => apply(one, ones, training).dataSync().join(''));
  const masks = [maskOf(layer, 0), maskOf(layer, 1), maskOf(other, 0)];
  expect(new Set(masks).size).toBe(3);
  expect(maskOf(layer, 0)).toBe(masks[0]);
  const [first, second] = tf.split(apply(layer, ones, training), 100) as [Tensor, Tensor];
  expect(second.dataSync()).not.toEqual(first.dataSync());
});

test('where the mask’s shape is 1, what lies along the axis is dropped together; null is the input’s size', () => {
  const layer = layerOf({ rate: 0.5, noiseShape: [null, 1, 3] }, [4, 3]);
  const output = apply(layer, tf.ones([50, 4, 3]), training);
  const [first, ...others] = tf.unstack(output, 1) as [Tensor, ...Tensor[]];
  others.forEach((other) => expect(distance(other, first)).toBe(0));
  const dropped = [...first.dataSync()].filter((value) => value === 0).length;
  expect(Math.abs(dropped - 75)).toBeLessThan(5 * Math.sqrt(150 / 4));
});

test('the gradient goes where the values went', () => {
  const layer = layerOf({ rate: 0.5, seed: 3 });
  const x = tf.ones([2, 1000]);
  const run = (input: Tensor): Tensor =>
    withStepSeed(tf.tensor1d([1, 1], 'int32'), () => apply(layer, input, training));
  const slope = tf.grad((input) => tf.sum(run(input)))(x);
  expect(distance(slope, run(x))).toBe(0);
});

test('setRandomSeed repeats masks in training; a seed of the layer’s own does not stop steps from differing', () => {
  const losses = [5, 5, 6].map((seed) => {
    setRandomSeed(seed);
    const model = pipe(
      kerasModelSequential({ inputShape: [50] }),
      layerDropout({ rate: 0.5, seed: 9 }),
      layerDense({ units: 1, kernelInitializer: 'ones' }),
    );
    // A rate of 0 keeps the weights, so that the losses differ by the masks only.
    compile(model, { loss: 'mse', optimizer: optimizerSgd({ learningRate: 0 }) });
    return [0, 1, 2].map(() => trainOnBatch(model, tf.ones([4, 50]), tf.zeros([4, 1])).loss);
  });
  expect(losses[0]).toEqual(losses[1]);
  expect(losses[0]).not.toEqual(losses[2]);
  expect(new Set(losses[0]).size).toBe(3);
});

test.each([1, 1.5, -0.1, NaN, '0.5'])('rate %p is refused', (rate) => {
  expect(() => layerDropout({ rate: rate as number })).toThrow(
    'layerDropout: `rate` must be a fraction of the units, at least 0 and below 1.',
  );
  expect(() => layerDropout({ rate: rate as number })).toThrow('Write rate: 0.5 to drop half of them.');
});
