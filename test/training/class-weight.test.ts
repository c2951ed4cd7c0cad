import {
  compile,
  fit,
  kerasModel,
  kerasModelSequential,
  layerDense,
  layerInput,
  optimizerSgd,
  pipe,
  trainOnBatch,
  type DataFor,
  type FitOptions,
  type LossName,
} from 'keras-pipe';
import { tf } from '../../src/tfjs/tensorflow';

/** All weights are 0, so each of `units` classes is as likely: each row's loss is ln(units), or ln 2 for one unit. */
const even = (units: number, loss: LossName) =>
  pipe(
    kerasModelSequential(),
    layerDense({
      units,
      activation: units === 1 ? 'sigmoid' : 'softmax',
      kernelInitializer: 'zeros',
      inputShape: [1],
    }),
    compile({ optimizer: optimizerSgd({ learningRate: 0 }), loss }),
  );
const x = [[1], [2], [3], [4]];
const quiet = { epochs: 1, verbose: 0 } as const;

describe('each row counts by its class', () => {
  const classWeight = { 0: 1, 1: 10, 2: 100 };
  const labels = [0, 2, 2, 1];
  test.each<[string, LossName, DataFor]>([
    ['class numbers', 'sparse_categorical_crossentropy', labels],
    ['in a column', 'sparse_categorical_crossentropy', labels.map((label) => [label])],
    ['as integers', 'sparse_categorical_crossentropy', tf.tensor1d(labels, 'int32')],
    [
      'one-hot',
      'categorical_crossentropy',
      labels.map((label) => [0, 1, 2].map((k) => (k === label ? 1 : 0))),
    ],
  ])('%s', async (_, loss, y) => {
    const history = await fit(even(3, loss), x, y, { ...quiet, batchSize: 3, classWeight });
    expect(history.metrics.loss[0]).toBeCloseTo((211 / 4) * Math.log(3), 4);
  });

  test('yes and no', async () => {
    const options = { ...quiet, classWeight: { 0: 0.5, 1: 4 } };
    const history = await fit(even(1, 'binary_crossentropy'), x, [0, 1, 1, 0], options);
    expect(history.metrics.loss[0]).toBeCloseTo((9 / 4) * Math.LN2, 5);
  });
});

describe('mistakes', () => {
  const fitting = (classWeight: unknown, y: DataFor = [0, 1, 1, 0], loss: LossName = 'binary_crossentropy') =>
    fit(even(1, loss), x, y, { ...quiet, classWeight } as FitOptions); // callers without types give anything

  test.each<[unknown, string]>([
    [
      [1, 2],
      '`classWeight` must be an object from class to weight. Received: [1, 2]. Write classWeight: { 0: 1, 1: 5 }.',
    ],
    [
      { 0: 1, 2: 1 },
      '`classWeight` must give a weight of 0 or more to each class from 0 to 1. Received: { 0: 1, 2: 1 }.',
    ],
    [{ 0: 1, 1: -1 }, '`classWeight` must give a weight of 0 or more to each class from 0 to 1.'],
    [{ 0: 1, 1: '5' }, "Received: { 0: 1, 1: '5' }."],
    [
      { 0: 1 },
      '`classWeight` must list every class that is among the labels. Received: a label 1 and { 0: 1 }. Add a weight for class 1.',
    ],
  ])('%j', async (classWeight, message) => {
    await expect(fitting(classWeight)).rejects.toThrow(message);
    await expect(fitting(classWeight)).rejects.toThrow(/^fit: /);
  });

  test('labels that are no classes', async () => {
    await expect(fitting({ 0: 1, 1: 2 }, [0, 0.5, 1, 1])).rejects.toThrow(
      'fit: `classWeight` needs labels that are class numbers. Received: 0.5 at y[1][0]. Use sampleWeight.',
    );
  });

  test('on a batch the function is named', () => {
    expect(() => trainOnBatch(even(1, 'mse'), x, [0, 1, 1, 0], { classWeight: { 1: 1 } })).toThrow(
      /^trainOnBatch: /,
    );
  });

  test('several outputs', async () => {
    const input = layerInput({ shape: [1] });
    const outputs = [layerDense(input, { units: 1 }), layerDense(input, { units: 1 })];
    const model = compile(kerasModel(input, outputs, { name: 'forked' }), { loss: 'mse' });
    const y = [0, 1, 1, 0];
    const says = (functionName: string) =>
      `${functionName}: \`classWeight\` works for models with one output. Received: the model 'forked', which has 2. Use sampleWeight`;
    for (const classWeight of [{ 0: 1, 1: 1 }, { dense: { 0: 1, 1: 5 } }, [{ 0: 1 }, { 1: 2 }], { 1: 2 }]) {
      const options = { classWeight: classWeight as Record<number, number> }; // as callers without types write it
      await expect(fit(model, x, [y, y], { ...quiet, ...options })).rejects.toThrow(says('fit'));
      expect(() => trainOnBatch(model, x, [y, y], options)).toThrow(says('trainOnBatch'));
    }
  });
});
