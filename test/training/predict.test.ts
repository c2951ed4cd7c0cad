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
import { tensorCount } from '../support/tensors';

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
  const model = kerasModel(input, [
    layerDense(input, { units: 2, kernelInitializer: 'ones' }),
    layerDense(input, { units: 1, kernelInitializer: 'zeros' }),
  ]);
  const predictions = await predict(model, x, { batchSize: 2 });
  expect(predictions.map(({ shape }) => shape)).toEqual([
    [5, 2],
    [5, 1],
  ]);
  expect(predictOnBatch(model, x)).toHaveLength(2);
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

describe('steps', () => {
  // Keras 2.13's predict of five rows: the first batches, whose size, if it is not given, is that of all rows in so many.
  test.each([
    [{ batchSize: 2, steps: 1 }, 2],
    [{ batchSize: 2, steps: 2 }, 4],
    [{ batchSize: 2, steps: 3 }, 5],
    [{ steps: 2 }, 5],
    [{ steps: 5 }, 5],
    [{ steps: 1 }, 5],
  ])('%j: the first %d rows', async (options, rows) => {
    expect(values(await predict(affine(), x, options))).toEqual(expected.slice(0, rows));
    expect(values(await predictProba(affine(), x, options))).toEqual(expected.slice(0, rows));
    expect(values(await predictClasses(affine(), x, options))).toHaveLength(rows);
  });

  test('are the batches that callbacks see', async () => {
    const seen: number[] = [];
    const callbacks = { onPredictBatchEnd: (batch: number) => void seen.push(batch) };
    (await predict(affine(), x, { steps: 3, callbacks })).dispose();
    expect(seen).toEqual([0, 1, 2]);
  });

  test('are no more than there are batches', async () => {
    await expect(predict(affine(), x, { batchSize: 2, steps: 4 })).rejects.toThrow(
      'predict: `steps` must be at most 3: so many batches of 2 are 5 rows. Received: 4.',
    );
    await expect(predictProba(affine(), x, { steps: 0 })).rejects.toThrow(
      'predictProba: `steps` must be a positive integer. Received: 0.',
    );
  });
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

describe('one tensor as two outputs', () => {
  const twice = () => {
    const input = layerInput({ shape: [1] });
    const hidden = layerDense(input, { units: 2, kernelInitializer: 'ones', name: 'hidden' });
    return kerasModel(input, [hidden, layerDense(hidden, { units: 1, kernelInitializer: 'ones' }), hidden]);
  };
  const doubled = x.map(([value = NaN]) => [value, value]);

  test('predicts it twice, each a tensor of its own', async () => {
    const warned = jest.spyOn(console, 'warn');
    const model = twice();
    expect(warned).not.toHaveBeenCalled();
    warned.mockRestore();
    const before = tensorCount();
    const [first, sum, second] = await predict(model, x, { batchSize: 2 });
    first.dispose();
    expect(values(second)).toEqual(doubled);
    expect(values(sum)).toEqual(x.map(([value = NaN]) => [2 * value]));
    expect(tensorCount()).toBe(before);
  });

  test('also once predictions of its shape are compiled', () => {
    const model = twice();
    for (let call = 0; call < 30; call++) {
      const before = call === 29 ? tensorCount() : 0;
      const [first, sum, second] = predictOnBatch(model, x);
      second.dispose();
      sum.dispose();
      expect(values(first)).toEqual(doubled);
      if (call === 29) expect(tensorCount()).toBe(before);
    }
  });

  test('also where the tensor is the input, or comes out of an inner model', () => {
    const input = layerInput({ shape: [1] });
    const inner = twice();
    const [first, , second] = [inner.tf.apply(input)].flat() as (typeof input)[];
    const model = kerasModel(
      input,
      [input, first, second, first, input].flatMap((tensor) => tensor ?? []),
    );
    const outputs = [predictOnBatch(model, x)].flat();
    outputs[0]?.dispose();
    outputs[1]?.dispose();
    expect(outputs.slice(2).map(values)).toEqual([doubled, doubled, x]);
  });
});
