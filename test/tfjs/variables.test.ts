import {
  compile,
  fit,
  kerasModelSequential,
  layerDense,
  layerEmbedding,
  layerGlobalAveragePooling1d,
  optimizerAdam,
  pipe,
  predict,
  trainOnBatch,
} from '../../src/index';
import { MIN_THREAD_BYTES } from '../../src/engine/tuning';
import { nameCounts } from '../../src/tfjs/names';
import { tf } from '../../src/tfjs/tensorflow';
import { collectForgotten, collectUntil, tensorCount } from '../support/tensors';

/* eslint-disable no-restricted-properties -- what collections find is what these tests are about */

const known = (): string[] => Object.keys(tf.engine().registeredVariables);

/** Runs something whose variables are out of reach when it is done. */
const forgetting = async (run: () => unknown): Promise<void> => {
  await run();
};

test('a variable that nobody reaches is freed, and its name can be given again', async () => {
  await collectForgotten();
  const before = { ...tf.memory() };
  await forgetting(
    () =>
      void tf.variable(
        tf.tidy(() => tf.ones([10, 10])),
        true,
        'forgotten',
      ),
  );
  expect(known()).toContain('forgotten');
  await collectUntil(() => tf.memory().numTensors === before.numTensors);
  expect(known()).not.toContain('forgotten');
  expect(tf.memory()).toMatchObject({ numTensors: before.numTensors, numBytes: before.numBytes });
  const again = tf.variable(tf.zeros([1]), true, 'forgotten');
  expect(tf.engine().registeredVariables['forgotten']).toBe(again);
  await collectForgotten();
  expect([...again.dataSync()]).toEqual([0]);
  again.dispose();
  expect(known()).not.toContain('forgotten');
});

test('variables that are reached are found by their names, as tfjs finds them', () => {
  const first = tf.variable(tf.scalar(1), true, 'first');
  const second = tf.variable(tf.scalar(2), false, 'second');
  const record = tf.engine().registeredVariables;
  expect('first' in record).toBe(true);
  expect(known().filter((name) => ['first', 'second'].includes(name))).toEqual(['first', 'second']);
  expect(() => tf.variable(tf.scalar(3), true, 'first')).toThrow(/first was already registered/);
  const { grads } = tf.variableGrads(() => tf.mul(first, second).asScalar());
  expect(Object.keys(grads)).toEqual(['first']);
  expect(grads['first']?.dataSync()[0]).toBe(2);
  tf.train.sgd(1).applyGradients(grads);
  expect(first.dataSync()[0]).toBe(-1);
  const before = tensorCount();
  tf.disposeVariables();
  expect([tensorCount(), known()]).toEqual([before - 2, []]);
});

describe('a model that a program has forgotten frees its weights, its state and its names', () => {
  const make = () =>
    pipe(
      kerasModelSequential(),
      layerDense({ units: 5, inputShape: [3] }),
      layerDense({ units: 1 }),
      compile({ optimizer: optimizerAdam(), loss: 'mse' }),
    );
  const rows = [
    [1, 2, 3],
    [4, 5, 6],
  ];
  let count = 0;
  const uses: [string, () => unknown][] = [
    [
      'whose layers the user has named, each differently',
      () =>
        pipe(
          kerasModelSequential(),
          layerDense({ units: 5, inputShape: [3], name: `forgotten_${++count}` }),
          layerDense({ units: 1, name: `${++count}_forgotten` }),
        ),
    ],
    ['that was made only', () => void make()],
    ['that predicted', () => predict(make(), rows)],
    ['that was trained on a batch', () => void trainOnBatch(make(), rows, [1, 2])],
    ['of an eager fit', () => fit(make(), rows, [1, 2], { verbose: 0, engine: 'eager', epochs: 2 })],
    ['of a compiled fit', () => fit(make(), rows, [1, 2], { verbose: 0, engine: 'compiled', epochs: 2 })],
    [
      'of a compiled fit, whose weights were looked at',
      async () => {
        const model = make();
        await fit(model, rows, [1, 2], { verbose: 0, engine: 'compiled', validationSplit: 0.5 });
        await predict(model, rows);
      },
    ],
    // These stay in the graph until somebody looks.
    ...(['sgd', 'adam'] as const).map((optimizer): [string, () => unknown] => [
      `of a compiled fit of large weights with ${optimizer}, at which nobody looked`,
      async () => {
        const model = pipe(
          kerasModelSequential({ inputShape: [3] }),
          layerEmbedding({ inputDim: Math.ceil(MIN_THREAD_BYTES / 64), outputDim: 16 }),
          layerGlobalAveragePooling1d(),
          layerDense({ units: 1 }),
          compile({ optimizer, loss: 'mse' }),
        );
        await fit(model, rows, [1, 2], { verbose: 0, engine: 'compiled', epochs: 2 });
      },
    ]),
  ];

  test.each(uses)('%s', async (_, use) => {
    // The first ones of a name bring its count.
    for (let time = 0; time < 3; time++) await forgetting(use);
    await collectForgotten();
    const [variables, { numTensors, numBytes }] = [known(), tf.memory()];
    const names = new Set(nameCounts()?.keys());
    for (let time = 0; time < 4; time++) await forgetting(use);
    await collectUntil(() => tf.memory().numTensors === numTensors && known().length === variables.length);
    expect(known()).toEqual(variables);
    expect(tf.memory()).toMatchObject({ numTensors, numBytes });
    expect([...(nameCounts()?.keys() ?? [])].filter((name) => !names.has(name))).toEqual([]);
  });
});
