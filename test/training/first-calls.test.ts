/** First calls trace, build and load: in between, the program goes on. */
import {
  compile,
  evaluate,
  fit,
  kerasModelSequential,
  layerDense,
  pipe,
  predict,
  tf,
  type SequentialModel,
} from 'keras-pipe';
import type { NativeTensor } from '../../src/native/eager';
import { PreparedRun, type Feed, type FetchedValues, type PendingRun } from '../../src/native/run';
import { tensorCount } from '../support/tensors';

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
  // Two traces, their comparison, the variables, the loop, the session, weights and slots.
  ['fit', (model) => fit(model, x, y, { ...options, epochs: 1 }), 8, 2],
  // The same without an optimizer.
  ['evaluate', (model) => evaluate(model, x, y, options), 8, 1],
  // Two traces, their comparison, the session, the weights.
  ['predict', async (model) => tf.dispose(await predict(model, x, { batchSize: 2 })), 5, 1],
];

/** Does something at each turn of the event loop while something runs. */
const atEachTurn = async (run: () => Promise<unknown>, act: (turn: number) => void): Promise<void> => {
  let [turns, isOver] = [0, false];
  const turn = (): void => {
    if (isOver) return;
    act(++turns);
    setImmediate(turn);
  };
  setImmediate(turn);
  try {
    await run();
  } finally {
    isOver = true;
  }
};

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
  let turns = 0;
  await atEachTurn(
    () => call(model),
    () => {
      if (pending.size === 0 && runs <= uploads) turns++;
    },
  );
  for (const spy of spies) spy.mockRestore();
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
