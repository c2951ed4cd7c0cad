import { stat } from 'node:fs';
import { performance } from 'node:perf_hooks';
import {
  compile,
  evaluate,
  fit,
  kerasModelSequential,
  layerDense,
  pipe,
  predict,
  predictClasses,
  tf,
  type KerasModel,
  type Tensor,
} from 'keras-pipe';
import { EventLoopClock, yieldToEventLoop } from '../../src/step/event-loop';

const make = (): KerasModel<Tensor> =>
  pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [2] }), compile({ loss: 'mse' }));

const x = [
  [1, 2],
  [3, 4],
];
const y = [1, 2];
const quiet = { verbose: 0 } as const;

describe('calls that are awaited one after the other let others run', () => {
  const calls: [string, (model: KerasModel<Tensor>) => Promise<unknown>][] = [
    ['predict', async (model) => tf.dispose(await predict(model, x))],
    ['predictClasses', async (model) => tf.dispose(await predictClasses(model, x))],
    ['evaluate, eager', (model) => evaluate(model, x, y, { ...quiet, engine: 'eager' })],
    ['evaluate, compiled', (model) => evaluate(model, x, y, { ...quiet, engine: 'compiled' })],
    ['fit of an epoch', (model) => fit(model, x, y, { ...quiet, epochs: 1 })],
  ];

  test.each(calls)('%s', async (_, call) => {
    const model = make();
    for (let time = 0; time < 12; time++) await call(model); // those that trace and build take long
    // What runs then need not run with these calls, so it is not waited for elsewhere.
    await new Promise((resolve) => setImmediate(resolve));
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    // Two seconds: far longer than others may have to wait.
    const begun = performance.now();
    while (performance.now() - begun < 2000 && ticks < 3) await call(model);
    clearInterval(timer);
    expect(ticks).toBeGreaterThanOrEqual(3);
    model.dispose();
  });
});

describe('when others have waited long enough', () => {
  const clockAt = () => {
    const state = { now: 0, turn: 0 };
    return { state, clock: new EventLoopClock(() => state.now, () => state.turn) }; // prettier-ignore
  };

  test('is counted from the first call of a turn on, however many there are', () => {
    const { state, clock } = clockAt();
    clock.begin();
    for (const now of [2, 4, 6, 7.9]) {
      state.now = now;
      clock.begin();
      expect(clock.isDue()).toBe(false);
    }
    state.now = 8;
    clock.begin();
    expect(clock.isDue()).toBe(true);
    clock.restart();
    expect(clock.isDue()).toBe(false);
    state.now = 16;
    expect(clock.isDue()).toBe(true);
  });

  test('all calls are of one turn where the runtime does not count them, as Deno', () => {
    for (const nodeTiming of [{}, undefined]) {
      Object.defineProperty(performance, 'nodeTiming', { configurable: true, value: nodeTiming });
      try {
        let now = 0;
        const clock = new EventLoopClock(() => now);
        now = 8;
        clock.begin();
        expect(clock.isDue()).toBe(true);
        clock.restart();
        expect(clock.isDue()).toBe(false);
      } finally {
        Reflect.deleteProperty(performance, 'nodeTiming');
      }
    }
  });

  test('a call after a pause, in which the event loop went round, has its whole time', () => {
    const { state, clock } = clockAt();
    clock.begin();
    Object.assign(state, { now: 1000, turn: 1 });
    clock.begin();
    state.now = 1007;
    expect(clock.isDue()).toBe(false);
    state.now = 1008;
    expect(clock.isDue()).toBe(true);
  });
});

test('timers run between what another thread has called back and what comes after it has let others run', async () => {
  const events: string[] = [];
  await new Promise((resolve) => {
    stat(__filename, resolve);
  });
  setTimeout(() => events.push('timer'), 1);
  const begun = performance.now();
  while (performance.now() - begun < 5);
  await yieldToEventLoop();
  events.push('after');
  expect(events).toEqual(['timer', 'after']);
});
