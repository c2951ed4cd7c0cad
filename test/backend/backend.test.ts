/** The functions of R's backend that tfjs has not: at their edges and their gradients as Keras 2.13, and in layers of both engines. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  compile,
  fit,
  kBatchDot,
  KerasArgumentError,
  KerasShapeError,
  kerasModelSequential,
  kInTopK,
  kL2Normalize,
  kRandomBernoulli,
  kRandomBinomial,
  kRepeatElements,
  kResizeVolumes,
  kStopGradient,
  layerDense,
  layerFlatten,
  layerLambda,
  pipe,
  setRandomSeed,
  tf,
  type Tensor,
} from '../../src/index';

const { inputs, more } = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/backend.json'), 'utf8'),
) as { inputs: Record<string, number[]>; more: Record<string, number[]> };
const of = (name: string): Tensor => tf.tensor(inputs[name] ?? []);

const expectNear = (received: Tensor, expected: unknown): void => {
  const wanted = tf.tensor(expected as number[]);
  expect(received.shape).toEqual(wanted.shape);
  expect(tf.max(tf.abs(tf.sub(received, wanted))).dataSync()[0]).toBeLessThan(1e-5);
};

/** The gradient of Σ n · f(x)ₙ, as the reference has it. */
const gradientOf = (f: (x: Tensor) => Tensor, x: Tensor): Tensor =>
  tf.grad((one) => {
    const y = f(one);
    return tf.sum(tf.mul(y, tf.reshape(tf.range(1, y.size + 1), y.shape)));
  })(x);

beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

test('kL2Normalize: of all values, of zeros, and its gradient', () => {
  expectNear(kL2Normalize(of('x')), more['l2NormalizeAll']);
  expectNear(
    kL2Normalize(
      [
        [3, 4],
        [0, 0],
        [1e-9, 0],
      ],
      -1,
    ),
    more['l2NormalizeZeros'],
  );
  expectNear(
    gradientOf((x) => kL2Normalize(x, { axis: -1 }), of('x')),
    more['l2NormalizeGradient'],
  );
  expectNear(pipe(of('x'), kL2Normalize()), more['l2NormalizeAll']);
  expect(() => kL2Normalize([1, 2], 1)).toThrow(
    'kL2Normalize: `axis` must be an axis of x, whose shape is [2]',
  );
});

test('kBatchDot: axes by default, vectors, more axes, and its gradient', () => {
  expectNear(kBatchDot(of('batchA'), of('batchB')), more['batchDotDefault']);
  expectNear(kBatchDot(of('x'), of('y')), more['batchDotVectors']);
  expectNear(
    kBatchDot(tf.reshape(of('batchA'), [2, 3, 2, 2]), of('batchB'), { axes: [-1, -1] }),
    more['batchDotOfFour'],
  );
  expectNear(
    gradientOf((x) => kBatchDot(x, of('batchB'), { axes: [2, 1] }), of('batchA')),
    more['batchDotGradient'],
  );
});

test.each<[unknown, unknown, unknown, string]>([
  [[1, 2], [1, 2], undefined, 'kBatchDot: `x` and `y` must be batches of as many samples'],
  [
    [[1, 2]],
    [
      [1, 2],
      [3, 4],
    ],
    undefined,
    'Received: [1, 2] and [2, 2].',
  ],
  [[[1, 2]], [[1, 2, 3]], undefined, 'Received: 2 and 3, of [1, 2] and [1, 3].'],
  [
    [[1, 2]],
    [[1, 2]],
    { axes: 0 },
    'kBatchDot: `axes` must be an axis of x, whose shape is [1, 2]: from 1 to 1.',
  ],
  [
    [[1, 2]],
    [[1, 2]],
    { axes: [1, 1, 1] },
    'kBatchDot: `axes` must be an integer, or one for each of the two.',
  ],
  [[[1, 2]], [[1, 2]], { axis: 1 }, 'the unknown option `axis`'],
])('kBatchDot of %j and %j with %j is refused', (x, y, options, message) => {
  expect(() => kBatchDot(x as never, y as never, options as never)).toThrow(message);
});

test('kInTopK: ties share a place, and what is no number is in none', () => {
  const scores = tf.tensor2d([
    [0.5, 0.5, 0.1],
    [0.3, 0.3, 0.3],
    [NaN, 0.1, 0.2],
    [Infinity, 0.1, 0.2],
    [0.6, 0.3, 0.1],
  ]);
  const expected = more['inTopK'] as unknown as Record<string, boolean[][]>;
  for (const k of [1, 2, 3]) {
    const hits = [
      [0, 1, 1, 1, 3],
      [2, 2, 2, 0, 0],
    ].map((targets) => [...kInTopK(scores, targets, { k }).dataSync()].map(Boolean));
    expect(hits).toEqual(expected[String(k)]);
  }
  expect(() => kInTopK(scores, [1, 2], { k: 1 })).toThrow(KerasShapeError);
  expect(() => kInTopK(scores, [0, 0, 0, 0, 0], { k: 0 })).toThrow(
    'kInTopK: `k` must be a positive integer.',
  );
});

test('kRepeatElements and kResizeVolumes: gradient, channels first, errors', () => {
  expectNear(
    gradientOf((x) => kRepeatElements(x, { rep: 2, axis: 0 }), of('x')),
    more['repeatElementsGradient'],
  );
  expectNear(
    kResizeVolumes(tf.transpose(of('volumes'), [0, 4, 1, 2, 3]), {
      depthFactor: 1,
      heightFactor: 2,
      widthFactor: 1,
      dataFormat: 'channels_first',
    }),
    more['resizeVolumesFirst'],
  );
  expect(() => kRepeatElements([1], { rep: 2, axis: 1 })).toThrow(KerasArgumentError);
  expect(() => kRepeatElements([1], { rep: 0, axis: 0 })).toThrow(KerasArgumentError);
  expect(() => kResizeVolumes([[1]], { depthFactor: 1, heightFactor: 1, widthFactor: 1 })).toThrow(
    'kResizeVolumes: `x` must have five axes: batch, three of space, channels. Received: the shape [1, 1].',
  );
});

test('kStopGradient: the values, and no slope', () => {
  expectNear(kStopGradient(of('x')), inputs['x']);
  expectNear(
    tf.grad((x) => tf.sum(tf.add(tf.square(x), kStopGradient(tf.square(x)))))(tf.tensor1d([2, -3])),
    [4, -6],
  );
});

test('what no memory has is refused, with how much it would be', () => {
  const much = /the result must fit into memory twice\. Received: .*, which take [\d.]+ GB of [\d.]+ GB/;
  expect(() => kRandomBernoulli({ shape: [1e6, 1e6] })).toThrow(much);
  expect(() => kRandomBernoulli({ shape: 1e12 })).toThrow(/^kRandomBernoulli: .*1000000000000 numbers/);
  expect(() => kRepeatElements([[1, 2]], { rep: 1e12, axis: 1 })).toThrow(
    /^kRepeatElements: .*2 values times/,
  );
  expect(() => kRepeatElements([[1, 2]], { rep: 1e12, axis: 1 })).toThrow(much);
  const factors = { depthFactor: 1e5, heightFactor: 1e5, widthFactor: 1e5 };
  expect(() => kResizeVolumes(tf.ones([1, 1, 1, 1, 1]), factors)).toThrow(much);
});

test('kRandomBernoulli: the probability, the type, the seed', () => {
  const draw = () => [...kRandomBernoulli({ shape: [50, 40], p: 0.3 }).dataSync()];
  setRandomSeed(5);
  const first = draw();
  const second = draw();
  setRandomSeed(5);
  expect(draw()).toEqual(first);
  expect(second).not.toEqual(first);
  const ones = first.filter((value) => value === 1).length / 2000;
  expect(Math.abs(ones - 0.3)).toBeLessThan(5 * Math.sqrt((0.3 * 0.7) / 2000));
  expect(kRandomBernoulli({ shape: 3, p: 1, dtype: 'int32' }).dtype).toBe('int32');
  expect(kRandomBinomial({ shape: [] }).arraySync()).toBe(0);
  expect(() => kRandomBernoulli({ shape: [2], p: 1.5 })).toThrow(
    'kRandomBernoulli: `p` must be a number from 0 to 1.',
  );
  expect(() => kRandomBinomial({ shape: [-1] })).toThrow('kRandomBinomial: `shape` must be');
});

/** A layer of all functions that have a place in one. */
const everything = (x: Tensor): Tensor => {
  const unit = kL2Normalize(x, { axis: -1 });
  const pairs = kBatchDot(tf.expandDims(unit, 2), tf.expandDims(kStopGradient(unit), 1), { axes: [2, 1] });
  const volumes = kResizeVolumes(tf.reshape(pairs, [-1, 4, 4, 1, 1]), {
    depthFactor: 1,
    heightFactor: 2,
    widthFactor: 2,
  });
  const wide = kRepeatElements(tf.reshape(volumes, [-1, 64]), { rep: 2, axis: 1 });
  const among = tf.cast(kInTopK(x, tf.argMax(unit, -1), { k: 1 }), 'float32');
  return tf.mul(tf.mul(wide, tf.expandDims(among, 1)), kRandomBernoulli({ shape: [128], p: 1 }));
};

test('in a layer they train the same in both engines', async () => {
  const losses = await Promise.all(
    (['eager', 'compiled'] as const).map(async (engine) => {
      setRandomSeed(3);
      const model = pipe(
        kerasModelSequential({ inputShape: [3] }),
        layerDense({ units: 4, kernelInitializer: 'glorot_uniform' }),
        layerLambda({ f: everything, outputShape: [128] }),
        layerFlatten(),
        layerDense({ units: 1 }),
        compile({ loss: 'mse', optimizer: 'sgd' }),
      );
      const x = tf.tensor2d(
        Array.from({ length: 24 }, (_, row) => [Math.sin(row), Math.cos(2 * row), row / 24]),
      );
      const y = tf.sum(x, 1, true);
      const history = await fit(model, x, y, { epochs: 3, batchSize: 8, shuffle: false, verbose: 0, engine });
      expect(history.params.engine).toBe(engine);
      return history.metrics.loss;
    }),
  );
  const [eager = [], compiled = []] = losses;
  expect(eager).toHaveLength(3);
  expect(eager[2]).toBeLessThan(eager[0] ?? 0);
  compiled.forEach((loss, epoch) => expect(loss).toBeCloseTo(eager[epoch] ?? NaN, 5));
});
