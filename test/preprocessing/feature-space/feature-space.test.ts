/** A table's columns as inputs of a model, against Keras 2.13's FeatureSpace. */
import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  adapt,
  asTable,
  callLayer,
  compile,
  featureSpace,
  fit,
  kerasModel,
  layerActivation,
  layerDense,
  layerNormalization,
  layerTextVectorization,
  loadModel,
  parseCsv,
  pipe,
  predictOnBatch,
  saveModel,
  tf,
  type FeatureSpaceOptions,
  type Tensor,
} from '../../../src/index';
import { camelCase } from '../../support/r-keras';
import { tensorCount } from '../../support/tensors';

interface Case {
  readonly features: Readonly<Record<string, string | Readonly<Record<string, unknown>>>>;
  readonly options: Readonly<Record<string, unknown>>;
  readonly output: unknown;
}
type Columns = Readonly<Record<string, (number | string)[]>>;

const { table, unseen, cases } = JSON.parse(
  readFileSync(path.join(__dirname, '../../reference/feature_space.json'), 'utf8'),
) as { readonly table: Columns; readonly unseen: Columns; readonly cases: readonly Case[] };

const inCamelCase = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).map(([name, one]) => [camelCase(name), one]))
    : value;

const optionsOf = ({ features, options }: Case): FeatureSpaceOptions =>
  ({
    ...(inCamelCase(options) as object),
    ...(Array.isArray(options['crosses']) ? { crosses: options['crosses'].map(inCamelCase) } : {}),
    features: Object.fromEntries(
      Object.entries(features).map(([name, feature]) => [name, inCamelCase(feature)]),
    ),
  }) as FeatureSpaceOptions; // from the file

const expectValues = (actual: Tensor | undefined, expected: unknown): void => {
  const like = tf.tensor(expected as number[]);
  expect(actual?.shape).toEqual(like.shape);
  expect(Array.from(actual?.dataSync() ?? [])).toEqual(
    Array.from(like.dataSync(), (value) => expect.closeTo(value, 4) as number),
  );
};

describe('featureSpace, as Keras 2.13', () => {
  test.each(cases.map((one) => [JSON.stringify([one.features, one.options]).slice(0, 120), one] as const))(
    '%s',
    async (_, one) => {
      const space = await featureSpace(optionsOf(one)).adapt(table);
      const encoded: unknown = space.encode(unseen);
      if (one.options['output_mode'] !== 'dict') {
        expectValues(encoded as Tensor, one.output);
        return;
      }
      const byName = encoded as Record<string, Tensor>;
      const expected = one.output as Record<string, unknown>;
      expect(Object.keys(byName).sort()).toEqual(Object.keys(expected).sort());
      for (const [name, values] of Object.entries(expected)) expectValues(byName[name], values);
    },
  );
});

const FEATURES = {
  city: 'string_categorical',
  age: 'float_normalized',
  income: { type: 'float_discretized', numBins: 3 },
  offer: 'integer_categorical',
} as const;

describe('featureSpace', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'feature-space-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const y = [0, 1, 0, 1, 1, 0];

  it('learns the same of tables, rows, tensors, and of a stream in one pass', async () => {
    const options = { features: FEATURES, crosses: [['city', 'offer']] } as const;
    const expected = (await featureSpace(options).adapt(table)).encode(unseen).arraySync();
    const rows = (table['age'] ?? []).map((_, row) =>
      Object.fromEntries(Object.entries(table).map(([name, values]) => [name, values[row]])),
    );
    const columns = (from: number, to: number) =>
      Object.fromEntries(Object.entries(table).map(([name, values]) => [name, values.slice(from, to)]));
    let passes = 0;
    const batches = function* () {
      passes++;
      yield columns(0, 4);
      yield [columns(4, 6), [1, 0]];
    };
    for (const data of [
      asTable(table),
      rows,
      batches(),
      { ...table, age: tf.tensor1d(table['age'] as number[]) },
    ])
      // prettier-ignore
      expect((await featureSpace(options).adapt(data)).encode(unseen).arraySync()).toEqual(expected);
    expect(passes).toBe(1);
  });

  it.each(['compiled', 'eager'] as const)(
    'is part of a model that trains and comes back from its file, engine: %s',
    async (engine) => {
      const space = await featureSpace({
        features: FEATURES,
        crosses: [['city', 'offer']],
        crossingDim: 4,
      }).adapt(table);
      const model = kerasModel(
        space.inputs,
        pipe(space.encodedFeatures, layerDense({ units: 1, activation: 'sigmoid' })),
      );
      pipe(model, compile({ optimizer: 'adam', loss: 'binary_crossentropy' }));
      const x = space.columns(table);
      const history = await fit(model, x, y, { epochs: 3, batchSize: 2, verbose: 0, engine });
      expect(history.params.engine).toBe(engine);
      expect(history.metrics.loss.every(Number.isFinite)).toBe(true);
      const file = path.join(folder, `${engine}.keras`);
      await saveModel(model, file);
      const loaded = await loadModel(file);
      const questions = space.columns(unseen);
      expect((predictOnBatch(loaded, questions) as Tensor).arraySync()).toEqual(
        predictOnBatch(model, questions).arraySync(),
      );
    },
  );

  it('takes layers of the user’s', async () => {
    const space = featureSpace({
      features: {
        note: { type: 'custom', layer: layerTextVectorization({ outputMode: 'multi_hot' }), dtype: 'string' },
        x: { type: 'custom', layer: layerActivation({ activation: 'relu' }) },
      },
    });
    await space.adapt({ note: ['a b', 'b'], x: [1, 2] });
    expect(space.encode({ note: ['b c'], x: [-3] }).arraySync()).toEqual([[1, 1, 0, 0]]);
  });

  it('keeps nothing', async () => {
    const space = await featureSpace({ features: FEATURES }).adapt(table);
    space.encode(unseen).dispose();
    const before = tensorCount();
    space.encode(unseen).dispose();
    expect(tensorCount()).toBe(before);
  });

  it('says what is wrong', async () => {
    expect(() => featureSpace({ features: {} })).toThrow(/`features` must be an object of features/);
    expect(() => featureSpace({ features: { a: 'floats' as 'float' } })).toThrow(
      /`features\.a` must be one of .*Did you mean/,
    );
    expect(() =>
      featureSpace({ features: { a: { type: 'float', numBins: 3 } as unknown as 'float' } }),
    ).toThrow(/the unknown option `numBins`/);
    expect(() => featureSpace({ features: FEATURES, crosses: [['city', 'offers']] })).toThrow(
      /`crosses\[0\]` must be made of names of features.*Did you mean/,
    );
    expect(() => featureSpace({ features: FEATURES, crosses: [['city']] })).toThrow(
      /two names of features, or more/,
    );
    const space = featureSpace({ features: FEATURES });
    expect(() => space.inputs).toThrow(
      /must have learned from data.*'city', 'age', 'income', 'offer'.*await space\.adapt/s,
    );
    await expect(space.adapt({ city: ['Rome'] })).rejects.toThrow(/the data must have the column 'age'/);
    await expect(space.adapt(parseCsv('city,age,income,offer\nRome,1,2,3\n,1,2,3\n'))).rejects.toThrow(
      /a value in each row/,
    );
    await expect(space.adapt(parseCsv('city,age,income,offer\n'))).rejects.toThrow(
      /^featureSpace\.adapt: `data` must be data of at least one row/,
    );
    await expect(space.adapt([].values())).rejects.toThrow(/`data` must be data of at least one row/);
    await expect(space.adapt([])).rejects.toThrow(/table of at least one row/);
    await expect(space.adapt(null as never)).rejects.toThrow(/`data` must be a table/);
    await expect(space.adapt({ ...table, Age: table['age'], age: undefined } as never)).rejects.toThrow(/`data\.age`/); // prettier-ignore
    const { age, ...others } = table;
    await expect(space.adapt({ ...others, Age: age } as never)).rejects.toThrow(
      /must have the column 'age'.*'Age'.* Did you mean 'Age'/,
    );
    await space.adapt(table);
    expect(space.inputs.map(({ shape, dtype }) => [shape, dtype])).toEqual([[[null, 1], 'string'], [[null, 1], 'float32'], [[null, 1], 'float32'], [[null, 1], 'int32']]); // prettier-ignore
    await expect(space.adapt(table)).rejects.toThrow(/must learn before its inputs are used/);
    expect(() => space.columns({ city: ['Rome'] })).toThrow(
      /^featureSpace\.columns: the data must have the column 'age'\. Received: the columns 'city'/,
    );
    const hashed = featureSpace({ features: { a: 'string_hashed' } });
    expect(hashed.encode({ a: ['x'] }).shape).toEqual([1, 32]);
  });

  it('learns from tables of other libraries, which can be iterated over as well', async () => {
    const columns: Record<string, unknown[]> = { age: [20, 40, 60], city: ['Rome', 'Oslo', 'Rome'] };
    /** Of no plain objects, as theirs are. */
    class Iterated {
      constructor(protected readonly names = Object.keys(columns)) {}
      *[Symbol.iterator](): Generator<object> {
        for (const age of columns['age'] ?? []) yield Object.create({ age }) as object;
      }
    }
    class Arrow extends Iterated {
      readonly schema = { fields: this.names.map((name) => ({ name })) };
      getChild(name: string): unknown {
        return columns[name];
      }
    }
    class Arquero extends Iterated {
      columnNames(): string[] {
        return this.names;
      }
      column(name: string): unknown {
        return columns[name];
      }
    }
    const features = { age: 'float_normalized', city: 'string_categorical' } as const;
    const expected = await featureSpace({ features }).adapt(columns as never);
    for (const Other of [Arrow, Arquero]) {
      const other = new Other();
      const space = await featureSpace({ features }).adapt(other as never);
      expect(space.encode(other as never).arraySync()).toEqual(expected.encode(columns as never).arraySync());
      const normalization = await adapt(layerNormalization(), new Other(['age']) as never);
      expect((callLayer(normalization, [[40]]) as Tensor).arraySync()).toEqual([[0]]);
    }
  });

  it.each([
    ['an array', () => ({ age: [1, 2, NaN] })],
    ['a tensor', () => ({ age: tf.tensor2d([[1], [2], [NaN]]) })],
    ['a stream', () => [{ age: [1, 2] }, { age: [NaN] }].values()],
    ['a stream of tensors', () => [{ age: tf.tensor1d([1, 2]) }, { age: tf.tensor1d([NaN]) }].values()],
  ])('says where a number is missing: in %s', async (_, data) => {
    const space = featureSpace({ features: { age: 'float_normalized' } });
    await expect(space.adapt(data() as never)).rejects.toThrow(
      /^featureSpace\.adapt: .*Received: (NaN|nothing) in row 2\. Leave such rows out, or fill them in\.$/,
    );
  });
});
