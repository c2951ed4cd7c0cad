/**
 * Tables all rows of which change in each step: what is made up for later is what the eager engine, and a hand, does in each step.
 */
import {
  compile,
  evaluate,
  fit,
  kerasModel,
  kerasModelSequential,
  layerConcatenate,
  layerDense,
  layerEmbedding,
  layerFlatten,
  layerGlobalAveragePooling1d,
  layerInput,
  learningRateScheduleExponentialDecay,
  optimizerAdam,
  optimizerAdamax,
  optimizerOf,
  optimizerRmsprop,
  optimizerSgd,
  pipe,
  predict,
  setRandomSeed,
  tf,
  type Callback,
  type FitOptions,
  type KerasModel,
  type Optimizer,
} from '../../src/index';
import { hasXla } from '../../src/engine/xla';
import { binding } from '../../src/tfjs/binding';
import { weightArrays } from '../support/weights';

// As if the tables were large; rows are brought up to date eight at a time, after five steps at most.
jest.mock('../../src/engine/tuning', () => ({
  ...jest.requireActual<object>('../../src/engine/tuning'),
  MIN_TABLE_ELEMENTS: 8,
  MIN_TABLE_ROWS_PER_ID: 0,
  MIN_ELEMENTS_BY_ROWS: 8,
  MAX_LAGGING_STEPS: 5,
  LAGGING_ELEMENTS_AT_ONCE: 24,
}));

const ROWS = 40;
const SAMPLES = 27;

/** Ids of few rows at a time: most are named in some steps only, some twice in a batch, the last five never. */
const ids = tf.tensor2d(
  Array.from({ length: SAMPLES }, (_, sample) => [(sample * 5) % 33, (sample * sample) % 35, sample % 4]),
  [SAMPLES, 3],
  'int32',
);
const y = tf.tensor2d(Array.from({ length: SAMPLES }, (_, sample) => [Math.sin(sample)]));

type Head = 'means' | 'vectors';
type Engine = 'eager' | 'compiled';
type Fit = (model: KerasModel, engine: Engine) => Promise<readonly number[] | undefined>;

const modelOf = (optimizer: Optimizer, head: Head): KerasModel => {
  setRandomSeed(5);
  const model = kerasModelSequential();
  layerEmbedding({ inputDim: ROWS, outputDim: 3, inputLength: 3 })(model);
  (head === 'means' ? layerGlobalAveragePooling1d() : layerFlatten())(model);
  return pipe(model, layerDense({ units: 1 }), compile({ optimizer, loss: 'mse' }));
};

const fitting = async (model: KerasModel, engine: Engine, options: FitOptions = {}): Promise<number[]> => {
  const { metrics } = await fit(model, ids, y, { batchSize: 2, engine, verbose: 0, ...options });
  return metrics['loss'];
};

/** What training makes of weights and losses. */
const numbersOf = async (
  make: () => Optimizer,
  head: Head,
  train: Fit,
  engine: Engine,
): Promise<number[]> => {
  const model = modelOf(make(), head);
  const losses = (await train(model, engine)) ?? [];
  const numbers = [...losses, ...weightArrays(model).flat(2).map(Number)];
  optimizerOf(model).dispose();
  model.dispose();
  return numbers;
};

const expectSame = async (make: () => Optimizer, head: Head, train: Fit): Promise<void> => {
  const eager = await numbersOf(make, head, train, 'eager');
  const sessions = jest.spyOn(binding(), 'createSessionOnThread');
  const compiled = await numbersOf(make, head, train, 'compiled');
  const isLagging = sessions.mock.calls.some(
    ([source]) => 'functions' in source && source.functions.length > 0,
  );
  sessions.mockRestore();
  expect(isLagging).toBe(hasXla());
  expect(compiled).toHaveLength(eager.length);
  compiled.forEach((value, index) => expect(value).toBeCloseTo(eager[index] ?? NaN, 5));
};

// At larger rates Adam makes much of how the last digits of small gradients are rounded, in either engine.
const adam = (): Optimizer => optimizerAdam({ learningRate: 0.01 });
const epochs: Fit = (model, engine) => fitting(model, engine, { epochs: 3 });

describe.each<Head>(['means', 'vectors'])('the eager engine’s numbers, %s of rows', (head) => {
  test.each<[string, () => Optimizer]>([
    ['Adam', adam],
    ['Adam with the largest mean square', () => optimizerAdam({ learningRate: 0.05, amsgrad: true })],
    ['AdaMax', () => optimizerAdamax({ learningRate: 0.05 })],
    ['RMSprop', () => optimizerRmsprop({ learningRate: 0.01 })],
    [
      'centered RMSprop with momentum',
      () => optimizerRmsprop({ learningRate: 0.01, centered: true, momentum: 0.5 }),
    ],
    ['momentum', () => optimizerSgd({ learningRate: 0.05, momentum: 0.9 })],
    ["Nesterov's momentum", () => optimizerSgd({ learningRate: 0.05, momentum: 0.9, nesterov: true })],
    [
      'a learning rate that falls',
      () =>
        optimizerAdam({
          learningRate: learningRateScheduleExponentialDecay({
            initialLearningRate: 0.1,
            decaySteps: 4,
            decayRate: 0.7,
          }),
        }),
    ],
  ])('%s', async (_name, make) => {
    await expectSame(make, head, epochs);
  });
});

describe('the same whoever looks, and whatever comes between', () => {
  test.each<[string, Fit]>([
    [
      'as many steps as an execution has',
      (model, engine) => fitting(model, engine, { batchSize: 5, stepsPerEpoch: 5 }),
    ],
    ['fewer', (model, engine) => fitting(model, engine, { batchSize: 9 })],
    [
      'one step at a time',
      (model, engine) =>
        fitting(model, engine, { epochs: 2, callbacks: [{ onTrainBatchEnd: () => undefined }] }),
    ],
    [
      'a fit that ends in the middle, and another',
      async (model, engine) => {
        const callback: Callback<KerasModel> = {
          onTrainBatchEnd: (batch) => {
            if (batch === 6) model.stopTraining = true;
          },
        };
        const first = await fitting(model, engine, { epochs: 2, callbacks: [callback] });
        return [...first, ...(await fitting(model, engine))];
      },
    ],
    [
      'evaluation, prediction and a look at weights and slots after each epoch',
      async (model, engine) => {
        const seen: number[] = [];
        for (let epoch = 0; epoch < 3; epoch++) {
          seen.push(...(await fitting(model, engine, { validationSplit: 0.3 })));
          const { loss } = await evaluate(model, ids, y, { engine, verbose: 0 });
          const predicted = await predict(model, ids);
          const slots = optimizerOf(model).getWeights();
          seen.push(loss, ...predicted.dataSync(), ...slots.flatMap((slot) => [...slot.dataSync()]));
          seen.push(...weightArrays(model).flat(2).map(Number));
          tf.dispose([predicted, ...slots]);
        }
        return seen;
      },
    ],
    [
      'slots that are set',
      async (model, engine) => {
        const first = await fitting(model, engine);
        const slots = optimizerOf(model).getWeights();
        const others = slots.map((slot, index) => (index === 0 ? slot : tf.add(slot, 0.25)));
        optimizerOf(model).setWeights(others);
        tf.dispose([slots, others]);
        return [...first, ...(await fitting(model, engine))];
      },
    ],
    [
      'batches from a stream',
      async (model, engine) => {
        const batches = function* () {
          for (let batch = 0; batch < 13; batch++)
            yield [ids.slice([2 * batch, 0], [2, 3]), y.slice([2 * batch, 0], [2, 1])] as const;
        };
        const { metrics } = await fit(model, batches, { epochs: 2, engine, verbose: 0 });
        return metrics['loss'];
      },
    ],
    [
      'a step that fails: those before it are done',
      async (model, engine) => {
        const wrong = tf.tidy(() =>
          tf.add(ids, tf.mul(1000, tf.oneHot(tf.tensor1d([17], 'int32'), SAMPLES).reshape([SAMPLES, 1]))),
        );
        const failing = fit(model, tf.cast(wrong, 'int32'), y, {
          batchSize: 2,
          engine,
          epochs: 1,
          shuffle: false,
          verbose: 0,
        });
        await expect(failing).rejects.toThrow(/step 9 of epoch 1|the id 1019/);
        return fitting(model, engine);
      },
    ],
  ])('%s', async (_name, train) => {
    await expectSame(adam, 'means', train);
    await expectSame(adam, 'vectors', train);
  });
});

test('two tables in a model', async () => {
  const train = async (engine: Engine): Promise<number[]> => {
    setRandomSeed(3);
    const [one, other] = [layerInput({ shape: [3] }), layerInput({ shape: [2] })];
    const first = pipe(one, layerEmbedding({ inputDim: ROWS, outputDim: 3 }), layerFlatten());
    const second = pipe(other, layerEmbedding({ inputDim: 50, outputDim: 2 }), layerGlobalAveragePooling1d());
    const output = pipe(layerConcatenate([first, second]), layerDense({ units: 1 }));
    const model = pipe(kerasModel([one, other], output), compile({ optimizer: adam(), loss: 'mse' }));
    const others = tf.tidy(() =>
      tf.cast(tf.slice(tf.mod(tf.mul(ids, 7), 50), [0, 1], [SAMPLES, 2]), 'int32'),
    );
    const { metrics } = await fit(model, [ids, others], y, { batchSize: 4, epochs: 3, engine, verbose: 0 });
    const numbers = [...metrics['loss'], ...weightArrays(model).flat(2).map(Number)];
    optimizerOf(model).dispose();
    model.dispose();
    return numbers;
  };
  const eager = await train('eager');
  const compiled = await train('compiled');
  compiled.forEach((value, index) => expect(value).toBeCloseTo(eager[index] ?? NaN, 5));
});

test('by hand: a row that one step names goes on by its momentum', async () => {
  const model = pipe(
    kerasModelSequential(),
    layerEmbedding({ inputDim: ROWS, outputDim: 1, inputLength: 1, embeddingsInitializer: 'zeros' }),
    layerFlatten(),
    compile({ optimizer: optimizerSgd({ learningRate: 0.25, momentum: 0.5 }), loss: 'mse' }),
  );
  // Step 1 moves row 3 by 0.25 · 2 · 1, the others move it by half of what the one before did; each of them names another row, with label 0.
  const rows = tf.tensor2d([[3], ...Array.from({ length: 11 }, (_, step) => [20 + step])], [12, 1], 'int32');
  const labels = tf.tensor2d([[1], ...Array.from({ length: 11 }, () => [0])]);
  await fit(model, rows, labels, { epochs: 1, batchSize: 1, shuffle: false, engine: 'compiled', verbose: 0 });
  const table = (weightArrays(model)[0] as number[][]).flat();
  table.forEach((value, row) => expect(value).toBeCloseTo(row === 3 ? 1 - 0.5 ** 12 : 0, 6));
});
