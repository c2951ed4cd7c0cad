import * as E from 'fp-ts/Either';
import { pipe } from 'fp-ts/function';
import * as TE from 'fp-ts/TaskEither';
import * as fp from '../src/fp';
import * as keras from '../src/index';
import { callForm, type CallForm } from '../src/base/call-styles';
import { weightArrays } from './support/weights';
import { compileAll } from './types/compiler';
import { KerasArgumentError, KerasError, KerasShapeError, KerasStateError } from '../src/base/errors';

const rightOf = <A>(result: E.Either<KerasError, A>): A => {
  if (E.isLeft(result)) throw result.left;
  return result.right;
};

const leftOf = (result: E.Either<KerasError, unknown>): KerasError => {
  if (E.isRight(result)) throw new Error('Left was expected');
  return result.left;
};

const compiled = () =>
  pipe(
    fp.kerasModelSequential(),
    E.chain(fp.layerDense({ units: 1, inputShape: [1], kernelInitializer: 'zeros' })),
    E.chain(fp.compile({ optimizer: 'sgd', loss: 'mse', metrics: ['mae'] })),
  );

const [x, y] = [
  [[1], [2], [3], [4]],
  [2, 4, 6, 8],
];

/** Whether a function, which has no call styles that say so, gives a promise of data. */
const isLoader = (name: string): boolean => /^(dataset[A-Z]|getFile$)/.test(name);

describe('completeness', () => {
  const lifted = fp as unknown as Readonly<Record<string, unknown>>;

  test.each(Object.keys(keras))('%s is here', (name) => {
    expect(lifted[name]).toBeDefined();
  });

  test('nothing is the throwing function by mistake', () => {
    const same = Object.entries(keras).filter(([name, exported]) => lifted[name] === exported);
    expect(
      same
        .map(([name]) => name)
        .filter((name) => !/^[A-Z]/.test(name))
        .sort(),
    ).toEqual(
      // They compose, cannot fail, or are tfjs itself.
      ['describe', 'describeShape', 'flow', 'pipe', 'tf'],
    );
    // Classes are types and errors, and stay what they are.
    const classes = Object.keys(keras).filter((name) => /^[A-Z]/.test(name));
    expect(same.map(([name]) => name).filter((name) => /^[A-Z]/.test(name))).toEqual(classes);
  });

  test('exactly what gives a promise becomes a task, which begins when it is run', () => {
    const tasks = Object.entries(keras).flatMap(([name, exported]) => {
      if (isLoader(name)) return [name];
      if (typeof exported !== 'function' || !(callForm in exported)) return [];
      return (exported[callForm] as CallForm).givesPromise ? [name] : [];
    });
    // The compiler knows which give promises; one too many or too few is an error.
    const program = `
      import * as keras from '../src/index';
      import type { callForm, CallForm } from '../src/base/call-styles';
      type IsTask<F> = F extends { readonly [callForm]: CallForm<infer Family> }
        ? Family extends readonly ['task' | 'stream task', ...unknown[]] ? true : false
        : F extends (...args: never) => Promise<unknown> ? true : false;
      type Names = { [Name in keyof typeof keras]: IsTask<(typeof keras)[Name]> extends true ? Name : never }[Exclude<keyof typeof keras, 'pipe' | 'withCustomObjectScope'>];
      export const all: Record<Names, true> = { ${tasks.map((name) => `${name}: true`).join(', ')} };`;
    expect(compileAll([], new Map([['test/fp-tasks.ts', program]]))).toEqual([]);
    for (const name of tasks.filter(isLoader)) {
      expect(typeof (lifted[name] as (options: object) => unknown)({ noSuchOption: 1 })).toBe('function');
    }
  });
});

describe('layers', () => {
  test('give the same model back', () => {
    const model = keras.kerasModelSequential();
    const result: E.Either<KerasError, keras.SequentialModel> = pipe(
      model,
      fp.layerDense({ units: 3, inputShape: [2] }),
      E.chain(fp.layerActivationRelu()),
    );
    expect(rightOf(result)).toBe(model);
    expect(keras.outputShape(model)).toEqual([null, 3]);
  });

  test('give symbolic tensors', () => {
    const output = pipe(fp.layerInput({ shape: [2] }), E.chain(fp.layerDense({ units: 3 })));
    const tensor: keras.SymbolicTensor = rightOf(output);
    expect(tensor.shape).toEqual([null, 3]);
  });

  test.each<[string, () => fp.EitherLayerStep]>([
    ['layerDense', () => fp.layerDense({ units: -1 })],
    ['layerFlatten', () => fp.layerFlatten({ dataFormat: 'channels' as 'channels_last' })],
    ['layerReshape', () => fp.layerReshape({ targetShape: [-1, -1] })],
    ['layerActivation', () => fp.layerActivation({ activation: 'rellu' as 'relu' })],
    ['layerDropout', () => fp.layerDropout({ rate: 2 })],
    ['layerConv2d', () => fp.layerConv2d({ filters: 0, kernelSize: 3 })],
    ['layerEmbedding', () => fp.layerEmbedding({ inputDim: 0, outputDim: 1 })],
    ['layerLstm', () => fp.layerLstm({ units: 0 })],
  ])('a wrong option of %s comes when the step is applied', (functionName, make) => {
    const step = make();
    const error = leftOf(step(keras.kerasModelSequential()));
    expect(error).toBeInstanceOf(KerasArgumentError);
    expect(error.function).toBe(functionName);
  });

  test('an error is told once, and steps after it do not run', () => {
    let ran = false;
    const result = pipe(
      fp.kerasModelSequential(),
      E.chain(fp.layerDense({ units: 2, inputShape: [2, 2] })),
      E.chain(fp.layerConv2d({ filters: 1, kernelSize: 3 })),
      E.map(() => (ran = true)),
    );
    expect(leftOf(result)).toBeInstanceOf(KerasShapeError);
    expect(ran).toBe(false);
  });

  test('the stack of a wrong option shows where it was written', () => {
    const makeWrongStep = () => fp.layerDense({ units: -1 });
    const step = makeWrongStep();
    expect(leftOf(step(keras.kerasModelSequential())).stack).toContain('makeWrongStep');
  });

  test('a step builds a fresh layer each time, a shared one does not', () => {
    const input = rightOf(fp.layerInput({ shape: [2] }));
    const dense = fp.layerDense({ units: 1 });
    expect(rightOf(dense(input)).sourceLayer).not.toBe(rightOf(dense(input)).sourceLayer);
    const shared = fp.shared(dense);
    expect(rightOf(shared(input)).sourceLayer).toBe(rightOf(shared(input)).sourceLayer);
    expect(leftOf(fp.shared(fp.layerDense({ units: 0 }))(input)).argument).toBe('units');
    for (const none of [5, undefined, null, keras.layerDense({ units: 1 })]) {
      expect(leftOf(fp.shared(none as never)(input)).argument).toBe('step');
    }
  });

  test('merging layers take lists', () => {
    const [a, b] = [rightOf(fp.layerInput({ shape: [2] })), rightOf(fp.layerInput({ shape: [3] }))];
    expect(rightOf(fp.layerConcatenate()([a, b])).shape).toEqual([null, 5]);
    expect(leftOf(fp.layerAdd()([a, b]))).toBeInstanceOf(KerasShapeError);
    expect(leftOf(fp.layerAdd()([a]))).toBeInstanceOf(KerasArgumentError);
  });
});

describe('models', () => {
  test('their verbs give Right and Left', () => {
    const model = rightOf(compiled());
    expect(fp.countParams(model)).toEqual(E.right(2));
    expect(fp.inputShape(model)).toEqual(E.right([null, 1]));
    expect(rightOf(fp.getLayer('dense')(model)).name).toBe('dense');
    expect(leftOf(fp.getLayer('dens')(model)).advice).toBe("Did you mean 'dense'?");
    expect(leftOf(fp.setWeights([])(model))).toBeInstanceOf(KerasShapeError);
    expect(rightOf(fp.popLayer(model))).toBe(model);
    expect(leftOf(fp.popLayer(model))).toBeInstanceOf(KerasStateError);
    expect(leftOf(fp.countParams(keras.kerasModelSequential()))).toBeInstanceOf(KerasStateError);
    expect(leftOf(fp.kerasModel([], [])).argument).toBe('inputs');
    expect(leftOf(fp.layerModel(keras.kerasModelSequential())(model))).toBeInstanceOf(KerasStateError);
  });

  test('a sequence ends at the first error', () => {
    const steps = [2, -1, 0].map((units) => fp.layerDense({ units }));
    const error = leftOf(fp.sequence(...steps)(keras.kerasModelSequential({ inputShape: [1] })));
    expect(error.received).toBe('-1');
  });
});

describe('training', () => {
  test('is a task: nothing happens until it is run, and each run trains', async () => {
    const model = rightOf(compiled());
    const task = fp.fit(x, y, { epochs: 1, verbose: 0 })(model);
    expect(weightArrays(model)[0]).toEqual([[0]]);
    expect(rightOf(await task())).toBeInstanceOf(keras.History);
    const once = weightArrays(model)[0];
    expect(once).not.toEqual([[0]]);
    await task();
    expect(weightArrays(model)[0]).not.toEqual(once);
  });

  test('goes through a whole pipe', async () => {
    const task = pipe(
      compiled(),
      TE.fromEither,
      TE.chainFirst(fp.fit(x, y, { epochs: 1, verbose: 0 })),
      TE.bindTo('model'),
      TE.bind('result', ({ model }) => fp.evaluate(x, y, { verbose: 0 })(model)),
      TE.bind('prediction', ({ model }) => fp.predict(x)(model)),
      TE.bind('classes', ({ model }) => fp.predictClasses(x)(model)),
      TE.bind('probabilities', ({ model }) => fp.predictProba(x)(model)),
    );
    const { result, prediction, classes, probabilities } = rightOf(await task());
    expect(Object.keys(result)).toEqual(['loss', 'mae']);
    expect([prediction.shape, classes.shape, probabilities.shape]).toEqual([[4, 1], [4], [4, 1]]);
    keras.tf.dispose([prediction, classes, probabilities]);
  });

  test('on batches is done at once', () => {
    const model = rightOf(compiled());
    // Of weight and bias 0: (4 + 16 + 36 + 64) / 4.
    expect(rightOf(fp.testOnBatch(x, y)(model)).loss).toBe(30);
    expect(rightOf(fp.trainOnBatch(x, y)(model)).loss).toBe(30);
    const output = rightOf(fp.predictOnBatch(x)(model));
    expect(output.shape).toEqual([4, 1]);
    output.dispose();
    expect(leftOf(fp.trainOnBatch(x, [1])(model))).toBeInstanceOf(KerasShapeError);
  });

  test('in the plain form is a task, too, which begins when it is run', async () => {
    const model = rightOf(compiled());
    const task = fp.fit(model, x, y, { epochs: 1, verbose: 0 });
    expect(weightArrays(model)[0]).toEqual([[0]]);
    expect(rightOf(await task())).toBeInstanceOf(keras.History);
    expect(weightArrays(model)[0]).not.toEqual([[0]]);
    expect(leftOf(await fp.fit(model, x, [1])()).argument).toBe('y');
    expect(leftOf(await fp.fit(Promise.resolve(model) as never, x, y)()).argument).toBe('model');
    expect(leftOf(await fp.fit(x, { epochs: 5 } as never)(model)()).argument).toBe('y');
    expect(rightOf(fp.testOnBatch(model, x, y)).loss).toBeLessThan(30);
  });

  test('mistakes come as Left when the task is run', async () => {
    const model = rightOf(compiled());
    expect(leftOf(await fp.fit(x, y, { epochs: 0 })(model)()).argument).toBe('epochs');
    expect(leftOf(await fp.fit(x, undefined as never)(model)()).argument).toBe('y');
    expect(leftOf(await fp.evaluate(x, [1])(model)())).toBeInstanceOf(KerasShapeError);
    expect(leftOf(await fp.predict([[1, 2]])(model)())).toBeInstanceOf(KerasShapeError);
    const fresh = keras.kerasModelSequential({ inputShape: [1] });
    expect(leftOf(await fp.fit(x, y)(fresh)())).toBeInstanceOf(KerasStateError);
    expect(leftOf(fp.optimizerOf(model.layers.length === 0 ? model : fresh))).toBeInstanceOf(KerasStateError);
  });

  test('a wrong option of compile comes when it is applied', () => {
    const step = fp.compile({ loss: 'mso' as 'mse' });
    expect(leftOf(step(keras.kerasModelSequential()))).toBeInstanceOf(KerasArgumentError);
  });
});

describe('makers', () => {
  test('of losses, metrics, optimizers and the like', () => {
    expect(rightOf(fp.optimizerAdam({ learningRate: 0.5 })).learningRate).toBe(0.5);
    expect(leftOf(fp.optimizerAdam({ learningRate: -1 })).argument).toBe('learningRate');
    expect(leftOf(fp.metricPrecision({ thresholds: 2 }))).toBeInstanceOf(KerasArgumentError);
    expect(leftOf(fp.regularizerL2(-1)).argument).toBe('l');
    const model = pipe(
      fp.optimizerSgd({ learningRate: 0.1 }),
      E.chain((optimizer) => pipe(compiled(), E.chain(fp.compile({ optimizer, loss: 'mse' })))),
      E.chain(fp.optimizerOf),
    );
    expect(rightOf(model).learningRate).toBe(0.1);
    const loss = rightOf(fp.lossMeanSquaredError(keras.tf.tensor2d([[1]]), keras.tf.tensor2d([[3]])));
    expect(loss.dataSync()[0]).toBe(4);
  });

  test('models of tfjs and layers of tfjs', () => {
    const own = keras.tf.sequential({ layers: [keras.tf.layers.dense({ units: 1, inputShape: [2] })] });
    const model: keras.SequentialModel = rightOf(fp.kerasModel(own));
    expect(rightOf(fp.countParams(model))).toBe(3);
    expect(rightOf(pipe(model, fp.layerTf(keras.tf.layers.dense({ units: 4 }))))).toBe(model);
    expect(rightOf(fp.outputShape(model))).toEqual([null, 4]);
    expect(rightOf(pipe(model, fp.summary({ print: () => undefined })))).toBe(model);
  });
});

describe('data', () => {
  test('arrays are Right and Left', () => {
    const scaled = rightOf(fp.toCategorical([0, 1]));
    expect(scaled.shape).toEqual([2, 2]);
    scaled.dispose();
    expect(leftOf(fp.toCategorical([0, 5], { numClasses: 2 }))).toBeInstanceOf(KerasError);
    expect(rightOf(pipe([0, 1], fp.toCategorical(3), E.chain(fp.arrayReshape([-1])))).shape).toEqual([6]);
    expect(leftOf(pipe([0, 1], fp.toCategorical({ numClass: 3 } as object))).argument).toBe('numClass');
    expect(leftOf(fp.setRandomSeed(-1)).argument).toBe('seed');
    expect(leftOf(fp.vectorizeSequences([[5]], { dimension: 2 }))).toBeInstanceOf(KerasArgumentError);
    const sparse: E.Either<KerasError, keras.SparseMatrix> = fp.vectorizeSequences([[1]], {
      dimension: 2,
      sparse: true,
    });
    expect(E.isRight(sparse)).toBe(true);
  });

  test('data sets are tasks', async () => {
    const boston = rightOf(await fp.datasetBostonHousing({ embedded: true })());
    expect(boston.test.x.shape).toEqual([102, 13]);
    boston.dispose();
    expect(leftOf(await fp.datasetBostonHousing({ testSplit: 2 })()).argument).toBe('testSplit');
    expect(leftOf(await fp.datasetMnist({ path: '' })()).argument).toBe('path');
    expect(leftOf(await fp.datasetImdb({ seed: -1 })()).argument).toBe('seed');
    expect(leftOf(await fp.datasetImdbWordIndex({ path: '' })()).argument).toBe('path');
  });
});

describe('mistakes in programs', () => {
  const bug = new TypeError('a bug');
  const throwing = (): never => {
    throw bug;
  };

  test('are thrown', () => {
    expect(() => fp.either(throwing)).toThrow(bug);
    const model = keras.kerasModelSequential({ inputShape: [1] });
    expect(() => fp.summary(model, { print: throwing })).toThrow(bug);
  });

  test('reject', async () => {
    await expect(fp.taskEither(() => Promise.reject(bug))()).rejects.toBe(bug);
    await expect(fp.taskEither(throwing)()).rejects.toBe(bug);
    const task = fp.fit(x, y, { epochs: 1, verbose: 0, callbacks: { onEpochEnd: throwing } });
    await expect(task(rightOf(compiled()))()).rejects.toBe(bug);
  });
});
