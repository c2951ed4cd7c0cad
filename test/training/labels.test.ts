import {
  compile,
  evaluate,
  fit,
  kerasModelSequential,
  layerDense,
  optimizerSgd,
  pipe,
  testOnBatch,
  trainOnBatch,
  type DataFor,
  type LossName,
} from 'keras-pipe';
import { tf } from '../../src/tfjs/tensorflow';
import { weightArrays } from '../support/weights';

const x = [[1], [2], [3], [4]];

const fitting = (
  loss: LossName,
  units: number,
  y: unknown,
  activation: 'softmax' | 'sigmoid' = 'softmax',
) => {
  const model = pipe(
    kerasModelSequential(),
    layerDense({ units, activation, inputShape: [1], name: 'out' }),
    compile({ loss }),
  );
  return fit(model, x, y as DataFor, { epochs: 1, verbose: 0 }); // some callers have no types
};

describe('labels that are smoothed by noise', () => {
  const single = () =>
    pipe(
      kerasModelSequential(),
      layerDense({
        units: 1,
        activation: 'sigmoid',
        useBias: false,
        kernelInitializer: 'ones',
        inputShape: [1],
      }),
      compile({
        optimizer: optimizerSgd({ learningRate: 1 }),
        loss: 'binary_crossentropy',
        metrics: ['accuracy'],
      }),
    );

  test('are taken as they are, a little beyond 0 and 1 too: loss and weight as in Keras', () => {
    const model = single();
    const { loss, accuracy } = trainOnBatch(model, [[1], [2]], [[1.04], [-0.03]]);
    // keras 2.13.1: train_on_batch, SGD(1), from a weight of 1
    expect(loss).toBeCloseTo(1.2300949, 5);
    expect(accuracy).toBe(0);
    expect((weightArrays(model)[0] as number[][])[0]?.[0]).toBeCloseTo(0.2436736, 5);
  });

  test.each(['eager', 'compiled'] as const)('also in fit and evaluate, %s', async (engine) => {
    const y = [1.04, -0.03, 0.97, 0.02];
    expect((await evaluate(single(), x, y, { verbose: 0, engine })).loss).toBeGreaterThan(0);
    expect((await fit(single(), x, y, { epochs: 1, verbose: 0, engine })).metrics.loss).toHaveLength(1);
  });

  test('those of one-hot labels, too', () => {
    const model = pipe(
      kerasModelSequential(),
      layerDense({ units: 2, activation: 'softmax', kernelInitializer: 'zeros', inputShape: [1] }),
      compile({ loss: 'categorical_crossentropy' }),
    );
    expect(testOnBatch(model, [[1]], [[1.05, -0.05]]).loss).toBeCloseTo(Math.log(2), 5);
  });
});

describe('class numbers', () => {
  const sparse = 'sparse_categorical_crossentropy';

  test.each<[string, DataFor]>([
    ['flat', [0, 1, 2, 1]],
    ['in a column', [[0], [1], [2], [1]]],
    ['as integers', tf.tensor1d([0, 1, 2, 1], 'int32')],
    ['as bytes', Uint8Array.of(0, 1, 2, 1)],
  ])('%s', async (_, y) => {
    expect((await fitting(sparse, 3, y)).metrics.loss).toEqual([expect.any(Number)]);
  });

  test.each<[string, unknown, string]>([
    [
      'too large',
      [0, 1, 3, 1],
      "must be class numbers from 0 to 2, for the 3 units of 'out'. Received: 3 at y[2]. Count classes from 0",
    ],
    [
      'negative',
      [0, 1, 2, -1],
      "must be class numbers from 0 to 2, for the 3 units of 'out'. Received: -1 at y[3].",
    ],
    [
      'between the last class and the next',
      [0, 1, 2.5, 1],
      "must be class numbers from 0 to 2, for the 3 units of 'out'. Received: 2.5 at y[2].",
    ],
    [
      'counted from 1',
      [[1], [2], [3], [2]],
      "must be class numbers from 0 to 2, for the 3 units of 'out'. Received: 3 at y[2][0].",
    ],
    [
      'fractions',
      [0, 1, 1.5, 1],
      `must be class numbers, which are whole, for the loss '${sparse}'. Received: 1.5 at y[2].`,
    ],
    [
      'one-hot',
      [
        [1, 0, 0],
        [0, 1, 0],
        [0, 1, 0],
        [0, 1, 0],
      ],
      "must hold class numbers, one for each prediction. Received: shape [4, 3] for the output [null, 3] of 'out'. For one-hot labels use the loss 'categorical_crossentropy'.",
    ],
  ])('%s', async (_, y, message) => {
    await expect(fitting(sparse, 3, y)).rejects.toThrow(`fit: \`y\` ${message}`);
  });

  test('with one unit', async () => {
    await expect(fitting(sparse, 1, [0, 1, 0, 1], 'sigmoid')).rejects.toThrow(
      "the loss 'sparse_categorical_crossentropy' needs an output with one unit for each class. Received: one unit in 'out'. For two classes, use 'binary_crossentropy' with one sigmoid unit",
    );
  });
});

describe('one-hot labels', () => {
  const categorical = 'categorical_crossentropy';

  test.each<[string, unknown, string]>([
    [
      'class numbers',
      [0, 1, 2, 1],
      "must have the shape [null, 3] of the output of 'out' for the loss 'categorical_crossentropy'. Received: shape [4]. If they are class numbers, use the loss 'sparse_categorical_crossentropy', or toCategorical(y, { numClasses: 3 }).",
    ],
    ['class numbers in a column', [[0], [1], [2], [1]], 'Received: shape [4, 1]. If they are class numbers'],
    [
      'of too few classes',
      [
        [1, 0],
        [0, 1],
        [1, 0],
        [0, 1],
      ],
      'Received: shape [4, 2]. Reshape the labels, or change the units of the last layer.',
    ],
    [
      'beyond 1',
      [
        [1, 0, 0],
        [0, 2, 0],
        [0, 1, 0],
        [0, 1, 0],
      ],
      "must be made of numbers from 0 to 1 for the loss 'categorical_crossentropy'. Received: 2 at y[1][1].",
    ],
  ])('%s', async (_, y, message) => {
    await expect(fitting(categorical, 3, y)).rejects.toThrow(message);
    await expect(fitting(categorical, 3, y)).rejects.toThrow(/^fit: `y` /);
  });

  test('with one unit', async () => {
    await expect(fitting(categorical, 1, [0, 1, 0, 1], 'sigmoid')).rejects.toThrow(
      "compile: `loss` must be one that fits the single unit of 'out'. Received: 'categorical_crossentropy'. Use 'binary_crossentropy' with a sigmoid unit",
    );
  });
});

describe('yes and no', () => {
  test.each<[string, unknown, string]>([
    [
      'beyond 1',
      [0, 1, 2, 1],
      "must be made of numbers from 0 to 1 for the loss 'binary_crossentropy'. Received: 2 at y[2].",
    ],
    [
      '−1 and 1',
      [-1, 1, 1, 1],
      "Received: -1 at y[0]. For class numbers use 'sparse_categorical_crossentropy' and a unit for each class, for labels −1 and 1 'hinge'",
    ],
    [
      'one-hot',
      [
        [0, 1],
        [1, 0],
        [0, 1],
        [1, 0],
      ],
      'Received: shape [4, 2]. For one-hot labels use softmax units',
    ],
  ])('%s', async (_, y, message) => {
    await expect(fitting('binary_crossentropy', 1, y, 'sigmoid')).rejects.toThrow(message);
  });

  test('probabilities and booleans are labels, too', async () => {
    await fitting('binary_crossentropy', 1, [0, 0.25, 1, 0.5], 'sigmoid');
    await fitting('binary_crossentropy', 1, [true, false, true, false], 'sigmoid');
    await fitting('hinge', 1, [-1, 1, -1, 1], 'sigmoid');
  });
});

test('the validation argument is named', async () => {
  const model = pipe(
    kerasModelSequential(),
    layerDense({ units: 3, activation: 'softmax', inputShape: [1] }),
    compile({ loss: 'sparse_categorical_crossentropy' }),
  );
  const options = { epochs: 1, verbose: 0, validationData: [x, [0, 1, 2, 7]] } as const;
  await expect(fit(model, x, [0, 1, 2, 1], options)).rejects.toThrow(
    "fit: `validationData[1]` must be class numbers from 0 to 2, for the 3 units of 'dense'. Received: 7 at validationData[1][3].",
  );
});
