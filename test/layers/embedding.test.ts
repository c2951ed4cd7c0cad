import type { Variable } from '@tensorflow/tfjs';
import {
  compile,
  evaluate,
  fit,
  getLayer,
  getWeights,
  kerasModel,
  kerasModelSequential,
  KerasArgumentError,
  layerConcatenate,
  layerDense,
  layerEmbedding,
  layerFlatten,
  layerInput,
  layerModel,
  layerReshape,
  outputShape,
  pipe,
  popLayer,
  predict,
  predictOnBatch,
  setWeights,
  testOnBatch,
  tf,
  trainOnBatch,
  type EmbeddingOptions,
  type KerasModel,
  type LayerOptions,
  type SequentialModel,
  type SequentialOptions,
  type Tensor,
} from '../../src/index';
import { checkIds } from '../../src/training/values';
import { weightArrays } from '../support/weights';
import { distance } from './support';

const modelOfType = (ofModel: SequentialOptions, ofLayer: LayerOptions): SequentialModel =>
  pipe(
    kerasModelSequential({ ...ofModel, ...(ofModel.dtype === undefined ? {} : { inputShape: [2] }) }),
    layerEmbedding({ inputDim: 4, outputDim: 3, ...ofLayer }),
  );

const modelOf = (options: Partial<EmbeddingOptions> = {}): SequentialModel =>
  setWeights(pipe(kerasModelSequential(), layerEmbedding({ inputDim: 3, outputDim: 2, ...options })), [
    [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
  ]);

test('looks the vectors up, for ids of any type and sequences of any length', () => {
  const model = modelOf();
  expect(outputShape(model)).toEqual([null, null, 2]);
  for (const ids of [[[2, 0]], tf.tensor2d([[2, 0]]), tf.tensor2d([[2, 0]], [1, 2], 'int32')]) {
    expect(distance(predictOnBatch(model, ids), [5, 6, 1, 2])).toBe(0);
  }
  expect(predictOnBatch(model, [[1], [2]]).shape).toEqual([2, 1, 2]);
});

test.each([
  ['the model', () => modelOfType({ dtype: 'int32' }, {})],
  ['the layer', () => modelOfType({}, { dtype: 'int32', inputShape: [2] })],
])('vectors are of floats where %s says that ids are integers', async (_, make) => {
  const model = make();
  expect(model.tf.inputs[0]?.dtype).toBe('int32');
  expect(getWeights(model).map(({ dtype }) => dtype)).toEqual(['float32']);
  expect([...(getWeights(model)[0]?.dataSync() ?? [])].some((value) => value !== 0)).toBe(true);
  const embedded = predictOnBatch(model, [[2, 0]]);
  expect([embedded.dtype, embedded.shape]).toEqual(['float32', [1, 2, 3]]);
  pipe(model, layerFlatten(), layerDense({ units: 1 }), compile({ optimizer: 'sgd', loss: 'mse' }));
  const before = [...(getWeights(model)[0]?.dataSync() ?? [])];
  for (const engine of ['compiled', 'eager'] as const)
    await fit(model, [[2, 0]], [[5]], { engine, epochs: 1, verbose: 0 });
  expect([...(getWeights(model)[0]?.dataSync() ?? [])]).not.toEqual(before);
});

test('the gradient of a vector is the sum over the places where it is used', () => {
  const layer = getLayer(modelOf(), { index: 0 });
  const [vectors] = layer.weights.map((weight) => weight.read() as Variable) as [Variable];
  const ids = tf.tensor2d([[2, 0, 2]], [1, 3], 'int32');
  const { grads } = tf.variableGrads(
    () => tf.sum(tf.mul(layer.apply(ids) as Tensor, tf.tensor3d([[[1, 2], [3, 4], [5, 6]]]))), // prettier-ignore
    [vectors],
  );
  expect(distance(grads[vectors.name] as Tensor, [3, 4, 0, 0, 6, 8])).toBe(0);
});

test('inputLength fixes the length; the model’s own input shape counts, too', () => {
  expect(outputShape(modelOf({ inputLength: 4 }))).toEqual([null, 4, 2]);
  const given = pipe(
    kerasModelSequential({ inputShape: [5] }),
    layerEmbedding({ inputDim: 3, outputDim: 2 }),
  );
  expect(outputShape(given)).toEqual([null, 5, 2]);
  expect(() =>
    pipe(
      kerasModelSequential({ inputShape: [5] }),
      layerEmbedding({ inputDim: 3, outputDim: 2, inputLength: 4 }),
    ),
  ).toThrow('needs sequences of the length 4 that `inputLength` says. Received: [null, 5] from the input.');
  expect(outputShape(modelOf({ inputLength: 4, batchSize: 2 }))).toEqual([2, 4, 2]);
});

test.each([
  [3, 'Received: the id 3.'],
  [-1, 'Received: the id -1.'],
  // Not a number of float32's, in which inputs are.
  [2147483647, 'Received: the id 2147483647.'],
  [2 ** 40, 'Received: the id 1099511627776.'],
  [-(2 ** 40), 'Received: the id -1099511627776.'],
])('id %d is out of range', (id, message) => {
  const predict = (): unknown => predictOnBatch(modelOf(), [[0, id]]);
  expect(predict).toThrow(KerasArgumentError);
  expect(predict).toThrow(
    "predictOnBatch: the ids that come to layer 'embedding' must be from 0 to 2, its `inputDim` less one.",
  );
  expect(predict).toThrow(message);
});

test.each([
  ['a tensor', tf.tensor2d([[1, 2147483647]], [1, 2], 'int32')],
  ['a typed array', { data: Int32Array.of(1, 2147483647), shape: [1, 2] }],
  ['rows of typed arrays', [Int32Array.of(1, 2147483647)]],
])('an id beyond float32 is reported as it was given: %s', async (_, x) => {
  const model = pipe(modelOf(), compile({ loss: 'mse' }));
  const message =
    "the ids that come to layer 'embedding' must be from 0 to 2, its `inputDim` less one. Received: the id 2147483647.";
  await expect(predict(model, x as never)).rejects.toThrow(`predict: ${message}`);
  await expect(fit(model, x as never, tf.zeros([1, 2, 2]), { verbose: 0 })).rejects.toThrow(
    `fit: ${message}`,
  );
});

test('an id that float32 rounds to another one is refused where the input is one of floats', () => {
  const ids = { layer: 'embedding', count: 2 ** 25 };
  const check = (id: number): void =>
    checkIds(tf.tensor2d([[id]]), [[id]], { function: 'predict', argument: 'x' }, ids);
  check(2 ** 24 - 1);
  expect(() => check(2 ** 24 + 1)).toThrow(
    "predict: the ids that come to layer 'embedding' must be at most 16777215, since its input is one of floats. Received: the id 16777217. Give the model an input of integers: layerInput({ shape: [null], dtype: 'int32' }).",
  );
});

test('vectors begin between −0.05 and 0.05', () => {
  const model = pipe(kerasModelSequential(), layerEmbedding({ inputDim: 100, outputDim: 100 }));
  const values = [...(model.tf.weights[0]?.read().dataSync() ?? [])];
  expect(Math.max(...values)).toBeLessThanOrEqual(0.05);
  expect(Math.max(...values)).toBeGreaterThan(0.0499);
  expect(Math.min(...values)).toBeLessThan(-0.0499);
});

describe('ids that are fractions', () => {
  const whole = [
    [0, 1],
    [2, 1],
  ];
  const wrong = [
    [0, 1],
    [2, 0.5],
  ];
  const says = (functionName: string, argument = 'x') =>
    `${functionName}: \`${argument}\` must be made of whole numbers, since they are ids for the layer 'embedding'. ` +
    `Received: 0.5 at ${argument}[1][1]. Ids count from 0: 0, 1, 2, …; round the numbers if they are meant so.`;
  const y = whole.map((row) => row.map(() => [1, 1]));
  const compiled = () => pipe(modelOf({ inputLength: 2 }), compile({ optimizer: 'sgd', loss: 'mse' }));

  test('are an error that names row and value, in every function', async () => {
    const model = compiled();
    const quiet = { verbose: 0 } as const;
    expect(() => predictOnBatch(model, wrong)).toThrow(says('predictOnBatch'));
    expect(() => trainOnBatch(model, wrong, y)).toThrow(says('trainOnBatch'));
    expect(() => testOnBatch(model, wrong, y)).toThrow(says('testOnBatch'));
    await expect(predict(model, wrong)).rejects.toThrow(says('predict'));
    for (const engine of ['eager', 'compiled'] as const) {
      await expect(evaluate(model, wrong, y, { ...quiet, engine })).rejects.toThrow(says('evaluate'));
      await expect(fit(model, wrong, y, { ...quiet, engine })).rejects.toThrow(says('fit'));
      await expect(fit(model, whole, y, { ...quiet, engine, validationData: [wrong, y] })).rejects.toThrow(
        says('fit', 'validationData[0]'),
      );
    }
    expect(weightArrays(model)).toEqual([[[1, 2], [3, 4], [5, 6]]]); // prettier-ignore
  });

  test('also among many, and in tensors and typed arrays', () => {
    const model = modelOf();
    const ids = Float32Array.from({ length: 3000 }, (_, index) => index % 3);
    predictOnBatch(model, tf.tensor2d(ids, [1000, 3])).dispose();
    ids[1502] = 1.25;
    expect(() => predictOnBatch(model, tf.tensor2d(ids, [1000, 3]))).toThrow('Received: 1.25 at x[500][2].');
  });

  test('floats that are whole are ids', async () => {
    const model = compiled();
    const floats = tf.tensor2d(whole.map((row) => row.map((id) => id * 1.0)));
    expect(predictOnBatch(model, floats).shape).toEqual([2, 2, 2]);
    expect((await fit(model, floats, y, { epochs: 1, verbose: 0 })).metrics.loss).toHaveLength(1);
  });

  const vectors = { inputDim: 3, outputDim: 2 };
  const input = () => layerInput({ shape: [2] });
  const models: Readonly<Record<string, () => KerasModel>> = {
    'in a model': () => pipe(kerasModelSequential(), layerModel(modelOf({ inputLength: 2 }))),
    'in a model in a model': () =>
      pipe(
        kerasModelSequential(),
        layerModel(pipe(kerasModelSequential(), layerModel(modelOf({ inputLength: 2 })))),
      ),
    'after a reshape': () =>
      pipe(
        kerasModelSequential({ inputShape: [2] }),
        layerReshape({ targetShape: [2, 1] }),
        layerEmbedding(vectors),
      ),
    'after an inner model that passes them on': () =>
      pipe(
        kerasModelSequential(),
        layerModel(pipe(kerasModelSequential({ inputShape: [2] }), layerReshape({ targetShape: [2, 1] }))),
        layerEmbedding(vectors),
      ),
    'beside another layer': () => {
      const ids = input();
      const flat = pipe(ids, layerEmbedding(vectors), layerFlatten());
      return kerasModel(ids, layerConcatenate([pipe(ids, layerDense({ units: 1 })), flat]));
    },
  };
  test.each(Object.entries(models))('%s', (_, make) => {
    const model = make();
    expect(() => predictOnBatch(model, wrong)).toThrow(
      /must be made of whole numbers, since they are ids for the layer '\w+'\. Received: 0\.5 at x\[1\]\[1\]/,
    );
    tf.dispose(predictOnBatch(model, whole));
  });

  test('of several inputs the right one is named, and the others take fractions', () => {
    const [numbers, ids] = [
      layerInput({ shape: [2], name: 'numbers' }),
      layerInput({ shape: [2], name: 'ids' }),
    ];
    const model = kerasModel(
      [numbers, ids],
      pipe(layerConcatenate([ids, ids]), layerEmbedding(vectors), layerFlatten(), (vector) =>
        layerConcatenate([layerDense(numbers, { units: 1 }), vector]),
      ),
    );
    predictOnBatch(model, [wrong, whole]).dispose();
    expect(() => predictOnBatch(model, [whole, wrong])).toThrow(
      "`x` for 'ids' must be made of whole numbers, since they are ids for the layer 'embedding'. Received: 0.5 at x[1][1].",
    );
  });

  test('a layer that follows another one is found again after layers were taken off', () => {
    const model = pipe(kerasModelSequential({ inputShape: [2] }), layerEmbedding(vectors), layerFlatten());
    expect(() => predictOnBatch(model, wrong)).toThrow('whole numbers');
    popLayer(model);
    expect(() => predictOnBatch(model, wrong)).toThrow('whole numbers');
    popLayer(model);
    const fractions = pipe(model, layerDense({ units: 1 }));
    predictOnBatch(fractions, wrong).dispose();
  });

  test('are an error of the layer that is applied by itself', () => {
    const layer = getLayer(modelOf({ inputLength: 2 }), { index: 0 });
    expect(() => layer.apply(tf.tensor2d(wrong))).toThrow(
      "the ids that come to layer 'embedding' must be whole numbers. Received: 0.5 at [1][1].",
    );
    expect((layer.apply(tf.tensor2d(whole)) as Tensor).shape).toEqual([2, 2, 2]);
  });
});
