/** Data of many megabytes that JavaScript has made, as tensors or arrays: calls bring them to TensorFlow a part at a time. */
import {
  compile,
  evaluate,
  fit,
  kerasModel,
  kerasModelSequential,
  layerDense,
  layerFlatten,
  layerInput,
  pipe,
  predict,
  tf,
  vectorizeSequences,
  type KerasModel,
  type Tensor,
} from 'keras-pipe';
import { Tensors } from '../../src/native/tensors';
import { EventLoopYielder } from '../../src/step/event-loop';
import { binding } from '../../src/tfjs/binding';
import { Tensors as CallTensors } from '../../src/training/data';
import { prepareLargeData } from '../../src/training/large-data';
import { nativeCount, tensorCount } from '../support/tensors';
import { atEachTurn } from '../support/turns';

const ROWS = 4;
const COLUMNS = 300_000;
const options = { verbose: 0, engine: 'eager', batchSize: ROWS } as const;

const make = (): KerasModel<Tensor> =>
  pipe(
    kerasModelSequential(),
    layerDense({ units: 1, kernelInitializer: 'ones', inputShape: [COLUMNS] }),
    compile({ loss: 'mae', optimizer: 'sgd' }),
  );
/** Rows of 0s, of 1s, 2s and 3s, times 1 / 1024: 4.8 MB, of which float32 makes exact sums. */
const rows = (): Tensor =>
  tf.tensor2d(Float32Array.from([0, 1, 2, 3].flatMap((row) => Array<number>(COLUMNS).fill(row / 1024))), [
    ROWS,
    COLUMNS,
  ]);
const SUMS = [0, 1, 2, 3].map((row) => (row * COLUMNS) / 1024);
const MEAN = SUMS.reduce((total, sum) => total + sum, 0) / ROWS;

const calls: [string, (model: KerasModel<Tensor>, x: Tensor, y: Tensor) => Promise<unknown>, unknown][] = [
  ['predict', async (model, x) => [...(await predict(model, x)).dataSync()], SUMS],
  ['evaluate', async (model, x, y) => (await evaluate(model, x, y, options)).loss, MEAN],
  [
    'fit',
    async (model, x, y) => (await fit(model, x, y, { ...options, epochs: 1 })).metrics['loss'][0],
    MEAN,
  ],
  [
    'fit, with data for validation',
    async (model, x, y) => {
      const [small, label] = [tf.zeros([1, COLUMNS]), tf.zeros([1, 1])];
      const validationData = [x, y] as const;
      const history = await fit(model, small, label, { ...options, epochs: 1, validationData });
      return history.metrics['val_loss']?.[0];
    },
    MEAN,
  ],
];

beforeEach(() => {
  jest.spyOn(EventLoopYielder.prototype, 'isDue').mockReturnValue(true);
});
afterEach(() => {
  jest.restoreAllMocks();
});

describe.each(calls)('%s', (name, call, expected) => {
  test('brings them a part at a time, to the same result', async () => {
    const [model, x, y] = [make(), rows(), tf.zeros([ROWS, 1])];
    const whole = jest.spyOn(binding(), 'createTensor');
    let turns = 0;
    const result = await atEachTurn(
      () => call(model, x, y),
      (turn) => (turns = turn),
    );
    if (name === 'fit, with data for validation') expect(result).toBeCloseTo(MEAN, 3);
    else expect(result).toEqual(expected);
    expect(turns).toBeGreaterThanOrEqual(2);
    expect(whole.mock.calls.filter(([shape]) => shape.join() === x.shape.join())).toHaveLength(0);
    expect([...x.slice([3, 0], [1, 2]).dataSync()]).toEqual([3 / 1024, 3 / 1024]);
    tf.dispose([x, y]);
    model.dispose();
  });

  test.each(['x', 'the model'])(
    'ends in an error, and leaves nothing, where %s is disposed meanwhile',
    async (what) => {
      const [count, native] = [tensorCount(), await nativeCount()];
      const [model, x, y] = [make(), rows(), tf.zeros([ROWS, 1])];
      const running = atEachTurn(
        () => call(model, x, y),
        (turn) => {
          if (turn === 1) (what === 'x' ? x : model).dispose();
        },
      );
      await expect(running).rejects.toThrow('dispose');
      if (!x.isDisposed) x.dispose();
      y.dispose();
      model.dispose();
      if (name !== 'fit, with data for validation') {
        expect(tensorCount()).toBe(count);
        expect(await nativeCount()).toBeLessThanOrEqual(native);
      }
    },
  );
});

test('other data is looked at before the call returns: who changes it then changes nothing', async () => {
  const [model, x, y] = [make(), rows(), new Float32Array(ROWS)];
  const running = evaluate(model, x, y, options);
  y.fill(1e9);
  expect((await running).loss).toBe(MEAN);
  x.dispose();
  model.dispose();
});

test('a large sparse matrix is laid out a part at a time, before a fit begins', async () => {
  const ones = Array.from({ length: 1000 }, (_, row) =>
    Array.from({ length: 300 }, (_, column) => (column * 3 + row) % 1000),
  );
  const [x, y] = [vectorizeSequences(ones, { dimension: 1000, sparse: true }), tf.zeros([1000, 1])];
  const [model, yielder] = [make(), new EventLoopYielder()];
  let turns = 0;
  jest.spyOn(yielder, 'isDue').mockReturnValue(true);
  jest.spyOn(yielder, 'yieldToEventLoop').mockImplementation(() => {
    turns++;
    return Promise.resolve();
  });
  const prepare = (data: unknown) =>
    prepareLargeData({ model, inputs: [data], outputs: [y] }, new CallTensors(), yielder);
  await prepare(x);
  // 262,144 of 300,000 ones at a time: counted, and then laid out.
  expect(turns).toBeGreaterThan(1);
  const few = vectorizeSequences(ones.slice(0, 10), { dimension: 1000, sparse: true });
  expect(prepare(few)).toBeUndefined();
  y.dispose();
  model.dispose();
});

test('what is not brought to the end is freed', async () => {
  const free = jest.spyOn(Tensors.prototype, 'free');
  const before = await nativeCount();
  const steps = (
    binding() as unknown as {
      createTensorInSteps(shape: number[], dtype: number, values: Float32Array): Generator<undefined, number>;
    }
  ).createTensorInSteps([COLUMNS], 1, new Float32Array(COLUMNS));
  steps.next();
  expect(free).not.toHaveBeenCalled();
  steps.return(0);
  expect(free).toHaveBeenCalledTimes(1);
  expect(await nativeCount()).toBeLessThanOrEqual(before);
});

test.each<[string, (model: KerasModel<Tensor>, x: Tensor, y: Tensor) => Promise<unknown>]>([
  ['fit', (model, x, y) => fit(model, x, y, { ...options, engine: 'compiled', epochs: 1, batchSize: 1 })],
  ['evaluate', (model, x, y) => evaluate(model, x, y, { ...options, engine: 'compiled', batchSize: 1 })],
  ['predict', async (model, x) => tf.dispose(await predict(model, x))],
])('%s brings weights that JavaScript has made there in the same way', async (_name, call) => {
  const model = pipe(
    kerasModelSequential(),
    layerDense({ units: 4, kernelInitializer: 'random_uniform', inputShape: [COLUMNS] }),
    compile({ loss: 'mae', optimizer: 'sgd' }),
  );
  const [x, y] = [tf.zeros([1, COLUMNS]), tf.zeros([1, 4])];
  const whole = jest.spyOn(Tensors.prototype, 'create');
  const parts = jest.spyOn(Tensors.prototype, 'createInSteps');
  await call(model, x, y);
  // Zeros stand for what is not computed while it is traced.
  const weights = whole.mock.calls.filter(
    ([shape, , values]) =>
      shape.join() === `${COLUMNS},4` && (values as Float32Array).some((value) => value !== 0),
  );
  expect(weights).toHaveLength(0);
  expect(parts.mock.calls.map(([shape]) => shape)).toContainEqual([COLUMNS, 4]);
  tf.dispose([x, y]);
  model.dispose();
});

describe('numbers of a large tensor', () => {
  // More than are looked at in one part.
  const SIZE = 2 ** 22 + 5;
  const makeLarge = (): KerasModel<Tensor> =>
    pipe(
      kerasModelSequential(),
      layerDense({ units: 1, kernelInitializer: 'ones', inputShape: [SIZE] }),
      compile({ loss: 'mae', optimizer: 'sgd' }),
    );
  const large: [string, (model: KerasModel<Tensor>, x: Tensor, y: Tensor) => Promise<unknown>][] = [
    ['fit', (model, x, y) => fit(model, x, y, { ...options, epochs: 1 })],
    ['evaluate', (model, x, y) => evaluate(model, x, y, options)],
    ['predict', async (model, x) => tf.dispose(await predict(model, x))],
  ];

  test.each(large)('are looked at a part at a time, and once, by %s', async (_name, call) => {
    const [model, x, y] = [makeLarge(), tf.ones([1, SIZE]), tf.zeros([1, 1])];
    const execute = jest.spyOn(binding(), 'executeOp');
    const count = tensorCount();
    const looks = (): number => execute.mock.calls.filter(([operation]) => operation === 'L2Loss').length;
    let turns = 0;
    await atEachTurn(
      () => call(model, x, y),
      () => {
        if (looks() === 1) turns++;
      },
    );
    expect(looks()).toBe(2);
    expect(turns).toBeGreaterThan(0);
    await call(model, x, y);
    expect(looks()).toBe(2);
    // A fit makes the optimizer's count of steps.
    if (_name !== 'fit') expect(tensorCount()).toBe(count);
    tf.dispose([x, y]);
    model.dispose();
  });

  test.each(large)('that are not finite are found by %s', async (_name, call) => {
    const values = new Float32Array(SIZE);
    values[SIZE - 2] = NaN;
    const [model, x, y] = [makeLarge(), tf.tensor2d(values, [1, SIZE]), tf.zeros([1, 1])];
    await expect(call(model, x, y)).rejects.toThrow(`NaN at x[0][${SIZE - 2}]`);
    tf.dispose([x, y]);
    model.dispose();
  });
});

type Data = number[][];

describe.each<[string, (numbers: Float32Array[]) => unknown]>([
  ['nested arrays', (numbers) => numbers.map((row) => [...row])],
  ['rows of typed arrays', (numbers) => numbers],
  ['rows in rows', (numbers) => numbers.map((row) => [[...row]])],
  [
    'a typed array in its shape',
    (numbers) => ({ data: Float32Array.from(numbers.flatMap((row) => [...row])), shape: [ROWS, COLUMNS] }),
  ],
])('%s', (kind, given) => {
  const arrays = (): unknown => given(SUMS.map((_, row) => new Float32Array(COLUMNS).fill(row / 1024)));
  const modelFor = (): KerasModel<Tensor> =>
    kind === 'rows in rows'
      ? pipe(
          kerasModelSequential(),
          layerFlatten({ inputShape: [1, COLUMNS] }),
          layerDense({ units: 1, kernelInitializer: 'ones' }),
          compile({ loss: 'mae', optimizer: 'sgd' }),
        )
      : make();
  const small = () => (kind === 'rows in rows' ? tf.zeros([1, 1, COLUMNS]) : tf.zeros([1, COLUMNS]));
  const callsOnArrays: [string, (model: KerasModel<Tensor>, x: unknown) => Promise<unknown>, unknown][] = [
    ['predict', async (model, x) => [...(await predict(model, x as Data)).dataSync()], SUMS],
    ['evaluate', async (model, x) => (await evaluate(model, x as Data, [0, 0, 0, 0], options)).loss, MEAN],
    [
      'fit',
      async (model, x) =>
        (await fit(model, x as Data, [0, 0, 0, 0], { ...options, epochs: 1 })).metrics['loss'][0],
      MEAN,
    ],
    [
      'fit, with data for validation',
      async (model, x) => {
        const validationData = [x as Data, [0, 0, 0, 0]] as const;
        const { metrics } = await fit(model, small(), [0], { ...options, epochs: 1, validationData });
        return metrics['val_loss']?.[0];
      },
      MEAN,
    ],
  ];

  test.each(callsOnArrays)('are converted a part at a time by %s', async (_name, call, expected) => {
    const model = modelFor();
    let turns = 0;
    const result = await atEachTurn(
      () => call(model, arrays()),
      (turn) => (turns = turn),
    );
    if (typeof expected === 'number') expect(result).toBeCloseTo(expected, 3);
    else expect(result).toEqual(expected);
    // 65,536 of 1,200,000 numbers at a time.
    expect(turns).toBeGreaterThanOrEqual(4 * ROWS);
    model.dispose();
  });

  test.each(callsOnArrays)(
    '%s ends, and leaves nothing, where the model is disposed meanwhile',
    async (name, call) => {
      const [count, native] = [tensorCount(), await nativeCount()];
      const model = modelFor();
      const running = atEachTurn(
        () => call(model, arrays()),
        (turn) => {
          if (turn === 3) model.dispose();
        },
      );
      await expect(running).rejects.toThrow('dispose');
      if (name === 'fit, with data for validation') return;
      expect(tensorCount()).toBe(count);
      expect(await nativeCount()).toBeLessThanOrEqual(native);
    },
  );
});

describe('large arrays', () => {
  const rowsOfNumbers = (): number[][] => SUMS.map((_, row) => Array<number>(COLUMNS).fill(row / 1024));

  test('small ones beside them are taken as they are when the call begins', async () => {
    const [model, y, weights] = [make(), [0, 0, 0, 0], Float32Array.of(1, 1, 1, 1)];
    const running = evaluate(model, rowsOfNumbers(), y, { ...options, sampleWeight: weights });
    y.fill(1e9);
    weights.fill(NaN);
    expect((await running).loss).toBe(MEAN);
    model.dispose();
  });

  test('so are those of half a million numbers', async () => {
    const wide = 2 ** 17;
    const model = pipe(
      kerasModelSequential(),
      layerDense({ units: 1, kernelInitializer: 'ones', inputShape: [wide] }),
    );
    const x = [0, 1, 2, 3].map((row) => Array<number>(wide).fill(row));
    const running = predict(model, x);
    for (const row of x) row.fill(NaN);
    expect([...(await running).dataSync()]).toEqual([0, wide, 2 * wide, 3 * wide]);
    model.dispose();
  });

  test.each<[string, (x: unknown[][]) => unknown, string]>([
    [
      'a row of another length',
      (x) => x[3]?.pop(),
      'must have rows of one length. Received: x[3] of length 299999',
    ],
    ['a text', (x) => (x[2] as unknown[]).splice(7, 1, 'seven'), 'See x[2][7]'],
    ['what is not finite', (x) => (x[1] as unknown[]).splice(70, 1, NaN), 'NaN at x[1][70]'],
  ])('%s is told as ever', async (_name, spoil, message) => {
    const count = tensorCount();
    const [model, x] = [make(), rowsOfNumbers()];
    spoil(x);
    await expect(predict(model, x)).rejects.toThrow(message);
    model.dispose();
    expect(tensorCount()).toBe(count);
  });

  test.each<[string, (x: number[][]) => unknown, unknown]>([
    ['a row shorter, gets an error', (x) => x[3]?.pop(), 'must have rows of one length'],
    ['rows fewer, gets what is left', (x) => x.pop(), SUMS.slice(0, 3)],
  ])('who makes %s', async (_name, spoil, expected) => {
    const count = tensorCount();
    const [model, x] = [make(), rowsOfNumbers()];
    const running = atEachTurn(
      () => predict(model, x),
      (turn) => {
        if (turn === 2) spoil(x);
      },
    );
    if (typeof expected === 'string') await expect(running).rejects.toThrow(expected);
    else {
      const output = (await running) as Tensor;
      expect([...output.dataSync()]).toEqual(expected);
      output.dispose();
    }
    model.dispose();
    expect(tensorCount()).toBe(count);
  });

  test('memory that is given away meanwhile is told', async () => {
    const model = make();
    const data = new Float32Array(ROWS * COLUMNS);
    const running = atEachTurn(
      () => predict(model, { data, shape: [ROWS, COLUMNS] }),
      (turn) => {
        if (turn === 2) structuredClone(data.buffer, { transfer: [data.buffer] });
      },
    );
    await expect(running).rejects.toThrow('must be a typed array whose memory is still there');
    model.dispose();
  });

  test('of several inputs, in a list or by names', async () => {
    const inputs = ['first', 'second'].map((name) => layerInput({ shape: [COLUMNS], name }));
    const model = kerasModel(
      inputs,
      inputs.map((input) => pipe(input, layerDense({ units: 1, kernelInitializer: 'ones' }))),
    );
    const [first, second] = [rowsOfNumbers(), rowsOfNumbers().reverse()];
    for (const x of [[first, second], { first, second }]) {
      let turns = 0;
      let outputs: number[][] = [];
      await atEachTurn(
        async () => (outputs = [await predict(model, x)].flat().map((output) => [...output.dataSync()])),
        (turn) => (turns = turn),
      );
      expect(outputs).toEqual([SUMS, [...SUMS].reverse()]);
      expect(turns).toBeGreaterThanOrEqual(8 * ROWS);
    }
    model.dispose();
  });
});
