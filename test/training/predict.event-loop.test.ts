/** What a program does while predictions of a whole data set run on another thread. */
import {
  fit,
  compile,
  getWeights,
  kerasModelSequential,
  KerasStateError,
  layerDense,
  layerLambda,
  layerSimpleRnn,
  pipe,
  predict,
  predictOnBatch,
  setWeights,
  tf,
  type SequentialModel,
  type Tensor,
} from 'keras-pipe';
import { NativeMemory } from '../../src/native/memory';
import { PreparedRun } from '../../src/native/run';
import { EventLoopYielder } from '../../src/step/event-loop';
import { tensorCount } from '../support/tensors';

/** Runs of graphs on other threads: how many there have been, and how many are under way. */
let started = 0;
let flights = 0;
beforeAll(() => {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with its run below
  const real = PreparedRun.prototype.start;
  jest.spyOn(PreparedRun.prototype, 'start').mockImplementation(function (this: PreparedRun, feeds) {
    started++;
    flights++;
    const pending = real.call(this, feeds);
    const over = (): void => {
      flights--;
    };
    pending.promise.then(over, over);
    return pending;
  });
});
afterAll(() => jest.restoreAllMocks());

const inFlight = async (act: () => unknown): Promise<void> => {
  const before = started;
  while (flights === 0 || started === before) await new Promise((resolve) => setImmediate(resolve));
  await act();
};

const BATCH = 256;
const ROWS = 30 * BATCH;
const x = tf.randomNormal([ROWS, 200], 0, 1, 'float32', 1);
afterAll(() => x.dispose());

/** A model whose batches take some milliseconds. */
const make = (): SequentialModel =>
  pipe(
    kerasModelSequential(),
    layerDense({ units: 500, activation: 'relu', inputShape: [200] }),
    layerDense({ units: 500, activation: 'relu' }),
    layerDense({ units: 3 }),
  );

const expectClose = (actual: Tensor, expected: Tensor): void =>
  tf.tidy(() => {
    expect(actual.shape).toEqual(expected.shape);
    expect(tf.max(tf.abs(tf.sub(actual, expected))).dataSync()[0]).toBeLessThan(1e-4);
  });

test('many batches run on another thread from the first on, and give what one gives', async () => {
  const model = make();
  const before = tensorCount();
  started = 0;
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  const output = await predict(model, x, { batchSize: BATCH });
  clearInterval(timer);
  expect(started).toBeGreaterThan(0);
  expect(ticks).toBeGreaterThan(3);
  const whole = predictOnBatch(model, x);
  expectClose(output, whole);
  tf.dispose([output, whole]);
  expect(tensorCount()).toBe(before);
  model.dispose();
});

test('few rows are predicted in this thread', async () => {
  const model = make();
  const few = tf.slice(x, 0, 10);
  // However slow first calls may be: on a busy machine, the other thread may have to wait.
  for (let call = 0; call < 200 && (call < 5 || started > 0); call++) {
    started = 0;
    tf.dispose(await predict(model, few));
  }
  for (let call = 0; call < 3; call++) tf.dispose(await predict(model, few));
  expect(started).toBe(0);
  tf.dispose([few]);
  model.dispose();
});

test('a batch of a recurrence that takes long is compiled for the calls to come', async () => {
  const model = pipe(
    kerasModelSequential(),
    layerSimpleRnn({ units: 4, inputShape: [600, 2] }),
    layerDense({ units: 1 }),
  );
  const rows = tf.randomNormal([40, 600, 2], 0, 1, 'float32', 2);
  const first = await predict(model, rows, { batchSize: 40 });
  started = 0;
  const second = await predict(model, rows, { batchSize: 40 });
  expect(started).toBe(1);
  expectClose(second, first);
  tf.dispose([rows, first, second]);
  model.dispose();
});

test('two at the same time, of one model and of two, give what each gives alone', async () => {
  const [model, other] = [make(), make()];
  const alone = [predictOnBatch(model, x), predictOnBatch(other, x)];
  const outputs = await Promise.all(
    [model, other, model].map((one) => predict(one, x, { batchSize: BATCH })),
  );
  [alone[0], alone[1], alone[0]].forEach((expected, index) =>
    expectClose(outputs[index] as Tensor, expected as Tensor),
  );
  tf.dispose([alone, outputs]);
  for (const one of [model, other]) one.dispose();
});

test('weights that are set meanwhile are those of the batches that follow', async () => {
  const model = make();
  const predicting = predict(model, x, { batchSize: BATCH });
  const old = predictOnBatch(model, x);
  await inFlight(() =>
    tf.tidy(() => {
      setWeights(
        model,
        getWeights(model).map((weight) => tf.mul(weight, 2)),
      );
      // In this thread, and with the new weights, while a batch with the old ones is under way.
      const few = tf.slice(x, 0, BATCH);
      expectClose(predictOnBatch(model, few), model.tf.predict(few) as Tensor);
    }),
  );
  const output = await predicting;
  const fresh = predictOnBatch(model, x);
  tf.tidy(() => {
    // Each batch is all of the old or all of the new weights: first of the old, then of the new.
    const distance = (to: Tensor): number[] =>
      Array.from({ length: ROWS / BATCH }, (_, batch) =>
        tf.tidy(() => {
          const [a, b] = [output, to].map((tensor) => tf.slice(tensor, batch * BATCH, BATCH)) as [
            Tensor,
            Tensor,
          ];
          return tf.max(tf.abs(tf.sub(a, b))).dataSync()[0] ?? NaN;
        }),
      );
    const isOld = distance(old).map((value) => value < 1e-3);
    const isNew = distance(fresh).map((value) => value < 1e-2);
    const firstNew = isOld.indexOf(false);
    expect(firstNew).toBeGreaterThan(0);
    expect(isOld.map((_, batch) => (batch < firstNew ? isOld[batch] : isNew[batch]))).toEqual(
      isOld.map(() => true),
    );
  });
  tf.dispose([old, output, fresh]);
  model.dispose();
});

test.each(['model', 'x'] as const)('%s disposed meanwhile is an error', async (what) => {
  const model = make();
  const own = tf.clone(x);
  const before = tensorCount();
  const predicting = predict(model, own, { batchSize: BATCH });
  const failing = expect(predicting).rejects.toThrow(KerasStateError);
  await inFlight(() => (what === 'model' ? model.dispose() : own.dispose()));
  await failing;
  expect(tensorCount()).toBe(before - (what === 'model' ? 6 : 1));
  if (what === 'x') model.dispose();
  own.dispose();
});

test('beside a fit of the same model, two predictions go through, before it ends', async () => {
  const model = compile(make(), { loss: 'mse', optimizer: 'sgd' });
  const y = tf.zeros([ROWS, 3]);
  let isOver = false;
  const fitting = fit(model, x, y, { batchSize: BATCH, epochs: 50, verbose: 0, engine: 'compiled' }).finally(
    () => (isOver = true),
  );
  const outputs = await Promise.all([1, 2].map(() => predict(model, x, { batchSize: BATCH })));
  expect(isOver).toBe(false);
  model.stopTraining = true;
  await fitting;
  for (const output of outputs) {
    expect(output.shape).toEqual([ROWS, 3]);
    expect(output.dataSync().every(Number.isFinite)).toBe(true);
  }
  tf.dispose([outputs, y]);
  model.dispose();
});

test('what a batch takes and frees again is no reason to collect', async () => {
  const memory = NativeMemory.prototype as unknown as { collectIfWorthIt(): void }; // its own method, which is private
  const collect = jest.spyOn(memory, 'collectIfWorthIt');
  let within = 0;
  const grow = (input: Tensor): Tensor => {
    const before = collect.mock.calls.length;
    // 16 tensors of 16 MB, of which the layer's scope frees all but the last.
    const sum = Array.from({ length: 16 }).reduce<Tensor>((total) => tf.add(total, 1), input);
    within += collect.mock.calls.length - before;
    return sum;
  };
  const model = pipe(kerasModelSequential(), layerLambda({ f: grow, inputShape: [2 ** 20] }));
  const x = tf.ones([4, 2 ** 20]);
  // The layer was tried when it was added.
  within = 0;
  const output = await predict(model, x);
  expect(within).toBe(0);
  tf.dispose([x, output]);
  model.dispose();
});

test('others run before a batch that takes long, one operation after the other', async () => {
  let now = performance.now();
  const clock = jest.spyOn(performance, 'now').mockImplementation(() => now);
  const pauses = jest.spyOn(EventLoopYielder.prototype, 'yieldToEventLoop');
  try {
    const work = (input: Tensor): Tensor => {
      now += 7;
      return tf.mul(input, 2);
    };
    const model = pipe(kerasModelSequential(), layerLambda({ f: work, inputShape: [1] }));
    const output = await predict(model, [[1], [2], [3], [4], [5], [6]], { batchSize: 1 });
    // Two of 7 ms would take longer than timers may wait.
    expect(pauses.mock.calls.length).toBeGreaterThanOrEqual(5);
    expect([...output.dataSync()]).toEqual([2, 4, 6, 8, 10, 12]);
    output.dispose();
    model.dispose();
  } finally {
    pauses.mockRestore();
    clock.mockRestore();
  }
});
