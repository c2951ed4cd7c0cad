/** Every kind of source gives what the same rows in arrays give. */
import { Readable } from 'node:stream';
import {
  evaluate,
  fit,
  generatorNext,
  kerasModel,
  layerAdd,
  layerDense,
  layerInput,
  pipe,
  predict,
  tf,
  type DataStream,
  type Engine,
} from 'keras-pipe';
import { batchesOf, endless, expectClose, makeModel, rowAt, rows, weightsOf, type Batch } from './support';

const ROWS = 52;
const SIZE = 8;
const EPOCHS = 3;
const all = rows(0, ROWS);
const batches = batchesOf(ROWS, SIZE);
const quiet = { verbose: 0 } as const;
const engines = ['eager', 'compiled'] as const;

const pair = ({ x, y }: Batch): [number[][], number[]] => [x, y];

async function* slowly<Item>(items: Iterable<Item>): AsyncGenerator<Item, void> {
  for (const item of items) {
    await new Promise((resolve) => setImmediate(resolve));
    yield item;
  }
}

const rowsOnce = (): Readable => Readable.from(Array.from({ length: ROWS }, (_, index) => rowAt(index)));

const inAsyncCalls = (): (() => Promise<[number[][], number[]] | null>) => {
  let index = 0;
  return () => Promise.resolve(index < batches.length ? pair(batches[index++] as Batch) : null);
};

/** Sources that begin anew in each epoch. */
const SOURCES: readonly [name: string, source: () => DataStream][] = [
  ['an object that can be iterated over', () => new Set(batches.map(pair))],
  ['a function that returns a generator', () => () => batches.map(pair).values()],
  ['an asynchronous generator function', () => () => slowly(batches.map(pair))],
  ['batches by name', () => () => batches.values()],
  [
    'typed arrays with shapes',
    () => () =>
      batches
        .map(({ x, y }) => [
          { data: Float32Array.from(x.flat()), shape: [x.length, 3] },
          Float32Array.from(y),
        ])
        .values(),
  ],
  ['tensors', () => () => batches.map(({ x, y }) => [tf.tensor2d(x), tf.tensor1d(y)]).values()],
  [
    'a data set of tf.data',
    () => tf.data.zip({ xs: tf.data.array(all.x), ys: tf.data.array(all.y.map((y) => [y])) }).batch(SIZE),
  ],
  ['a function that returns a stream of rows', () => rowsOnce],
];

describe.each(engines)('%s', (engine: Engine) => {
  const expected = async () => {
    const model = makeModel();
    const history = await fit(model, all.x, all.y, {
      ...quiet,
      engine,
      epochs: EPOCHS,
      batchSize: SIZE,
      shuffle: false,
    });
    return { history, weights: weightsOf(model) };
  };

  test.each(SOURCES)('fit on %s', async (name, source) => {
    const { history, weights } = await expected();
    const model = makeModel();
    const options = { ...quiet, engine, epochs: EPOCHS };
    const received = await pipe(
      model,
      fit(source(), name.includes('rows') ? { ...options, batchSize: SIZE } : options),
    );
    expectClose(weightsOf(model), weights);
    expectClose(received.metrics.loss, history.metrics.loss);
    expectClose(received.metrics['mae'] ?? [], history.metrics['mae'] ?? []);
    expect(received.params).toMatchObject({ steps: 7, samples: ROWS, batchSize: SIZE, engine });
  });

  test('fit on an iterator goes on over epochs', async () => {
    const model = makeModel();
    const history = await fit(model, endless(SIZE), { ...quiet, engine, epochs: 3, stepsPerEpoch: 5 });
    const other = makeModel();
    const { x, y } = rows(0, 3 * 5 * SIZE);
    await fit(other, x, y, { ...quiet, engine, epochs: 1, batchSize: SIZE, shuffle: false });
    expectClose(weightsOf(model), weightsOf(other));
    expect(history.params).toMatchObject({ steps: 5, samples: 40 });
  });

  test("fit on a function as R's generators", async () => {
    const model = makeModel();
    await fit(model, inAsyncCalls(), { ...quiet, engine, epochs: 1 });
    const other = makeModel();
    await fit(other, all.x, all.y, { ...quiet, engine, epochs: 1, batchSize: SIZE, shuffle: false });
    expectClose(weightsOf(model), weightsOf(other));
  });

  test('weights of rows, and of classes', async () => {
    const weight = (index: number): number => 1 + (index % 3);
    const y = all.x.map((_, index) => index % 2);
    const sampleWeight = all.x.map((_, index) => weight(index));
    const classWeight = { 0: 1, 1: 3 };
    const options = { ...quiet, engine, epochs: 2, classWeight };
    const model = makeModel();
    await fit(
      model,
      () =>
        batches
          .map(({ x }, index) => {
            const from = index * SIZE;
            const to = from + x.length;
            return [x, y.slice(from, to), sampleWeight.slice(from, to)];
          })
          .values(),
      options,
    );
    const other = makeModel();
    await fit(other, all.x, y, { ...options, batchSize: SIZE, shuffle: false, sampleWeight });
    expectClose(weightsOf(model), weightsOf(other));
  });

  test('validation on a stream, and training on arrays, and the other way round', async () => {
    const validation = rows(100, 121);
    const stream = (): Iterator<number[][][] | unknown[]> =>
      batchesOf(21, SIZE)
        .map((_, index) => {
          const { x, y } = rows(100 + index * SIZE, Math.min(121, 100 + (index + 1) * SIZE));
          return [x, y];
        })
        .values();
    const options = { ...quiet, engine, epochs: 2, batchSize: SIZE, shuffle: false } as const;
    const histories = [
      await fit(makeModel(), all.x, all.y, { ...options, validationData: [validation.x, validation.y] }),
      await fit(makeModel(), all.x, all.y, {
        ...options,
        validationData: stream as () => Iterator<number[][][]>,
      }),
      await fit(makeModel(), () => batches.map(pair).values(), {
        ...quiet,
        engine,
        epochs: 2,
        validationData: [validation.x, validation.y],
      }),
      await fit(makeModel(), () => batches.map(pair).values(), {
        ...quiet,
        engine,
        epochs: 2,
        validationData: stream as () => Iterator<number[][][]>,
      }),
    ];
    const [first] = histories;
    for (const history of histories) {
      expectClose(history.metrics['val_loss'] ?? [], first?.metrics['val_loss'] ?? [NaN]);
      expectClose(history.metrics['val_mae'] ?? [], first?.metrics['val_mae'] ?? [NaN]);
      expect(history.params).toMatchObject({ validationSamples: 21, doValidation: true });
    }
  });

  test('evaluate', async () => {
    const model = makeModel();
    const expectedResult = await evaluate(model, all.x, all.y, { ...quiet, engine, batchSize: SIZE });
    const result = await pipe(
      model,
      evaluate(() => batches.map(pair).values(), { ...quiet, engine }),
    );
    expectClose(Object.values(result), Object.values(expectedResult));
    const some = await evaluate(model, endless(SIZE), { ...quiet, engine, steps: 3 });
    const { x, y } = rows(0, 3 * SIZE);
    expectClose(Object.values(some), Object.values(await evaluate(model, x, y, { ...quiet, engine })));
    const sliced = await evaluate(model, all.x, all.y, { ...quiet, engine, batchSize: SIZE, steps: 3 });
    expectClose(Object.values(sliced), Object.values(some));
  });
});

test('stepsPerEpoch and validationSteps of arrays', async () => {
  const options = { ...quiet, batchSize: SIZE, epochs: 2, shuffle: false } as const;
  const model = makeModel();
  const history = await fit(model, all.x, all.y, {
    ...options,
    stepsPerEpoch: 3,
    validationData: [all.x, all.y],
    validationSteps: 2,
  });
  const { x, y } = rows(0, 3 * SIZE);
  const validation = rows(0, 2 * SIZE);
  const other = makeModel();
  const expected = await fit(other, x, y, { ...options, validationData: [validation.x, validation.y] });
  expectClose(weightsOf(model), weightsOf(other));
  expectClose(history.metrics['val_loss'] ?? [], expected.metrics['val_loss'] ?? [NaN]);
  expect(history.params.steps).toBe(3);
  await expect(fit(model, all.x, all.y, { ...options, stepsPerEpoch: 8 })).rejects.toThrow(
    '`stepsPerEpoch` must be at most 7',
  );
  await expect(fit(model, all.x, all.y, { ...options, validationSteps: 8 })).rejects.toThrow('validation');
});

describe('predict', () => {
  const model = makeModel();
  const numbers = async (source: DataStream, options = {}): Promise<number[]> => {
    const output = await pipe(model, predict(source, options));
    return [...output.dataSync()];
  };
  const expected = async (): Promise<number[]> => [...(await predict(model, all.x)).dataSync()];

  test.each<[string, () => DataStream]>([
    ['the data alone', () => batches.map(({ x }) => x).values()],
    ['tensors', () => batches.map(({ x }) => tf.tensor2d(x)).values()],
    ['[x]', () => batches.map(({ x }) => [x]).values()],
    ['[x, y], of which only x counts', () => batches.map(pair).values()],
    ['batches by name', () => batches.values()],
    ['an asynchronous source', () => slowly(batches.map(({ x }) => x))],
    ['a data set of tf.data', () => tf.data.array(all.x).batch(SIZE)],
    ['rows', () => Readable.from(all.x)],
    ['rows with labels', () => rowsOnce()],
  ])('%s', async (_, source) => {
    expectClose(await numbers(source()), await expected());
  });

  test('so many steps of a source without end', async () => {
    const { x } = rows(0, 3 * SIZE);
    expectClose(await numbers(endless(SIZE), { steps: 3 }), [...(await predict(model, x)).dataSync()]);
  });

  test('several inputs, as lists and by name, alone and with labels', async () => {
    const [a, b] = [layerInput({ shape: [2], name: 'a' }), layerInput({ shape: [2], name: 'b' })];
    const two = kerasModel([a, b], pipe([a, b], layerAdd(), layerDense({ units: 1 })));
    const [x, z] = [
      [
        [1, 2],
        [3, 4],
      ],
      [
        [5, 6],
        [7, 8],
      ],
    ];
    const whole = [...(await predict(two, [x, z])).dataSync()];
    for (const item of [
      [x, z],
      [
        [x, z],
        [1, 2],
      ],
      { a: x, b: z },
      [{ a: x, b: z }],
      { x: [x, z] },
    ]) {
      const source = [item].values() as Iterator<Record<string, number[][]>>;
      expectClose([...(await predict(two, source)).dataSync()], whole);
    }
  });

  test('batches of two rows are no pairs', async () => {
    const two = rows(0, 2).x;
    expectClose(await numbers([two].values()), [...(await predict(model, two)).dataSync()]);
  });
});

test('generatorNext', async () => {
  const numbers = [1, 2].values();
  expect([generatorNext(numbers), generatorNext(numbers), generatorNext(numbers)]).toEqual([1, 2, null]);
  const later = slowly([7]);
  expect(await generatorNext(later)).toBe(7);
  expect(await generatorNext(later, { completed: 'no more' })).toBe('no more');
  let left = 1;
  const countdown = (): number | null => (left > 0 ? left-- : null);
  expect([generatorNext(countdown), generatorNext(countdown)]).toEqual([1, null]);
  expect(() => generatorNext(3 as unknown as () => number)).toThrow('`generator` must be an iterator');
});
