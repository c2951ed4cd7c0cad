/** Predictions of stateful models: compiled, they go on from the states in which the ones before ended, as one by one. */
import {
  compile,
  fit,
  kerasModelSequential,
  layerDense,
  layerGru,
  layerLstm,
  pipe,
  predict,
  predictOnBatch,
  resetStates,
  setWeights,
  getWeights,
  tf,
  type SequentialModel,
  type Tensor,
} from '../../src/index';
import { waves } from '../layers/support';
import { tensorCount } from '../support/tensors';

const [ROWS, STEPS, FEATURES] = [4, 5, 3];
const modelOf = (): SequentialModel =>
  pipe(
    kerasModelSequential(),
    layerLstm({ units: 3, stateful: true, returnSequences: true, batchInputShape: [ROWS, STEPS, FEATURES] }),
    layerGru({ units: 2, stateful: true }),
    layerDense({ units: 1 }),
  );
const x = waves([ROWS, STEPS, FEATURES], 0.4);

/** What the whole of repeated sequences gives, without states that are kept. */
const inOneGo = (model: SequentialModel, times: number): unknown => {
  const long = pipe(
    kerasModelSequential({ inputShape: [STEPS * times, FEATURES] }),
    layerLstm({ units: 3, returnSequences: true }),
    layerGru({ units: 2 }),
    layerDense({ units: 1 }),
  );
  setWeights(long, getWeights(model));
  return predictOnBatch(
    long,
    tf.concat(
      Array.from({ length: times }, () => x),
      1,
    ),
  ).arraySync();
};
const flat = (values: unknown): number[] => (values as number[][]).flat();
const distance = (one: unknown, other: unknown): number =>
  Math.max(...flat(one).map((value, index) => Math.abs(value - (flat(other)[index] ?? NaN))));

test('many calls are as one long sequence, and one operation is in TensorFlow', () => {
  const model = modelOf();
  const results = Array.from({ length: 24 }, () => predictOnBatch(model, x).arraySync());
  for (const call of [1, 19, 20, 21, 24]) {
    expect(distance(results[call - 1], inOneGo(model, call))).toBeLessThan(1e-5);
  }
  // By then one call of TensorFlow.
  const execute = jest.spyOn(
    tf.backend() as unknown as { executeSingleOutput: () => unknown },
    'executeSingleOutput',
  );
  predictOnBatch(model, x).dispose();
  expect(execute).not.toHaveBeenCalled();
  execute.mockRestore();
});

test('states that are reset, weights that are set, and a training between', async () => {
  const model = pipe(modelOf(), compile({ optimizer: 'sgd', loss: 'mse' }));
  for (let call = 0; call < 22; call++) predictOnBatch(model, x).dispose();
  resetStates(model);
  expect(distance(predictOnBatch(model, x).arraySync(), inOneGo(model, 1))).toBeLessThan(1e-5);
  expect(distance(predictOnBatch(model, x).arraySync(), inOneGo(model, 2))).toBeLessThan(1e-5);
  setWeights(
    model,
    getWeights(model).map((weight) => tf.mul(weight, 0.5)),
  );
  resetStates(model);
  expect(distance(predictOnBatch(model, x).arraySync(), inOneGo(model, 1))).toBeLessThan(1e-5);
  await fit(model, x, waves([ROWS, 1], 0.3), {
    batchSize: ROWS,
    epochs: 12,
    verbose: 0,
    engine: 'compiled',
    shuffle: false,
  });
  resetStates(model);
  expect(distance(predictOnBatch(model, x).arraySync(), inOneGo(model, 1))).toBeLessThan(1e-5);
});

test('predict goes on from batch to batch, and other work runs meanwhile', async () => {
  const model = modelOf();
  const times = 30;
  const all = tf.concat(Array.from({ length: times }, () => x));
  let turns = 0;
  let isOver = false;
  const turn = (): void => {
    turns++;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  const predicted = (await predict(model, all, { batchSize: ROWS })) as Tensor;
  isOver = true;
  expect(turns).toBeGreaterThan(3);
  const last = tf.slice(predicted, [(times - 1) * ROWS, 0]).arraySync();
  expect(distance(last, inOneGo(model, times))).toBeLessThan(1e-5);
});

test('nothing is left behind', () => {
  const model = modelOf();
  for (let call = 0; call < 25; call++) predictOnBatch(model, x).dispose();
  const before = tensorCount();
  for (let call = 0; call < 5; call++) predictOnBatch(model, x).dispose();
  expect(tensorCount()).toBe(before);
  model.dispose();
});
