/** Parts of data, classes' weights and confusions; the values are scikit-learn's and TensorFlow's definitions, worked by hand. */
import {
  classWeightsOf,
  compile,
  confusionMatrix,
  fit,
  kerasModelSequential,
  kFold,
  layerDense,
  pipe,
  splitDataset,
  tf,
} from 'keras-pipe';

test('splitDataset', () => {
  const x = Array.from({ length: 10 }, (_, row) => [row, -row]);
  const y = x.map((_, row) => row);
  const [[xLeft, yLeft], [xRight, yRight]] = splitDataset([x, y], { leftSize: 0.7 });
  expect([xLeft?.shape, xRight?.shape]).toEqual([
    [7, 2],
    [3, 2],
  ]);
  expect(yLeft?.arraySync()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(yRight?.arraySync()).toEqual([7, 8, 9]);
  const parts = (options: object): unknown[] =>
    splitDataset([y], options).map((part) => part[0]?.arraySync());
  expect(parts({ rightSize: 4 })).toEqual([
    [0, 1, 2, 3, 4, 5],
    [6, 7, 8, 9],
  ]);
  expect(parts({ leftSize: 2, rightSize: 0.3 })).toEqual([
    [0, 1],
    [2, 3, 4],
  ]);
  const random = parts({ leftSize: 6, shuffle: true, seed: 1 }) as number[][];
  expect(random.flat()).not.toEqual(y);
  expect([...random.flat()].sort((a, b) => a - b)).toEqual(y);
  expect(parts({ leftSize: 6, shuffle: true, seed: 1 })).toEqual(random);
  // Rows stay together.
  const [[first, second]] = splitDataset([x, y], { leftSize: 5, shuffle: true });
  expect((first?.arraySync() as number[][]).map(([one]) => one)).toEqual(second?.arraySync());
});

test.each<[() => unknown, string]>([
  [() => splitDataset([[1, 2]], {}), '`leftSize` must be given'],
  [() => splitDataset([[1, 2]], { leftSize: 2 }), 'both parts have rows'],
  [() => splitDataset([[1, 2]], { leftSize: 1.5 }), '`leftSize` must be a fraction'],
  [() => splitDataset([[1, 2], [1]], { leftSize: 1 }), 'the same number of rows'],
  [() => splitDataset([], { leftSize: 1 }), 'a list of arrays'],
  [() => kFold(3, { k: 4 }), '`k` must be from 2 to the number of rows, 3'],
  [() => confusionMatrix([0, 1], [0]), 'the same number of rows'],
  [
    () => confusionMatrix([0, 3], [0, 1], { numClasses: 3 }),
    '`numClasses` must be above the largest class, 3',
  ],
  [() => classWeightsOf([0, 0.5]), 'made of class numbers'],
])('mistakes %#', (run, message) => {
  expect(run).toThrow(message);
});

test('kFold: each row is validated once, and trained on in all others', () => {
  // scikit-learn: KFold(3) of 10 rows has folds of 4, 3 and 3.
  const folds = kFold(10, { k: 3 });
  expect(folds.map(({ validation }) => [...validation])).toEqual([
    [0, 1, 2, 3],
    [4, 5, 6],
    [7, 8, 9],
  ]);
  for (const options of [{ k: 3 }, { k: 10 }, { k: 4, shuffle: true, seed: 2 }]) {
    const all = kFold(10, options);
    const validated = all.flatMap(({ validation }) => [...validation]);
    expect([...validated].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for (const { training, validation } of all) {
      expect(new Set([...training, ...validation]).size).toBe(10);
      expect(training.length + validation.length).toBe(10);
    }
  }
  const shuffled = kFold(10, { k: 2, shuffle: true, seed: 5 });
  expect(kFold(10, { k: 2, shuffle: true, seed: 5 })).toEqual(shuffled);
  expect([...(shuffled[0]?.validation ?? [])]).not.toEqual([0, 1, 2, 3, 4]);
});

test('classWeightsOf: scikit-learn’s balanced weights', async () => {
  expect(classWeightsOf([0, 0, 0, 0, 1, 1])).toEqual({ 0: 0.75, 1: 1.5 });
  expect(classWeightsOf(tf.oneHot(tf.tensor1d([2, 2, 0, 2], 'int32'), 3))).toEqual({ 0: 2, 1: 1, 2: 2 / 3 });
  const model = pipe(
    kerasModelSequential(),
    layerDense({ units: 1, activation: 'sigmoid', inputShape: [1] }),
    compile({ loss: 'binary_crossentropy' }),
  );
  const y = [0, 0, 1];
  const history = await fit(model, [[1], [2], [3]], y, {
    classWeight: classWeightsOf(y),
    epochs: 1,
    verbose: 0,
  });
  expect(history.metrics.loss).toHaveLength(1);
});

test('confusionMatrix', () => {
  // TensorFlow's own example: tf.math.confusion_matrix([1, 2, 4], [2, 2, 4]).
  expect(confusionMatrix([1, 2, 4], [2, 2, 4]).arraySync()).toEqual([
    [0, 0, 0, 0, 0],
    [0, 0, 1, 0, 0],
    [0, 0, 1, 0, 0],
    [0, 0, 0, 0, 0],
    [0, 0, 0, 0, 1],
  ]);
  const probabilities = [
    [0.9, 0.1],
    [0.3, 0.7],
    [0.6, 0.4],
  ];
  expect(confusionMatrix([0, 1, 1], probabilities).arraySync()).toEqual([
    [1, 0],
    [1, 1],
  ]);
  expect(confusionMatrix([0], [0], { numClasses: 2 }).shape).toEqual([2, 2]);
});
