/** Many steps of a loop by hand in one call: the same as one after the other. */
import {
  callLayer,
  compiledStep,
  fit,
  getWeights,
  gradientsOf,
  kerasModelSequential,
  layerDense,
  layerDropout,
  layerGru,
  optimizerAdam,
  optimizerSgd,
  pipe,
  setRandomSeed,
  setWeights,
  tf,
  type Optimizer,
  type SequentialModel,
  type Tensor,
} from '../../src/index';
import { expectNumbers, grid } from '../support/own-parts';
import { tensorCount } from '../support/tensors';
import {
  gradientsWithMuch,
  linearStep,
  modelWithMuch,
  optimizersWithMuch,
  stepOfSeveral,
} from './support/loop-by-hand';

const engines = ['eager', 'compiled'] as const;
const values = (model: SequentialModel): unknown[] => getWeights(model).map((weight) => weight.arraySync());
const STEPS = 5;
const [xs, ys] = [grid([STEPS, 8, 3]), grid([STEPS, 8, 1], 2)];
const rowOf = (tensor: Tensor, step: number): Tensor => tf.unstack(tensor)[step] as Tensor; // there are as many

const much = (engine: 'eager' | 'compiled', optimizer: Optimizer) => {
  const model = modelWithMuch();
  const step = compiledStep(
    (batch: { x: Tensor; y: Tensor }, scale: number) => {
      const gradients = gradientsWithMuch(model, batch, scale);
      optimizer.apply(gradients);
      const positive = tf.greater(gradients.values.output, 0);
      return {
        loss: gradients.loss,
        list: [gradients.values.output, positive, tf.cast(positive, 'int32')],
        kept: batch.x,
        scale,
      };
    },
    { engine },
  );
  return { model, step };
};

describe.each(engines)('%s', (engine) => {
  test.each(optimizersWithMuch)(
    'penalties, constraints, moving averages, dropout: as one call after the other, %s',
    (_, make) => {
      const run = (isLoop: boolean) => {
        const optimizer = make();
        const { model, step } = much(engine, optimizer);
        const batch = { x: xs, y: ys };
        const first = step({ x: rowOf(xs, 1), y: rowOf(ys, 1) }, 2).loss.arraySync();
        const results = isLoop
          ? step.each(batch, 2)
          : (() => {
              const each = Array.from({ length: STEPS }, (__, index) =>
                step({ x: rowOf(xs, index), y: rowOf(ys, index) }, 2),
              );
              const of = (part: (one: (typeof each)[number]) => Tensor): Tensor => tf.stack(each.map(part));
              return {
                loss: of(({ loss }) => loss),
                list: [0, 1, 2].map((index) => of(({ list }) => list[index] as Tensor)),
                kept: of(({ kept }) => kept),
                scale: 2,
              };
            })();
        expect(results.scale).toBe(2);
        expect([results.loss.shape, results.kept.shape]).toEqual([[STEPS], [STEPS, 8, 3]]);
        expect(results.list.map(({ dtype }) => dtype)).toEqual(['float32', 'bool', 'int32']);
        expect(optimizer.iterations).toBe(1 + STEPS);
        expect(step.engine).toBe(engine);
        return {
          first,
          loss: results.loss.arraySync(),
          list: results.list.map((one) => tf.cast(one, 'float32').arraySync()),
          kept: results.kept.arraySync(),
          weights: values(model),
          slots: optimizer.getWeights().map((slot) => slot.arraySync()),
        };
      };
      const [loop, calls] = [run(true), run(false)];
      expectNumbers(loop.first, calls.first);
      expectNumbers(loop.loss, calls.loss);
      expectNumbers(loop.list, calls.list);
      expectNumbers(loop.kept, xs.arraySync());
      expectNumbers(loop.weights, calls.weights);
      expectNumbers(loop.slots, calls.slots);
    },
  );

  test('several optimizers’ steps in one, recurrent layers, other numbers of steps', async () => {
    const run = async (kind: 'each' | 'async' | 'calls') => {
      setRandomSeed(3);
      const optimizer = optimizerAdam({ learningRate: 0.02 });
      const other = optimizerSgd({ learningRate: 0.1 });
      const model = pipe(
        kerasModelSequential(),
        layerGru({ units: 4, inputShape: [4, 2] }),
        layerDense({ units: 1 }),
      );
      const step = stepOfSeveral(model, [optimizer, other, optimizer], engine);
      const losses: unknown[] = [];
      for (const count of [3, 1, 4]) {
        const batches = grid([count, 3, 4, 2], count);
        const made =
          kind === 'each'
            ? step.each(batches)
            : kind === 'async'
              ? await step.each.async(batches)
              : tf.stack(tf.unstack(batches).map((batch) => step(batch)));
        expect(made.shape).toEqual([count, 3]);
        losses.push(made.arraySync());
      }
      expect([optimizer.iterations, other.iterations]).toEqual([16, 8]);
      return [losses, values(model)];
    };
    const calls = await run('calls');
    expectNumbers(await run('each'), calls);
    expectNumbers(await run('async'), calls);
  });

  test('weights may be looked at and set, single steps made, and fit, between', async () => {
    const run = async (isLoop: boolean) => {
      const { model, optimizer, step } = linearStep(engine);
      const all = (): void => {
        if (isLoop) step.each(xs, ys);
        else for (let index = 0; index < STEPS; index++) step(rowOf(xs, index), rowOf(ys, index));
      };
      all();
      const before = values(model);
      step(rowOf(xs, 0), rowOf(ys, 0));
      all();
      await fit(model, rowOf(xs, 0), rowOf(ys, 0), { epochs: 2, batchSize: 8, verbose: 0, engine });
      all();
      setWeights(model, [grid([3, 1]), [0.5]]);
      all();
      return [before, values(model), optimizer.iterations];
    };
    expectNumbers(await run(true), await run(false));
  });

  test('random numbers are those of the steps', () => {
    const run = (isLoop: boolean): unknown => {
      setRandomSeed(5);
      const layer = layerDropout({ rate: 0.5 });
      const step = compiledStep((input: Tensor) => callLayer(layer, input, { training: true }), { engine });
      const ones = tf.ones([4, 10]);
      const rows = isLoop ? step.each(ones) : tf.stack(tf.unstack(ones).map((one) => step(one)));
      return rows.arraySync();
    };
    const rows = run(true) as number[][];
    expect(new Set(rows.map(String)).size).toBe(4);
    expect(rows).toEqual(run(false));
  });

  test('nothing is given back', () => {
    const total = tf.variable(tf.scalar(0));
    const optimizer = optimizerSgd({ learningRate: 1 });
    const step = compiledStep(
      (amount: Tensor) => {
        optimizer.apply(gradientsOf(() => tf.neg(tf.mul(total, amount)), total));
      },
      { engine },
    );
    const nothing: unknown = (step.each as (amounts: Tensor) => unknown)(tf.tensor1d([1, 2, 3]));
    expect(nothing).toBeUndefined();
    expect(total.arraySync()).toBe(6);
  });
});

test('an error leaves the steps before it done, and says which it is', () => {
  const total = tf.variable(tf.scalar(0));
  const optimizer = optimizerSgd({ learningRate: 1 });
  const step = compiledStep(
    (row: Tensor, table: Tensor) => {
      const taken = tf.gather(table, tf.cast(row, 'int32'));
      const gradients = gradientsOf(() => tf.neg(tf.mul(total, taken)), total);
      optimizer.apply(gradients);
      return gradients.loss;
    },
    { engine: 'compiled' },
  );
  const tables = tf.tensor2d([[1, 2], [3, 4], [5, 6]]); // prettier-ignore
  expect(step.each(tf.tensor1d([0, 1, 1]), tables).arraySync()).toEqual([-0, -4, -30]);
  expect(total.arraySync()).toBe(11);
  expect(() => step.each(tf.tensor1d([1, 9, 0]), tables)).toThrow(
    /^compiledStep: step 2 of the call must run; /,
  );
  expect(total.arraySync()).toBe(13);
  expect(optimizer.iterations).toBe(4);
  expect(step.each(tf.tensor1d([0]), tables.slice(0, 1)).arraySync()).toEqual([-13]);
});

test('mistakes', () => {
  const step = compiledStep((one: Tensor, other: Tensor) => tf.add(one, other));
  const advice = 'the first axis of all tensors must be that of the steps, of one length, 1 or more';
  expect(() => step.each(tf.ones([2, 3]), tf.ones([3, 3]))).toThrow(
    `compiledStep: ${advice}. Received: [2, 3], [3, 3].`,
  );
  expect(() => step.each(tf.scalar(1), tf.scalar(1))).toThrow(advice);
  expect(() => step.each(tf.ones([0, 3]), tf.ones([0, 3]))).toThrow(advice);
  expect(() => compiledStep(() => tf.scalar(1)).each()).toThrow('Received: no tensor');
  expect(() => step.each(new Date() as never, tf.ones([2]))).toThrow(
    /compiledStep: `args` must be tensors, numbers/,
  );
});

test('nothing leaks', () => {
  const { step } = much('compiled', optimizerAdam());
  const run = () => {
    const { loss, list, kept } = step.each({ x: xs, y: ys }, 1);
    tf.dispose([loss, ...list, kept]);
  };
  run();
  run();
  const before = tensorCount();
  for (let index = 0; index < 5; index++) run();
  expect(tensorCount()).toBe(before);
});
