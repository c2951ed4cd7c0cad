/**
 * Layers that train whatever the model does, in predictions and evaluations: what they write and draw, in both engines. Keras's numbers
 * are of test/reference/training_calls.py.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  compile,
  evaluate,
  fit,
  freezeWeights,
  fromConfig,
  getWeights,
  kerasModel,
  kRandomBernoulli,
  layerAlphaDropout,
  layerBatchNormalization,
  layerDense,
  layerDropout,
  layerGaussianDropout,
  layerGaussianNoise,
  layerGru,
  layerInput,
  layerLambda,
  layerLstm,
  layerRandomBrightness,
  layerRandomContrast,
  layerRandomCrop,
  layerRandomFlip,
  layerRandomHeight,
  layerRandomRotation,
  layerRandomTranslation,
  layerRandomZoom,
  layerSpatialDropout1d,
  layerSpatialDropout2d,
  layerSpatialDropout3d,
  optimizerSgd,
  predict,
  predictOnBatch,
  resetStates,
  setRandomSeed,
  setWeights,
  shared,
  testOnBatch,
  tf,
  type AnyModel,
  type KerasConfig,
  type KerasModel,
  type LayerStep,
  type Tensor,
} from '../../src/index';
import { distance } from '../layers/support';

type Nested = number | readonly Nested[];

interface Reference {
  readonly following: readonly {
    readonly name: string;
    readonly config: object;
    readonly weights: readonly Nested[];
    readonly x: number[][];
    readonly y: number[][];
    readonly stages: readonly {
      readonly what: 'predict' | 'evaluate' | 'fit';
      readonly values: Nested;
      readonly weights: readonly Nested[];
    }[];
  }[];
}

const reference = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/training_calls.json'), 'utf8'),
) as Reference; // as its program prints it

const flat = (values: Nested): number[] => (typeof values === 'number' ? [values] : values.flatMap(flat));
const quiet = { verbose: 0 } as const;

describe.each(reference.following.map((one) => [one.name, one] as const))(
  'batch normalization %s follows whatever the model does',
  (_, { config, weights, x, y, stages }) => {
    const made = (): KerasModel => {
      const model = fromConfig(config as unknown as KerasConfig<AnyModel>) as KerasModel;
      setWeights(
        model,
        weights.map((value) => tf.tensor(value as number[])),
      );
      return compile(model, { optimizer: optimizerSgd({ learningRate: 0.0625 }), loss: 'mse' });
    };

    test.each(['eager', 'compiled'] as const)('as in Keras, %s', async (engine) => {
      const model = made();
      for (const { what, values, weights: after } of stages) {
        const expected = flat(values);
        if (what === 'predict') {
          expect(distance(await predict(model, x, { batchSize: 4 }), expected)).toBeLessThan(1e-5);
        } else if (what === 'evaluate') {
          const { loss } = await evaluate(model, x, y, { ...quiet, batchSize: 4, engine });
          expect(loss).toBeCloseTo(expected[0] ?? NaN, 5);
        } else {
          const options = { ...quiet, batchSize: 4, epochs: 2, shuffle: false, engine } as const;
          const { metrics, params } = await fit(model, x, y, { ...options, validationData: [x, y] });
          expect(params.engine).toBe(engine);
          [...metrics.loss, ...(metrics.val_loss ?? [])].forEach((loss, index) =>
            expect(loss).toBeCloseTo(expected[index] ?? NaN, 4),
          );
        }
        getWeights(model).forEach((weight, index) =>
          expect(distance(weight, flat(after[index] ?? []))).toBeLessThan(what === 'fit' ? 1e-4 : 1e-5),
        );
      }
      model.dispose();
    });

    test('in predictions that are compiled as one operation after the other', async () => {
      const [one, many] = [made(), made()];
      const count = 40;
      const batch = tf.tensor(x).slice(0, 4);
      const all = tf.tile(batch, [count, ...batch.shape.slice(1).map(() => 1)]);
      const compiled = await predict(many, all, { batchSize: 4 });
      for (let index = 0; index < count; index++) {
        const output = await predict(one, batch);
        // The later ones are compiled, too, of a model that has been asked often enough.
        expect(distance(output, compiled.slice([4 * index, 0], [4, 1]))).toBeLessThan(1e-5);
      }
      getWeights(one).forEach((weight, index) =>
        expect(distance(weight, getWeights(many)[index] as Tensor)).toBeLessThan(1e-5),
      );
      // What was set between two predictions counts in the next.
      for (const model of [one, many]) {
        setWeights(
          model,
          weights.map((value) => tf.tensor(value as number[])),
        );
        resetStates(model);
      }
      expect(distance(predictOnBatch(many, batch), compiled.slice([0, 0], [4, 1]))).toBeLessThan(1e-5);
      one.dispose();
      many.dispose();
    });
  },
);

test('states that an evaluation leaves are those that predictions begin with, in both engines', async () => {
  const outputs: Tensor[] = [];
  setRandomSeed(3);
  const weights: Tensor[] = [];
  for (const engine of ['eager', 'compiled'] as const) {
    const input = layerInput({ batchShape: [4, 2, 3] });
    const steps = layerGru(input, { units: 3, stateful: true });
    const model = compile(kerasModel(input, layerDense(steps, { units: 1 })), { loss: 'mse' });
    if (weights.length === 0) weights.push(...getWeights(model).map((weight) => weight.clone()));
    else setWeights(model, weights);
    const x = tf.tensor(reference.following.at(-1)?.x ?? []);
    await evaluate(model, x, tf.zeros([8, 1]), { ...quiet, batchSize: 4, engine });
    outputs.push(predictOnBatch(model, x.slice(0, 4)));
    model.dispose();
  }
  expect(distance(outputs[0] as Tensor, outputs[1] as Tensor)).toBeLessThan(1e-6);
});

test('batch normalization that is frozen between predictions stays as it is', () => {
  const norm = shared(layerBatchNormalization({ momentum: 0.5, name: 'norm' }));
  const input = layerInput({ shape: [2] });
  const model = kerasModel(input, norm(input, { training: true }));
  const x = tf.tensor([[1, 2], [3, 5]]); // prettier-ignore
  const moving = (): number[] => Array.from((getWeights(model)[2] as Tensor).dataSync());
  for (let time = 0; time < 30; time++) predictOnBatch(model, x);
  expect(moving()[1]).toBeCloseTo(3.5, 4);
  freezeWeights(model);
  for (let time = 0; time < 30; time++) predictOnBatch(model, tf.zeros([2, 2]));
  expect(moving()[1]).toBeCloseTo(3.5, 4);
  expect(distance(predictOnBatch(model, [[2, 3.5], [2, 3.5]]), tf.zeros([2, 2]))).toBeLessThan(1e-3); // prettier-ignore
  model.dispose();
});

const drawing: [string, LayerStep, number[]][] = [
  ['dropout', layerDropout({ rate: 0.5 }), [6]],
  ['dropout with a mask of its own', layerDropout({ rate: 0.5, noiseShape: [null, 1], seed: 4 }), [6]],
  ['spatial dropout of sequences', layerSpatialDropout1d({ rate: 0.5 }), [3, 6]],
  ['spatial dropout of images', layerSpatialDropout2d({ rate: 0.5 }), [3, 3, 6]],
  ['spatial dropout of volumes', layerSpatialDropout3d({ rate: 0.5 }), [2, 2, 2, 6]],
  ['noise', layerGaussianNoise({ stddev: 1 }), [6]],
  ['noise that multiplies', layerGaussianDropout({ rate: 0.5 }), [6]],
  ['alpha dropout', layerAlphaDropout({ rate: 0.5 }), [6]],
  ['dropout of a recurrent layer’s inputs', layerGru({ units: 4, dropout: 0.5 }), [3, 6]],
  ['dropout of its states', layerLstm({ units: 4, recurrentDropout: 0.5 }), [3, 6]],
  ['random flips', layerRandomFlip(), [6, 6, 1]],
  ['random rotations', layerRandomRotation({ factor: 0.5 }), [6, 6, 1]],
  ['random zoom', layerRandomZoom({ heightFactor: 0.5 }), [6, 6, 1]],
  ['random translations', layerRandomTranslation({ heightFactor: 0.5, widthFactor: 0.5 }), [6, 6, 1]],
  ['random contrast', layerRandomContrast({ factor: 0.5 }), [6, 6, 1]],
  ['random brightness', layerRandomBrightness({ factor: 0.5, valueRange: [0, 1] }), [6, 6, 1]],
  ['random crops', layerRandomCrop({ height: 3, width: 3 }), [6, 6, 1]],
];

describe.each(drawing)('%s, in predictions and evaluations', (_, step, shape) => {
  const make = (): KerasModel => {
    setRandomSeed(5);
    const input = layerInput({ shape });
    const model = kerasModel(input, shared(step)(input, { training: true }));
    return compile(model, { optimizer: 'sgd', loss: 'mse' });
  };
  const x = (rows: number): Tensor => tf.tidy(() => tf.randomUniform([rows, ...shape], 0, 1, 'float32', 3));
  const outputShape = (): number[] => predictOnBatch(make(), x(1)).shape.slice(1);

  test('draws the same numbers in both engines, others in each batch and call, the same again after the same seed', async () => {
    const batch = x(2);
    const many = tf.tile(batch, [40, ...shape.map(() => 1)]);
    const model = make();
    setRandomSeed(11);
    const compiled = await predict(model, many, { batchSize: 2 });
    const next = await predict(model, many, { batchSize: 2 });
    setRandomSeed(11);
    const again = await predict(model, many, { batchSize: 2 });
    const fresh = make();
    setRandomSeed(11);
    const few = await predict(fresh, many.slice(0, 8), { batchSize: 2 });
    expect(distance(again, compiled)).toBe(0);
    expect(distance(few, compiled.slice(0, 8))).toBeLessThan(1e-5);
    expect(distance(next, compiled)).toBeGreaterThan(1e-3);
    const batches = tf.split(compiled, 40).map((part) => Array.from(part.dataSync()).join());
    expect(new Set(batches).size).toBeGreaterThan(2);
    for (const one of [model, fresh]) one.dispose();
  });

  test('an evaluation is compiled, with the same loss', async () => {
    const model = make();
    const inputs = x(16);
    const y = tf.zeros([16, ...outputShape()]);
    const losses: number[] = [];
    for (const engine of ['eager', 'compiled', 'compiled'] as const) {
      if (losses.length < 2) setRandomSeed(12);
      losses.push((await evaluate(model, inputs, y, { ...quiet, batchSize: 4, engine })).loss);
    }
    expect(losses[1]).toBeCloseTo(losses[0] ?? NaN, 5);
    expect(losses[2]).not.toBe(losses[1]);
    expect(Number.isFinite(testOnBatch(model, inputs, y).loss)).toBe(true);
    model.dispose();
  });
});

test('a size that is drawn in predictions is another one each time', () => {
  const input = layerInput({ shape: [8, 8, 1] });
  const model = kerasModel(input, shared(layerRandomHeight({ factor: 0.5 }))(input, { training: true }));
  const heights = new Set<number | undefined>();
  for (let time = 0; time < 60; time++) heights.add(predictOnBatch(model, tf.ones([1, 8, 8, 1])).shape[1]);
  expect(heights.size).toBeGreaterThan(3);
  model.dispose();
});

test('a fit whose validation draws is compiled, and its numbers are those of the other engine', async () => {
  const noisy = (): KerasModel => {
    setRandomSeed(6);
    const input = layerInput({ shape: [3] });
    const sampled = layerLambda(layerDense(input, { units: 4 }), {
      f: (x) => tf.mul(x as Tensor, kRandomBernoulli({ shape: [4], p: 0.5 })),
    });
    return compile(kerasModel(input, layerDense(sampled, { units: 1 })), { optimizer: 'sgd', loss: 'mse' });
  };
  const [x, y] = [tf.ones([8, 3]), tf.ones([8, 1])];
  const results: number[][] = [];
  for (const engine of ['eager', 'compiled'] as const) {
    const model = noisy();
    const { metrics, params } = await fit(model, x, y, {
      ...quiet,
      engine,
      epochs: 4,
      batchSize: 4,
      validationData: [x, y],
    });
    expect(params.engine).toBe(engine);
    results.push([...metrics.loss, ...(metrics.val_loss ?? [])]);
    model.dispose();
  }
  results[0]?.forEach((value, index) => expect(results[1]?.[index]).toBeCloseTo(value, 5));
  expect(new Set(results[1]?.slice(4)).size).toBe(4);
});
