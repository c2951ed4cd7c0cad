/** First calls trace, build and load: in between, the program goes on. */
import {
  compile,
  evaluate,
  fit,
  kerasModelSequential,
  layerDense,
  pipe,
  predict,
  getWeights,
  setWeights,
  tf,
  type SequentialModel,
} from 'keras-pipe';
import type { NativeTensor } from '../../src/native/eager';
import { PreparedRun, type Feed, type FetchedValues, type PendingRun } from '../../src/native/run';
import { Session } from '../../src/native/session';
import { tensorCount } from '../support/tensors';
import { atEachTurn } from '../support/turns';

const make = (): SequentialModel =>
  pipe(
    kerasModelSequential(),
    layerDense({ units: 4, activation: 'relu', inputShape: [3] }),
    layerDense({ units: 1 }),
    compile({ optimizer: 'adam', loss: 'mse' }),
  );

const ROWS = 60;
const x = new Array<number[]>(ROWS).fill([1, 2, 3]);
const y = new Array<number>(ROWS).fill(1);
const options = { verbose: 0, batchSize: 4, engine: 'compiled' } as const;

/** A call, how many parts it has at least, and how many of them another thread does. */
const calls: [string, (model: SequentialModel) => Promise<unknown>, number, number][] = [
  // Updates, two traces, their comparison and what becomes of it, variables, the parts of the loop, weights and slots.
  ['fit', (model) => fit(model, x, y, { ...options, epochs: 1 }), 12, 3],
  // The same without an optimizer.
  ['evaluate', (model) => evaluate(model, x, y, options), 10, 1],
  // Two traces, their comparison, the session, the weights.
  ['predict', async (model) => tf.dispose(await predict(model, x, { batchSize: 2 })), 5, 1],
];

test.each(calls)('%s lets others run between their parts', async (_, call, least, uploads) => {
  const model = make();
  // While another thread is at work, the event loop turns as it likes: only turns in between count.
  const pending = new Set<unknown>();
  let runs = 0;
  const spies = (['start', 'startReading'] as const).map((name) => {
    const original = Reflect.get(PreparedRun.prototype, name) as (
      fed: readonly Feed[],
    ) => PendingRun<NativeTensor & FetchedValues>; // of the two, what fits both
    return jest.spyOn(PreparedRun.prototype, name).mockImplementation(function (this: PreparedRun, fed) {
      const run = original.call(this, fed);
      runs++;
      pending.add(run);
      // Before whoever awaits it goes on.
      void run.promise.finally(() => pending.delete(run));
      return run;
    });
  });
  const loadOnThread = Session.loadOnThread.bind(Session);
  const load = jest.spyOn(Session, 'loadOnThread').mockImplementation((...all) => {
    const loading = loadOnThread(...all);
    pending.add(loading);
    void loading.finally(() => pending.delete(loading));
    return loading;
  });
  let turns = 0;
  await atEachTurn(
    () => call(model),
    () => {
      if (pending.size === 0 && runs <= uploads) turns++;
    },
  );
  for (const spy of [...spies, load]) spy.mockRestore();
  expect(turns).toBeGreaterThanOrEqual(least);
  // Variables, and then steps.
  expect(runs).toBeGreaterThan(uploads);
  model.dispose();
});

describe.each(calls)('%s ends, and leaves nothing, where the model is disposed', (_, call, least) => {
  const parts = Array.from({ length: least - 1 }, (_, index) => index + 1);
  test.each(parts)('at turn %i', async (at) => {
    const before = tensorCount();
    const model = make();
    const running = atEachTurn(
      () => call(model),
      (turn) => {
        if (turn === at) model.dispose();
      },
    );
    await expect(running).rejects.toThrow('disposed');
    expect(tensorCount()).toBe(before);
  });
});

describe.each(calls)('what others do in between, at turn', (name, _, least) => {
  const parts = Array.from({ length: least - 1 }, (__, index) => index + 1);
  const rows = Array.from({ length: ROWS }, (__, row) => [row % 7, row % 5, 1]);
  const labels = rows.map(([first = 0]) => first);
  const call = async (model: SequentialModel): Promise<unknown> => {
    if (name === 'fit') {
      const { metrics } = await fit(model, rows, labels, { ...options, epochs: 2, shuffle: false });
      return [metrics, ...getWeights(model).map((weight) => [...weight.dataSync()])];
    }
    if (name === 'evaluate') return evaluate(model, rows, labels, options);
    return [...(await predict(model, rows, { batchSize: 2 })).dataSync()];
  };
  const values = (model: SequentialModel, from: number) =>
    getWeights(model).map(({ shape, size }) =>
      tf.tensor(
        Array.from({ length: size }, (__, index) => (((index + from) % 5) - 2) / 4),
        shape,
      ),
    );
  const begin = (from: number): SequentialModel => {
    const model = make();
    return setWeights(model, values(model, from));
  };
  /** A call in which others do something at one of the turns, and what it gave. */
  const withOthers = async <T>(model: SequentialModel, at: number, act: () => T) => {
    let acted: T | undefined;
    let result: unknown;
    await atEachTurn(
      async () => (result = await call(model)),
      (turn) => {
        if (turn === at) acted = act();
      },
    );
    expect(acted).toBeDefined();
    return { result, acted: acted as T };
  };

  test.each(parts)('%i: weights that are set are those that the call begins with', async (at) => {
    const expected = await call(begin(1));
    expect(await call(begin(0))).not.toEqual(expected);
    const model = begin(0);
    const { result } = await withOthers(model, at, () => setWeights(model, values(model, 1)));
    expect(result).toEqual(expected);
    model.dispose();
  });

  test.each(parts)('%i: weights that are looked at, and predictions, are those of before', async (at) => {
    const [model, alone] = [begin(0), begin(0)];
    const { result, acted } = await withOthers(model, at, () => [
      ...getWeights(model).map((weight) => [...weight.dataSync()]),
      predict(model, rows, { batchSize: ROWS }).then((output) => [...output.dataSync()]),
    ]);
    expect(acted.slice(0, -1)).toEqual(getWeights(alone).map((weight) => [...weight.dataSync()]));
    const later = await predict(alone, rows, { batchSize: ROWS });
    if (name !== 'fit') expect(await acted.at(-1)).toEqual([...later.dataSync()]);
    expect(result).toEqual(await call(alone));
    for (const each of [model, alone]) each.dispose();
  });

  test.each(parts)('%i: another call of the same', async (at) => {
    const [model, alone] = [begin(0), begin(0)];
    const other = (): Promise<unknown> => call(model).catch((error: unknown) => String(error));
    const { result, acted } = await withOthers(model, at, other);
    const expected = await call(alone);
    expect(result).toEqual(expected);
    if (name === 'fit') expect(await acted).toMatch('a model can be fitted only once at a time');
    else expect(await acted).toEqual(expected);
    for (const each of [model, alone]) each.dispose();
  });

  test.each(parts)('%i: compile', async (at) => {
    const [model, alone] = [begin(0), begin(0)];
    const again = (): unknown => {
      try {
        return compile(model, { optimizer: 'sgd', loss: 'mae' });
      } catch (error) {
        return error;
      }
    };
    const { result, acted } = await withOthers(model, at, again);
    expect(result).toEqual(await call(alone));
    if (name === 'fit')
      expect(String(acted)).toMatch('a model must not be compiled while it is being fitted');
    else {
      compile(alone, { optimizer: 'sgd', loss: 'mae' });
      expect(await call(model)).toEqual(await call(alone));
    }
    for (const each of [model, alone]) each.dispose();
  });
});
