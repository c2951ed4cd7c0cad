/**
 * Optimizers within `fit`: eager and compiled alike, and as Keras 2.13 fits the same model on the same rows
 * (test/reference/optimizers.py). Two fits of three epochs of four steps, of which the last is smaller.
 */
import {
  compile,
  customOptimizer,
  fit,
  freezeWeights,
  kerasModelSequential,
  layerDense,
  optimizerAdagrad,
  optimizerNadam,
  optimizerOf,
  optimizerRmsprop,
  optimizerSgd,
  pipe,
  setWeights,
  tf,
  trainOnBatch,
  type KerasModel,
  type NestedArray,
  type Optimizer,
  type Tensor,
} from '../../src/index';
import { KEPT_STEPS } from '../../src/training/programs';
import { distance, optimizerNamed, reference } from '../optimizers/reference';
import { weightArrays } from '../support/weights';
import { tensorCount } from '../support/tensors';

const { x, y, weights, runs } = reference.fit;
const inputs = Array.from({ length: x.length / 3 }, (_, row) => x.slice(3 * row, 3 * row + 3));

const nested = (shape: readonly number[], values: readonly number[]): NestedArray =>
  shape.length < 2
    ? [...values]
    : Array.from({ length: shape[0] ?? 0 }, (_, row) => {
        const width = values.length / (shape[0] ?? 1);
        return values.slice(row * width, (row + 1) * width);
      });
const flat = (values: unknown): number[] => [values].flat(Infinity).map(Number);

const modelWith = (optimizer: Optimizer): KerasModel =>
  pipe(
    kerasModelSequential(),
    layerDense({ units: 4, activation: 'tanh', kernelConstraint: 'max_norm', inputShape: [3] }),
    layerDense({ units: 1 }),
    setWeights(weights.map(({ shape, values }) => nested(shape, values))),
    compile({ optimizer, loss: 'mse' }),
  );

interface Fitted {
  readonly losses: number[];
  readonly weights: number[][];
}

const fitted = async (optimizer: Optimizer, engine: 'eager' | 'compiled'): Promise<Fitted> => {
  const model = modelWith(optimizer);
  const losses: number[] = [];
  for (let call = 0; call < 2; call++) {
    const history = await fit(model, inputs, y, {
      engine,
      batchSize: 7,
      epochs: 3,
      shuffle: false,
      verbose: 0,
    });
    expect(history.params.engine).toBe(engine);
    losses.push(...history.metrics.loss);
  }
  const result = { losses, weights: weightArrays(model).map(flat) };
  model.dispose();
  return result;
};

const expectNear = (actual: Fitted, expected: Fitted, tolerance: number): void => {
  expect(distance(actual.losses, expected.losses)).toBeLessThan(tolerance);
  actual.weights.forEach((values, index) =>
    expect(distance(values, expected.weights[index] ?? [])).toBeLessThan(tolerance),
  );
};

describe.each(runs.map((one) => [one.name, JSON.stringify(one.options), one] as const))(
  '%s %s',
  (name, _options, run) => {
    test.each(['eager', 'compiled'] as const)('%s, as in Keras', async (engine) => {
      const before = tensorCount();
      expectNear(await fitted(optimizerNamed(name, run.options), engine), run, 1e-5);
      expect(tensorCount()).toBe(before);
    });
  },
);

/** Momentum that starts at the weights, with a rate that falls, of the user's own. */
const optimizerOwn = customOptimizer({
  name: 'own',
  defaults: { learningRate: 0.05, momentum: 0.8, nesterov: false },
  slots: { change: 0, start: 'variable', count: 2 },
  numbers: ({ momentum }) => ({ fading: (step: number) => momentum / step }),
  update: ({ variable, gradient, slots, numbers }, { momentum }) => {
    const change = tf.sub(tf.mul(slots.change, momentum), tf.mul(gradient, numbers.learningRate));
    // Back to where it began, less and less; the count of steps comes in twice, by number and by slot.
    const back = tf.mul(tf.sub(slots.start, variable), tf.div(numbers.fading, numbers.step));
    return {
      variable: tf.add(variable, tf.add(change, tf.div(back, slots.count))),
      slots: { change, start: slots.start, count: tf.add(slots.count, 1) },
    };
  },
});

test('an optimizer of one’s own runs compiled as it does eagerly, with what all optimizers have', async () => {
  for (const options of [
    {},
    {
      momentum: 0.5,
      clipnorm: 0.5,
      weightDecay: 0.1,
      useEma: true,
      emaMomentum: 0.7,
      emaOverwriteFrequency: 5,
    },
    { learningRate: (step: number) => 0.1 / (step + 1), globalClipnorm: 0.5 },
  ]) {
    const eager = await fitted(optimizerOwn(options), 'eager');
    const compiled = await fitted(optimizerOwn(options), 'compiled');
    expectNear(compiled, eager, 1e-5);
    expect(eager.losses.at(-1)).toBeLessThan((eager.losses[0] ?? 0) * 0.9);
  }
});

test('slots come back from a compiled fit, their first values included', async () => {
  const optimizer = optimizerAdagrad({ initialAccumulatorValue: 0.5, useEma: true });
  const model = modelWith(optimizer);
  await fit(model, inputs, y, { engine: 'compiled', batchSize: 8, epochs: 2, shuffle: false, verbose: 0 });
  expect(optimizer.iterations).toBe(6);
  const state = optimizer.getWeights();
  // The step count; the averages of four weights, which the weights have become; their sums of squares.
  expect(state.length).toBe(9);
  weightArrays(model).forEach((values, index) =>
    expect(flat(values)).toEqual([...(state[1 + index]?.dataSync() ?? [])]),
  );
  for (const sum of state.slice(5)) expect(Math.min(...sum.dataSync())).toBeGreaterThan(0.5);
  tf.dispose(state);
  model.dispose();
});

describe('what a compiled fit made of the slots goes on', () => {
  const options = { batchSize: 8, shuffle: false, verbose: 0, epochs: 2 } as const;
  const first = async (engine: 'eager' | 'compiled'): Promise<KerasModel> => {
    const model = modelWith(optimizerNadam({ learningRate: 0.05 }));
    await fit(model, inputs, y, { ...options, engine });
    return model;
  };
  const again: [string, (model: KerasModel, engine: 'eager' | 'compiled') => Promise<unknown>][] = [
    ['in the next compiled fit', (model, engine) => fit(model, inputs, y, { ...options, engine })],
    [
      'in one of other batches',
      (model, engine) => fit(model, inputs, y, { ...options, batchSize: 5, engine }),
    ],
    ['in an eager one', (model) => fit(model, inputs, y, { ...options, engine: 'eager' })],
    ['with one batch', (model) => Promise.resolve(trainOnBatch(model, inputs, y))],
    [
      'when the model is compiled again',
      (model, engine) => {
        pipe(model, compile({ optimizer: optimizerOf(model), loss: 'mae' }));
        return fit(model, inputs, y, { ...options, engine });
      },
    ],
    [
      'when a layer is frozen',
      (model, engine) => {
        freezeWeights(model, { to: 0 });
        pipe(model, compile({ optimizer: optimizerOf(model), loss: 'mse' }));
        return fit(model, inputs, y, { ...options, engine });
      },
    ],
    [
      'when the graph is gone and nobody has looked',
      (model, engine) => {
        model.state.drop(KEPT_STEPS.fit);
        return fit(model, inputs, y, { ...options, engine });
      },
    ],
  ];
  test.each(again)('%s', async (_, run) => {
    const [eager, compiled] = [await first('eager'), await first('compiled')];
    await run(eager, 'eager');
    await run(compiled, 'compiled');
    const [expected, actual] = [eager, compiled].map((model): Fitted => {
      const state = optimizerOf(model).getWeights();
      const values = state.flatMap((slot) => [...slot.dataSync()]);
      tf.dispose(state);
      return { losses: values, weights: weightArrays(model).map(flat) };
    });
    expectNear(actual as Fitted, expected as Fitted, 1e-5); // of two models
    eager.dispose();
    compiled.dispose();
  });

  test('a model that goes leaves nothing', async () => {
    const before = tensorCount();
    (await first('compiled')).dispose();
    expect(tensorCount()).toBe(before);
  });
});

test('the rate that is set between two compiled fits counts', async () => {
  const model = modelWith(optimizerNadam({ learningRate: 0.1 }));
  const options = { engine: 'compiled', batchSize: 8, shuffle: false, verbose: 0, epochs: 1 } as const;
  await fit(model, inputs, y, options);
  optimizerOf(model).learningRate = 0;
  const before = weightArrays(model).flatMap(flat);
  await fit(model, inputs, y, options);
  // But for the constraint's rounding.
  expect(distance(weightArrays(model).flatMap(flat), before)).toBeLessThan(1e-6);
  model.dispose();
});

describe('an update that cannot be replayed', () => {
  const drawing = customOptimizer({
    name: 'drawing',
    update: ({ variable, gradient }) => ({
      variable: tf.sub(variable, tf.mul(gradient, Math.random() * 0.01)),
      slots: {},
    }),
  });
  const reading = customOptimizer({
    name: 'reading',
    update: ({ variable, gradient, numbers }) => ({
      variable: tf.sub(variable, tf.mul(gradient, numbers.learningRate.dataSync()[0] ?? 0)),
      slots: {},
    }),
  });
  const remembered = tf.keep(tf.scalar(0.01));
  const outside = customOptimizer({
    name: 'outside',
    update: ({ variable, gradient }) => ({
      variable: tf.sub(variable, tf.mul(gradient, remembered)),
      slots: {},
    }),
  });

  test.each([
    ['draws random numbers', drawing(), 'the update of drawing: a constant of Mul has other values'],
    ['reads values', reading(), 'the update of reading: JavaScript read the values of a tensor'],
    ['uses a tensor from outside', outside(), 'the update of outside: Mul uses a tensor from outside'],
  ])('%s: compiled is refused, auto runs eagerly and says so', async (_what, optimizer, reason) => {
    const model = modelWith(optimizer);
    const options = { batchSize: 1, epochs: 1, verbose: 0 } as const;
    await expect(fit(model, inputs, y, { ...options, engine: 'compiled' })).rejects.toThrow(reason);
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    const { params } = await fit(model, inputs, y, { ...options, engine: 'auto' });
    expect(params.engine).toBe('eager');
    expect(warn.mock.calls.flat().join()).toContain(reason);
    warn.mockRestore();
    model.dispose();
  });
});

test.each([
  ['nothing', () => undefined, 'must return `variable`, a tensor'],
  [
    'a slot too few',
    ({ variable }: { variable: Tensor }) => ({ variable, slots: {} }),
    '`slots.m`, a tensor',
  ],
  [
    'another shape',
    ({ variable }: { variable: Tensor }) => ({ variable, slots: { m: tf.scalar(0) } }),
    "`slots.m` as float32 of the variable's shape [2]",
  ],
])('an update that returns %s is refused', (_what, update, message) => {
  const make = customOptimizer({ name: 'wrong', slots: { m: 0 }, update: update as never }); // what JavaScript lets through
  const optimizer = make();
  const variable = tf.variable(tf.tensor1d([1, 2]));
  tf.tidy(() => expect(() => optimizer.apply([tf.ones([2])], [variable])).toThrow(message));
  expect([...variable.dataSync()]).toEqual([1, 2]);
  optimizer.dispose();
  variable.dispose();
});

test('options of one’s own are typed and checked by their defaults', () => {
  expect(optimizerOwn({ momentum: 0.1 }).getConfig()).toMatchObject({
    name: 'own',
    momentum: 0.1,
    nesterov: false,
  });
  // @ts-expect-error: momentum is a number
  expect(() => optimizerOwn({ momentum: 'much' })).toThrow('own: `momentum` must be a finite number');
  // @ts-expect-error: a misspelt option does not compile
  expect(() => optimizerOwn({ momentun: 1 })).toThrow("Did you mean 'momentum'?");
  expect(() => optimizerOwn({ clipnorm: 1, globalClipnorm: 1 })).toThrow('at most one of');
  expect(() => optimizerSgd({ weightDecay: -1 })).toThrow('`weightDecay` must be a number of 0 or more');
  const bare = customOptimizer({ name: 'bare', update: (all) => ({ ...all, slots: {} }) });
  // @ts-expect-error: without defaults there are no options of its own
  expect(() => bare({ rho: 1 })).toThrow('the unknown option `rho`');
  expect(optimizerSgd({ clipnorm: null }).getConfig()).not.toHaveProperty('clipnorm');
  // Null also stands against a default.
  expect(optimizerRmsprop().getConfig()).toHaveProperty('emaOverwriteFrequency', 100);
  expect(optimizerRmsprop({ emaOverwriteFrequency: null }).getConfig()).not.toHaveProperty(
    'emaOverwriteFrequency',
  );
});
