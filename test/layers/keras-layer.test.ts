/** Layers of the user's own: classes, and what newLayerClass makes of methods. */
import {
  compile,
  countParams,
  createLayer,
  createLayerWrapper,
  evaluate,
  fit,
  freezeWeights,
  getWeights,
  kerasModel,
  kerasModelSequential,
  KerasLayer,
  layerBatchNormalization,
  layerDense,
  layerDropout,
  layerEmbedding,
  layerFlatten,
  layerInput,
  layerLstm,
  layerMasking,
  newLayerClass,
  outputShape,
  pipe,
  predictOnBatch,
  regularizerL2,
  setWeights,
  shared,
  tf,
  trainOnBatch,
  unfreezeWeights,
  type CallArguments,
  type SequentialModel,
  type Tensor,
} from '../../src/index';

class Linear extends KerasLayer<{ units: number; useBias?: boolean }> {
  declare kernel: tf.Variable;
  declare bias: tf.Variable | undefined;
  override build(inputShape: (number | null)[]) {
    const { units, useBias = true } = this.options;
    this.kernel = this.addWeight({ name: 'kernel', shape: [inputShape.at(-1) ?? 0, units] });
    if (useBias) this.bias = this.addWeight({ name: 'bias', shape: units, initializer: 'zeros' });
  }
  override call(x: Tensor) {
    const product = tf.matMul(x, this.kernel);
    return this.bias === undefined ? product : tf.add(product, this.bias);
  }
}
const layerLinear = createLayerWrapper(Linear);

const [x, y] = [
  tf.tensor2d(
    Array.from({ length: 24 }, (_, index) => Math.sin(index)),
    [8, 3],
  ),
  tf.tensor2d(
    Array.from({ length: 8 }, (_, index) => Math.cos(index)),
    [8, 1],
  ),
];

/** The weights and the history after some epochs. */
const trained = async (model: SequentialModel, engine: 'eager' | 'compiled') => {
  pipe(model, compile({ optimizer: 'adam', loss: 'mse' }));
  const { metrics } = await fit(model, x, y, { epochs: 4, batchSize: 3, shuffle: false, verbose: 0, engine });
  return { loss: metrics.loss, weights: getWeights(model).map((weight) => [...weight.dataSync()]) };
};

describe('a class', () => {
  test('is used as any layer: in models, in graphs, several times, shared', () => {
    const model = pipe(
      kerasModelSequential(),
      layerLinear({ units: 4, inputShape: [3] }),
      layerLinear({ units: 1 }),
    );
    expect(outputShape(model)).toEqual([null, 1]);
    expect(countParams(model)).toBe(3 * 4 + 4 + 4 + 1);
    expect(model.layers.map(({ name }) => name)).toEqual(['linear', 'linear_1']);
    expect(model.tf.weights.map(({ originalName }) => originalName)).toEqual([
      'linear/kernel',
      'linear/bias',
      'linear_1/kernel',
      'linear_1/bias',
    ]);
    const input = layerInput({ shape: [3] });
    const twice = shared(layerLinear({ units: 3, useBias: false }));
    const graph = kerasModel(input, layerLinear(twice(twice(input)), { units: 2 }));
    expect(countParams(graph)).toBe(9 + 8);
    expect(outputShape(graph)).toEqual([null, 2]);
  });

  test('computes and trains as the layer of Keras that does the same, in both engines', async () => {
    for (const engine of ['eager', 'compiled'] as const) {
      const own = pipe(kerasModelSequential(), layerLinear({ units: 1, inputShape: [3] }));
      const dense = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [3] }));
      setWeights(own, getWeights(dense));
      const [left, right] = [await trained(own, engine), await trained(dense, engine)];
      left.loss.forEach((value, epoch) => expect(value).toBeCloseTo(right.loss[epoch] ?? NaN, 6));
      left.weights
        .flat()
        .forEach((value, index) => expect(value).toBeCloseTo(right.weights.flat()[index] ?? NaN, 5));
    }
  });

  test('is built by the shape of the first data, too', () => {
    const model = pipe(kerasModelSequential(), layerLinear({ units: 2 }), compile({ loss: 'mse' }));
    trainOnBatch(model, [[1, 2, 3]], [[1, 2]]);
    expect(outputShape(model)).toEqual([null, 2]);
  });

  test('is frozen, and takes weights', async () => {
    const model = pipe(
      kerasModelSequential(),
      layerLinear({ units: 1, inputShape: [3], weights: [[[1], [2], [3]], [4]] }),
    );
    expect(predictOnBatch(model, [[1, 1, 1]]).arraySync()).toEqual([[10]]);
    freezeWeights(model);
    expect(model.tf.trainableWeights).toEqual([]);
    unfreezeWeights(model);
    const before = getWeights(model).map((weight) => weight.arraySync());
    const other = pipe(
      model,
      layerDense({ units: 1 }),
      freezeWeights({ to: 'linear' }),
      compile({ optimizer: 'sgd', loss: 'mse' }),
    );
    await fit(other, x, y, { epochs: 1, verbose: 0 });
    expect(
      getWeights(other)
        .slice(0, 2)
        .map((weight) => weight.arraySync()),
    ).toEqual(before);
  });

  test('tells its options in its configuration, and comes back from it', () => {
    const model = pipe(kerasModelSequential(), layerLinear({ units: 2, useBias: false, inputShape: [3] }));
    const [layer] = model.layers;
    expect(layer?.getConfig()).toMatchObject({ name: 'linear', trainable: true, units: 2, useBias: false });
    const again = new Linear(layer?.getConfig() as unknown as { units: number });
    expect(again.options).toEqual({ units: 2, useBias: false });
    const [step, made] = [layerLinear, createLayer({ layerClass: Linear, args: { units: 5 } })];
    expect(outputShape(made(pipe(kerasModelSequential({ inputShape: [1] }), step({ units: 7 }))))).toEqual([
      null,
      5,
    ]);
  });
});

const layerMlp = newLayerClass({
  classname: 'Mlp',
  initialize({ units }: { units: number }) {
    return {
      hidden: this.addLayer(layerDense({ units, activation: 'relu', kernelRegularizer: regularizerL2(0.1) })),
      norm: this.addLayer(layerBatchNormalization()),
      out: this.addLayer(layerDense({ units: 1, name: 'head' })),
    };
  },
  call(inputs: Tensor) {
    return this.out(this.norm(this.hidden(inputs)));
  },
});

describe('inner layers', () => {
  const mlp = () => pipe(kerasModelSequential(), layerMlp({ units: 4, inputShape: [3] }));
  const stack = () =>
    pipe(
      kerasModelSequential(),
      layerDense({ units: 4, activation: 'relu', kernelRegularizer: regularizerL2(0.1), inputShape: [3] }),
      layerBatchNormalization(),
      layerDense({ units: 1 }),
    );

  test('are found with their weights, penalties and updates: as the stack of them, in both engines', async () => {
    const model = mlp();
    expect(outputShape(model)).toEqual([null, 1]);
    expect(countParams(model)).toBe(12 + 4 + 16 + 5);
    expect(model.tf.trainableWeights.length).toBe(6);
    for (const engine of ['eager', 'compiled'] as const) {
      const [own, plain] = [mlp(), stack()];
      // Layers put what is trained first, models layer after layer.
      const inOrder = getWeights(plain);
      const order = [0, 1, 2, 3, 6, 7, 4, 5].map((index) => inOrder[index] as Tensor);
      setWeights(own, order);
      const [left, right] = [await trained(own, engine), await trained(plain, engine)];
      left.loss.forEach((value, epoch) => expect(value).toBeCloseTo(right.loss[epoch] ?? NaN, 5));
      const moving = left.weights.slice(6).flat();
      moving.forEach((value, index) =>
        expect(value).toBeCloseTo(right.weights.slice(4, 6).flat()[index] ?? NaN, 5),
      );
      expect(moving).not.toEqual([...[0, 0, 0, 0], ...[1, 1, 1, 1]]);
      const [one, other] = [
        await evaluate(own, x, y, { verbose: 0 }),
        await evaluate(plain, x, y, { verbose: 0 }),
      ];
      expect(one.loss).toBeCloseTo(other.loss, 5);
    }
  });

  test('leave moving averages alone while the shape is found', () => {
    const weights = getWeights(mlp()).map((weight) => weight.arraySync());
    expect(weights.slice(-2)).toEqual([
      [0, 0, 0, 0],
      [1, 1, 1, 1],
    ]);
  });

  test('train when the layer around them does', () => {
    const layerNoisy = newLayerClass({
      classname: 'Noisy',
      initialize() {
        return { drop: this.addLayer(layerDropout({ rate: 0.5 })), seen: [] as boolean[] };
      },
      call(inputs: Tensor, { training }) {
        this.seen.push(training);
        return this.drop(inputs);
      },
    });
    const model = pipe(
      kerasModelSequential({ inputShape: [200] }),
      layerNoisy(),
      layerDense({ units: 1, kernelInitializer: 'ones' }),
    );
    const ones = tf.ones([1, 200]);
    expect(predictOnBatch(model, ones).arraySync()).toEqual([[200]]);
    pipe(model, compile({ optimizer: 'sgd', loss: 'mse' }));
    // The sum of 200 values that are 0 or 2 is hardly ever 200.
    const losses = [0, 1, 2].map(
      () => trainOnBatch(pipe(model, setWeights([tf.ones([200, 1]), [0]])), ones, [[200]]).loss,
    );
    expect(losses.some((loss) => loss > 0)).toBe(true);
  });

  test('may be recurrent, models, and layers of one’s own', () => {
    const encoder = pipe(kerasModelSequential(), layerLstm({ units: 5, inputShape: [4, 3] }));
    const layerBlock = newLayerClass({
      classname: 'Block',
      initialize() {
        return { encoder: this.addLayer(encoder), mlp: this.addLayer(layerMlp({ units: 2 })) };
      },
      call(inputs: Tensor) {
        return this.mlp(this.encoder(inputs));
      },
    });
    const model = pipe(kerasModelSequential({ inputShape: [4, 3] }), layerBlock());
    expect(outputShape(model)).toEqual([null, 1]);
    expect(countParams(model)).toBe(countParams(encoder) + 12 + 8 + 3);
    model.dispose();
    expect(getWeights(encoder).length).toBe(3);
  });
});

describe('several inputs and outputs', () => {
  const layerSwap = newLayerClass({
    classname: 'Swap',
    call([a, b]: [Tensor, Tensor]): [Tensor, Tensor] {
      return [tf.mul(b, 2), a];
    },
  });

  test('are lists', () => {
    const [a, b] = [layerInput({ shape: [2] }), layerInput({ shape: [3] })];
    const [first, second] = layerSwap([a, b]);
    expect([first.shape, second.shape]).toEqual([
      [null, 3],
      [null, 2],
    ]);
    const model = kerasModel([a, b], [first, second]);
    const [twice, same] = predictOnBatch(model, [[[1, 2]], [[3, 4, 5]]]);
    expect([twice.arraySync(), same.arraySync()]).toEqual([[[6, 8, 10]], [[1, 2]]]);
  });

  test('of one output it is a tensor', () => {
    const layerProduct = newLayerClass({
      classname: 'Product',
      call: ([a, b]: [Tensor, Tensor]) => tf.mul(a, b),
    });
    const [a, b] = [layerInput({ shape: [2] }), layerInput({ shape: [2] })];
    const model = kerasModel([a, b], layerProduct([a, b]));
    expect(predictOnBatch(model, [[[1, 2]], [[3, 4]]]).arraySync()).toEqual([[3, 8]]);
  });
});

describe('what a layer adds', () => {
  const layerActivity = newLayerClass({
    classname: 'Activity',
    initialize: ({ rate }: { rate: number }) => ({ rate }),
    call(inputs: Tensor) {
      this.addLoss(tf.mul(tf.sum(tf.square(inputs)), this.rate));
      return inputs;
    },
  });

  test.each(['eager', 'compiled'] as const)('to the loss counts, and trains, %s', async (engine) => {
    const model = pipe(
      kerasModelSequential(),
      layerDense({ units: 1, useBias: false, kernelInitializer: 'ones', inputShape: [1] }),
      layerActivity({ rate: 0.5 }),
      compile({ optimizer: 'sgd', loss: 'mse' }),
    );
    const { metrics } = await fit(model, [[1], [2]], [[1], [2]], {
      epochs: 2,
      batchSize: 2,
      verbose: 0,
      engine,
    });
    // 0.5 · (w² + 4 w²), whose gradient at w = 1 is 5: w becomes 0.95; then the mean of (0.05)² and (0.1)² besides.
    expect(metrics.loss[0]).toBeCloseTo(2.5, 5);
    expect(metrics.loss[1]).toBeCloseTo(0.5 * 5 * 0.95 ** 2 + (0.05 ** 2 + 0.1 ** 2) / 2, 5);
    const { loss } = await evaluate(model, [[1], [2]], [[1], [2]], { verbose: 0, engine });
    const weight = getWeights(model)[0]?.dataSync()[0] ?? NaN;
    expect(loss).toBeCloseTo(2.5 * weight ** 2 + (5 / 2) * (1 - weight) ** 2, 5);
  });

  test.each(['eager', 'compiled'] as const)(
    'to weights that are not trained: a counter of steps, %s',
    async (engine) => {
      const layerCounter = newLayerClass({
        classname: 'Counter',
        build() {
          return { count: this.addWeight({ name: 'count', initializer: 'zeros', trainable: false }) };
        },
        call(inputs: Tensor, { training }) {
          if (training) this.count.assign(tf.add(this.count, 1));
          return tf.mul(inputs, 1);
        },
      });
      const model = pipe(
        kerasModelSequential({ inputShape: [1] }),
        layerCounter(),
        layerDense({ units: 1 }),
        compile({ optimizer: 'sgd', loss: 'mse' }),
      );
      expect(getWeights(model)[0]?.arraySync()).toBe(0);
      await fit(model, x.slice([0, 0], [8, 1]), y, { epochs: 3, batchSize: 4, verbose: 0, engine });
      expect(getWeights(model)[0]?.arraySync()).toBe(6);
    },
  );
});

describe('masks', () => {
  const seen: (number[] | null)[] = [];
  const layerLooks = newLayerClass({
    classname: 'Looks',
    call(inputs: Tensor, { mask }: CallArguments) {
      seen.push(mask === null ? null : [...mask.dataSync()]);
      return tf.mul(inputs, 1);
    },
  });

  test('come to a layer, and go on where it says so', () => {
    const layerPasses = newLayerClass({
      classname: 'Passes',
      call: (inputs: Tensor) => tf.mul(inputs, 1),
      computeMask: (_inputs: Tensor, mask) => mask,
    });
    const model = pipe(
      kerasModelSequential({ inputShape: [3, 1] }),
      layerMasking({ maskValue: 0 }),
      layerPasses(),
      layerLooks(),
      layerLooks(),
    );
    seen.length = 0;
    predictOnBatch(model, [[[1], [2], [0]]]);
    expect(seen).toEqual([[1, 1, 0], null]);
  });
});

test('one that takes integers is first', () => {
  const layerRows = newLayerClass({
    classname: 'Rows',
    build() {
      return { table: this.addWeight({ name: 'table', shape: [5, 2], initializer: 'ones' }) };
    },
    call(indices: Tensor) {
      return tf.gather(this.table as Tensor, tf.cast(indices, 'int32'));
    },
  });
  const model = pipe(kerasModelSequential(), layerRows({ inputShape: [3], dtype: 'int32' }), layerFlatten());
  expect(outputShape(model)).toEqual([null, 6]);
  const embedded = newLayerClass({
    classname: 'Embedded',
    initialize() {
      return { embed: this.addLayer(layerEmbedding({ inputDim: 4, outputDim: 2 })) };
    },
    call(indices: Tensor) {
      return this.embed(indices);
    },
  });
  expect(outputShape(embedded(kerasModelSequential({ inputShape: [3] })))).toEqual([null, 3, 2]);
});

test('options are changed by modifiers before the layer gets them', () => {
  const layerDouble = createLayerWrapper(Linear, { modifiers: { units: (units: number) => 2 * units } });
  expect(outputShape(layerDouble(kerasModelSequential({ inputShape: [3] }), { units: 2 }))).toEqual([
    null,
    4,
  ]);
});

test('one that reads values cannot be compiled, and trains nevertheless', async () => {
  const warn = jest.spyOn(console, 'warn').mockImplementation();
  const layerDepends = newLayerClass({
    classname: 'Depends',
    call: (inputs: Tensor) => tf.mul(inputs, tf.sum(inputs).dataSync()[0] === 0 ? 2 : 3),
  });
  const make = () =>
    pipe(
      kerasModelSequential({ inputShape: [3] }),
      layerDepends(),
      layerDense({ units: 1 }),
      compile({ loss: 'mse' }),
    );
  const history = await fit(make(), x, y, { epochs: 100, verbose: 0, batchSize: 8 });
  expect(history.params.engine).toBe('eager');
  expect(warn.mock.calls.flat().join()).toMatch(/cannot be compiled/);
  await expect(fit(make(), x, y, { verbose: 0, engine: 'compiled' })).rejects.toThrow(
    /must be such that they can be compiled/,
  );
  warn.mockRestore();
});
