import {
  compile,
  evaluate,
  fit,
  kerasModelSequential,
  layerDense,
  pipe,
  predict,
  predictClasses,
  predictOnBatch,
  predictProba,
  testOnBatch,
  trainOnBatch,
  type FitOptions,
  type KerasModel,
} from 'keras-pipe';

const x = [[1], [2]];
const y = [1, 2];
const quiet = { epochs: 1, verbose: 0 } as const;
const model = () =>
  pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [1] }), compile({ loss: 'mse' }));

/** What callers without types give for a model. */
const others: [string, () => unknown][] = [
  ['undefined', () => undefined],
  ['null', () => null],
  ['a copy by JSON', () => JSON.parse(JSON.stringify(model())) as unknown],
  ['a model of tfjs', () => model().tf],
  ['a promise of a model', () => Promise.resolve(model())],
  ['options', () => ({ layers: [] })],
];
const expected =
  '`model` must be a model made by kerasModelSequential() or kerasModel() in this process. Received: ';

describe.each(others)('%s in place of the model is no step of a pipe', (_, make) => {
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

test('inputs by name are data, not a model', async () => {
  const given = model();
  await pipe(given, fit({ dense_input: x }, y, quiet));
  (await pipe(given, predict({ dense_input: x }))).dispose();
});
