import {
  compile,
  countParams,
  evaluate,
  fit,
  kerasModel,
  kerasModelSequential,
  layerDense,
  layerInput,
  optimizerOf,
  outputShape,
  pipe,
  popLayer,
  predict,
  predictClasses,
  predictOnBatch,
  predictProba,
  summary,
  testOnBatch,
  tf,
  trainOnBatch,
  type FitOptions,
  type KerasModel,
  type SequentialModel,
  type SymbolicTensor,
  type Tensor,
} from 'keras-pipe';

const x = [[1], [2]];
const y = [1, 2];
const quiet = { epochs: 1, verbose: 0 } as const;
const model = () =>
  pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [1] }), compile({ loss: 'mse' }));

const copied = 'a model cannot be sent to another process or worker';

/** What callers without types give for a model, how messages name it, and what they advise. */
const others: [string, () => unknown, string, string][] = [
  ['undefined', () => undefined, 'undefined', 'Make one with kerasModelSequential() or kerasModel()'],
  ['null', () => null, 'null', 'Make one with kerasModelSequential() or kerasModel()'],
  ['a copy by JSON', () => JSON.parse(JSON.stringify(model())) as unknown, '{ stopTraining: false', copied],
  ['a promise of a model', () => Promise.resolve(model()), 'a promise', 'Await the promise first'],
  ['options', () => ({ epochs: 5 }), '{ epochs: 5 }', 'The model comes first'],
  ['a step of a pipe', () => compile({ loss: 'mse' }), 'the function compile(…)', 'pipe(model, step)'],
  ['a layer', () => model().layers[0], 'an object of class Dense', 'Put the layer into a model first'],
  [
    'a symbolic tensor',
    () => layerInput({ shape: [1] }),
    'tensor of shape [null, 1]',
    'kerasModel(input, output)',
  ],
];
const expected =
  '`model` must be a model, as kerasModelSequential() and kerasModel() make them, or one of tfjs. Received: ';

describe.each(others)('%s in place of the model is no step of a pipe', (_, make, received, advice) => {
  test('is told for what it is', () => {
    expect(() => compile(make() as KerasModel, { loss: 'mse' })).toThrow(`compile: ${expected}`);
    expect(() => compile(make() as KerasModel, { loss: 'mse' })).toThrow(received);
    expect(() => compile({ loss: 'mse' })(make() as KerasModel)).toThrow(advice);
  });

  test('in fit and evaluate', async () => {
    const other = make() as KerasModel; // callers without types give anything
    await expect(fit(other, x, y, quiet)).rejects.toThrow(`fit: ${expected}`);
    await expect(fit(other, x, y)).rejects.toThrow(`fit: ${expected}`);
    await expect(evaluate(other, x, y)).rejects.toThrow(`evaluate: ${expected}`);
    await expect(Promise.resolve().then(() => fit(x, y, quiet)(other))).rejects.toThrow(`fit: ${expected}`);
  });

  test('in predict and its sisters', async () => {
    const other = make() as KerasModel;
    await expect(predict(other, x)).rejects.toThrow(`predict: ${expected}`);
    await expect(predictProba(other, x, { batchSize: 1 })).rejects.toThrow(`predictProba: ${expected}`);
    await expect(predictClasses(other, x)).rejects.toThrow(`predictClasses: ${expected}`);
    expect(() => predictOnBatch(other, x)).toThrow(`predictOnBatch: ${expected}`);
  });

  test('on a batch', () => {
    const other = make() as KerasModel;
    expect(() => trainOnBatch(other, x, y)).toThrow(`trainOnBatch: ${expected}`);
    expect(() => testOnBatch(other, x, y)).toThrow(`testOnBatch: ${expected}`);
  });
});

test('a copy by structuredClone is none either', async () => {
  let copy: unknown;
  try {
    copy = structuredClone(model());
  } catch {
    copy = {}; // whether it can be copied at all depends on what the model holds
  }
  await expect(fit(copy as KerasModel, x, y)).rejects.toThrow(`fit: ${expected}`);
});

test('a step of a pipe without data says so at once', () => {
  const nothing = undefined as never;
  expect(() => fit(x, nothing)).toThrow(
    'fit: data and labels must be given. Received: x: [[1], [2]], y: undefined. Write pipe(model, fit(x, y)), or fit(model, x, y).',
  );
  expect(() => evaluate(x, nothing)).toThrow('evaluate: data and labels must be given.');
  expect(() => predict(nothing)).toThrow(
    'predict: data must be given. Received: x: undefined. Write pipe(model, predict(x)), or predict(model, x).',
  );
});

test('a step of a pipe with misspelt options says so at once', () => {
  expect(() => fit(x, y, { batch_size: 1 } as FitOptions)).toThrow(
    "fit: the options must be known ones. Received: the unknown option `batch_size`. Did you mean 'batchSize'?",
  );
  expect(() => evaluate(x, y, { batchsize: 1 } as object)).toThrow("Did you mean 'batchSize'?");
  expect(() => predict(x, { epochs: 1 } as object)).toThrow('predict: the options must be known ones.');
  expect(() => trainOnBatch(x, y, { sampleWeights: [1] } as object)).toThrow("Did you mean 'sampleWeight'?");
});

test('options in the place of data are told, in both styles', async () => {
  const options = { epochs: 5, sampleWeight: [1, 1] } as never;
  const missing = 'fit: data and labels must be given. Received: x: [[1], [2]], y: undefined.';
  expect(() => fit(x, options)).toThrow(missing);
  await expect(fit(model(), x, options)).rejects.toThrow(missing);
  expect(() => predict({ batchSize: 3 } as never)).toThrow(
    'predict: data must be given. Received: x: undefined.',
  );
  await expect(predict(model(), { batchSize: 3 } as never)).rejects.toThrow('Received: x: undefined.');
});

test('arguments by position are told to go into one object', () => {
  const positional = 'the options must be given by their names, in one object. Received: ';
  expect(() => (compile as unknown as (...args: string[]) => unknown)('adam', 'mse')).toThrow(
    `compile: ${positional}'adam', 'mse'. Write compile(model, { optimizer: …, loss: … }) or pipe(model, compile({ optimizer: …, loss: … })).`,
  );
  const more = fit as unknown as (...args: unknown[]) => Promise<unknown>;
  return expect(more(model(), x, y, quiet, 5)).rejects.toThrow(`fit: ${positional}`);
});

test('a model of tfjs is one, in both styles, and the wrapper is always the same', async () => {
  const own = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
  expect(compile(own, { loss: 'mse', optimizer: 'sgd' })).toBe(own);
  const before = evaluate(own, x, y, { verbose: 0 });
  const history = await pipe(own, fit(x, y, { ...quiet, epochs: 30 }));
  expect(history.metrics.loss).toHaveLength(30);
  expect((await pipe(own, evaluate(x, y, { verbose: 0 }))).loss).toBeLessThan((await before).loss);
  const wrapper: SequentialModel = kerasModel(own);
  expect(kerasModel(own)).toBe(wrapper);
  expect(wrapper.tf).toBe(own);
  expect(pipe(own, countParams)).toBe(2);
  expect(outputShape(own)).toEqual([null, 1]);
  const [mine, theirs] = [predictOnBatch(wrapper, x), own.predictOnBatch(tf.tensor2d(x)) as Tensor];
  expect([...mine.dataSync()]).toEqual([...theirs.dataSync()]);
  expect(popLayer(layerDense(wrapper, { units: 3 }))).toBe(wrapper);
  expect(outputShape(own)).toEqual([null, 1]);
  // A model of this library and the tfjs model in it are one and the same.
  const ours = model();
  expect(kerasModel(ours.tf)).toBe(ours);
  await fit(ours.tf, x, y, quiet);
});

test('a graph of tfjs is one, with several outputs too', async () => {
  const input = tf.input({ shape: [1] });
  const outputs = [1, 2].map((units) => tf.layers.dense({ units }).apply(input) as SymbolicTensor);
  const own = tf.model({ inputs: input, outputs });
  const predictions: Tensor | Tensor[] = await predict(own, x);
  expect([predictions].flat().map(({ shape }) => shape)).toEqual([[2, 1], [2, 2]]); // prettier-ignore
  expect(outputShape(kerasModel(own))).toEqual([[null, 1], [null, 2]]); // prettier-ignore
});

test('functions of a model alone are steps, with and without brackets', () => {
  const one = pipe(model(), layerDense({ units: 3 }));
  expect(pipe(one, summary({ print: () => undefined }))).toBe(one);
  expect(pipe(one, popLayer())).toBe(one);
  expect(pipe(one, countParams())).toBe(2);
  expect(pipe(one, outputShape())).toEqual([null, 1]);
  expect(pipe(one, optimizerOf())).toBe(optimizerOf(one));
});

test('inputs by name are data, not a model', async () => {
  const given = model();
  await pipe(given, fit({ dense_input: x }, y, quiet));
  (await pipe(given, predict({ dense_input: x }))).dispose();
});
