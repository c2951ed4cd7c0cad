/** Norms of gradients on the page of a fit, whose clock goes on between epochs only: after 200 steps they are looked at after each. */
import {
  compile,
  fit,
  freezeWeights,
  getWeights,
  kerasModelSequential,
  layerActivation,
  layerBatchNormalization,
  layerDense,
  layerDropout,
  layerLstm,
  layerRandomHeight,
  layerGlobalAveragePooling2d,
  optimizerSgd,
  pipe,
  setRandomSeed,
  tf,
  type FitOptions,
  type History,
  type KerasModel,
} from '../../src/index';
import type { LayerNorms } from '../../src/live/messages';
import { GradientNorms, type GradientSource } from '../../src/training/gradient-norms';
import { Visitor } from '../live/support/visitor';
import { tensorCount } from '../support/tensors';
import { joined } from './support/watched-fit';

let time = 0;
beforeEach(() => {
  time = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => time);
});
afterEach(() => jest.restoreAllMocks());
const onEpochEnd = (): void => void (time += 10_000_000);

/** Fits with a page, and gives what it was told last of the layers. */
const seen = async (
  model: KerasModel,
  data: readonly [unknown, unknown?],
  options: FitOptions,
): Promise<{ readonly history: History; readonly layers: LayerNorms | null | undefined }> => {
  let visitor: Visitor | undefined;
  const onAddress = (address: string): void => void (visitor = new Visitor(address));
  const [x, y] = data as [tf.Tensor, tf.Tensor]; // whatever a fit takes
  const view = { open: false, onAddress };
  const history = await fit(model, x, y, { verbose: 0, ...options, view, callbacks: { onEpochEnd } });
  await visitor?.untilOver();
  return { history, layers: joined(visitor?.messages ?? [])?.layers };
};

const ENGINES = ['eager', 'compiled'] as const;

describe.each(ENGINES)('%s: the norms of gradients', (engine) => {
  test('are those of the loss on the first rows, worked by hand', async () => {
    const model = pipe(
      kerasModelSequential(),
      layerDense({ units: 2, inputShape: [1], kernelInitializer: 'ones', useBias: false }),
      layerDense({ units: 1, kernelInitializer: 'ones' }),
      layerDense({ units: 1, kernelInitializer: 'ones', useBias: false, trainable: false }),
      compile({ optimizer: optimizerSgd({ learningRate: 0 }), loss: 'mse' }),
    );
    const rows = [tf.tensor2d([[1], [2], [50], [60]]), tf.zeros([4, 1])] as const;
    const { layers } = await seen(model, rows, { epochs: 110, batchSize: 2, engine });
    // Outputs are 2x. d loss / d output is 2 · output / rows: 2 and 4. Both weights of the first layer get Σ d · x = 10; both of the
    // second Σ d · h = 10, and its bias Σ d = 6.
    expect(layers?.gradientEpoch).toBe(110);
    expect(layers?.rows.map(({ gradient }) => gradient)).toEqual([
      expect.closeTo(Math.hypot(10, 10), 4),
      expect.closeTo(Math.hypot(10, 10, 6), 4),
      null,
    ]);
  });

  test('change nothing: not the numbers, not statistics of batches, not what is drawn', async () => {
    const make = (): KerasModel => {
      setRandomSeed(3);
      return pipe(
        kerasModelSequential({ inputShape: [6, 6, 1] }),
        // The first one draws in JavaScript.
        engine === 'eager' ? layerRandomHeight({ factor: 0.3 }) : layerActivation({ activation: 'linear' }),
        layerGlobalAveragePooling2d(),
        layerDense({ units: 8, activation: 'relu' }),
        layerBatchNormalization(),
        layerDropout({ rate: 0.5 }),
        layerDense({ units: 1 }),
        compile({ optimizer: 'adam', loss: 'mse', metrics: ['mae'] }),
      );
    };
    const x = tf.randomNormal([32, 6, 6, 1], 0, 1, 'float32', 1);
    const y = tf.randomNormal([32, 1], 0, 1, 'float32', 2);
    const options = { epochs: 70, batchSize: 8, validationSplit: 0.25, verbose: 0, engine } as const;
    const alone = make();
    const { metrics } = await fit(alone, x, y, options);
    const watched = make();
    const { history, layers } = await seen(watched, [x, y], options);
    expect(layers?.gradientEpoch).toBe(70);
    expect(layers?.rows.every(({ gradient }) => Number(gradient) > 0)).toBe(true);
    expect(history.metrics).toEqual(metrics);
    const values = (model: KerasModel): number[][] =>
      getWeights(model).map((weight) => [...weight.dataSync()]);
    expect(values(watched)).toEqual(values(alone));
  });
});

test('leave no tensors behind', async () => {
  const model = pipe(
    kerasModelSequential(),
    layerDense({ units: 3, inputShape: [2] }),
    layerBatchNormalization(),
    layerDense({ units: 1 }),
    compile({ optimizer: 'sgd', loss: 'mse' }),
  );
  const rows = [tf.ones([8, 2]), tf.ones([8, 1])] as const;
  await seen(model, rows, { epochs: 110, batchSize: 4 });
  const before = tensorCount();
  const { layers } = await seen(model, rows, { epochs: 110, batchSize: 4 });
  expect(layers?.gradientEpoch).toBe(110);
  expect(tensorCount()).toBe(before);
});

test('are those of a loss that is NaN, and of layers that are frozen there are none', async () => {
  const model = pipe(
    kerasModelSequential(),
    layerDense({ units: 1, inputShape: [1], kernelInitializer: 'ones' }),
    layerDense({ units: 1 }),
    freezeWeights({ to: 'dense' }),
    compile({
      optimizer: optimizerSgd({ learningRate: 0 }),
      loss: (_: tf.Tensor, yPred: tf.Tensor) => tf.mean(tf.mul(yPred, NaN), -1),
    }),
  );
  const { layers } = await seen(model, [tf.ones([4, 1]), tf.ones([4, 1])], { epochs: 210 });
  expect(layers?.rows.map(({ gradient }) => gradient)).toEqual([null, 'NaN']);
});

test('are not told of a stream, nor of layers whose states go on', async () => {
  const dense = pipe(
    kerasModelSequential(),
    layerDense({ units: 1, inputShape: [1] }),
    compile({ optimizer: 'sgd', loss: 'mse' }),
  );
  function* batches() {
    for (;;) yield [tf.ones([4, 1]), tf.ones([4, 1])] as [tf.Tensor, tf.Tensor];
  }
  const ofStream = await seen(dense, [batches()], { epochs: 110, stepsPerEpoch: 2 });
  expect(ofStream.layers?.gradientEpoch).toBeNull();
  expect(ofStream.layers?.rows.map(({ gradient }) => gradient)).toEqual([null]);

  const stateful = pipe(
    kerasModelSequential(),
    layerLstm({ units: 2, stateful: true, batchInputShape: [4, 3, 1] }),
    layerDense({ units: 1 }),
    compile({ optimizer: 'sgd', loss: 'mse' }),
  );
  const rows = [tf.ones([8, 3, 1]), tf.ones([8, 1])] as const;
  const { layers } = await seen(stateful, rows, { epochs: 110, batchSize: 4, shuffle: false });
  expect(layers?.gradientEpoch).toBeNull();
});

test('are looked at so rarely that a look costs less than a hundredth of the time', () => {
  let elapsed = 0;
  const norms = new GradientNorms({} as GradientSource, () => elapsed); // it is asked for nothing yet
  elapsed = 4999;
  expect(norms.isDue(0)).toBe(false);
  elapsed = 5000;
  expect(norms.isDue(0)).toBe(true);
  // Steps of a second, of which a look is another one.
  expect(norms.isDue(1000)).toBe(false);
  elapsed = 200_000;
  expect(norms.isDue(1000)).toBe(true);
});
