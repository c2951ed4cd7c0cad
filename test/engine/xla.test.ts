/** Training loops that XLA compiles: TensorFlow 2 only, since TensorFlow 1's XLA takes it that nothing is NaN. */
import {
  compile,
  evaluate,
  fit,
  getWeights,
  initializerConstant,
  kerasModelSequential,
  layerActivation,
  layerBatchNormalization,
  layerDense,
  layerDropout,
  layerEmbedding,
  layerFlatten,
  layerGru,
  learningRateScheduleExponentialDecay,
  optimizerAdadelta,
  optimizerAdagrad,
  optimizerAdam,
  optimizerAdamax,
  optimizerFtrl,
  optimizerNadam,
  optimizerRmsprop,
  optimizerSgd,
  pipe,
  regularizerL1L2,
  setRandomSeed,
  setWeights,
  tf,
  type CompileOptions,
  type FitOptions,
  type SequentialModel,
  type Tensor,
} from '../../src/index';
import { attr } from '../../src/engine/graph/attributes';
import { distance, waves } from '../layers/support';
import { onLibrary } from '../support/library';

// As if a step were so slow that compiling pays at once.
jest.mock('../../src/engine/tuning', () => ({
  ...jest.requireActual<object>('../../src/engine/tuning'),
  XLA_SAVED_MILLISECONDS_PER_OPERATION: 1e9,
}));

const ROWS = 40;
const compiler = onLibrary('1.') ? 'tensorflow' : 'xla';

type Build = (model: SequentialModel) => void;

interface Case {
  readonly build?: Build;
  readonly optimizer?: () => CompileOptions['optimizer'];
  readonly compilation?: Partial<CompileOptions>;
  readonly fitting?: Partial<FitOptions>;
  readonly y?: () => Tensor;
}

const mlp: Build = (model) => {
  layerDense({ units: 8, activation: 'relu', inputShape: [5] })(model);
  layerDense({ units: 8, activation: 'tanh' })(model);
  layerDense({ units: 1 })(model);
};
const classifier: Build = (model) => {
  layerDense({ units: 6, activation: 'sigmoid', inputShape: [5] })(model);
  layerDense({ units: 3, activation: 'softmax' })(model);
};
const classes = (): Tensor =>
  tf
    .oneHot(
      tf.tensor1d(
        Array.from({ length: ROWS }, (_, row) => row % 3),
        'int32',
      ),
      3,
    )
    .toFloat();
const flags = (): Tensor => tf.tensor2d(Array.from({ length: ROWS }, (_, row) => [row % 2]));
const withOptimizer = (optimizer: () => CompileOptions['optimizer']): Case => ({ optimizer });

const newModel = ({
  build = mlp,
  optimizer = () => optimizerRmsprop(),
  compilation = {},
}: Case): SequentialModel => {
  setRandomSeed(7);
  const model = kerasModelSequential();
  build(model);
  return pipe(model, compile({ optimizer: optimizer(), loss: 'mse', metrics: ['mae'], ...compilation }));
};

const train = (
  model: SequentialModel,
  x: Tensor,
  { y, fitting = {} }: Case,
  engine: 'eager' | 'compiled',
) => {
  setRandomSeed(9);
  return fit(model, x, (y ?? (() => waves([ROWS, 1], 2)))(), {
    engine,
    epochs: 4,
    batchSize: 8,
    verbose: 0,
    ...fitting,
  });
};

const inputs = (): Tensor => waves([ROWS, 5], 1);

const cases: Readonly<Record<string, Case>> = {
  'mean squared error': {},
  'binary crossentropy, accuracy, class weights': {
    y: flags,
    build: (model) => {
      layerDense({ units: 8, activation: 'relu', inputShape: [5] })(model);
      layerDense({ units: 1, activation: 'sigmoid' })(model);
    },
    compilation: { loss: 'binary_crossentropy', metrics: ['accuracy'] },
    fitting: { classWeight: { 0: 1, 1: 3 } },
  },
  'softmax, categorical crossentropy': {
    y: classes,
    build: classifier,
    compilation: { loss: 'categorical_crossentropy', metrics: ['accuracy'] },
  },
  activations: {
    build: (model) => {
      layerDense({ units: 8, activation: 'elu', inputShape: [5] })(model);
      layerDense({ units: 8, activation: 'selu' })(model);
      layerDense({ units: 8, activation: 'softplus' })(model);
      layerDense({ units: 8 })(model);
      layerActivation({ activation: 'softmax' })(model);
      layerDense({ units: 1 })(model);
    },
  },
  'batch normalization': {
    build: (model) => {
      layerDense({ units: 8, inputShape: [5] })(model);
      layerBatchNormalization()(model);
      layerDense({ units: 1 })(model);
    },
  },
  regularizers: {
    build: (model) => {
      layerDense({ units: 8, inputShape: [5], kernelRegularizer: regularizerL1L2({ l1: 0.01, l2: 0.02 }) })(
        model,
      );
      layerDense({ units: 1, activityRegularizer: 'l2' })(model);
    },
  },
  'a smaller last batch and validation': { fitting: { batchSize: 12, validationSplit: 0.2 } },
  'one row a step': { fitting: { batchSize: 1, epochs: 1 } },
  sgd: withOptimizer(() => optimizerSgd({ learningRate: 0.05 })),
  momentum: withOptimizer(() => optimizerSgd({ learningRate: 0.05, momentum: 0.9, nesterov: true })),
  adam: withOptimizer(() => optimizerAdam()),
  amsgrad: withOptimizer(() => optimizerAdam({ amsgrad: true })),
  adamax: withOptimizer(() => optimizerAdamax()),
  nadam: withOptimizer(() => optimizerNadam()),
  adagrad: withOptimizer(() => optimizerAdagrad()),
  adadelta: withOptimizer(() => optimizerAdadelta()),
  ftrl: withOptimizer(() => optimizerFtrl()),
  'centered rmsprop, clipped': withOptimizer(() =>
    optimizerRmsprop({ centered: true, momentum: 0.5, clipnorm: 0.1 }),
  ),
  'all gradients clipped': withOptimizer(() => optimizerSgd({ globalClipnorm: 0.1 })),
  'a schedule': withOptimizer(() =>
    optimizerSgd({
      learningRate: learningRateScheduleExponentialDecay({
        initialLearningRate: 0.1,
        decaySteps: 3,
        decayRate: 0.5,
      }),
    }),
  ),
};

test.each(Object.keys(cases))('the numbers of eager steps: %s', async (name) => {
  const one = cases[name] as Case; // one of its keys
  const [eager, compiled] = [newModel(one), newModel(one)];
  const expected = await train(eager, inputs(), one, 'eager');
  const actual = await train(compiled, inputs(), one, 'compiled');
  // Not every version of XLA has a kernel for AMSGrad.
  if (name !== 'amsgrad') expect(actual.params.compiler).toBe(compiler);
  for (const [metric, values] of Object.entries(expected.metrics))
    values.forEach((value, epoch) => {
      expect(actual.metrics[metric]?.[epoch]).toBeCloseTo(value, 5);
    });
  const weights = getWeights(eager);
  getWeights(compiled).forEach((weight, index) => {
    expect(distance(weight, weights[index] as Tensor)).toBeLessThan(1e-5); // the same model's
  });
});

const diverging: Readonly<Record<string, Case>> = {
  'steps that are too large': withOptimizer(() => optimizerSgd({ learningRate: 1e12 })),
  'weights that are too large': {
    ...withOptimizer(() => optimizerSgd()),
    build: (model) => {
      layerDense({ units: 8, inputShape: [5], kernelInitializer: initializerConstant({ value: 1e30 }) })(
        model,
      );
      layerDense({ units: 1, kernelInitializer: initializerConstant({ value: -1e30 }) })(model);
    },
  },
  'exponentials that are too large': {
    ...withOptimizer(() => optimizerSgd()),
    y: classes,
    build: (model) => {
      layerDense({
        units: 8,
        inputShape: [5],
        activation: 'exponential',
        kernelInitializer: initializerConstant({ value: 100 }),
      })(model);
      layerDense({ units: 3, activation: 'softmax' })(model);
    },
    compilation: { loss: 'categorical_crossentropy', metrics: ['accuracy'] },
  },
};

test.each(Object.keys(diverging))(
  'a loss that is not finite any more is so in the same epoch: %s',
  async (name) => {
    const one = diverging[name] as Case; // one of its keys
    const run = async (engine: 'eager' | 'compiled') => {
      const model = newModel(one);
      const { metrics, params } = await train(model, inputs(), one, engine);
      const isFinite = getWeights(model).every((weight) =>
        Boolean(tf.all(tf.isFinite(weight)).dataSync()[0]),
      );
      return {
        isFinite,
        loss: metrics.loss.map((value) => Number.isFinite(value)),
        compiler: params.compiler,
      };
    };
    const expected = await run('eager');
    expect(expected.loss).toContain(false);
    expect(await run('compiled')).toStrictEqual({ ...expected, compiler });
  },
);

describe('what XLA does not compute as TensorFlow does runs in TensorFlow', () => {
  const others: Readonly<Record<string, Case>> = {
    dropout: {
      build: (model) => {
        layerDense({ units: 8, inputShape: [5] })(model);
        layerDropout({ rate: 0.5 })(model);
        layerDense({ units: 1 })(model);
      },
    },
    embedding: {
      build: (model) => {
        layerEmbedding({ inputDim: 10, outputDim: 2, inputLength: 5 })(model);
        layerFlatten()(model);
        layerDense({ units: 1 })(model);
      },
    },
    gru: {
      build: (model) => {
        layerEmbedding({ inputDim: 10, outputDim: 2, inputLength: 5 })(model);
        layerGru({ units: 2 })(model);
        layerDense({ units: 1 })(model);
      },
    },
    'rows of more than small operations': {
      build: (model) => {
        layerDense({ units: 2000, inputShape: [5] })(model);
        layerDense({ units: 1 })(model);
      },
    },
  };
  test.each(Object.keys(others))('%s', async (name) => {
    const one = others[name] as Case; // one of its keys
    const { params } = await train(newModel(one), tf.round(tf.abs(inputs())), one, 'compiled');
    expect(params.compiler).toBe('tensorflow');
  });
  test('eager steps', async () => {
    const { params } = await train(newModel({}), inputs(), {}, 'eager');
    expect(params).not.toHaveProperty('compiler');
  });
});

test('what XLA refuses runs in TensorFlow, and the numbers are the same', async () => {
  const { FunctionFrame } = jest.requireActual<{ FunctionFrame: { prototype: { slice: unknown } } }>(
    '../../src/engine/graph/function-frame',
  );
  const { slice } = FunctionFrame.prototype;
  // An operation that XLA has no kernel for.
  FunctionFrame.prototype.slice = function (
    this: { node: (...all: unknown[]) => string },
    name: string,
    source: { name: string; dtype: number },
  ): string {
    return this.node(name, 'DeepCopy', [source.name], { T: attr.type(source.dtype) });
  };
  try {
    const [eager, refused] = [newModel({}), newModel({})];
    const expected = await train(eager, inputs(), {}, 'eager');
    const { metrics, params } = await train(refused, inputs(), {}, 'compiled');
    expect(params.compiler).toBe('tensorflow');
    expect(metrics.loss[3]).toBeCloseTo(expected.metrics.loss[3] ?? NaN, 5);
  } finally {
    FunctionFrame.prototype.slice = slice;
  }
});

test('a second fit goes on, also from weights that were set, and an evaluation sees the weights', async () => {
  const run = async (engine: 'eager' | 'compiled') => {
    const model = newModel(withOptimizer(() => optimizerAdam()));
    const first = getWeights(model).map((weight) => tf.clone(weight));
    await train(model, inputs(), {}, engine);
    await train(model, inputs(), {}, engine);
    const between = await evaluate(model, inputs(), waves([ROWS, 1], 2), { engine, verbose: 0 });
    setWeights(model, first);
    const { metrics, params } = await train(model, inputs(), {}, engine);
    return { numbers: [...Object.values(between), ...metrics.loss], params };
  };
  const expected = await run('eager');
  const actual = await run('compiled');
  expect(actual.params.compiler).toBe(compiler);
  actual.numbers.forEach((value, index) => {
    expect(value).toBeCloseTo(expected.numbers[index] as number, 5); // as many
  });
});

test('two fits at once give the numbers that each gives alone', async () => {
  const alone = newModel({});
  const { metrics } = await train(alone, inputs(), {}, 'compiled');
  const [one, other] = [newModel({}), newModel({})];
  const both = await Promise.all([one, other].map((model) => train(model, inputs(), {}, 'compiled')));
  for (const history of both) {
    expect(history.params.compiler).toBe(compiler);
    expect(history.metrics).toStrictEqual(metrics);
  }
});
