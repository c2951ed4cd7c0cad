import { CompiledSteps } from '../../src/engine/compiled-steps';
import * as tracing from '../../src/engine/traced-program';
import {
  callModel,
  compile,
  evaluate,
  fit,
  getWeights,
  gradientsOf,
  kerasModelSequential,
  layerDense,
  newModelClass,
  pipe,
  setRandomSeed,
  tf,
  type KerasModel,
  type StepData,
  type Tensor,
} from 'keras-pipe';
import { tensorCount } from '../support/tensors';
import { expectClose } from './streams/support';

/** Always the same. */
const build = (): KerasModel => {
  setRandomSeed(7);
  return pipe(
    kerasModelSequential(),
    layerDense({ units: 16, activation: 'relu', inputShape: [4] }),
    layerDense({ units: 1 }),
    compile({ optimizer: 'sgd', loss: 'mse', metrics: ['mae'] }),
  );
};

const rows = (count: number): [Tensor, Tensor] => [
  tf.tensor2d(
    Float32Array.from({ length: count * 4 }, (_, at) => Math.sin(at)),
    [count, 4],
  ),
  tf.tensor2d(
    Float32Array.from({ length: count }, (_, at) => Math.cos(at)),
    [count, 1],
  ),
];

const quiet = { epochs: 1, verbose: 0, shuffle: false } as const;

jest.mock('../../src/engine/traced-program', () => {
  const actual = jest.requireActual<typeof tracing>('../../src/engine/traced-program');
  return { ...actual, traceProgram: jest.fn(actual.traceProgram) };
});
const traced = jest.mocked(tracing.traceProgram);
beforeEach(() => traced.mockClear());
afterEach(() => jest.restoreAllMocks());

test('fits of a few steps are compiled once they are many, with the numbers of fits that are not', async () => {
  const [x, y] = rows(64);
  const [model, other] = [build(), build()];
  const engines: unknown[] = [];
  for (let call = 0; call < 300; call++) {
    const history = await fit(model, x, y, quiet);
    const { metrics } = await fit(other, x, y, { ...quiet, engine: 'eager' });
    expectClose(history.metrics.loss, metrics.loss);
    engines.push(history.params.engine);
  }
  expect(engines.slice(0, 9)).toEqual(Array(9).fill('eager'));
  expect(engines.at(-1)).toBe('compiled');
  expect(engines).toEqual([...engines].sort().reverse());
  expect(traced).toHaveBeenCalledTimes(1);
  const [one, two] = [getWeights(model), getWeights(other)];
  for (const [index, weight] of one.entries())
    expectClose([...weight.dataSync()], [...(two[index]?.dataSync() ?? [])]);
  tf.dispose([x, y, one, two]);
  model.dispose();
  other.dispose();
});

test.each([40, 160])(
  'whether %d steps are compiled does not depend on how long anything takes',
  async (steps) => {
    const [x, y] = rows(2 * steps);
    const engines = new Set<unknown>();
    const now = performance.now.bind(performance);
    for (const pace of [0.001, 1, 1000]) {
      jest.spyOn(performance, 'now').mockImplementation(() => pace * now());
      const model = build();
      engines.add((await fit(model, x, y, { ...quiet, batchSize: 2 })).params.engine);
      model.dispose();
    }
    expect([...engines]).toEqual([steps === 40 ? 'eager' : 'compiled']);
    tf.dispose([x, y]);
  },
);

test('evaluations of a few steps are compiled once they are many', async () => {
  const [x, y] = rows(64);
  const model = build();
  const compiled = jest.spyOn(CompiledSteps, 'inSteps');
  const first = await evaluate(model, x, y, { verbose: 0 });
  for (let call = 0; call < 400; call++) {
    const again = await evaluate(model, x, y, { verbose: 0 });
    expectClose(Object.values(again), Object.values(first));
  }
  expect(compiled).toHaveBeenCalledTimes(1);
  expect(traced).toHaveBeenCalledTimes(1);
  tf.dispose([x, y]);
  model.dispose();
});

test('those of other numbers of rows each time are never looked at', async () => {
  const model = build();
  for (let count = 1; count <= 60; count++) {
    const [x, y] = rows(count);
    await fit(model, x, y, { ...quiet, batchSize: 64 });
    tf.dispose([x, y]);
  }
  expect(traced).not.toHaveBeenCalled();
  model.dispose();
});

test('compiled steps of a long fit stay', async () => {
  const [x, y] = rows(640);
  const [few, fewY] = rows(30);
  const model = build();
  await fit(model, x, y, { ...quiet, engine: 'compiled' });
  for (let call = 0; call < 40; call++) await fit(model, few, fewY, quiet);
  await fit(model, x, y, { ...quiet, engine: 'compiled' });
  expect(traced).toHaveBeenCalledTimes(1);
  tf.dispose([x, y, few, fewY]);
  model.dispose();
});

test('those of a model with steps of its own are compiled, too', async () => {
  const modelOwn = newModelClass({
    classname: 'Own',
    initialize() {
      return { out: this.addLayer(layerDense({ units: 1 })) };
    },
    call(inputs: Tensor) {
      return this.out(inputs);
    },
    trainStep({ x: batch, y: labels }: StepData) {
      const gradients = gradientsOf(
        () => tf.mean(tf.squaredDifference(callModel(this, batch, { training: true }), labels)) as Tensor,
        this,
      );
      this.optimizer.apply(gradients);
      return { loss: gradients.loss };
    },
  });
  const [x, y] = rows(64);
  const model = pipe(modelOwn(), compile({ optimizer: 'sgd', loss: 'mse' }));
  const engines: unknown[] = [];
  for (let call = 0; call < 20; call++) engines.push((await fit(model, x, y, quiet)).params.engine);
  expect(engines.slice(0, 9)).toEqual(Array(9).fill('eager'));
  expect(engines.at(-1)).toBe('compiled');
  tf.dispose([x, y]);
  model.dispose();
});

test('nothing is left of them', async () => {
  const count = tensorCount();
  const [x, y] = rows(64);
  const model = build();
  for (let call = 0; call < 150; call++) await fit(model, x, y, quiet);
  tf.dispose([x, y]);
  model.dispose();
  expect(tensorCount()).toBe(count);
});
