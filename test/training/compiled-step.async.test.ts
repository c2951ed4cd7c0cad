/** Steps by hand as promises: the numbers of those at once, and other work runs meanwhile. */
import {
  callModel,
  compiledStep,
  getWeights,
  gradientsOf,
  kerasModelSequential,
  layerDense,
  optimizerAdam,
  pipe,
  setWeights,
  tf,
  type SequentialModel,
  type Tensor,
} from '../../src/index';
import { PreparedRun } from '../../src/native/run';
import { EventLoopYielder } from '../../src/step/event-loop';
import { grid } from '../support/own-parts';
import { nativeCount, tensorCount } from '../support/tensors';
import { atEachTurn } from '../support/turns';

const modelOf = (units: number): SequentialModel => {
  const model = pipe(
    kerasModelSequential(),
    layerDense({ units, activation: 'tanh', inputShape: [3] }),
    layerDense({ units: 1 }),
  );
  return setWeights(model, [grid([3, units]), grid([units]), grid([units, 1], 2), grid([1])]);
};

const stepOf = (model: SequentialModel, engine: 'auto' | 'eager' | 'compiled' = 'compiled') => {
  const optimizer = optimizerAdam({ learningRate: 0.01 });
  const step = compiledStep(
    (x: Tensor, y: Tensor) => {
      const gradients = gradientsOf(() => tf.mean(tf.squaredDifference(callModel(model, x), y)), model);
      optimizer.apply(gradients);
      return gradients.loss;
    },
    { engine },
  );
  return { step, optimizer };
};

const [x, y] = [grid([8, 3]), grid([8, 1], 2)];
const valuesOf = (model: SequentialModel): unknown[] => getWeights(model).map((weight) => weight.arraySync());

test.each(['eager', 'compiled'] as const)('gives what a call at once gives, %s', async (engine) => {
  const [now, later] = [modelOf(4), modelOf(4)];
  const [atOnce, asPromise] = [stepOf(now, engine), stepOf(later, engine)];
  for (let call = 0; call < 6; call++) {
    const expected = atOnce.step(x, y).arraySync();
    expect((await asPromise.step.async(x, y)).arraySync()).toBe(expected);
    expect(asPromise.step.engine).toBe(engine);
  }
  expect(valuesOf(later)).toEqual(valuesOf(now));
  expect(asPromise.optimizer.iterations).toBe(6);
});

test('a mixture of both, several under way, and looks at weights meanwhile', async () => {
  const [now, later] = [modelOf(1500), modelOf(1500)];
  const [atOnce, asPromise] = [stepOf(now), stepOf(later)];
  const wide = [grid([600, 3]), grid([600, 1])] as const;
  const expected = Array.from({ length: 5 }, () => atOnce.step(...wide).arraySync());
  const first = asPromise.step.async(...wide);
  const weightsBetween = valuesOf(later); // waits for what is under way
  expect(weightsBetween).not.toEqual(valuesOf(modelOf(1500)));
  const second = asPromise.step.async(...wide);
  const third = asPromise.step(...wide);
  const [fourth, fifth] = [asPromise.step.async(...wide), asPromise.step.async(...wide)];
  const losses = [await first, await second, third, await fourth, await fifth];
  expect(losses.map((loss) => loss.arraySync())).toEqual(expected);
  expect(valuesOf(later)).toEqual(valuesOf(now));
});

test('two steps on the same weights wait for each other', async () => {
  const model = modelOf(1200);
  const [one, other] = [stepOf(model), stepOf(model)];
  const wide = [grid([400, 3]), grid([400, 1])] as const;
  const alone = modelOf(1200);
  const [first, second] = [stepOf(alone), stepOf(alone)];
  for (let round = 0; round < 3; round++) {
    first.step(...wide);
    second.step(...wide);
  }
  for (let round = 0; round < 3; round++) {
    await Promise.all([one.step.async(...wide), other.step.async(...wide)]);
  }
  expect(valuesOf(model)).toEqual(valuesOf(alone));
});

test('timers and other work run in a loop of tiny steps', async () => {
  const { step } = stepOf(modelOf(2));
  (await step.async(x, y)).dispose();
  let turns = 0;
  let isOver = false;
  const turn = (): void => {
    turns++;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  const begun = performance.now();
  let calls = 0;
  for (; performance.now() - begun < 300; calls++) (await step.async(x, y)).dispose();
  isOver = true;
  expect(turns).toBeGreaterThan(5);
  expect(calls).toBeGreaterThan(20);
});

test('nothing is left behind', async () => {
  const { step } = stepOf(modelOf(2));
  for (let call = 0; call < 3; call++) (await step.async(x, y)).dispose();
  const before = tensorCount();
  for (let call = 0; call < 5; call++) (await step.async(x, y)).dispose();
  expect(tensorCount()).toBe(before);
});

test('errors', async () => {
  const { step } = stepOf(modelOf(2));
  await expect(step.async(new Map() as never, y)).rejects.toThrow(/^compiledStep: `args` must be tensors/);
  const reading = compiledStep((a: Tensor) => tf.scalar(a.dataSync()[0] as number), { engine: 'compiled' });
  await expect(reading.async(x)).rejects.toThrow(/^compiledStep: with engine: 'compiled'/);
  const failing = compiledStep((a: Tensor) => tf.gather(tf.ones([3]), tf.cast(a, 'int32')));
  (await failing.async(tf.tensor1d([1]))).dispose();
  await expect(failing.async(tf.tensor1d([7]))).rejects.toThrow(/^compiledStep: the step must run/);
});

describe('the first call', () => {
  beforeEach(() => {
    jest.spyOn(EventLoopYielder.prototype, 'isDue').mockReturnValue(true);
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  /** Turns of the event loop before the step runs: after each trace, what is made of it, the graph, and while that loads. */
  const PARTS = 5;
  const turns = Array.from({ length: PARTS }, (_, index) => index + 1);

  test.each(['async', 'each.async'] as const)('lets others run between its parts: %s', async (kind) => {
    const model = modelOf(4);
    const { step } = stepOf(model);
    const start = jest.spyOn(PreparedRun.prototype, 'start');
    const before = await nativeCount();
    let parts = 0;
    const result = await atEachTurn(
      async () => (kind === 'async' ? step.async(x, y) : step.each.async(x.expandDims(0), y.expandDims(0))),
      () => {
        if (start.mock.calls.length === 0) parts++;
      },
    );
    expect(parts).toBeGreaterThanOrEqual(PARTS);
    const alone = stepOf(modelOf(4)).step(x, y);
    expect([...result.dataSync()]).toEqual([...alone.dataSync()]);
    expect(await nativeCount()).toBeGreaterThan(before); // weights and slots
  });

  /** A first call in which others do something at a turn before its step runs, and what it gave. */
  const withOthers = async <T>(model: SequentialModel, at: number, act: (step: Step) => T) => {
    const { step, optimizer } = stepOf(model);
    const start = jest.spyOn(PreparedRun.prototype, 'start');
    let acted: T | undefined;
    const loss = await atEachTurn(
      () => step.async(x, y),
      (turn) => {
        if (turn !== at) return;
        expect(start).not.toHaveBeenCalled();
        acted = act(step);
      },
    );
    return { loss: loss.arraySync(), acted: acted as T, step, optimizer };
  };
  type Step = ReturnType<typeof stepOf>['step'];
  const alone = (calls: number) => {
    const model = modelOf(4);
    const { step } = stepOf(model);
    const losses = Array.from({ length: calls }, () => step(x, y).arraySync());
    return { losses, weights: valuesOf(model) };
  };

  test.each(turns)('weights that are looked at, at turn %i, are those after it', async (at) => {
    const { losses, weights } = alone(1);
    const model = modelOf(4);
    const { loss, acted, optimizer } = await withOthers(model, at, () => valuesOf(model));
    expect(acted).toEqual(weights);
    expect(loss).toBe(losses[0]);
    expect(optimizer.iterations).toBe(1);
  });

  test.each(turns)('weights that are set, at turn %i, are those after it, too', async (at) => {
    const model = modelOf(4);
    const other = getWeights(modelOf(4)).map((weight) => tf.mul(weight, 3));
    const { loss } = await withOthers(model, at, () => setWeights(model, other));
    expect(loss).toBe(alone(1).losses[0]);
    expect(valuesOf(model)).toEqual(other.map((weight) => weight.arraySync()));
  });

  test.each(turns)('a call at once, and another one, at turn %i, come after it', async (at) => {
    const { losses, weights } = alone(3);
    const model = modelOf(4);
    const { loss, acted } = await withOthers(model, at, (step) => {
      const second = step(x, y).arraySync();
      return { second, third: step.async(x, y) };
    });
    const third = await acted.third;
    expect([loss, acted.second, third.arraySync()]).toEqual(losses);
    expect(valuesOf(model)).toEqual(weights);
  });

  test.each(turns)('a call as a promise, at turn %i, comes after it', async (at) => {
    const { losses, weights } = alone(2);
    const model = modelOf(4);
    const { loss, acted } = await withOthers(model, at, (step) => ({ second: step.async(x, y) }));
    const second = await acted.second;
    expect([loss, second.arraySync()]).toEqual(losses);
    expect(valuesOf(model)).toEqual(weights);
  });

  test.each(turns)(
    'ends in an error where the model is disposed, at turn %i, and leaves nothing',
    async (at) => {
      const before = tensorCount();
      const model = modelOf(4);
      const running = withOthers(model, at, () => model.dispose());
      await expect(running).rejects.toThrow();
      expect(tensorCount()).toBe(before + 4); // the weights as they were given
    },
  );

  test('of a function that cannot be compiled: it says so once, and the numbers are right', async () => {
    const warn = jest.spyOn(console, 'warn').mockReturnValue();
    const before = tensorCount();
    const reading = compiledStep((a: Tensor) => tf.mul(a, a.dataSync()[0] as number));
    for (let call = 0; call < 2; call++) {
      const output = await reading.async(tf.tensor1d([2, 3]));
      expect(output.arraySync()).toEqual([4, 6]);
      output.dispose();
    }
    expect(reading.engine).toBe('eager');
    expect(warn).toHaveBeenCalledTimes(1);
    expect(tensorCount()).toBe(before + 2); // the arguments
  });
});
