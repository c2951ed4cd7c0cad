/** How a source is read ahead, and closed; and what is wrong with it. */
import { Readable } from 'node:stream';
import { evaluate, fit, KerasError, predict, tf, type DataStream } from 'keras-pipe';
import { tensorCount } from '../../support/tensors';
import { endless, makeModel, rowAt, rows, watched, weightsOf } from './support';

const quiet = { verbose: 0 } as const;
const engines = ['eager', 'compiled'] as const;

const message = async (run: () => Promise<unknown>): Promise<string> => {
  try {
    await run();
  } catch (error) {
    expect(error).toBeInstanceOf(KerasError);
    return (error as KerasError).message;
  }
  throw new Error('nothing was thrown');
};

function* after<Item>(count: number, then: () => Item): Generator<[number[][], number[]] | Item, void> {
  let index = 0;
  for (const batch of endless()) {
    if (index++ === count) yield then();
    yield batch;
  }
}

describe.each(engines)('reading ahead, %s', (engine) => {
  test('asks for as many batches as there are steps, and no more', async () => {
    const { seen, iterator } = watched(endless());
    await fit(makeModel(), iterator, { ...quiet, engine, stepsPerEpoch: 13, epochs: 3 });
    expect(seen).toEqual({ given: 39, closed: 1 });
  });

  test.each([0, 1, 4])('no more than maxQueueSize %d', async (maxQueueSize) => {
    const { seen, iterator } = watched(endless());
    let most = 0;
    let steps = 0;
    await fit(makeModel(), iterator, {
      ...quiet,
      engine,
      stepsPerEpoch: 40,
      epochs: 1,
      maxQueueSize,
      callbacks: {
        onTrainBatchBegin: () => {
          most = Math.max(most, seen.given - steps);
        },
        onTrainBatchEnd: () => {
          steps++;
        },
      },
    });
    // The one that the step is about to take is there, too.
    expect(most).toBeLessThanOrEqual(maxQueueSize + 1);
  });

  test('with maxQueueSize 0 a batch knows the weights after the step before', async () => {
    const model = makeModel();
    const sums: number[] = [];
    function* source(): Generator<[number[][], number[]], void> {
      for (const batch of endless()) {
        sums.push(weightsOf(model).reduce((total, weight) => total + weight, 0));
        yield batch;
      }
    }
    await fit(model, source(), { ...quiet, engine, stepsPerEpoch: 6, epochs: 1, maxQueueSize: 0 });
    expect(new Set(sums).size).toBe(6);
  });
});

test('batches are made while the step runs', async () => {
  const turn = (): Promise<void> =>
    new Promise((resolve) => {
      setImmediate(resolve);
    });
  let given = 0;
  async function* source(): AsyncGenerator<[number[][], number[]], void> {
    for (const batch of endless()) {
      await turn();
      given++;
      yield batch;
    }
  }
  let steps = 0;
  const ahead: number[] = [];
  await fit(makeModel(), source(), {
    ...quiet,
    stepsPerEpoch: 20,
    epochs: 1,
    maxQueueSize: 4,
    callbacks: {
      // In a hook that takes a while the source goes on as it does in a step.
      onTrainBatchEnd: async () => {
        steps++;
        for (let turns = 0; turns < 20; turns++) await turn();
        ahead.push(given - steps);
      },
    },
  });
  // Before the first step nothing is made ahead.
  expect(ahead.slice(1, 10)).toEqual([4, 4, 4, 4, 4, 4, 4, 4, 4]);
});

describe.each(engines)('the source is closed, %s', (engine) => {
  const options = { ...quiet, engine, stepsPerEpoch: 20, epochs: 5 };

  test('at the end, and by evaluate and predict', async () => {
    for (const run of [
      (source: DataStream) => fit(makeModel(), source, { ...options, epochs: 1 }),
      (source: DataStream) => evaluate(makeModel(), source, { ...quiet, engine, steps: 3 }),
      (source: DataStream) => predict(makeModel(), source, { steps: 3 }),
    ]) {
      const { seen, iterator } = watched(endless());
      await run(iterator);
      expect(seen.closed).toBe(1);
    }
  });

  test('when training is stopped', async () => {
    const { seen, iterator } = watched(endless());
    const validation = watched(endless());
    const model = makeModel();
    const history = await fit(model, iterator, {
      ...options,
      validationData: validation.iterator,
      validationSteps: 2,
      callbacks: { onEpochEnd: () => void (model.stopTraining = true) },
    });
    expect(history.metrics.loss).toHaveLength(1);
    expect([seen.closed, validation.seen.closed]).toEqual([1, 1]);
  });

  test('when a callback throws', async () => {
    const { seen, iterator } = watched(endless());
    const error = new Error('enough');
    const callbacks = {
      onEpochEnd: () => {
        throw error;
      },
    };
    await expect(fit(makeModel(), iterator, { ...options, callbacks })).rejects.toBe(error);
    expect(seen.closed).toBe(1);
  });

  test('when the data is wrong', async () => {
    const { seen, iterator } = watched(after(3, () => [[[1, 2]], [3]]));
    await expect(fit(makeModel(), iterator, options)).rejects.toThrow('step 4 of epoch 1');
    expect(seen.closed).toBe(1);
  });

  test('of a stream of Node, which is destroyed', async () => {
    const stream = Readable.from(
      (function* () {
        for (let index = 0; ; index++) yield rowAt(index);
      })(),
    );
    await fit(makeModel(), stream, { ...options, batchSize: 4, epochs: 1 });
    expect(stream.destroyed).toBe(true);
  });

  test('each of those that a function returns', async () => {
    const all: { closed: number }[] = [];
    const source = (): Iterator<[number[][], number[]]> => {
      const { seen, iterator } = watched(endless());
      all.push(seen);
      return iterator;
    };
    await evaluate(makeModel(), source, { ...quiet, engine, steps: 2 });
    await fit(makeModel(), endless(), {
      ...options,
      epochs: 2,
      validationData: source,
      validationSteps: 2,
    });
    expect(all.map(({ closed }) => closed)).toEqual([1, 1, 1]);
  });
});

describe.each(engines)('errors of the source, %s', (engine) => {
  const options = { ...quiet, engine, stepsPerEpoch: 20, epochs: 2 };

  test('come out as they are, after the steps before', async () => {
    const error = new TypeError('the file is gone');
    const model = makeModel();
    const before = weightsOf(model);
    const source = after(5, () => {
      throw error;
    });
    await expect(fit(model, source, options)).rejects.toBe(error);
    expect(weightsOf(model)).not.toEqual(before);
    expect(error.stack).toContain('ends.test');
  });

  test('of promises, too', async () => {
    const error = new RangeError('no such row');
    let count = 0;
    const source = (): Promise<[number[][], number[]]> => {
      const { x, y } = rows(0, 8);
      return count++ < 5 ? Promise.resolve([x, y]) : Promise.reject(error);
    };
    await expect(fit(makeModel(), source, options)).rejects.toBe(error);
    await expect(fit(makeModel(), () => Promise.reject(error), options)).rejects.toBe(error);
  });

  test('of a stream of Node', async () => {
    const error = new Error('the disk is gone');
    const stream = new Readable({
      objectMode: true,
      read() {
        this.destroy(error);
      },
    });
    await expect(fit(makeModel(), stream, options)).rejects.toBe(error);
  });
});

describe('a source that ends early', () => {
  const some = (count: number): Iterator<[number[][], number[]]> =>
    Array.from({ length: count }, (_, index): [number[][], number[]] => {
      const { x, y } = rows(index * 8, (index + 1) * 8);
      return [x, y];
    }).values();

  test.each<[() => Promise<unknown>, string]>([
    [
      () => fit(makeModel(), some(12), { ...quiet, stepsPerEpoch: 10, epochs: 3 }),
      'fit: `x` must give at least stepsPerEpoch × epochs batches, in this case 30. Received: its end after 12 batches, in epoch 2.',
    ],
    [
      () => fit(makeModel(), some(12), { ...quiet, epochs: 3 }),
      'fit: `x` must give batches in each epoch. Received: its end after 12 batches, in epoch 2.',
    ],
    [
      () => fit(makeModel(), some(0), { ...quiet, epochs: 3 }),
      'fit: `x` must give batches in each epoch. Received: its end before the first batch.',
    ],
    [
      () => evaluate(makeModel(), some(1), { ...quiet, steps: 2 }),
      'evaluate: `x` must give at least `steps` batches, in this case 2. Received: its end after 1 batch.',
    ],
    [
      () =>
        fit(makeModel(), endless(), {
          ...quiet,
          stepsPerEpoch: 3,
          epochs: 2,
          validationData: some(3),
          validationSteps: 2,
        }),
      'fit: `validationData` must give at least `validationSteps` batches, in this case 2. Received: its end after 3 batches, in the validation after epoch 2.',
    ],
    [
      () => predict(makeModel(), some(1), { steps: 2 }),
      'predict: `x` must give at least `steps` batches, in this case 2. Received: its end after 1.',
    ],
  ])('%#', async (run, expected) => {
    expect(await message(run)).toContain(expected);
  });

  test('but exactly with an epoch begins anew, if it can', async () => {
    const history = await fit(makeModel(), () => some(5), { ...quiet, stepsPerEpoch: 5, epochs: 3 });
    expect(history.metrics.loss).toHaveLength(3);
  });

  test('keeps what was learned', async () => {
    const model = makeModel();
    const before = weightsOf(model);
    await message(() => fit(model, some(12), { ...quiet, stepsPerEpoch: 10, epochs: 3 }));
    expect(weightsOf(model)).not.toEqual(before);
  });
});

describe.each(engines)('batches that are wrong, %s', (engine) => {
  const { x, y } = rows(0, 8);
  test.each<[name: string, count: number, batch: () => unknown, expected: string]>([
    [
      'another shape at step 1,000',
      999,
      () => [x.map((row) => row.slice(1)), y],
      'Received: shape [8, 2], in the batch of step 1000 of epoch 1.',
    ],
    ['NaN', 3, () => [x, y.map(() => NaN)], 'Received: NaN at y[0], in the batch of step 4 of epoch 1.'],
    [
      'rows of different lengths',
      3,
      () => [[...x.slice(1), [1]], y],
      'Received: x[7] of length 1, while the first has 3, in the batch of step 4 of epoch 1.',
    ],
    [
      'other numbers of rows',
      3,
      () => [x, y.slice(1)],
      '`x` and `y` must have the same number of rows. Received: 8 and 7, in the batch of step 4 of epoch 1.',
    ],
    [
      'another number of inputs',
      3,
      () => [{ a: x, b: x }, y],
      "Received: the unknown key 'a', in the batch of step 4 of epoch 1.",
    ],
    ['no labels', 3, () => [x], 'in the batch of step 4 of epoch 1'],
    ['no batch', 3, () => 'a text', "Received: 'a text'"],
    ['four parts', 3, () => [x, y, y, y], '`x` must give batches, each of them [x, y]'],
    ['no rows', 3, () => [[], []], 'in the batch of step 4 of epoch 1'],
  ])('%s', async (_, count, batch, expected) => {
    const model = makeModel();
    const text = await message(() =>
      fit(model, after(count, batch) as Iterator<[number[][], number[]]>, {
        ...quiet,
        engine,
        stepsPerEpoch: 1200,
        epochs: 1,
      }),
    );
    expect(text).toContain(expected);
  });

  test('of validation', async () => {
    const text = await message(() =>
      fit(makeModel(), endless(), {
        ...quiet,
        engine,
        stepsPerEpoch: 2,
        epochs: 1,
        validationData: after(1, () => [x, y.map(() => Infinity)]) as Iterator<[number[][], number[]]>,
        validationSteps: 3,
      }),
    );
    expect(text).toContain('Infinity at validationData[1][0]');
    expect(text).toContain('step 2 of the validation after epoch 1');
  });
});

describe('a source that never gives', () => {
  const waiting = (): AsyncIterable<[number[][], number[]]> => ({
    async *[Symbol.asyncIterator]() {
      const { x, y } = rows(0, 8);
      yield [x, y];
      yield [x, y];
      await new Promise(() => undefined);
    },
  });

  test('ends the call after batchTimeout', async () => {
    const options = { ...quiet, batchTimeout: 30 };
    expect(await message(() => fit(makeModel(), waiting(), { ...options, stepsPerEpoch: 5 }))).toBe(
      'fit: `x` must give a batch within `batchTimeout`, 30 ms. Received: none in this time. ' +
        'Look what it waits for, or give a longer batchTimeout.',
    );
    expect(await message(() => evaluate(makeModel(), waiting(), options))).toContain('batchTimeout');
    expect(await message(() => predict(makeModel(), waiting(), { batchTimeout: 30 }))).toContain(
      'batchTimeout',
    );
    const never = (): Promise<null> => new Promise(() => undefined);
    expect(await message(() => predict(makeModel(), never, { batchTimeout: 30 }))).toContain('batchTimeout');
  });
});

describe('options that say nothing of a stream', () => {
  test.each([
    ['sampleWeight', { sampleWeight: [1] }],
    ['validationSplit', { validationSplit: 0.2 }],
    ['shuffle', { shuffle: true }],
    ['batchSize', { batchSize: 8 }],
  ])('%s', async (name, options) => {
    const { seen, iterator } = watched(endless());
    expect(
      await message(() => fit(makeModel(), iterator, { ...quiet, stepsPerEpoch: 2, ...options })),
    ).toContain(`\`${name}\` must be left out where batches come from a stream`);
    expect(seen.given).toBeLessThanOrEqual(1);
  });

  test('labels beside it', async () => {
    const stream: unknown = endless();
    expect(await message(() => fit(makeModel(), stream as number[][], [1], quiet))).toContain(
      '`y` must be left out',
    );
  });

  test('no bytes', async () => {
    const stream = Readable.from(Buffer.from('1,2,3'));
    expect(await message(() => fit(makeModel(), stream, quiet))).toContain(
      'a stream of rows, in object mode',
    );
  });
});

test('no tensors are left', async () => {
  const run = async (engine: 'eager' | 'compiled'): Promise<void> => {
    const model = makeModel();
    const dataset = tf.data
      .zip({ xs: tf.data.array(rows(0, 40).x), ys: tf.data.array(rows(0, 40).y.map((y) => [y])) })
      .batch(8);
    await fit(model, dataset, { ...quiet, engine, epochs: 2, validationData: dataset });
    await fit(model, endless(), { ...quiet, engine, stepsPerEpoch: 5, epochs: 2 });
    model.dispose();
  };
  await run('compiled');
  const before = tensorCount();
  for (const engine of engines) await run(engine);
  expect(tensorCount() - before).toBe(0);
});
