import {
  kerasModel,
  kerasModelSequential,
  layerActivation,
  layerDense,
  layerDropout,
  layerFlatten,
  layerInput,
  pipe,
  predict,
  predictClasses,
  predictOnBatch,
  predictProba,
  setWeights,
} from 'keras-pipe';
import { tf, type Tensor } from '../../src/tfjs/tensorflow';

/** [x, 2x] + [0, 1], not compiled. */
const affine = () =>
  setWeights(pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [1] })), [[[1, 2]], [0, 1]]);

const values = (tensor: Tensor): unknown => {
  const array = tensor.arraySync();
  tensor.dispose();
  return array;
};

const x = [[0], [1], [2], [3], [4]];
const expected = [
  [0, 1],
  [1, 3],
  [2, 5],
  [3, 7],
  [4, 9],
];

test.each([1, 2, 5, 32])('batches of %d rows are put together in order', async (batchSize) => {
  expect(values(await predict(affine(), x, { batchSize }))).toEqual(expected);
  expect(values(await pipe(affine(), predict(x, { batchSize })))).toEqual(expected);
  expect(values(await predictProba(affine(), x, { batchSize }))).toEqual(expected);
});

test('one batch at once', () => {
  expect(values(predictOnBatch(affine(), x))).toEqual(expected);
  expect(values(pipe(affine(), predictOnBatch(x)))).toEqual(expected);
});

test('a model with several outputs gives a list', async () => {
  const input = layerInput({ shape: [1] });
  const outputs = [
    layerDense(input, { units: 2, kernelInitializer: 'ones' }),
    layerDense(input, { units: 1, kernelInitializer: 'zeros' }),
  ];
  const model = kerasModel(input, outputs);
  const predictions = await predict<Tensor[]>(model, x, { batchSize: 2 });
  expect(predictions.map(({ shape }) => shape)).toEqual([
    [5, 2],
    [5, 1],
  ]);
  expect(predictOnBatch<Tensor[]>(model, x)).toHaveLength(2);
});

describe('classes', () => {
  test('are the largest output of several units', async () => {
    const model = setWeights(
      pipe(kerasModelSequential(), layerDense({ units: 3, activation: 'softmax', inputShape: [2] })),
      [
        [
          [1, 0, -1],
          [0, 2, 0],
        ],
        [0, 0, 0],
      ],
    );
    const rows = [
      [1, 0],
      [0, 1],
      [-3, 0],
    ];
    const classes = await predictClasses(model, rows);
    expect([classes.dtype, values(classes)]).toEqual(['int32', [0, 1, 2]]);
    expect(values(await pipe(model, predictClasses(rows, { batchSize: 2 })))).toEqual([0, 1, 2]);
  });

  test('with one unit are 1 above 0.5', async () => {
    const model = setWeights(
      pipe(kerasModelSequential(), layerDense({ units: 1, activation: 'sigmoid', inputShape: [1] })),
      [[[1]], [0]],
    );
    const classes = await predictClasses(model, [[-1], [0], [0.1], [5]]);
    expect([classes.dtype, values(classes)]).toEqual(['int32', [0, 0, 1, 1]]);
  });
});

test.each([
  ['dropout', layerDropout({ rate: 0.5, inputShape: [2] })],
  ['linear activation', layerActivation({ activation: 'linear', inputShape: [2] })],
  ['flatten', layerFlatten({ inputShape: [2] })],
])('what a model passes on unchanged is a tensor of its own: %s', async (_, layer) => {
  const model = pipe(kerasModelSequential(), layer);
  const input = tf.tensor2d([[1, 2]]);
  const output = await predict(model, input);
  const onBatch = predictOnBatch(model, input);
  tf.dispose([output, onBatch]);
  expect(input.isDisposed).toBe(false);
  expect(values(input)).toEqual([[1, 2]]);
});

test('flat data are one feature of each row', async () => {
  expect(values(await predict(affine(), [0, 1]))).toEqual(expected.slice(0, 2));
  expect(values(await predict(affine(), Float64Array.of(0, 1)))).toEqual(expected.slice(0, 2));
});

test('predict hooks are called for each batch', async () => {
  const calls: unknown[] = [];
  const callbacks = {
    onPredictBegin: () => void calls.push('begin'),
    onPredictBatchBegin: (batch: number) => void calls.push(batch),
    onPredictBatchEnd: async (batch: number) => {
      await Promise.resolve();
      calls.push(batch + 0.5);
    },
    onPredictEnd: () => void calls.push('end'),
  };
  (await predict(affine(), x, { batchSize: 3, callbacks })).dispose();
  expect(calls).toEqual(['begin', 0, 0.5, 1, 1.5, 'end']);
});

test('nothing is written unless it is asked for', async () => {
  const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    (await predict(affine(), x)).dispose();
    expect(write).not.toHaveBeenCalled();
    (await predict(affine(), x, { verbose: 2 })).dispose();
    expect(write.mock.calls.map(([text]) => text).join('')).toMatch(/^1\/1 - /);
  } finally {
    write.mockRestore();
  }
});
