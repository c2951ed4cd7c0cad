import {
  kerasModel,
  kerasModelSequential,
  KerasArgumentError,
  KerasShapeError,
  layerDense,
  layerFlatten,
  layerInput,
  layerReshape,
  outputShape,
  pipe,
  predictOnBatch,
  setWeights,
  type LayerStep,
  type SequentialModel,
  type SymbolicTensor,
} from '../../src/index';
import { distance } from './support';

const stack = (inputShape: readonly (number | null)[], ...steps: LayerStep[]): SequentialModel =>
  steps.reduce((model, step) => step(model), kerasModelSequential({ inputShape }));

test('dense: activation(dot(input, kernel) + bias), also for each step of a sequence', () => {
  const model = setWeights(stack([2], layerDense({ units: 2, activation: 'relu' })), [
    [
      [1, -2],
      [3, 4],
    ],
    [0.5, -20],
  ]);
  // 1·1 + 2·3 + 0.5 and max(0, 1·(−2) + 2·4 − 20)
  expect(distance(predictOnBatch(model, [[1, 2]]), [7.5, 0])).toBeLessThan(1e-6);
  const sequences = setWeights(stack([3, 2], layerDense({ units: 1, useBias: false })), [[[1], [10]]]);
  const output = predictOnBatch(sequences, [[[1, 2], [3, 4], [5, 6]]]); // prettier-ignore
  expect(output.shape).toEqual([1, 3, 1]);
  expect(distance(output, [21, 43, 65])).toBeLessThan(1e-5);
});

test('flatten keeps the order; with channels first, they go last', () => {
  const x = [[[1, 2, 3], [4, 5, 6]]]; // prettier-ignore
  expect(distance(predictOnBatch(stack([2, 3], layerFlatten()), x), [1, 2, 3, 4, 5, 6])).toBe(0);
  const first = stack([2, 3], layerFlatten({ dataFormat: 'channels_first' }));
  expect(distance(predictOnBatch(first, x), [1, 4, 2, 5, 3, 6])).toBe(0);
});

test('reshape works out one size, also of inputs whose own sizes are not known', () => {
  expect(outputShape(stack([4, 6], layerReshape({ targetShape: [-1, 8] })))).toEqual([null, 3, 8]);
  const open = stack([null, 6], layerReshape({ targetShape: [-1, 3] }));
  expect(outputShape(open)).toEqual([null, null, 3]);
  expect(predictOnBatch(open, [[[1, 2, 3, 4, 5, 6]]]).shape).toEqual([1, 2, 3]);
});

test.each([
  [
    () => stack([4], layerReshape({ targetShape: [3, 3] })),
    'needs samples of 9 values for targetShape: [3, 3]. Received: [null, 4] from the input. A sample has 4 values',
  ],
  [() => stack([4], layerReshape({ targetShape: [3, -1] })), 'needs samples of a multiple of 3 values'],
  [() => stack([null, 3], layerFlatten()), 'needs to know all sizes of a sample'],
  [() => stack([], layerFlatten()), 'needs input of at least 2 dimensions, the batch axis included'],
  [() => stack([], layerDense({ units: 1 })), 'Give each sample at least one feature: inputShape: [1].'],
  [
    () => stack([null], layerDense({ units: 1 })),
    'needs to know the size of the last axis, since its weights depend on it. Received: [null, null]',
  ],
])('shapes that do not fit: %s', (make, message) => {
  expect(make).toThrow(KerasShapeError);
  expect(make).toThrow(message);
});

test.each([
  [
    () => layerReshape({ targetShape: [-1, -1] }),
    '`targetShape` may leave one size open. Received: [-1, -1].',
  ],
  [() => layerReshape({ targetShape: [0] }), '`targetShape` must be a shape'],
  [() => layerDense({ units: 1.5 }), 'layerDense: `units` must be a positive integer. Received: 1.5.'],
  [
    () => layerDense({} as never),
    'layerDense: the option `units` is required. Received: {}. Write layerDense({ units: … }).',
  ],
  [() => layerDense(10 as never), 'layerDense: the options must be an object. Received: 10.'],
  [() => layerDense({ units: 1, useBias: 1 as never }), '`useBias` must be true or false. Received: 1.'],
  [
    () => layerDense({ units: 1, name: '' }),
    "`name` must be a name: letters from a to z, digits, `_`, `-`, `.` and `/`, a letter or digit first. Received: ''.",
  ],
  [
    () => layerDense({ units: 1, inputShape: [2], batchInputShape: [1, 2] }),
    '`inputShape` must be left out when `batchInputShape` is given. Received: [2]. Give one of the two.',
  ],
  [
    () => layerDense({ units: 1, inputShape: [-2] }),
    '`inputShape` must be a shape: an array of positive integers',
  ],
])('options that are none: %s', (make, message) => {
  expect(make).toThrow(KerasArgumentError);
  expect(make).toThrow(message);
});

test('a fixed batch size comes from either option', () => {
  const [one, other] = [{ batchInputShape: [5, 2] }, { inputShape: [2], batchSize: 5 }].map((options) =>
    pipe(kerasModelSequential(), layerDense({ units: 1, ...options })),
  );
  expect(outputShape(one as SequentialModel)).toEqual([5, 1]);
  expect(outputShape(other as SequentialModel)).toEqual([5, 1]);
});

describe('layerInput', () => {
  test('has the batch axis first, open or fixed', () => {
    expect(layerInput({ shape: [2, null] }).shape).toEqual([null, 2, null]);
    expect(layerInput({ shape: 3 }).shape).toEqual([null, 3]);
    expect(layerInput({ batchShape: [4, 2] }).shape).toEqual([4, 2]);
    expect(layerInput({ shape: [2], dtype: 'int32' }).dtype).toBe('int32');
  });

  test('names are the user’s, or counted within the model', () => {
    const nameOf = (input: SymbolicTensor): string | undefined =>
      kerasModel(input, layerDense(input, { units: 1 })).layers[0]?.name;
    expect(nameOf(layerInput({ shape: [2] }))).toBe('input_1');
    expect(nameOf(layerInput({ shape: [2] }))).toBe('input_1');
    expect(nameOf(layerInput({ shape: [2], name: 'pixels' }))).toBe('pixels');
  });

  test.each([
    [undefined, 'one of `shape` and `batchShape` must be given. Received: neither.'],
    [{}, 'Received: neither. Write layerInput({ shape: [784] }).'],
    [{ shape: [2], batchShape: [1, 2] }, 'Received: both.'],
    [{ shape: 'two' }, '`shape` must be a shape: an array of positive integers'],
    [{ shap: [2] }, "the unknown option `shap`. Did you mean 'shape'?"],
    [[3], 'layerInput: the options must be an object. Received: [3].'],
  ])('refuses %p', (options, message) => {
    expect(() => layerInput(options as never)).toThrow(message);
  });
});
