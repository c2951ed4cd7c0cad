import {
  evaluate,
  fit,
  compile,
  kerasModel,
  kerasModelSequential,
  layerActivation,
  layerDense,
  layerInput,
  layerLstm,
  layerReshape,
  pipe,
  predict,
  predictOnBatch,
  setWeights,
  testOnBatch,
  trainOnBatch,
  vectorizeSequences,
  type DataFor,
  type FitOptions,
} from 'keras-pipe';
import { tf } from '../../src/tfjs/tensorflow';

const three = () =>
  pipe(
    kerasModelSequential({ name: 'three' }),
    layerDense({ units: 1, inputShape: [3] }),
    compile({ loss: 'mse' }),
  );
const x = [
  [1, 2, 3],
  [4, 5, 6],
];
const y = [1, 2];
const quiet = { epochs: 1, verbose: 0 } as const;

/** Every message is checked whole up to its advice; callers without types give anything. */
const fitting = (inputs: unknown, labels: unknown = y, options: FitOptions = {}) =>
  fit(three(), inputs as DataFor, labels as DataFor, { ...quiet, ...options });

describe('kinds of arrays that all say the same', () => {
  const flat = [1, 2, 3, 4, 5, 6];
  const rows = (make: (row: readonly number[]) => DataFor): DataFor => x.map(make) as DataFor;
  test.each<[string, DataFor]>([
    ['nested arrays', x],
    ['Float32Array rows', rows((row) => Float32Array.from(row))],
    ['Float64Array rows', rows((row) => Float64Array.from(row))],
    ['Uint8Array rows', rows((row) => Uint8Array.from(row))],
    ['data and shape', { data: flat, shape: [2, 3] }],
    ['Float64Array and shape', { data: Float64Array.from(flat), shape: [2, 3] }],
    ['Uint16Array and shape', { data: Uint16Array.from(flat), shape: [2, 3] }],
    ['a float32 tensor', tf.tensor2d(x)],
    ['an int32 tensor', tf.tensor2d(x, [2, 3], 'int32')],
    ['a list of one tensor', [tf.tensor2d(x)]],
    ['by the name of the input', { dense_input: x }],
  ])('%s', async (_, data) => {
    // Whole numbers, so that nothing is rounded, whichever way a prediction is computed.
    const model = setWeights(three(), [[[1], [2], [4]], [8]]);
    const expected = await predict(model, x);
    expect(expected.arraySync()).toEqual([[25], [46]]);
    const predictions = await predict(model, data);
    expect(predictions.arraySync()).toEqual(expected.arraySync());
  });

  test('booleans are 0 and 1', () => {
    const model = pipe(kerasModelSequential(), layerActivation({ activation: 'linear', inputShape: [2] }));
    expect(predictOnBatch(model, [[true, false]]).arraySync()).toEqual([[1, 0]]);
    expect(predictOnBatch(model, tf.tensor2d([[1, 0]], [1, 2], 'bool')).arraySync()).toEqual([[1, 0]]);
  });
});

describe('what is no array of numbers', () => {
  test.each<[string, unknown, string]>([
    [
      'a ragged row',
      [
        [1, 2, 3],
        [4, 5],
      ],
      '`x` must have rows of one length. Received: x[1] of length 2, while the first has 3.',
    ],
    [
      'a number in place of a row',
      [[1, 2, 3], 4],
      '`x` must have rows of one length. Received: x[1] is 4, while the first has 3.',
    ],
    ['a string', [[1, '2', 3]], "`x` must be made of numbers only. Received: '2'. See x[0][1]."],
    [
      'null',
      [
        [1, 2, 3],
        [4, null, 6],
      ],
      '`x` must be made of numbers only. Received: null. See x[1][1].',
    ],
    ['a hole', [[1, , 3]], '`x` must be made of numbers only. Received: undefined. See x[0][1].'],
    [
      'a BigInt',
      [[1n, 2n, 3n]],
      '`x` must be made of numbers only. Received: 1n. Convert it: Number(value).',
    ],
    [
      'BigInts',
      [BigInt64Array.of(1n, 2n, 3n)],
      '`x` must be made of numbers only. Received: BigInt64Array of length 3. Convert it: Float32Array.from(values, Number).',
    ],
    [
      'flat BigInts',
      BigInt64Array.of(1n),
      '`x` must be made of numbers only. Received: BigInt64Array of length 1.',
    ],
    [
      'tensors as rows',
      [tf.ones([3]), tf.ones([3])],
      '`x` must be made of numbers only. Received: a float32 tensor of shape [3]. Join tensors to one first: tf.stack(rows).',
    ],
    [
      'a file name',
      'data.csv',
      "`x` must be data: a tensor, nested arrays of numbers, a typed array, or { data, shape }. Received: 'data.csv'.",
    ],
    [
      'nothing',
      undefined,
      '`x` must be data: a tensor, nested arrays of numbers, a typed array, or { data, shape }. Received: undefined.',
    ],
    [
      'a promise',
      Promise.resolve(x),
      'or { data, shape }. Received: an object of class Promise. Await the promise first.',
    ],
    ['a map', new Map(), 'or { data, shape }. Received: an object of class Map.'],
    [
      'an unknown key',
      { pixels: x },
      "`x` must be keyed by 'dense_input'. Received: the unknown key 'pixels'.",
    ],
    [
      'what scale() gives',
      { x: tf.tensor2d(x), center: [0, 0, 0], scale: [1, 1, 1] },
      'Write scale(…).x: beside the numbers, scale() gives their center and scale',
    ],
    [
      'a string tensor',
      tf.tensor2d([['a', 'b', 'c']]),
      '`x` must be a tensor of numbers. Received: a string tensor of shape [1, 3].',
    ],
    [
      'a shape that does not fit',
      { data: [1, 2, 3], shape: [2, 3] },
      '`x` must be as long as its shape [2, 3] says, 6. Received: [1, 2, 3].',
    ],
    [
      'a shape of fractions',
      { data: [1, 2, 3], shape: [1.5, 2] },
      '`x.shape` must be made of integers of 0 or more. Received: [1.5, 2].',
    ],
    [
      'a shape without data',
      { data: null, shape: [1, 3] },
      '`x.data` must be made of numbers only. Received: null.',
    ],
    [
      'strings with a shape',
      { data: ['1', '2', '3'], shape: [1, 3] },
      "`x.data` must be made of numbers only. Received: '1'. See x.data[0].",
    ],
  ])('%s', async (_, data, message) => {
    await expect(fitting(data)).rejects.toThrow(message);
    await expect(fitting(data)).rejects.toThrow(/^fit: /);
  });

  test('a disposed tensor', async () => {
    const gone = tf.ones([2, 3]);
    gone.dispose();
    await expect(fitting(gone)).rejects.toThrow('fit: `x` must be a tensor that is not disposed.');
  });

  test('labels of words', async () => {
    await expect(fitting(x, ['cat', 'dog'])).rejects.toThrow(
      "fit: `y` must be made of numbers only. Received: 'cat'. See y[0].",
    );
  });
});

describe('shapes', () => {
  test.each<[string, unknown, string]>([
    [
      'one sample',
      [1, 2, 3],
      'Received: shape [3]. For one sample, put it into a batch of one: [x], or tf.expandDims(x, 0).',
    ],
    [
      'too few features',
      [
        [1, 2],
        [3, 4],
      ],
      "Received: shape [2, 2]. Reshape the data, or change the first layer's inputShape.",
    ],
    [
      'rows that must be flattened',
      tf.ones([2, 1, 3]),
      'Received: shape [2, 1, 3]. Reshape it: arrayReshape(x, [2, 3]).',
    ],
    ['a number', 3, 'Received: shape [].'],
  ])('%s', async (_, data, message) => {
    const expected = "`x` must have the shape [null, 3] of the input of model 'three'. ";
    await expect(fitting(data)).rejects.toThrow(`fit: ${expected}${message}`);
    await expect(predict(three(), data as DataFor)).rejects.toThrow(`predict: ${expected}${message}`);
  });

  test('unequal lengths', async () => {
    const one = [1];
    await expect(fitting(x, one)).rejects.toThrow(
      'fit: `x` and `y` must have the same number of rows. Received: 2 and 1.',
    );
    await expect(fitting(x, y, { sampleWeight: one })).rejects.toThrow(
      'fit: `x` and `sampleWeight` must have the same number of rows. Received: 2 and 1.',
    );
    await expect(fitting(x, y, { validationData: [x, one] })).rejects.toThrow(
      'fit: `validationData[0]` and `validationData[1]` must have the same number of rows. Received: 2 and 1.',
    );
    await expect(fitting(x, y, { validationData: [x, y, one] })).rejects.toThrow(
      'fit: `validationData[0]` and `validationData[2]` must have the same number of rows.',
    );
    expect(() => trainOnBatch(three(), x, one)).toThrow('trainOnBatch: `x` and `y` must');
    expect(() => testOnBatch(three(), x, one)).toThrow('testOnBatch: `x` and `y` must');
    await expect(evaluate(three(), x, one)).rejects.toThrow('evaluate: `x` and `y` must');
  });

  test.each<[string, DataFor]>([
    ['an empty array', []],
    ['an empty tensor', tf.zeros([0, 3])],
    ['an empty typed array', new Float32Array()],
  ])('no rows: %s', async (_, empty) => {
    const expected = 'must have at least one row. Received: no rows: shape [0';
    await expect(fitting(empty, [])).rejects.toThrow(`fit: \`x\` ${expected}`);
    await expect(fitting(x, [])).rejects.toThrow(`fit: \`y\` ${expected}`);
    await expect(fitting(x, y, { validationData: [empty, []] })).rejects.toThrow(
      `fit: \`validationData[0]\` ${expected}`,
    );
    await expect(predict(three(), empty)).rejects.toThrow(`predict: \`x\` ${expected}`);
  });

  test('no rows in a sparse matrix', async () => {
    const empty = vectorizeSequences([[0]], { dimension: 3, sparse: true }).slice(0, 0);
    await expect(fitting(empty, [])).rejects.toThrow('fit: `x` must have at least one row.');
  });

  test('weights that are no list', async () => {
    await expect(fitting(x, y, { sampleWeight: [[1], [1]] })).rejects.toThrow(
      'fit: `sampleWeight` must be a list of numbers, one for each row. Received: shape [2, 1].',
    );
  });
});

describe('NaN and infinities are named with their place', () => {
  const bad = [
    [1, 2, 3],
    [4, NaN, 6],
  ];
  const expected = (name: string, text: string) =>
    `fit: \`${name}\` must be made of finite numbers. Received: ${text}.`;

  test('in any of the arguments', async () => {
    await expect(fitting(bad)).rejects.toThrow(expected('x', 'NaN at x[1][1]'));
    await expect(fitting({ data: Float32Array.of(1, 2, -Infinity), shape: [1, 3] }, [1])).rejects.toThrow(
      expected('x', '-Infinity at x[0][2]'),
    );
    await expect(fitting(x, [1, Infinity])).rejects.toThrow(expected('y', 'Infinity at y[1]'));
    await expect(fitting(x, y, { sampleWeight: [NaN, 1] })).rejects.toThrow(
      expected('sampleWeight', 'NaN at sampleWeight[0]'),
    );
    await expect(fitting(x, y, { validationData: [bad, y] })).rejects.toThrow(
      expected('validationData[0]', 'NaN at validationData[0][1][1]'),
    );
    await expect(fitting(x, y, { validationData: [x, [NaN, 1]] })).rejects.toThrow(
      expected('validationData[1]', 'NaN at validationData[1][0]'),
    );
    await expect(fitting(x, y, { validationData: [x, y, [1, NaN]] })).rejects.toThrow(
      expected('validationData[2]', 'NaN at validationData[2][1]'),
    );
    await expect(predict(three(), bad)).rejects.toThrow(
      'predict: `x` must be made of finite numbers. Received: NaN at x[1][1].',
    );
    expect(() => predictOnBatch(three(), bad)).toThrow('predictOnBatch: `x` must be made of finite numbers.');
  });

  test('in large arrays', async () => {
    const values = new Float32Array(3 * 4000);
    values[3 * 3999 + 1] = NaN;
    await expect(fitting({ data: values, shape: [4000, 3] }, new Float32Array(4000))).rejects.toThrow(
      expected('x', 'NaN at x[3999][1]'),
    );
  });

  test('numbers so large that only their sum is infinite are finite', async () => {
    const values = new Float32Array(3 * 4000).fill(3e38);
    const model = three();
    const predictions = await predict(model, { data: values, shape: [4000, 3] });
    expect(predictions.shape).toEqual([4000, 1]);
  });

  test('a number too large for float32 is infinite', async () => {
    await expect(fitting([[1, 2, 1e39]], [1])).rejects.toThrow(expected('x', 'Infinity at x[0][2]'));
  });
});

describe('an input of integers', () => {
  const integers = () => {
    const input = layerInput({ shape: [2], dtype: 'int32' });
    return kerasModel(input, pipe(input, layerReshape({ targetShape: [2] })));
  };

  test('takes whole numbers of any kind', async () => {
    for (const data of [[[1, 2]], tf.tensor2d([[1, 2]]), tf.tensor2d([[1, 2]], [1, 2], 'int32')]) {
      expect((await predict(integers(), data)).arraySync()).toEqual([[1, 2]]);
    }
  });

  test('and says where one is not whole', async () => {
    await expect(predict(integers(), [[1, 2.5]])).rejects.toThrow(
      'predict: `x` must be made of whole numbers, as the input of type int32 takes them. Received: 2.5 at x[0][1].',
    );
    await expect(predict(integers(), [[NaN, 2]])).rejects.toThrow('Received: NaN at x[0][0].');
  });
});

test('a sparse matrix goes into dense layers only', async () => {
  const sparse = vectorizeSequences([[0, 2]], { dimension: 3, sparse: true });
  const model = pipe(
    kerasModelSequential(),
    layerReshape({ targetShape: [3, 1], inputShape: [3] }),
    layerLstm({ units: 1 }),
  );
  await expect(predict(model, sparse)).rejects.toThrow(
    'predict: `x`, a sparse matrix, must go into dense layers only.',
  );
});
