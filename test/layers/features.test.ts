/** Layers of features: normalization, bins, hashes, rows of categories, against Keras 2.13; both engines, files, wrong options. */
import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  adapt,
  asTable,
  callLayer,
  compile,
  countParams,
  fit,
  getConfig,
  getLayer,
  getWeights,
  kerasModelSequential,
  layerCategoryEncoding,
  layerDense,
  layerDiscretization,
  layerHashing,
  layerInput,
  layerNormalization,
  loadModel,
  loadModelHdf5,
  loadModelTf,
  pipe,
  predict,
  predictOnBatch,
  saveModel,
  saveModelHdf5,
  saveModelTf,
  setWeights,
  tf,
  type AdaptiveStep,
  type LayerStep,
  type SequentialModel,
  type Tensor,
} from '../../src/index';
import { camelCase } from '../support/r-keras';
import { tensorCount } from '../support/tensors';

interface Case {
  readonly options: Readonly<Record<string, unknown>>;
  readonly output: unknown;
  readonly config: Readonly<Record<string, unknown>>;
  readonly x?: number[] | number[][] | string[][];
  readonly shape?: number[];
  readonly batchSize?: number;
  readonly weights?: unknown[];
  readonly boundaries?: number[];
}

const reference = JSON.parse(readFileSync(path.join(__dirname, '../reference/features.json'), 'utf8')) as {
  readonly normalization: { readonly learned: readonly Case[]; readonly given: readonly Case[] };
  readonly discretization: { readonly learned: readonly Case[]; readonly given: readonly Case[] };
  readonly hashing: readonly Case[];
  readonly categoryEncoding: readonly Case[];
};

/** Numbers that Python and TypeScript make alike. */
const waves = (shape: readonly number[], plus = 0): Tensor => {
  const size = shape.reduce((product, length) => product * length, 1);
  const numbers = Float32Array.from({ length: size }, (_, index) =>
    Math.fround(3 * Math.sin(index * 1.7) + (index % 5)),
  );
  return tf.tensor(
    numbers.map((value) => value + plus),
    [...shape],
  );
};

const optionsOf = (options: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(options).map(([name, value]) => [camelCase(name), value]));

const expectValues = (actual: Tensor, expected: unknown): void => {
  const like = tf.tensor(expected as number[]);
  expect(actual.shape).toEqual(like.shape);
  expect(Array.from(actual.dataSync())).toEqual(
    Array.from(like.dataSync(), (value) => expect.closeTo(value, 4) as number),
  );
};

const modelWith = (step: LayerStep, shape: readonly number[], dtype?: 'string' | 'int32'): SequentialModel =>
  pipe(kerasModelSequential({ inputShape: shape, dtype }), step);

const configOf = (model: SequentialModel): Record<string, unknown> => {
  const json = JSON.stringify(getConfig(getLayer(model, { index: 0 })));
  const {
    name: _n,
    trainable: _t,
    dtype: _d,
    batch_input_shape: _s,
    ...config
  } = JSON.parse(json) as Record<string, unknown>;
  return config;
};

const titled = (cases: readonly Case[]): [string, Case][] =>
  cases.map((one) => [
    `${JSON.stringify(one.options)} ${String(one.shape ?? '')} ${one.batchSize ?? ''}`,
    one,
  ]);

type Make<Step> = (options: object) => Step;
const normalization = layerNormalization as unknown as Make<AdaptiveStep>; // options come from the file
const discretization = layerDiscretization as unknown as Make<AdaptiveStep>;
const hashing = layerHashing as unknown as Make<LayerStep>;
const encoding = layerCategoryEncoding as unknown as Make<LayerStep>;

describe('layerNormalization, as Keras 2.13', () => {
  test.each(titled(reference.normalization.learned))('learns %s', async (_, one) => {
    const shape = one.shape ?? [];
    const step = await adapt(normalization(optionsOf(one.options)), waves(shape));
    const model = modelWith(step, shape.slice(1));
    getWeights(model).forEach((weight, index) => expectValues(weight, one.weights?.[index]));
    expectValues(predictOnBatch(model, waves([3, ...shape.slice(1)], 1)), one.output);
    expectValues(callLayer(step, waves([3, ...shape.slice(1)], 1)), one.output);
    expect(configOf(model)).toEqual(one.config);
  });

  test.each(titled(reference.normalization.given))('is given %s', (_, one) => {
    const step = normalization(optionsOf(one.options));
    const model = modelWith(step, [3]);
    expectValues(predictOnBatch(model, waves([2, 3])), one.output);
    expect(countParams(model)).toBe(0);
    expect(configOf(model)).toEqual(one.config);
  });

  it('learns of whole numbers, columns, and rows of one number', async () => {
    const expected = [[-1], [1]];
    for (const data of [
      [[1], [3]],
      [1, 3],
      asTable({ n: [1, 3] }).column('n'),
      tf.tensor2d([[1], [3]], [2, 1], 'int32'),
    ])
      // prettier-ignore
      expect(callLayer(await adapt(layerNormalization(), data), [[1], [3]]).arraySync()).toEqual(expected);
  });

  it('follows in models that are built already, compiled ones, too', async () => {
    const step = layerNormalization();
    const model = modelWith(step, [1]);
    for (let call = 0; call < 12; call++) predictOnBatch(model, [[5]]).dispose();
    expect(predictOnBatch(model, [[5]]).arraySync()).toEqual([[5]]);
    await adapt(getLayer(model, { index: 0 }), [[1], [5]]);
    expect(predictOnBatch(model, [[5]]).arraySync()).toEqual([[1]]);
    expect(callLayer(step, [[5]]).arraySync()).toEqual([[1]]);
    await expect(adapt(step, [[1, 2]])).rejects.toThrow(
      /built for features of shape \[1\]\. Received: \[2\]/,
    );
  });

  it('says what is wrong', async () => {
    expect(() => layerNormalization({ mean: 1 })).toThrow(/`mean` and `variance` must be given together/);
    expect(() => layerNormalization({ mean: 1, variance: -1 })).toThrow(
      /`variance` must be numbers of 0 or more/,
    );
    expect(() => pipe(layerInput({ shape: [null, 3] }), layerNormalization({ axis: 1 }))).toThrow(
      /axes of known sizes/,
    );
    await expect(adapt(layerNormalization({ mean: 1, variance: 1 }), [[1]])).rejects.toThrow(
      /must not have been given `mean` and `variance`/,
    );
    await expect(adapt(layerNormalization({ axis: 0 }), [[1]])).rejects.toThrow(/not that of the batch/);
    await expect(adapt(layerNormalization(), [['a']])).rejects.toThrow(/`data` must be data of numbers/);
  });
});

describe('layerDiscretization, as Keras 2.13', () => {
  test.each(titled(reference.discretization.learned))('learns %s', async (_, one) => {
    const shape = one.shape ?? [];
    const { batchSize } = one;
    const step = await adapt(discretization(optionsOf(one.options)), waves(shape), { batchSize });
    const model = modelWith(step, shape.slice(1));
    expectValues(predictOnBatch(model, waves([12, ...shape.slice(1)], 0.25)), one.output);
    expect(configOf(model)).toEqual(one.config);
    // The limits themselves: a number that is one is above it.
    const given = layerDiscretization({ binBoundaries: one.boundaries });
    const limits = tf.tensor2d(one.boundaries ?? [], [one.boundaries?.length ?? 0, 1]);
    const [mine, theirs] = [step, given].map((layer) => callLayer(layer, tf.add(limits, 1e-3)).shape);
    if (one.options['output_mode'] === undefined) expect(mine).toEqual(theirs);
  });

  test.each(titled(reference.discretization.given))('is given %s', (_, one) => {
    const step = discretization(optionsOf(one.options));
    expectValues(callLayer(step, one.x ?? []), one.output);
    expect(configOf(modelWith(step, [one.options['output_mode'] === 'one_hot' ? 1 : 3]))).toEqual(one.config);
  });

  it('says what is wrong', async () => {
    expect(() => layerDiscretization()).toThrow(
      /one of `binBoundaries` and `numBins` must be given\. Received: neither/,
    );
    expect(() => layerDiscretization({ numBins: 2, binBoundaries: [1] })).toThrow(/Received: both/);
    expect(() => layerDiscretization({ binBoundaries: [2, 1] })).toThrow(/in ascending order/);
    expect(() => callLayer(layerDiscretization({ numBins: 3 }), [[1]])).toThrow(
      /must have learned its bins.*await adapt/s,
    );
    await expect(adapt(layerDiscretization({ binBoundaries: [1] }), [[1]])).rejects.toThrow(
      /must not have been given `binBoundaries`/,
    );
  });

  it('puts what is no number into the last bin, as TensorFlow does', () => {
    expect(
      callLayer(
        layerDiscretization({ binBoundaries: [0, 1] }),
        tf.tensor2d([[NaN, -Infinity, Infinity]]),
      ).arraySync(),
    ).toEqual([[2, 0, 2]]);
  });
});

describe('layerHashing, as Keras 2.13', () => {
  test.each(titled(reference.hashing))('%s', (_, one) => {
    const step = hashing(optionsOf(one.options));
    const isOfTexts = typeof (one.x?.[0] as unknown[])[0] === 'string';
    const x = isOfTexts ? one.x : tf.tensor2d(one.x as number[][], undefined, 'int32');
    expectValues(callLayer(step, x as number[][]), one.output);
    const model = modelWith(
      step,
      [one.options['output_mode'] === 'one_hot' ? 1 : 2],
      isOfTexts ? 'string' : 'int32',
    );
    expectValues(predictOnBatch(model, x as number[][]), one.output);
    const { mask_value: mask, ...config } = one.config;
    expect(configOf(model)).toEqual({ ...config, mask_value: mask ?? null });
  });

  it('says what is wrong', () => {
    expect(() => layerHashing({ numBins: 0 })).toThrow(/`numBins` must be a positive integer/);
    expect(() => layerHashing({ numBins: 2, salt: [1, 2, 3] as unknown as number })).toThrow(
      /`salt` must be an integer, or two/,
    );
    expect(() => callLayer(layerHashing({ numBins: 3, maskValue: 'a' }), [[1]])).toThrow(
      /`maskValue` must be of the type of the input/,
    );
    expect(() =>
      pipe(layerInput({ shape: [2, 2] }), layerHashing({ numBins: 3, outputMode: 'count' })),
    ).toThrow(/two axes at most/);
  });
});

describe('layerCategoryEncoding, as Keras 2.13', () => {
  test.each(titled(reference.categoryEncoding))('%s', (_, one) => {
    const step = encoding(optionsOf(one.options));
    const x = tf.tensor(one.x as number[], undefined, 'int32');
    expectValues(callLayer(step, x), one.output);
    expectValues(callLayer(encoding(optionsOf(one.options)), tf.cast(x, 'float32')), one.output);
    expect(
      configOf(
        modelWith(encoding(optionsOf(one.options)), x.shape.slice(1).length === 0 ? [1] : x.shape.slice(1)),
      ),
    ).toEqual(one.config);
  });

  it('gives the same for many categories as for few', () => {
    const x = tf.tensor2d([[0, 1, 40_000], [7, 7, 7]], undefined, 'int32'); // prettier-ignore
    for (const outputMode of ['count', 'multi_hot'] as const) {
      const rows = callLayer(layerCategoryEncoding({ numTokens: 50_000, outputMode }), x);
      expect(rows.shape).toEqual([2, 50_000]);
      expect([0, 1, 7, 40_000].map((place) => rows.slice([0, place], [2, 1]).arraySync())).toEqual([
        [[1], [0]],
        [[1], [0]],
        [[0], [outputMode === 'count' ? 3 : 1]],
        [[1], [0]],
      ]);
      expect(tf.sum(rows).arraySync()).toBe(outputMode === 'count' ? 6 : 4);
    }
  });

  it.each([[[[-1]]], [[[3]]]])('refuses %j', (x) => {
    expect(() => callLayer(layerCategoryEncoding({ numTokens: 3 }), x)).toThrow(
      /a category that is not in 0 to 2/,
    );
  });
});

describe('layers of features in a model', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'features-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const steps = async (): Promise<[string, LayerStep, number[]][]> => [
    ['normalization', await adapt(layerNormalization(), waves([20, 2])), [2]],
    [
      'discretization',
      await adapt(layerDiscretization({ numBins: 4, outputMode: 'multi_hot' }), waves([200, 2])),
      [2],
    ],
    ['bins', await adapt(layerDiscretization({ numBins: 4 }), waves([200, 2])), [2]],
    ['hashing', layerHashing({ numBins: 7, outputMode: 'count' }), [2]],
    ['encoding', layerCategoryEncoding({ numTokens: 9 }), [2]],
  ];
  const x = tf.tensor2d([[1, 2], [3, 4], [0, 1], [5, 8]]); // prettier-ignore
  const y = [[1], [0], [1], [0]];

  const modelOf = async (index: number): Promise<SequentialModel> => {
    const [, step, shape] = (await steps())[index] as [string, LayerStep, number[]];
    return pipe(
      kerasModelSequential({ inputShape: shape }),
      step,
      layerDense({ units: 1 }),
      compile({ optimizer: 'sgd', loss: 'mse' }),
    );
  };

  it.each([0, 1, 2, 3, 4])('%i trains alike in both engines, and frees what it makes', async (index) => {
    const [one, other] = [await modelOf(index), await modelOf(index)];
    setWeights(other, getWeights(one));
    const options = { epochs: 3, batchSize: 2, verbose: 0, shuffle: false } as const;
    const first = await fit(one, x, y, { ...options, engine: 'compiled' });
    const second = await fit(other, x, y, { ...options, engine: 'eager' });
    expect(first.metrics.loss).toEqual(second.metrics.loss.map((loss) => expect.closeTo(loss, 4) as number));
    const before = tensorCount();
    predictOnBatch(one, x).dispose();
    expect(tensorCount()).toBe(before);
    expect((await predict(one, x)).shape).toEqual([4, 1]);
  });

  it.each([0, 1, 2, 3, 4])('%i comes back from files', async (index) => {
    const model = await modelOf(index);
    const expected = predictOnBatch(model, x).arraySync();
    const [keras, hdf5, saved] = ['keras', 'h5', 'tf'].map((ending) =>
      path.join(folder, `${index}.${ending}`),
    ) as [string, string, string];
    await saveModel(model, keras);
    await saveModelHdf5(model, hdf5);
    await saveModelTf(model, saved);
    for (const loaded of [await loadModel(keras), await loadModelHdf5(hdf5), await loadModelTf(saved)])
      expect(predictOnBatch(loaded as SequentialModel, x).arraySync()).toEqual(expected);
  });

  it('say in a compiled step, too, that a category is not there', async () => {
    const model = await modelOf(4);
    await expect(fit(model, [[1, 9]], [[1]], { epochs: 1, verbose: 0, engine: 'compiled' })).rejects.toThrow(
      /a category that is not in 0 to 8/,
    );
  });
});
