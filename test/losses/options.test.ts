/** Losses with options, compared with Keras 2.13: test/reference/loss_options.py. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as keras from '../../src/index';
import {
  compile,
  evaluate,
  getWeights,
  kerasModelSequential,
  KerasArgumentError,
  layerDense,
  layerEmbedding,
  optimizerSgd,
  pipe,
  tf,
  trainOnBatch,
  fit,
  type Loss,
  type Tensor,
} from '../../src/index';

type Options = Record<string, unknown>;
type Nested = number | Nested[];
interface Reference {
  readonly values: readonly ({
    readonly loss: string;
    readonly options: object;
    readonly yTrue: number[][];
    readonly yPred: number[][];
    readonly values: Nested;
  } & { readonly [Reduction in 'none' | 'sum' | 'sum_over_batch_size']?: Nested })[];
  readonly x: number[][];
  readonly kernel: number[][];
  readonly trained: readonly {
    readonly loss: string;
    readonly options: object;
    readonly activation: string;
    readonly y: number[][];
    readonly weights: number[] | null;
    readonly evaluated: number;
    readonly trained: number;
    readonly kernel: Nested;
  }[];
  readonly masked: readonly {
    readonly options: object;
    readonly steps: number[][];
    readonly y: number[][];
    readonly table: number[][];
    readonly trained: number;
    readonly kernel: Nested;
  }[];
}
const reference = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/loss_options.json'), 'utf8'),
) as Reference;

interface LossForms {
  (yTrue: unknown, yPred: unknown, options?: Options): Tensor;
  (options?: Options): Loss;
}

const camelCase = (name: string): string =>
  name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
const lossOf = (name: string): LossForms => {
  const key = camelCase(`loss_${name}`);
  return (keras as unknown as Record<string, LossForms>)[key] as LossForms; // each has both forms
};
const optionsOf = (options: object): Options =>
  Object.fromEntries(Object.entries(options).map(([name, value]) => [camelCase(name), value as unknown]));

const expectNear = (actual: unknown, expected: unknown): void => {
  const [values, others] = [actual, expected].map((value) => [value].flat(Infinity) as number[]) as [
    number[],
    number[],
  ];
  expect(values).toHaveLength(others.length);
  values.forEach((value, index) => {
    const other = others[index] ?? NaN;
    expect(Math.abs(value - other)).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(other)));
  });
};

describe('values', () => {
  test.each(reference.values.map((row) => [`${row.loss} ${JSON.stringify(row.options)}`, row] as const))(
    '%s',
    (_, row) => {
      const call = lossOf(row.loss);
      const options = optionsOf(row.options);
      expectNear(call(row.yTrue, row.yPred, options).arraySync(), row.values);
      for (const reduction of ['none', 'sum', 'sum_over_batch_size'] as const) {
        const expected = row[reduction];
        if (expected === undefined) continue;
        expectNear(call(row.yTrue, row.yPred, { ...options, reduction }).arraySync(), expected);
      }
      const loss = call({ ...options, name: 'mine' });
      expect(loss.name).toBe('mine');
      tf.tidy(() => {
        expectNear(loss.call(tf.tensor(row.yTrue), tf.tensor(row.yPred)).arraySync(), row.values);
      });
    },
  );
});

describe.each(['eager', 'compiled'] as const)('a model, %s', (engine) => {
  test.each(
    reference.trained.map((row) => {
      const weighted = row.weights === null ? '' : ', weighted';
      return [`${row.loss} ${JSON.stringify(row.options)} on ${row.activation}${weighted}`, row] as const;
    }),
  )('%s', async (_, row) => {
    const model = pipe(
      kerasModelSequential(),
      layerDense({
        units: 4,
        activation: row.activation as 'linear',
        useBias: false,
        inputShape: [3],
        weights: [reference.kernel],
      }),
      compile({
        optimizer: optimizerSgd({ learningRate: 0.1 }),
        loss: lossOf(row.loss)(optionsOf(row.options)),
      }),
    );
    const sampleWeight = row.weights === null ? {} : { sampleWeight: row.weights };
    const rows = { ...sampleWeight, batchSize: 6, verbose: 0 } as const;
    const { loss } = await evaluate(model, reference.x, row.y, { ...rows, engine });
    expectNear(loss, row.evaluated);
    const history = await fit(model, reference.x, row.y, { ...rows, epochs: 1, shuffle: false, engine });
    expectNear(history.metrics['loss'], [row.trained]);
    expectNear(getWeights(model)[0]?.arraySync(), row.kernel);
    model.dispose();
  });

  test.each(reference.masked.map((row) => [JSON.stringify(row.options), row] as const))(
    'masked sequences %s',
    async (_, row) => {
      const model = pipe(
        kerasModelSequential(),
        layerEmbedding({ inputDim: 4, outputDim: 2, maskZero: true, inputLength: 4, weights: [row.table] }),
        compile({
          optimizer: optimizerSgd({ learningRate: 0.1 }),
          loss: keras.lossMeanSquaredError(optionsOf(row.options)),
        }),
      );
      const history = await fit(model, row.steps, row.y, { epochs: 1, batchSize: 3, verbose: 0, engine });
      expectNear(history.metrics['loss'], [row.trained]);
      expectNear(getWeights(model)[0]?.arraySync(), row.kernel);
      model.dispose();
    },
  );
});

test('a loss that keeps the losses of samples cannot be trained on', () => {
  expect(() => compile({ loss: keras.lossMeanSquaredError({ reduction: 'none' }) })).toThrow(
    /^compile: `loss` must be one number for each batch\. Received: 'mean_squared_error with reduction: 'none''\./,
  );
});

test('class numbers are checked along the axis of the classes', () => {
  const model = pipe(
    kerasModelSequential(),
    layerDense({ units: 5, inputShape: [3, 2] }),
    compile({ loss: keras.lossSparseCategoricalCrossentropy({ fromLogits: true, axis: 1 }) }),
  );
  const x = tf.zeros([1, 3, 2]);
  expect(trainOnBatch(model, x, [[0, 1, 2, 2, 1]])).toEqual({ loss: expect.any(Number) });
  expect(() => trainOnBatch(model, x, [[0, 1, 2, 3, 1]])).toThrow(
    /class numbers from 0 to 2, for the 3 units/,
  );
  model.dispose();
});

test('without labels and predictions a loss is made, with its defaults', () => {
  expect(keras.lossHuber()).toMatchObject({ name: 'huber_loss', labels: 'same', reduction: 'auto' });
  expect(keras.lossSparseCategoricalCrossentropy()).toMatchObject({ labels: 'sparse', axis: -1 });
});

test('wrong options are told', () => {
  const y = [[1]];
  expect(() => keras.lossBinaryCrossentropy({ labelSmoothing: 2 })).toThrow(
    'lossBinaryCrossentropy: `labelSmoothing` must be a number from 0 to 1. Received: 2.',
  );
  expect(() => keras.lossBinaryCrossentropy(y, y, { axis: 5 })).toThrow(
    'lossBinaryCrossentropy: `axis` must be an axis of predictions of shape [1, 1]. Received: 5.',
  );
  expect(() => keras.lossMeanSquaredError({ delta: 1 } as never)).toThrow(KerasArgumentError);
  expect(() => keras.lossHinge({ reduction: 'mean' as 'sum' })).toThrow(/one of 'auto', 'none', 'sum'/);
});
