/** What a program draws with tfjs's functions in a step, without a seed: in the graph, other numbers in each step, the same again by a seed. */
import {
  callModel,
  compile,
  compiledStep,
  createLayerWrapper,
  CustomModel,
  fit,
  gradientsOf,
  kerasModelSequential,
  KerasLayer,
  layerDense,
  pipe,
  predictOnBatch,
  setRandomSeed,
  tf,
  type StepData,
  type Tensor,
} from '../../src/index';

const COUNT = 20_000;
const mean = (values: Tensor): number => tf.mean(tf.cast(values, 'float32')).arraySync() as number;
const deviation = (values: Tensor): number =>
  tf.sqrt(tf.moments(tf.cast(values, 'float32')).variance).arraySync() as number;

const draws: [string, () => Tensor, { mean: number; deviation: number; least?: number; most?: number }][] = [
  ['randomNormal', () => tf.randomNormal([COUNT], 2, 3), { mean: 2, deviation: 3 }],
  ['randomNormal of whole numbers', () => tf.randomNormal([COUNT], 2, 3, 'int32'), { mean: 2, deviation: Math.sqrt(9 + 1 / 12) }],
  ['randomStandardNormal', () => tf.randomStandardNormal([COUNT]), { mean: 0, deviation: 1 }],
  ['truncatedNormal', () => tf.truncatedNormal([COUNT], 1, 2), { mean: 1, deviation: 2 * 0.8796256610342398, least: -3, most: 5 }],
  ['randomUniform', () => tf.randomUniform([COUNT], -1, 3), { mean: 1, deviation: 4 / Math.sqrt(12), least: -1, most: 3 }],
  ['randomUniform of truth values', () => tf.randomUniform([COUNT], 0, 2, 'int32'), { mean: 0.5, deviation: 0.5, least: 0, most: 1 }],
  ['randomUniformInt', () => tf.randomUniformInt([COUNT], -3, 2), { mean: -1, deviation: Math.sqrt(2), least: -3, most: 1 }],
  ['randomGamma', () => tf.randomGamma([COUNT], 3, 2), { mean: 6, deviation: 2 * Math.sqrt(3), least: 0 }],
  ['randomGamma of an alpha below 1', () => tf.randomGamma([COUNT], 0.4), { mean: 0.4, deviation: Math.sqrt(0.4), least: 0 }],
  ['randomGamma of whole numbers', () => tf.randomGamma([COUNT], 9, 1, 'int32'), { mean: 9, deviation: Math.sqrt(9 + 1 / 12), least: 0 }],
  ['multinomial', () => tf.multinomial(tf.log([0.2, 0.3, 0.5]) as tf.Tensor1D, COUNT), { mean: 1.3, deviation: 0.781, least: 0, most: 2 }],
  ['dropout', () => tf.dropout(tf.ones([COUNT]), 0.25), { mean: 1, deviation: Math.sqrt(1 / 3), least: 0, most: 4 / 3 + 1e-6 }],
]; // prettier-ignore

describe.each(draws)('%s', (_, draw, expected) => {
  const steps = (engine: 'eager' | 'compiled', count: number): Tensor[] => {
    setRandomSeed(7);
    const step = compiledStep((shift: Tensor) => tf.add(draw(), shift), { engine });
    return Array.from({ length: count }, () => step(tf.scalar(0)));
  };

  test('has its distribution, drawn in the graph', () => {
    const [drawn] = steps('compiled', 1) as [Tensor];
    expect(drawn.shape).toEqual([COUNT]);
    expect(Math.abs(mean(drawn) - expected.mean)).toBeLessThan((4 * expected.deviation) / Math.sqrt(COUNT));
    expect(deviation(drawn) / expected.deviation).toBeCloseTo(1, 1);
    const { least = -Infinity, most = Infinity } = expected;
    expect(tf.min(drawn).arraySync()).toBeGreaterThanOrEqual(least);
    expect(tf.max(drawn).arraySync()).toBeLessThanOrEqual(most);
  });

  test('is another one in each step, and the same again, in both engines', () => {
    const [first, second] = steps('compiled', 2) as [Tensor, Tensor];
    expect(first.arraySync()).not.toEqual(second.arraySync());
    const again = steps('compiled', 2).map((tensor) => tensor.arraySync());
    expect(again).toEqual([first.arraySync(), second.arraySync()]);
    expect(steps('eager', 2).map((tensor) => tensor.arraySync())).toEqual(again);
  });
});

/** The third moment about the mean by the cube of the deviation; of a gamma distribution, 2 / √alpha. */
const skewness = (values: Tensor): number =>
  (tf.mean(tf.pow(tf.sub(values, mean(values)), 3)).arraySync() as number) / deviation(values) ** 3;

test.each([0.4, 1, 3, 50])(
  'randomGamma is as skewed as its alpha of %d says, and as outside of a step',
  (alpha) => {
    const step = compiledStep((x: Tensor) => tf.add(x, tf.randomGamma([200_000], alpha, 2)), {
      engine: 'compiled',
    });
    setRandomSeed(5);
    const drawn = step(tf.scalar(0));
    expect(skewness(drawn) / (2 / Math.sqrt(alpha))).toBeCloseTo(1, 0);
    expect(Math.abs(skewness(drawn) - 2 / Math.sqrt(alpha))).toBeLessThan(0.1 + 0.2 / alpha);
    const outside = tf.randomGamma([200_000], alpha, 2, 'float32', 11);
    expect(mean(drawn) / mean(outside)).toBeCloseTo(1, 1);
    expect(deviation(drawn) / deviation(outside)).toBeCloseTo(1, 1);
  },
);

test('with a seed, it is the same in each step', () => {
  const step = compiledStep((x: Tensor) => tf.add(x, tf.randomNormal([5], 0, 1, 'float32', 3)), {
    engine: 'compiled',
  });
  const expected = tf.randomNormal([5], 0, 1, 'float32', 3).arraySync();
  expect(step(tf.zeros([5])).arraySync()).toEqual(expected);
  expect(step(tf.zeros([5])).arraySync()).toEqual(expected);
});

test('two draws in a step differ', () => {
  const step = compiledStep((x: Tensor) => [tf.add(x, tf.randomNormal([5])), tf.randomNormal([5])] as const, {
    engine: 'compiled',
  });
  const [one, other] = step(tf.zeros([5]));
  expect(one.arraySync()).not.toEqual(other.arraySync());
});

test.each(['eager', 'compiled'] as const)('a layer and a trainStep of one’s own draw, %s', async (engine) => {
  class Noise extends KerasLayer {
    override call(x: Tensor, { training }: { training: boolean }) {
      return training ? tf.add(x, tf.randomNormal(x.shape, 0, 0.1)) : x;
    }
  }
  class Own extends CustomModel {
    out = this.addLayer(layerDense({ units: 1, kernelInitializer: 'ones' }));
    override call(x: Tensor) {
      return this.out(x);
    }
    override trainStep({ x, y }: StepData) {
      const gradients = gradientsOf(() => {
        const noisy = tf.add(x, tf.randomNormal(x.shape));
        return tf.mean(tf.squaredDifference(callModel(this, noisy), y));
      }, this);
      this.optimizer.apply(gradients);
      return { loss: gradients.loss };
    }
  }
  const makers = [
    () =>
      pipe(
        kerasModelSequential({ inputShape: [2] }),
        createLayerWrapper(Noise)(),
        layerDense({ units: 1, kernelInitializer: 'ones' }),
      ),
    () => new Own(),
  ];
  const [x, y] = [tf.ones([8, 2]), tf.zeros([8, 1])];
  for (const make of makers) {
    const losses = [];
    for (let run = 0; run < 2; run++) {
      setRandomSeed(3);
      const model = pipe(make(), compile({ optimizer: 'sgd', loss: 'mse' }));
      const history = await fit(model, x, y, { epochs: 12, batchSize: 4, verbose: 0, engine });
      expect(history.params.engine).toBe(engine);
      losses.push(history.metrics.loss);
      expect(predictOnBatch(model, x).shape).toEqual([8, 1]);
    }
    expect(losses[0]).toEqual(losses[1]);
  }
});

test('outside of a step it is tfjs’s own', () => {
  expect(tf.randomNormal([3], 0, 1, 'float32', 5).arraySync()).toEqual(
    tf.randomNormal([3], 0, 1, 'float32', 5).arraySync(),
  );
  expect(tf.randomUniform([2, 3]).shape).toEqual([2, 3]);
  expect(() => tf.randomNormal([2], 0, 1, 'bool' as never)).toThrow(/Unsupported data type/);
});
