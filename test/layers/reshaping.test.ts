import {
  KerasArgumentError,
  kerasModelSequential,
  KerasShapeError,
  layerEmbedding,
  layerPermute,
  layerRepeatVector,
  pipe,
  predictOnBatch,
} from '../../src/index';

test('a vector is repeated as it is, integers as integers', () => {
  const model = pipe(kerasModelSequential({ inputShape: [2] }), layerRepeatVector({ n: 2 }));
  expect(predictOnBatch(model, [[1, 2]]).arraySync()).toEqual([[[1, 2], [1, 2]]]); // prettier-ignore
  const ids = pipe(
    kerasModelSequential(),
    layerRepeatVector({ n: 2, inputShape: [1], dtype: 'int32' }),
    layerEmbedding({ inputDim: 3, outputDim: 1 }),
  );
  expect(predictOnBatch(ids, [[2]]).shape).toEqual([1, 2, 1, 1]);
});

test('axis k of the output is axis dims[k − 1] of the input', () => {
  const model = pipe(kerasModelSequential({ inputShape: [1, 2, 3] }), layerPermute({ dims: [3, 1, 2] }));
  // As numpy.transpose(x, (0, 3, 1, 2)).
  expect(predictOnBatch(model, [[[[1, 2, 3], [4, 5, 6]]]]).arraySync()).toEqual([[[[1, 4]], [[2, 5]], [[3, 6]]]]); // prettier-ignore
});

test.each([
  [() => layerRepeatVector({ n: 0 }), KerasArgumentError, '`n` must be a positive integer. Received: 0'],
  [
    () => pipe(kerasModelSequential({ inputShape: [2, 3] }), layerRepeatVector({ n: 2 })),
    KerasShapeError,
    'It repeats vectors: flatten each sample first, or leave the layer out',
  ],
  [() => layerPermute({ dims: [0, 1] }), KerasArgumentError, '`dims` must be an order of the axes'],
  [() => layerPermute({ dims: [1, 1] }), KerasArgumentError, 'each of 1, 2, … once. Received: [1, 1]'],
  [() => layerPermute({ dims: [] }), KerasArgumentError, '`dims` must be an order of the axes'],
  [
    () => pipe(kerasModelSequential({ inputShape: [2, 3] }), layerPermute({ dims: [3, 1, 2] })),
    KerasShapeError,
    'needs input of 4 axes, the batch axis included, for dims: [3, 1, 2]',
  ],
] as const)('mistakes are told: %#', (build, kind, message) => {
  expect(build).toThrow(kind);
  expect(build).toThrow(message);
});
