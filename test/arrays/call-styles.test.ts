import {
  arrayReshape,
  normalize,
  padSequences,
  pipe,
  scale,
  SparseMatrix,
  tf,
  toCategorical,
  vectorizeSequences,
  type Tensor,
} from '../../src/index';

const values = (tensor: Tensor): unknown => tensor.arraySync();

test('data first, or piped; the only option bare, or by its name', () => {
  const y = [0, 2];
  const oneHot = [[1, 0, 0], [0, 0, 1]]; // prettier-ignore
  for (const result of [
    toCategorical(y),
    toCategorical(y, 3),
    toCategorical(y, { numClasses: 3 }),
    pipe(y, toCategorical()),
    pipe(y, toCategorical(3)),
    pipe(y, toCategorical({ numClasses: 3 })),
    pipe(tf.tensor1d(y), toCategorical(3)),
    pipe(Int32Array.from(y), toCategorical({})),
  ]) {
    expect(values(result)).toEqual(oneHot);
  }
  const x = { data: [1, 2, 3, 4], shape: [4] };
  for (const result of [
    arrayReshape(x, [-1, 2]),
    arrayReshape(x, { shape: [2, 2] }),
    pipe(x, arrayReshape([2, -1])),
    pipe(x, arrayReshape({ shape: [2, 2] })),
  ]) {
    expect(values(result)).toEqual([[1, 2], [3, 4]]); // prettier-ignore
  }
  expect(pipe(x, arrayReshape(4)).shape).toEqual([4]);
});

test('several options come in one object, in both styles', () => {
  const rows = [[1, 2, 3], [4]];
  expect(values(pipe(rows, padSequences({ maxlen: 2 })))).toEqual(values(padSequences(rows, { maxlen: 2 })));
  expect(values(pipe(rows, padSequences()))).toEqual(values(padSequences(rows)));
  const matrix = [[3, 4], [6, 8]]; // prettier-ignore
  expect(values(pipe(matrix, normalize({ order: 1 })))).toEqual(values(normalize(matrix, { order: 1 })));
  expect(pipe(matrix, scale({ center: false })).scale).toEqual(scale(matrix, { center: false }).scale);
  expect(values(pipe([[1]], vectorizeSequences({ dimension: 2 })))).toEqual([[0, 1]]);
  const sparse: SparseMatrix = pipe([[1]], vectorizeSequences({ dimension: 2, sparse: true }));
  expect(sparse).toBeInstanceOf(SparseMatrix);
});

test('mistakes are told with a call that has the data', () => {
  const y = [0, 1];
  expect(() => toCategorical(y, [10] as never)).toThrow(
    'toCategorical: `numClasses` must be a positive integer. Received: [10]. Give `numClasses` such a value.',
  );
  expect(() => toCategorical([10.5] as never, 20)).toThrow('toCategorical: `y[0]` must be a class');
  expect(() => normalize([1, 2], 2 as never)).toThrow(
    'normalize: the options must be an object. Received: 2. Write normalize(x, { axis: …, order: … }) or pipe(x, normalize({ axis: …, order: … })).',
  );
  expect(() => padSequences([[1]], [3] as never)).toThrow(
    'Write padSequences(sequences, { maxlen: …, dtype: … }) or',
  );
  expect(() => arrayReshape(tf.ones([4]) as never)).toThrow(
    'arrayReshape: `shape` must be given. Received: undefined. Write arrayReshape(x, { shape: … }), arrayReshape(x, shape) or pipe(x, arrayReshape({ shape: … })).',
  );
  const more = toCategorical as unknown as (...args: unknown[]) => unknown;
  expect(() => more(y, 2, 3)).toThrow(
    'the options must be given by their names, in one object. Received: [0, 1], 2, 3',
  );
});

test('a step checks its options where it is written, and says its name where it is left without data', () => {
  expect(() => toCategorical({ numClass: 3 } as never)).toThrow("Did you mean 'numClasses'?");
  expect(() => padSequences({ maxlen: 0 })).toThrow('padSequences: `maxlen` must be a positive integer.');
  expect(() => normalize(scale({ center: false }) as never)).toThrow('Received: the function scale(…).');
});

test.each<[string, unknown]>([
  ['a promise', Promise.resolve([1])],
  ['null', null],
  ['a text', 'labels'],
  ['a map', new Map()],
])('%s in the place of data is told', (_, data) => {
  for (const call of [toCategorical, normalize, scale] as ((x: never) => unknown)[]) {
    expect(() => call(data as never)).toThrow(/^\w+: `\w` must be data: a tensor, nested arrays of numbers/);
  }
  expect(() => padSequences(data as never)).toThrow('padSequences: `sequences` must be a list of sequences');
});
