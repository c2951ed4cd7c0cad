/** What is trained is what was trainable when the model was compiled. Expected values are Keras's, see test/reference. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  compile,
  evaluate,
  fit,
  getLayer,
  kerasModel,
  kerasModelSequential,
  layerActivation,
  layerBatchNormalization,
  layerDense,
  layerInput,
  layerLstm,
  layerModel,
  optimizerSgd,
  pipe,
  predictOnBatch,
  setWeights,
  summary,
  testOnBatch,
  trainOnBatch,
  type KerasModel,
} from 'keras-pipe';
import { tf } from '../../src/tfjs/tensorflow';
import { weightArrays } from '../support/weights';

type Weights = (number[] | number[][])[];

/** What test/reference/frozen.py prints. */
interface Reference {
  readonly gan: {
    readonly weights: { readonly discriminator: Weights; readonly generator: Weights };
    readonly x: number[][];
    readonly y: number[][];
    readonly z: number[][];
    readonly rounds: readonly {
      readonly discriminatorLoss: number;
      readonly afterDiscriminator: Weights;
      readonly ganLoss: number;
      readonly discriminator: Weights;
      readonly generator: Weights;
    }[];
  };
  readonly oneLayer: {
    readonly weights: Weights;
    readonly x: number[][];
    readonly y: number[][];
    readonly steps: readonly { readonly loss: number[]; readonly weights: Weights }[];
  };
}

const { gan, oneLayer } = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/frozen.json'), 'utf8'),
) as Reference; // as its program prints it

const flat = (values: unknown): number[] => [values].flat(Infinity) as number[];
const expectClose = (actual: unknown, expected: unknown): void => {
  const [a, b] = [flat(actual), flat(expected)];
  expect(a).toHaveLength(b.length);
  a.forEach((value, index) => expect(value).toBeCloseTo(b[index] ?? NaN, 5));
};
const sgd = () => optimizerSgd({ learningRate: 0.25 });

describe('a GAN', () => {
  const models = () => {
    const discriminator = pipe(
      kerasModelSequential(),
      layerDense({ units: 3, inputShape: [2] }),
      layerBatchNormalization({ momentum: 0.5 }),
      layerDense({ units: 1 }),
      setWeights(gan.weights.discriminator),
      compile({ optimizer: sgd(), loss: 'mse' }),
    );
    const generator = pipe(
      kerasModelSequential(),
      layerDense({ units: 2, inputShape: [1] }),
      setWeights(gan.weights.generator),
    );
    discriminator.tf.trainable = false;
    const input = layerInput({ shape: [1] });
    const both = compile(kerasModel(input, pipe(input, layerModel(generator), layerModel(discriminator))), {
      optimizer: sgd(),
      loss: 'mse',
    });
    return { discriminator, generator, both };
  };
  const real = gan.y.map(() => [1]);

  test('on batches: the discriminator trains, and its frozen copy does not', () => {
    const { discriminator, generator, both } = models();
    for (const round of gan.rounds) {
      expect(trainOnBatch(discriminator, gan.x, gan.y).loss).toBeCloseTo(round.discriminatorLoss, 5);
      expectClose(weightArrays(discriminator), round.afterDiscriminator);
      expect(trainOnBatch(both, gan.z, real).loss).toBeCloseTo(round.ganLoss, 5);
      // Frozen batch normalization is as in predictions: its moving averages stay.
      expectClose(weightArrays(discriminator), round.discriminator);
      expectClose(weightArrays(generator), round.generator);
      expect(discriminator.tf.trainable).toBe(false);
      expect(discriminator.layers.map(({ trainable }) => trainable)).toEqual([false, false, false]);
    }
  });

  test.each(['eager', 'compiled'] as const)('in fits, %s', async (engine) => {
    const { discriminator, generator, both } = models();
    const options = { epochs: 1, shuffle: false, verbose: 0, engine } as const;
    for (const round of gan.rounds) {
      const first = await fit(discriminator, gan.x, gan.y, options);
      expect(first.metrics.loss[0]).toBeCloseTo(round.discriminatorLoss, 5);
      expectClose(weightArrays(discriminator), round.afterDiscriminator);
      const second = await fit(both, gan.z, real, options);
      expect(second.metrics.loss[0]).toBeCloseTo(round.ganLoss, 5);
      expectClose(weightArrays(discriminator), round.discriminator);
      expectClose(weightArrays(generator), round.generator);
    }
  });

  test('the summary says what is frozen now', () => {
    const lines: string[] = [];
    summary(models().discriminator, { print: (text) => void lines.push(text) });
    expect(lines.join()).toContain('Trainable params: 0');
  });
});

describe('a layer', () => {
  const model = () =>
    pipe(
      kerasModelSequential(),
      layerDense({ units: 2, inputShape: [2], name: 'first' }),
      layerDense({ units: 1 }),
      setWeights(oneLayer.weights),
      compile({ optimizer: sgd(), loss: 'mse' }),
    );

  test.each(['eager', 'compiled'] as const)(
    'frozen or not, counts at the next compile only (%s)',
    async (engine) => {
      const trained = model();
      const options = { epochs: 2, batchSize: 2, shuffle: false, verbose: 0, engine } as const;
      const first = getLayer(trained, 'first');
      for (const [index, { loss, weights }] of oneLayer.steps.entries()) {
        const trainable = index >= 2;
        first.trainable = trainable;
        if (index % 2 === 1) compile(trained, { optimizer: sgd(), loss: 'mse' });
        const history = await fit(trained, oneLayer.x, oneLayer.y, options);
        expectClose(history.metrics.loss, loss);
        expectClose(weightArrays(trained), weights);
        expect(first.trainable).toBe(trainable);
        expect(first.trainableWeights).toHaveLength(trainable ? 2 : 0);
      }
    },
  );

  test('frozen in a callback trains on to the end', async () => {
    const [frozen, plain] = [model(), model()];
    const options = { epochs: 3, shuffle: false, verbose: 0, engine: 'eager' } as const;
    const onEpochBegin = (): void => {
      getLayer(frozen, 'first').trainable = false;
    };
    await fit(frozen, oneLayer.x, oneLayer.y, { ...options, callbacks: { onEpochBegin } });
    await fit(plain, oneLayer.x, oneLayer.y, options);
    expect(weightArrays(frozen)).toEqual(weightArrays(plain));
    expect(getLayer(frozen, 'first').trainable).toBe(false);
  });

  test('a single weight that is frozen stays frozen', () => {
    const trained = model();
    const [kernel, bias] = getLayer(trained, 'first').weights;
    Object.assign(bias ?? {}, { trainable: false });
    compile(trained, { optimizer: sgd(), loss: 'mse' });
    getLayer(trained, 'first').trainable = false;
    const before = [kernel, bias].map((weight) => weight?.read().arraySync());
    trainOnBatch(trained, oneLayer.x, oneLayer.y);
    const after = [kernel, bias].map((weight) => weight?.read().arraySync());
    expect(after[0]).not.toEqual(before[0]);
    expect(after[1]).toEqual(before[1]);
    expect([kernel?.trainable, bias?.trainable]).toEqual([false, false]);
  });

  test('of a model that its first data builds counts as it was made', async () => {
    const late = pipe(
      kerasModelSequential(),
      layerDense({ units: 2, trainable: false }),
      layerDense({ units: 1 }),
      compile({ loss: 'mse' }),
    );
    await fit(late, oneLayer.x, oneLayer.y, { epochs: 1, verbose: 0 });
    const [frozen, trained] = late.layers;
    const before = frozen?.weights.map((weight) => weight.read().arraySync());
    if (trained !== undefined) trained.trainable = false;
    const output = weightArrays(late)[2];
    trainOnBatch(late, oneLayer.x, oneLayer.y);
    expect(frozen?.weights.map((weight) => weight.read().arraySync())).toEqual(before);
    expect(weightArrays(late)[2]).not.toEqual(output);
  });

  test('recurrent and in a model in a model, is frozen and trained as it was at compile', () => {
    const inner = pipe(kerasModelSequential(), layerLstm({ units: 2, inputShape: [3, 2] }));
    const middle = pipe(kerasModelSequential(), layerModel(inner));
    const outer = pipe(
      kerasModelSequential(),
      layerModel(middle),
      layerDense({ units: 1 }),
      compile({ optimizer: sgd(), loss: 'mse' }),
    );
    const x = tf.ones([2, 3, 2]);
    const step = (model: KerasModel): boolean => {
      const before = weightArrays(inner);
      trainOnBatch(model, x, [[1], [2]]);
      return JSON.stringify(weightArrays(inner)) !== JSON.stringify(before);
    };
    middle.tf.trainable = false;
    expect(getLayer(inner, { index: 0 }).trainable).toBe(false);
    expect(step(outer)).toBe(true);
    compile(outer, { optimizer: sgd(), loss: 'mse' });
    expect(step(outer)).toBe(false);
    middle.tf.trainable = true;
    expect(getLayer(inner, { index: 0 }).trainable).toBe(true);
    expect(step(outer)).toBe(false);
    compile(outer, { optimizer: sgd(), loss: 'mse' });
    expect(step(outer)).toBe(true);
    x.dispose();
  });
});

describe('nothing to train', () => {
  const frozen = () =>
    pipe(
      kerasModelSequential({ name: 'still' }),
      layerDense({ units: 1, inputShape: [2], trainable: false }),
      compile({ loss: 'mse' }),
    );
  const message = (functionName: string) =>
    `${functionName}: the model must have a weight that is trained. Received: the model 'still', all of whose 2 weights were ` +
    "frozen when it was compiled. Set a layer's `trainable` to true, and compile the model again.";

  test.each(['auto', 'eager', 'compiled'] as const)('fit says so (%s)', async (engine) => {
    await expect(fit(frozen(), oneLayer.x, oneLayer.y, { verbose: 0, engine })).rejects.toThrow(
      message('fit'),
    );
  });

  test('trainOnBatch says so, also if the layer was freed since', () => {
    const model = frozen();
    for (const layer of model.layers) layer.trainable = true;
    expect(() => trainOnBatch(model, oneLayer.x, oneLayer.y)).toThrow(message('trainOnBatch'));
    compile(model, { loss: 'mse' });
    expect(trainOnBatch(model, oneLayer.x, oneLayer.y).loss).toBeGreaterThan(0);
  });

  test('a model without weights', async () => {
    const model = pipe(
      kerasModelSequential({ name: 'bare' }),
      layerActivation({ activation: 'relu', inputShape: [2] }),
      compile({ loss: 'mse' }),
    );
    await expect(fit(model, oneLayer.x, oneLayer.x, { verbose: 0 })).rejects.toThrow(
      "fit: the model must have a weight that is trained. Received: the model 'bare', which has no weights.",
    );
  });

  test('what does not train works', async () => {
    const model = frozen();
    const loss = testOnBatch(model, oneLayer.x, oneLayer.y).loss;
    expect((await evaluate(model, oneLayer.x, oneLayer.y, { verbose: 0 })).loss).toBeCloseTo(loss, 5);
    expect(predictOnBatch(model, oneLayer.x).shape).toEqual([4, 1]);
  });
});
