/** Attention at work: a transformer that trains, masks from embeddings, and what does not fit. Its numbers: ./reference/attention.test.ts. */
import {
  compile,
  evaluate,
  fit,
  getLayer,
  kerasModel,
  layerAdd,
  layerAdditiveAttention,
  layerAttention,
  layerDense,
  layerDropout,
  layerEmbedding,
  layerGlobalAveragePooling1d,
  layerInput,
  layerMultiHeadAttention,
  optimizerAdam,
  outputShape,
  pipe,
  predict,
  setRandomSeed,
  setWeights,
  getWeights,
  tf,
  trainOnBatch,
  type SymbolicTensor,
  type Tensor,
} from '../../src/index';
import { tensorCount } from '../support/tensors';

const [STEPS, WORDS] = [8, 12];

/** A block of a transformer: attention and a dense layer for each step, each added to what goes in. */
const block = (x: SymbolicTensor, dropout: number): SymbolicTensor => {
  const attended = layerMultiHeadAttention([x, x], { numHeads: 2, keyDim: 8, dropout });
  const summed = layerAdd([x, attended]);
  const dense = pipe(summed, layerDense({ units: 32, activation: 'relu' }), layerDense({ units: 16 }));
  return layerAdd([summed, pipe(dense, layerDropout({ rate: dropout }))]);
};

const classifier = (dropout = 0) => {
  const ids = layerInput({ shape: [STEPS] });
  const words = layerEmbedding(ids, { inputDim: WORDS, outputDim: 16, maskZero: true });
  const output = pipe(
    block(words, dropout),
    layerGlobalAveragePooling1d(),
    layerDense({ units: 1, activation: 'sigmoid' }),
  );
  return pipe(
    kerasModel(ids, output),
    compile({
      loss: 'binary_crossentropy',
      optimizer: optimizerAdam({ learningRate: 0.01 }),
      metrics: ['accuracy'],
    }),
  );
};

/** Texts of 4 to 8 words and padding; of the one kind are those in which word 1 and word 2 are both there. */
const texts = (rows: number): { x: Tensor; y: Tensor } => {
  const numbers = tf.randomUniform([rows, STEPS], 3, WORDS, 'int32', 5).arraySync() as number[][];
  const x = numbers.map((words, row) => {
    const length = 4 + (row % 5);
    const text = words.map((word, step) => (step < length ? word : 0));
    if (row % 2 === 0 || row % 3 === 0) text[row % length] = 1;
    if (row % 2 === 0 || row % 3 === 1) text[(row + 1 + (row % 3)) % length] = 2;
    return text;
  });
  const y = x.map((text) => [Number(text.includes(1) && text.includes(2))]);
  return { x: tf.tensor2d(x), y: tf.tensor2d(y) };
};

test.each(['eager', 'compiled'] as const)('a small transformer learns texts, %s', async (engine) => {
  setRandomSeed(4);
  const model = classifier(0.1);
  const { x, y } = texts(120);
  const history = await fit(model, x, y, {
    epochs: engine === 'eager' ? 8 : 25,
    batchSize: 20,
    verbose: 0,
    engine,
  });
  const { accuracy = [], loss } = history.metrics;
  expect(loss.at(-1)).toBeLessThan(0.9 * (loss[0] ?? NaN));
  if (engine === 'compiled') expect(accuracy.at(-1)).toBeGreaterThan(0.9);
});

test('both engines give the same losses, dropout of the distribution included', async () => {
  const { x, y } = texts(40);
  const run = async (engine: 'eager' | 'compiled'): Promise<number[]> => {
    setRandomSeed(6);
    const history = await fit(classifier(0.3), x, y, { epochs: 3, batchSize: 16, verbose: 0, engine });
    return history.metrics.loss;
  };
  const [eager, compiled] = [await run('eager'), await run('compiled')];
  eager.forEach((loss, epoch) => expect(loss).toBeCloseTo(compiled[epoch] ?? NaN, 5));
});

test('what an embedding masks is not attended to: padding changes nothing', async () => {
  setRandomSeed(5);
  const make = (steps: number) => {
    const ids = layerInput({ shape: [steps] });
    const words = layerEmbedding(ids, { inputDim: WORDS, outputDim: 16, maskZero: true });
    const attended = layerMultiHeadAttention([words, words], { numHeads: 2, keyDim: 8 });
    const additive = layerAdditiveAttention([attended, words]);
    const dot = layerAttention([additive, words], { useScale: true });
    return kerasModel(ids, layerGlobalAveragePooling1d(dot));
  };
  const [short, long] = [make(4), make(7)];
  setWeights(long, getWeights(short));
  const of = async (model: typeof short, ids: number[]) => [
    ...(await predict(model, tf.tensor2d([ids]))).dataSync(),
  ];
  const [bare, padded] = [await of(short, [3, 1, 4, 2]), await of(long, [3, 1, 4, 2, 0, 0, 0])];
  bare.forEach((value, index) => expect(value).toBeCloseTo(padded[index] ?? NaN, 5));
  expect(new Set(bare.map((value) => value.toFixed(3))).size).toBeGreaterThan(8);
});

test('a model with causal attention comes back from its configuration with it, and tfjs runs it alike', async () => {
  const x = layerInput({ shape: [3, 4] });
  const model = kerasModel(
    x,
    layerMultiHeadAttention([x, x], { numHeads: 1, keyDim: 2, useCausalMask: true }),
  );
  const json = JSON.parse(model.tf.toJSON(undefined, true) as string) as object;
  const copy = await tf.models.modelFromJSON({ modelTopology: json } as never);
  copy.setWeights(model.tf.getWeights());
  const data = tf.randomNormal([2, 3, 4], 0, 1, 'float32', 3);
  const expected = [...(await predict(model, data)).dataSync()];
  expect([...(copy.predict(data) as Tensor).dataSync()]).toEqual(expected);
  // The first step does not see the later ones.
  const changed = tf.concat([tf.slice(data, [0, 0, 0], [2, 1, 4]), tf.zeros([2, 2, 4])], 1);
  const first = tf.slice(await predict(model, changed), [0, 0, 0], [2, 1, 4]);
  expect([...first.dataSync()]).toEqual([
    ...tf.slice(tf.tensor(expected, [2, 3, 4]), [0, 0, 0], [2, 1, 4]).dataSync(),
  ]);
});

test('the distribution of attention is an output: it sums to one', async () => {
  const [query, value] = [layerInput({ shape: [3, 4] }), layerInput({ shape: [5, 4] })];
  const [output, scores] = layerMultiHeadAttention([query, value], { numHeads: 2, keyDim: 2, returnAttentionScores: true }); // prettier-ignore
  const model = kerasModel([query, value], [output, scores]);
  expect(outputShape(model)).toEqual([
    [null, 3, 4],
    [null, 2, 3, 5],
  ]);
  const [, distribution] = await predict(model, [tf.randomNormal([2, 3, 4]), tf.randomNormal([2, 5, 4])]);
  tf.sum(distribution, -1)
    .dataSync()
    .forEach((sum) => expect(sum).toBeCloseTo(1, 5));
});

test('each kernel of the heads begins with numbers of its own, which the seed repeats', () => {
  const kernels = (): string[] => {
    setRandomSeed(8);
    const x = layerInput({ shape: [3, 4] });
    const model = kerasModel(x, layerMultiHeadAttention([x, x], { numHeads: 2, keyDim: 2 }));
    return getWeights(model)
      .filter(({ rank }) => rank === 3)
      .map((kernel) => [...kernel.dataSync()].join());
  };
  expect(new Set(kernels()).size).toBe(4);
  expect(kernels()).toEqual(kernels());
});

describe('the penalty of outputs', () => {
  const modelOf = (activityRegularizer: 'l2' | undefined) => {
    const x = layerInput({ shape: [2] });
    const hidden = layerDense(x, {
      units: 3,
      activityRegularizer,
      weights: [
        [
          [1, 2, 3],
          [0, 1, 0],
        ],
        [0, 0, 0],
      ],
    });
    return pipe(
      kerasModel(x, layerDense(hidden, { units: 1, weights: [[[0], [0], [0]], [0]] })),
      compile({ loss: 'mse', optimizer: 'sgd' }),
    );
  };
  const [x, y] = [tf.tensor2d([[1, 0], [2, 0]]), tf.tensor2d([[1], [1]])]; // prettier-ignore

  // 0.01 · (1 + 4 + 9 + 4 + 16 + 36) / 2 rows, besides a mean squared error of 1.
  test('is in the losses of training and evaluation, over the number of rows', async () => {
    expect((await evaluate(modelOf('l2'), x, y, { verbose: 0 })).loss).toBeCloseTo(1.35, 5);
    expect(trainOnBatch(modelOf('l2'), x, y).loss).toBeCloseTo(1.35, 5);
    expect(trainOnBatch(modelOf(undefined), x, y).loss).toBeCloseTo(1, 5);
  });

  test('leaves no tensor behind, and its layer keeps its regularizer', () => {
    const model = modelOf('l2');
    trainOnBatch(model, x, y);
    const before = tensorCount();
    trainOnBatch(model, x, y);
    expect(tensorCount()).toBe(before);
    const { config } = getLayer(model, { index: 1 }).getConfig()['activityRegularizer'] as { config: object };
    expect(config).toMatchObject({ l2: 0.01 });
  });
});

describe('what does not fit', () => {
  const input = (...shape: number[]): SymbolicTensor => layerInput({ shape });
  const errors: readonly [string, () => unknown, string][] = [
    [
      'other features of queries and keys',
      () => layerAttention([input(4, 3), input(5, 2)]),
      "layerAttention: layer 'attention' (added at",
    ],
    [
      'other features of queries and keys, by name',
      () => layerAdditiveAttention([input(4, 3), input(5, 2)]),
      'needs queries and keys of one number of features, and has 3 and 2',
    ],
    [
      'as many keys as values',
      () => layerMultiHeadAttention([input(4, 3), input(5, 3), input(6, 3)], { numHeads: 1, keyDim: 2 }),
      'needs a key for each value, and has 6 keys and 5 values',
    ],
    [
      'four inputs',
      () => layerAttention([input(4, 3), input(4, 3), input(4, 3), input(4, 4)]),
      'needs two to 3 inputs',
    ],
    [
      'one input',
      () => layerAttention([input(4, 3)]),
      'layerAttention: an attention layer takes an array of two or more',
    ],
    [
      'vectors',
      () => layerAttention([input(3), input(3)]),
      'needs input of 3 dimensions, the batch axis included',
    ],
    [
      'an axis that there is not',
      () => layerMultiHeadAttention([input(4, 3), input(4, 3)], { numHeads: 1, keyDim: 2, attentionAxes: 2 }),
      'needs input with an axis 2 before that of features, over which it attends',
    ],
    [
      'other sizes of an axis that is not attended to',
      () =>
        layerMultiHeadAttention([input(2, 4, 3), input(3, 4, 3)], {
          numHeads: 1,
          keyDim: 2,
          attentionAxes: 2,
        }),
      'needs inputs of one size in axis 1, over which it does not attend',
    ],
    [
      'other ranks',
      () => layerMultiHeadAttention([input(2, 4, 3), input(4, 3)], { numHeads: 1, keyDim: 2 }),
      'needs queries, values and keys of one number of dimensions',
    ],
    [
      'no heads',
      () => layerMultiHeadAttention({ numHeads: 0, keyDim: 2 }),
      'layerMultiHeadAttention: `numHeads` must be a positive integer. Received: 0.',
    ],
    [
      'a missing size',
      () => layerMultiHeadAttention({ numHeads: 1 } as never),
      'layerMultiHeadAttention: the option `keyDim` is required',
    ],
    [
      'a mode that there is not',
      () => layerAttention({ scoreMode: 'dto' as never }),
      "layerAttention: `scoreMode` must be one of 'dot', 'concat'. Received: 'dto'. Did you mean 'dot'?",
    ],
    [
      'a rate of 1',
      () => layerAdditiveAttention({ dropout: 1 }),
      '`dropout` must be a fraction of the units',
    ],
    [
      'two tensors that are no list',
      () => (layerAttention as unknown as (...args: unknown[]) => unknown)(input(4, 3), input(4, 3)),
      'an attention layer takes an array of two or more outputs of layers',
    ],
  ];
  test.each(errors)('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
