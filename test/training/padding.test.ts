/** Padded sequences are trained and measured on the steps that are there. Expected values are Keras's, see test/reference. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  compile,
  customMetric,
  evaluate,
  fit,
  kerasModel,
  kerasModelSequential,
  layerAdd,
  layerBatchNormalization,
  layerDense,
  layerEmbedding,
  layerInput,
  layerLstm,
  layerModel,
  layerSimpleRnn,
  lossBinaryCrossentropy,
  metricAuc,
  optimizerSgd,
  pipe,
  predictOnBatch,
  setWeights,
  testOnBatch,
  trainOnBatch,
  type ActivationLike,
  type CompileOptions,
  type LossFunction,
  type LossName,
  type MetricName,
} from 'keras-pipe';
import { tf } from '../../src/tfjs/tensorflow';
import { tensorCount } from '../support/tensors';
import { weightArrays } from '../support/weights';

type Nested = number[][] | number[][][];
type Numbers = Readonly<Record<string, number>>;

/** What test/reference/masks.py prints, as far as it is read here. */
interface Reference {
  readonly ids: number[][];
  readonly embeddings: number[][];
  readonly losses: readonly {
    readonly units: number;
    readonly activation: ActivationLike | null;
    readonly loss: LossName;
    readonly metrics: MetricName[];
    readonly labels: Nested;
    readonly sampleWeight: number[] | null;
    readonly kernel: number[][];
    readonly before: Numbers;
    readonly trained: Numbers;
    readonly kernelAfter: number[][];
  }[];
  readonly counts: { readonly kernel: number[][]; readonly labels: number[][][]; readonly result: Numbers };
  readonly several: {
    readonly other: number[][];
    readonly weights: Readonly<Record<'tags' | 'both' | 'last' | 'lstm', Nested>>;
    readonly labels: Nested[];
    readonly sampleWeight: number[][];
    readonly result: Numbers;
    readonly after: Readonly<Record<'tags' | 'both' | 'last', Nested>>;
  };
  readonly normalization: readonly {
    readonly momentum: number;
    readonly ids: number[][];
    readonly embeddings: number[][];
    readonly loss: number;
    readonly weights: number[][];
    readonly prediction: number[][][];
  }[];
}

const reference = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/masks.json'), 'utf8'),
) as Reference; // as its program prints it
const { ids, embeddings } = reference;

const flat = (values: unknown): number[] => [values].flat(Infinity) as number[];

const expectClose = (actual: unknown, expected: unknown, digits = 5): void => {
  const [a, b] = [flat(actual), flat(expected)];
  expect(a).toHaveLength(b.length);
  // Relative to the value's size, since percentages are large.
  a.forEach((value, index) => {
    const size = Math.max(1, Math.abs(b[index] ?? NaN));
    expect(value / size).toBeCloseTo((b[index] ?? NaN) / size, digits);
  });
};

const expectResult = (actual: Numbers, expected: Numbers): void => {
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  expectClose(Object.values(actual), Object.values(expected));
};

const embedding = () => layerEmbedding({ inputDim: 5, outputDim: 2, maskZero: true, weights: [embeddings] });
const sgd = () => optimizerSgd({ learningRate: 0.5 });

describe('losses and metrics of padded sequences', () => {
  const cases = reference.losses.map(
    (one, index) => [`${index}: ${one.loss}${one.sampleWeight === null ? '' : ', weighted'}`, one] as const,
  );
  const build = ({ units, activation, loss, metrics, kernel }: (typeof reference.losses)[number]) =>
    pipe(
      kerasModelSequential(),
      embedding(),
      layerDense({ units, activation: activation ?? 'linear', useBias: false, weights: [kernel] }),
      compile({ optimizer: sgd(), loss, metrics }),
    );

  test.each(cases)('one batch %s', (_, one) => {
    const model = build(one);
    const options = one.sampleWeight === null ? {} : { sampleWeight: one.sampleWeight };
    expectResult(testOnBatch(model, ids, one.labels, options), one.before);
    expectResult(trainOnBatch(model, ids, one.labels, options), one.trained);
    expectClose(weightArrays(model)[1], one.kernelAfter);
  });

  describe.each(['eager', 'compiled'] as const)('%s', (engine) => {
    test.each(cases.filter(([, { loss }]) => /mean_squared_error|crossentropy/.test(loss)))(
      'evaluate and fit %s',
      async (_, one) => {
        const model = build(one);
        const options = one.sampleWeight === null ? {} : { sampleWeight: one.sampleWeight };
        const quiet = { ...options, engine, verbose: 0 } as const;
        expectResult(await evaluate(model, ids, one.labels, quiet), one.before);
        const { metrics } = await fit(model, ids, one.labels, { ...quiet, epochs: 1 });
        expectResult(
          Object.fromEntries(Object.entries(metrics).map(([name, [value = NaN]]) => [name, value])),
          one.trained,
        );
        expectClose(weightArrays(model)[1], one.kernelAfter);
      },
    );
  });

  test('metrics that count', () => {
    const { kernel, labels, result } = reference.counts;
    const { loss: _, ...expected } = result;
    const metrics = Object.keys(expected).map((name) =>
      name === 'pr' ? metricAuc({ name, curve: 'PR' }) : (name as MetricName),
    );
    const model = pipe(
      kerasModelSequential(),
      embedding(),
      layerDense({ units: 1, activation: 'sigmoid', useBias: false, weights: [kernel] }),
      compile({ loss: 'mse', metrics }),
    );
    expectResult(testOnBatch(model, ids, labels), result);
  });

  const threeOutputs = () => {
    const { weights } = reference.several;
    const [left, right] = [layerInput({ shape: [null] }), layerInput({ shape: [null] })];
    const [a, b] = [embedding()(left), embedding()(right)];
    const dense = (name: 'tags' | 'both' | 'last', units: number) =>
      layerDense({ name, units, useBias: false, weights: weights[name] });
    return kerasModel(
      [left, right],
      [
        dense('tags', 2)(a),
        dense('both', 1)(layerAdd([a, b])),
        pipe(b, layerLstm({ units: 2, weights: weights.lstm }), dense('last', 1)),
      ],
    );
  };

  test('several outputs, each with its own mask and weights', () => {
    const { other, labels, sampleWeight, result, after } = reference.several;
    const model = compile(threeOutputs(), {
      optimizer: sgd(),
      loss: 'mse',
      metrics: ['mae'],
      lossWeights: [1, 2, 0.5],
    });
    expectResult(trainOnBatch(model, [ids, other], labels, { sampleWeight }), result);
    for (const [name, expected] of Object.entries(after)) {
      const layer = model.layers.find((candidate) => candidate.name === name);
      expectClose(
        layer?.weights.map((weight) => weight.read().arraySync()),
        expected,
      );
    }
  });
});

describe('padded gives what unpadded gives', () => {
  const unpadded = [
    [1, 2, 3],
    [4, 2, 1],
  ];
  const padded = unpadded.map((row) => [0, ...row, 0, 0]);
  const make = (
    loss: CompileOptions['loss'],
    units: number,
    activation: ActivationLike,
    metrics: MetricName[],
  ) =>
    pipe(
      kerasModelSequential(),
      layerModel(pipe(kerasModelSequential({ inputShape: [null] }), embedding())),
      layerSimpleRnn({
        units: 3,
        returnSequences: true,
        kernelInitializer: 'ones',
        recurrentInitializer: 'identity',
      }),
      layerDense({ units, activation, weights: [[3, 4, 5].map((n) => Array.from({ length: units }, (_, i) => Math.sin(n * (i + 1)))), Array<number>(units).fill(0.1)] }), // prettier-ignore
      compile({ optimizer: sgd(), loss, metrics }),
    );
  /** A loss of one's own that is not finite for labels of 0, in its value and its gradient. */
  const relative: LossFunction = (y, p) => tf.mean(tf.abs(tf.div(tf.sub(p, y), y)), -1);

  const cases: [
    string,
    CompileOptions['loss'],
    number,
    ActivationLike,
    MetricName[],
    number[][],
    number[],
  ][] = [
    ['class numbers', 'sparse_categorical_crossentropy', 3, 'softmax', ['acc', 'ce'], [[0, 1, 2], [2, 2, 0]], [NaN, 7, -1, 0.5]], // prettier-ignore
    ['binary labels', 'binary_crossentropy', 1, 'sigmoid', ['acc', 'precision'], [[0, 1, 1], [1, 0, 0]], [NaN, 255, -1, Infinity]], // prettier-ignore
    ['labels of −1 and 1', 'hinge', 1, 'tanh', ['mse'], [[-1, 1, 1], [1, -1, -1]], [NaN, 0, 5, -3]], // prettier-ignore
    ['labels of 0 and 1', 'hinge', 1, 'tanh', ['mse'], [[0, 1, 1], [1, 0, 0]], [NaN, -1, 5, -3]], // prettier-ignore
    ['numbers', 'mse', 1, 'linear', ['mae', 'mape'], [[0.5, 1, 1.5], [2, -1, 3]], [NaN, 1e30, -Infinity, 0]], // prettier-ignore
    ['a loss of one\'s own', relative, 1, 'linear', ['mae'], [[0.5, 1, 1.5], [2, -1, 3]], [NaN, 0, -5, 1]], // prettier-ignore
  ];
  const padWith = (labels: number[][], fillings: number[]) =>
    labels.map((row) => [fillings[0] ?? 0, ...row, ...fillings.slice(1, 3)]);

  test.each(cases)('%s', (_, loss, units, activation, metrics, labels, fillings) => {
    const whole = make(loss, units, activation, metrics);
    const expected = [testOnBatch(whole, unpadded, labels), trainOnBatch(whole, unpadded, labels)];
    for (let turn = 0; turn < fillings.length; turn++) {
      const model = make(loss, units, activation, metrics);
      const y = padWith(labels, [...fillings.slice(turn), ...fillings.slice(0, turn)]);
      const before = tensorCount();
      expectResult(testOnBatch(model, padded, y), expected[0] as Numbers);
      expect(tensorCount()).toBe(before);
      expectResult(trainOnBatch(model, padded, y), expected[1] as Numbers);
      weightArrays(model).forEach((weight, index) => expectClose(weight, weightArrays(whole)[index]));
    }
  });

  test.each(['eager', 'compiled'] as const)(
    'in fit and evaluate, %s, with validation data',
    async (engine) => {
      const [, loss, units, activation, metrics, labels, fillings] = cases[0] as (typeof cases)[number];
      const [whole, model] = [make(loss, units, activation, metrics), make(loss, units, activation, metrics)];
      const rows = (list: number[][]) => [...list, ...list, ...list];
      const options = { epochs: 2, batchSize: 4, verbose: 0, shuffle: false, engine } as const;
      const run = async (target: typeof model, x: number[][], y: number[][]) => ({
        history: (await fit(target, rows(x), rows(y), { ...options, validationData: [x, y] })).metrics,
        result: await evaluate(target, x, y, { verbose: 0, engine }),
      });
      const expected = await run(whole, unpadded, labels);
      const actual = await run(model, padded, padWith(labels, fillings));
      expectClose(Object.values(actual.history), Object.values(expected.history));
      expectResult(actual.result, expected.result);
      weightArrays(model).forEach((weight, index) => expectClose(weight, weightArrays(whole)[index]));
    },
  );

  test('labels that are wrong where there is no padding are still found, and named', () => {
    const [, loss, units, activation, metrics] = cases[0] as (typeof cases)[number];
    const model = make(loss, units, activation, metrics);
    const wrong = [
      [NaN, 0, 1, 9, 0, 0],
      [0, 0, 0, 0, 0, 0],
    ];
    expect(() => trainOnBatch(model, padded, wrong)).toThrow('Received: 9 at y[0][3].');
    const nan = wrong.map((row) => row.map((value) => (value === 9 ? NaN : value)));
    expect(() => trainOnBatch(model, padded, nan)).toThrow('Received: NaN at y[0][3].');
  });

  test('the states of a stateful layer are not moved by looking for the padding', () => {
    const model = pipe(
      kerasModelSequential(),
      layerEmbedding({
        inputDim: 5,
        outputDim: 2,
        maskZero: true,
        weights: [embeddings],
        batchInputShape: [2, 3],
      }),
      layerSimpleRnn({ units: 1, returnSequences: true, stateful: true, kernelInitializer: 'ones', recurrentInitializer: 'ones' }), // prettier-ignore
      compile({ loss: 'mse' }),
    );
    const x = [
      [1, 2, 0],
      [3, 4, 0],
    ];
    const y = (filling: number) => x.map(() => [1, 1, filling]);
    const first = [testOnBatch(model, x, y(0)).loss, testOnBatch(model, x, y(0)).loss];
    getStateful(model).resetStates();
    expect(testOnBatch(model, x, y(NaN)).loss).toBeCloseTo(first[0] ?? NaN, 6);
    expect(testOnBatch(model, x, y(NaN)).loss).toBeCloseTo(first[1] ?? NaN, 6);
    expect(first[0]).not.toBeCloseTo(first[1] ?? NaN, 3);
  });

  const getStateful = (model: { readonly layers: readonly object[] }) =>
    model.layers.at(-1) as { resetStates(): void }; // the recurrent layer

  test('a batch that is all padding counts nothing', () => {
    const model = make('mse', 1, 'linear', ['mae']);
    const before = weightArrays(model);
    expect(trainOnBatch(model, [[0, 0]], [[1, NaN]])).toEqual({ loss: 0, mae: 0 });
    expect(weightArrays(model)).toEqual(before);
  });

  test('a loss or metric without a value for each step is an error that says so', () => {
    const perRow: LossFunction = (y, p) => tf.mean(tf.abs(tf.sub(p, y)), [1, 2]);
    const model = (options: CompileOptions) => compile(make('mse', 1, 'linear', []), options);
    const labels = [[0, 0.5, 1, 1.5, 0, 0], [0, 2, -1, 3, 0, 0]]; // prettier-ignore
    expect(() => trainOnBatch(model({ loss: perRow }), padded, labels)).toThrow(
      'compile: with masked sequences, the loss must return one loss for each step of shape [2, 6]. ' +
        'Received: shape [2] from perRow. Let it return a tensor [rows, steps], without a mean over the steps.',
    );
    const metrics = [customMetric('by_row', perRow)];
    expect(() => testOnBatch(model({ loss: 'mse', metrics }), padded, labels)).toThrow(
      'there must be a value for each step of masked sequences',
    );
    // One value of the whole batch is taken as it is, as in Keras.
    const scalar: LossFunction = (y, p) => tf.mean(lossBinaryCrossentropy(y, tf.sigmoid(p)));
    const twice = [1, 3];
    const [plain, weighted] = [undefined, twice].map((sampleWeight) =>
      testOnBatch(
        model({ loss: scalar }),
        padded,
        labels,
        sampleWeight === undefined ? {} : { sampleWeight },
      ),
    );
    expect(weighted?.loss).toBeCloseTo(2 * (plain?.loss ?? NaN), 5);
  });
});

describe('batch normalization of padded sequences', () => {
  const cases = reference.normalization.map((one, index) => [index, one] as const);
  const build = ({ momentum, embeddings: table }: (typeof reference.normalization)[number]) =>
    pipe(
      kerasModelSequential(),
      layerEmbedding({
        inputDim: table.length,
        outputDim: table[0]?.length ?? 0,
        maskZero: true,
        weights: [table],
        trainable: false,
      }),
      layerBatchNormalization({ momentum }),
      compile({ optimizer: sgd(), loss: 'mse' }),
    );
  const labelsOf = ({ prediction }: (typeof reference.normalization)[number]) =>
    prediction.map((row) => row.map((step) => step.map(() => 1)));

  test.each(cases)('takes moments over the steps that are there (%d)', (_, one) => {
    const model = build(one);
    expect(trainOnBatch(model, one.ids, labelsOf(one)).loss).toBeCloseTo(one.loss, 5);
    expectClose(weightArrays(model).slice(1), one.weights);
    expectClose(predictOnBatch(model, one.ids).arraySync(), one.prediction);
  });

  test.each(['eager', 'compiled'] as const)('in a fit, %s', async (engine) => {
    const [, one] = cases[1] as (typeof cases)[number];
    const model = build(one);
    await fit(model, one.ids, labelsOf(one), { epochs: 1, verbose: 0, shuffle: false, engine });
    expectClose(weightArrays(model).slice(1), one.weights);
  });

  test('the numbers by hand: values 1, 2, 3, 3 are there, and −10 is padding', () => {
    const [, one] = cases[0] as (typeof cases)[number];
    const model = build(one);
    trainOnBatch(model, one.ids, labelsOf(one));
    const [mean, variance] = weightArrays(model).slice(3);
    expectClose([mean, variance], [2.25, 0.6875]);
  });

  test('a batch that is all padding leaves the moving averages finite', () => {
    const [, one] = cases[1] as (typeof cases)[number];
    const model = build(one);
    trainOnBatch(model, [[0, 0]], [[[1, 1], [1, 1]]]); // prettier-ignore
    expect(flat(weightArrays(model)).every(Number.isFinite)).toBe(true);
  });

  test('also where the mask comes out of an inner model', () => {
    const [, one] = cases[0] as (typeof cases)[number];
    const inner = pipe(
      kerasModelSequential(),
      layerEmbedding({ inputDim: 4, outputDim: 1, maskZero: true, weights: [one.embeddings], trainable: false, inputShape: [null] }), // prettier-ignore
    );
    const model = pipe(
      kerasModelSequential(),
      layerModel(inner),
      layerBatchNormalization({ momentum: 0 }),
      compile({ optimizer: sgd(), loss: 'mse' }),
    );
    trainOnBatch(model, one.ids, labelsOf(one));
    expectClose(weightArrays(model).slice(3), [[2.25], [0.6875]]);
    expect(setWeights(model, weightArrays(model))).toBe(model);
  });
});
