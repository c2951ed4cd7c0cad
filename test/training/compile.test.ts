import {
  compile,
  customMetric,
  evaluate,
  fit,
  kerasModel,
  kerasModelSequential,
  layerDense,
  layerInput,
  lossHuber,
  optimizerAdam,
  optimizerOf,
  optimizerSgd,
  pipe,
  type CompileOptions,
  type KerasModel,
} from 'keras-pipe';
import { tf, type Tensor } from '../../src/tfjs/tensorflow';
import { weightArrays } from '../support/weights';

const one = () =>
  pipe(kerasModelSequential({ name: 'one' }), layerDense({ units: 1, inputShape: [1], name: 'out' }));
const two = () => {
  const input = layerInput({ shape: [1] });
  return kerasModel(input, [
    layerDense(input, { units: 1, name: 'a' }),
    layerDense(input, { units: 1, name: 'b' }),
  ]);
};
const x = [[1], [2]];
const quiet = { epochs: 1, verbose: 0 } as const;

test('changes the model in place and returns it, piped and plain', () => {
  const model = one();
  expect(compile(model, { loss: 'mse' })).toBe(model);
  expect(pipe(model, compile({ optimizer: 'adam', loss: 'mae' }))).toBe(model);
  expect(optimizerOf(model).name).toBe('adam');
});

describe('what may stand for an optimizer, a loss, a metric', () => {
  test.each<[string, CompileOptions, string[]]>([
    ['nothing', { loss: 'mse' }, ['loss']],
    [
      'names of Keras',
      { optimizer: 'sgd', loss: 'mean_squared_error', metrics: ['mean_absolute_error'] },
      ['loss', 'mean_absolute_error'],
    ],
    [
      'camelCase',
      { optimizer: 'RMSprop', loss: 'meanSquaredError', metrics: 'meanAbsoluteError' },
      ['loss', 'meanAbsoluteError'],
    ],
    [
      'functions of the library',
      { optimizer: optimizerAdam, loss: lossHuber, metrics: [lossHuber] },
      ['loss', 'huber'],
    ],
    [
      'functions',
      {
        loss: (yTrue, yPred) => tf.sub(yTrue, yPred),
        metrics: [
          function mine(yTrue, yPred) {
            return tf.sub(yTrue, yPred);
          },
        ],
      },
      ['loss', 'mine'],
    ],
    ['by name', { loss: { out: 'mse' }, metrics: { out: ['mae', 'mse'] } }, ['loss', 'mae', 'mse']],
    ['listed', { loss: ['mse'], metrics: [['mae', 'mse']], lossWeights: [1] }, ['loss', 'mae', 'mse']],
  ])('%s', async (_, options, names) => {
    const model = compile(one(), options);
    expect(Object.keys(await evaluate(model, x, [1, 2], { verbose: 0 }))).toEqual(names);
  });

  test('a factory makes a new optimizer for each model', () => {
    const recipe = compile({ optimizer: optimizerAdam, loss: 'mse' });
    expect(optimizerOf(recipe(one()))).not.toBe(optimizerOf(recipe(one())));
  });
});

describe('mistakes are told at compile', () => {
  const lossWanted = '`loss` must be the name of a loss, or a function of (yTrue, yPred). ';
  test.each<[unknown, string]>([
    [undefined, 'the option `loss` is required.'],
    [{}, 'the option `loss` is required. Received: {}. Write compile({ loss: … }).'],
    ['mse', "the options must be an object. Received: 'mse'."],
    [
      { loss: 'mean_sqared_error' },
      `${lossWanted}Received: 'mean_sqared_error'. Did you mean 'mean_squared_error'`,
    ],
    [{ loss: 3 }, `${lossWanted}Received: 3.`],
    [{ loss: null }, `${lossWanted}Received: null.`],
    [{ loss: [] }, "`loss` must be one value, since the model has one output, 'out'. Received: []."],
    [{ loss: ['mse', 'mae'] }, "`loss` must be one value, since the model has one output, 'out'."],
    [{ loss: {} }, "`loss` must be given for every output; 'out' has none. Received: {}."],
    [
      { loss: { output: 'mse' } },
      "`loss` must be keyed by the outputs' names: 'out'. Received: 'output'. Name the layer",
    ],
    [
      { loss: 'mse', optimizer: 'adm' },
      "`optimizer` must be the name of an optimizer, or an optimizer. Received: 'adm'. Did you mean 'adam'?",
    ],
    [
      { loss: 'mse', optimizer: null },
      '`optimizer` must be the name of an optimizer, or an optimizer. Received: null.',
    ],
    [
      { loss: 'mse', optimizer: 0.01 },
      '`optimizer` must be the name of an optimizer, or an optimizer. Received: 0.01.',
    ],
    [
      { loss: 'mse', optimizer: tf.train.adam(0.1) },
      "`optimizer` must be the name of an optimizer, or one of this library's. Received: an object of class AdamOptimizer. tfjs's own compute differently from Keras. Write optimizer: optimizerAdam({ learningRate: 0.001 })",
    ],
    [
      { loss: 'mse', metrics: ['acuracy'] },
      "`metrics` must be the name of a metric. Received: 'acuracy'. Did you mean 'accuracy'?",
    ],
    [
      { loss: 'mse', metrics: [3] },
      '`metrics` must be the name of a metric, a metric, or a function of (yTrue, yPred). Received: 3.',
    ],
    [
      { loss: 'mse', metrics: { output: 'mae' } },
      "`metrics` must be keyed by the outputs' names: 'out'. Received: 'output'.",
    ],
    [
      { loss: 'mse', metrics: ['mae', 'mse', 'mae'] },
      "metrics' names must differ, also from 'loss'. Received: two metrics named 'mae'.",
    ],
    [
      { loss: 'mse', metrics: [customMetric('loss', (yTrue: Tensor) => yTrue)] },
      "metrics' names must differ, also from 'loss'. Received: a metric named 'loss'.",
    ],
    [{ loss: 'mse', metrics: [(yTrue: Tensor) => yTrue] }, 'a function used as a metric must have a name.'],
    [
      { loss: 'mse', metric: ['mae'] },
      "the options must be known ones. Received: the unknown option `metric`. Did you mean 'metrics'?",
    ],
    [
      { loss: 'mse', lossWeights: [1, 2] },
      "`lossWeights` must be one value, since the model has one output, 'out'. Received: [1, 2].",
    ],
    [{ loss: 'mse', lossWeights: 2 }, '`lossWeights` must be an array or an object of numbers. Received: 2.'],
    [{ loss: 'mse', lossWeights: [NaN] }, '`lossWeights` must be made of finite numbers. Received: NaN.'],
  ])('%j', (options, message) => {
    // Callers without types give anything.
    expect(() => compile(one(), options as CompileOptions)).toThrow(message);
    expect(() => compile(one(), options as CompileOptions)).toThrow(/^compile: /);
  });

  test('and for several outputs', () => {
    expect(() => compile(two(), { loss: ['mse'] })).toThrow(
      "compile: `loss` must be one value, or one for each of the 2 outputs (a, b). Received: ['mse'].",
    );
    expect(() => compile(two(), { loss: { a: 'mse' } })).toThrow(
      "compile: `loss` must be given for every output; 'b' has none. Received: { a: 'mse' }. Write null for an output that is not trained",
    );
    expect(() => compile(two(), { loss: [null, null] })).toThrow(
      'compile: `loss` must be given for one output at least. Received: [null, null].',
    );
    expect(() => compile(two(), { loss: { a: null, b: null } })).toThrow(
      'compile: `loss` must be given for one output at least.',
    );
    expect(() => compile(two(), { loss: 'mse', lossWeights: { c: 1 } })).toThrow(
      "compile: `lossWeights` must be keyed by the outputs' names: 'a', 'b'. Received: 'c'.",
    );
  });

  test('in a pipe where the step is made', () => {
    expect(() => compile({ loss: 'msee' as 'mse' })).toThrow("Received: 'msee'. Did you mean 'mse'");
    expect(() => compile(undefined as never)).toThrow(
      'compile: the option `loss` is required. Received: no options.',
    );
  });

  test('and leave the model compiled as before', async () => {
    const model = compile(one(), { optimizer: optimizerSgd({ momentum: 0.9 }), loss: 'mse' });
    await fit(model, x, [1, 2], quiet);
    const optimizer = optimizerOf(model);
    expect(() => compile(model, { loss: { other: 'mse' } })).toThrow('keyed by');
    expect(optimizerOf(model)).toBe(optimizer);
    expect(optimizer.iterations).toBe(1);
  });

  test('no model', () => {
    const notAModel = { layers: [] } as unknown as KerasModel; // callers without types give anything
    expect(() => compile(notAModel, { loss: 'mse' })).toThrow(
      'compile: `model` must be a model, as kerasModelSequential() and kerasModel() make them, or one of tfjs.',
    );
    expect(() => compile({ loss: 'mse' })(notAModel)).toThrow('compile: `model` must be a model');
  });
});

describe('an optimizer object', () => {
  test('belongs to one model', () => {
    const optimizer = optimizerAdam();
    const first = compile(one(), { optimizer, loss: 'mse' });
    expect(() => compile(two(), { optimizer, loss: 'mse' })).toThrow(
      "compile: `optimizer` must be an optimizer of its own for each model. Received: 'the adam optimizer of the model 'one''.",
    );
    first.dispose();
    compile(two(), { optimizer, loss: 'mse' });
  });

  test('goes on with its state where the same model is compiled with it again', async () => {
    const model = one();
    const optimizer = optimizerAdam();
    for (let time = 1; time <= 2; time++) {
      compile(model, { optimizer, loss: 'mse' });
      await fit(model, x, [1, 2], quiet);
      expect(optimizer.iterations).toBe(time);
    }
  });

  test('starts afresh with another model', async () => {
    const optimizer = optimizerAdam();
    const first = compile(one(), { optimizer, loss: 'mse' });
    await fit(first, x, [1, 2], quiet);
    expect(optimizer.iterations).toBe(1);
    first.dispose();
    compile(one(), { optimizer, loss: 'mse' });
    expect(optimizer.iterations).toBe(0);
  });

  test('is free again where its model is compiled with another', () => {
    const optimizer = optimizerAdam();
    const first = compile(one(), { optimizer, loss: 'mse' });
    compile(first, { loss: 'mse' });
    expect(optimizerOf(compile(two(), { optimizer, loss: 'mse' }))).toBe(optimizer);
  });
});

describe('losses and metrics of the user’s own that are wrong', () => {
  const fitting = (options: Partial<CompileOptions>, more = {}) =>
    fit(compile(one(), { loss: 'mse', ...options }), x, [1, 2], { ...quiet, ...more });

  test('a loss that returns no tensor', async () => {
    const three = () => 3 as unknown as Tensor; // callers without types return anything
    await expect(fitting({ loss: three })).rejects.toThrow(
      'compile: `loss` must be a function that returns a tensor. Received: 3. Let three return',
    );
  });

  test('a loss that does not depend on the weights', async () => {
    await expect(fitting({ loss: (yTrue) => yTrue })).rejects.toThrow(
      'the loss must depend on a weight that is trained.',
    );
  });

  test('a loss that cannot be weighted', async () => {
    const loss = (yTrue: Tensor, yPred: Tensor) => tf.concat([tf.sub(yTrue, yPred), yPred]);
    await expect(fitting({ loss }, { sampleWeight: [1, 2] })).rejects.toThrow(
      'with weights of rows or classes, the loss must return one loss for each of 2 rows. Received: shape [4, 1] from loss.',
    );
  });

  test('their own errors arrive as they are, and the weights stay', async () => {
    const mine = new RangeError('mine');
    const thrower = (): never => {
      throw mine;
    };
    const model = compile(one(), { loss: thrower });
    const before = weightArrays(model);
    await expect(fit(model, x, [1, 2], quiet)).rejects.toBe(mine);
    expect(weightArrays(model)).toEqual(before);
    await expect(fitting({ metrics: [customMetric('mine', thrower)] })).rejects.toBe(mine);
  });
});

test('without compiling', async () => {
  const expected =
    "the model must be compiled. Received: the model 'one', which is not. First compile(model,";
  await expect(fit(one(), x, [1, 2], quiet)).rejects.toThrow(`fit: ${expected}`);
  await expect(evaluate(one(), x, [1, 2])).rejects.toThrow(`evaluate: ${expected}`);
  expect(() => optimizerOf(one())).toThrow(`optimizerOf: ${expected}`);
});
