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

test('splitDataset takes texts', () => {
  const texts = ['a', 'b', 'c', 'd'];
  const numbers = [0, 1, 2, 3];
  for (const given of [texts, tf.tensor1d(texts)]) {
    const parts = splitDataset([given as string[], numbers], { leftSize: 3 });
    expect(parts.flat().map(({ dtype }) => dtype)).toEqual(['string', 'float32', 'string', 'float32']);
    expect(parts.map((part) => part.map((tensor) => tensor.arraySync()))).toEqual([
      [
        ['a', 'b', 'c'],
        [0, 1, 2],
      ],
      [['d'], [3]],
    ]);
  }
  const columns = [['a', 'b'], ['c', 'd']]; // prettier-ignore
  const [[left], [right]] = splitDataset([columns], { leftSize: 0.5 });
  expect([left?.arraySync(), right?.arraySync()]).toEqual([[['a', 'b']], [['c', 'd']]]);
  const [[some, same]] = splitDataset([texts, numbers], { leftSize: 3, shuffle: true, seed: 4 });
  expect((some?.arraySync() as unknown as string[]).map((text) => texts.indexOf(text))).toEqual(
    same?.arraySync(),
  );
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
  [() => classWeightsOf([0, 0.5]), 'Received: 0.5. Make classes of probabilities first'],
  [() => classWeightsOf([0, NaN]), 'Received: NaN. Leave such rows out'],
  [() => classWeightsOf([[1, 0], [NaN, 1]]), 'Received: NaN. Leave such rows out'], // prettier-ignore
  [() => classWeightsOf([0, -1]), 'Received: -1. Number the classes from 0 without gaps'],
  [() => classWeightsOf([0, 1e9]), 'Received: 1000000000. Number the classes from 0 without gaps'],
  [() => classWeightsOf([]), 'classWeightsOf: `y` must be labels of one row at least. Received: []'],
  [() => classWeightsOf(tf.zeros([0, 3])), '`y` must be labels of one row at least'],
  [() => confusionMatrix([], []), 'confusionMatrix: `yTrue` must be labels of one row at least'],
  [() => confusionMatrix([0], []), '`yPred` must be labels of one row at least'],
  [() => confusionMatrix([0], [0], { numClasses: 1e6 }), 'a row and a column for each of 1000000 classes'],
  [() => confusionMatrix([0, 1e6], [0, 0]), 'Number the classes from 0 without gaps'],
  [() => splitDataset([[], []], { leftSize: 1 }), '`arrays` must be arrays with rows. Received: 0'],
  [() => splitDataset([[1], 5 as never], { leftSize: 1 }), '`arrays[1]` must be an array of rows'],
  [() => splitDataset([[1], 'text' as never], { leftSize: 1 }), '`arrays[1]` must be an array of rows'],
  [() => splitDataset([[1], null as never], { leftSize: 1 }), '`arrays[1]` must be data'],
  [() => splitDataset([[1]], { leftSize: 0.5 }), 'both parts have rows, of the 1 that there are'],
  [() => splitDataset([['a', 'b'], [1]], { leftSize: 1 }), 'the same number of rows. Received: 2 and 1'],
  [
    () =>
      splitDataset(
        [
          ['a', 1 as never],
          [1, 2],
        ],
        { leftSize: 1 },
      ),
    'must be made of texts only',
  ],
  [() => kFold([1, 2, 3] as never, { k: 2 }), 'kFold: `rows` must be how many rows there are. Received: [1, 2, 3]. Write kFold(x.length)'], // prettier-ignore
  [() => kFold(0), '`rows` must be a positive integer'],
  [
    () => kFold(1e12, { k: 2 }),
    'kFold: the result must fit into memory twice. Received: 2 folds of 1000000000000 rows',
  ],
  [() => kFold(NaN), '`rows` must be a positive integer'],
  [() => kFold(1), '`k` must be from 2 to the number of rows, 1'],
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
