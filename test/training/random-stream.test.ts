/** What draws from the seeded stream, and what does not: a fit after it shuffles as without it. */
import {
  compile,
  countParams,
  evaluate,
  fit,
  getLayer,
  getWeights,
  kerasModelSequential,
  layerDense,
  layerDropout,
  layerGru,
  metricAuc,
  optimizerAdam,
  outputShape,
  pipe,
  predict,
  predictClasses,
  predictOnBatch,
  setRandomSeed,
  setWeights,
  summary,
  testOnBatch,
  tf,
  type SequentialModel,
} from '../../src/index';
import { nextUniform } from '../../src/base/random';

const x = tf.tidy(() => tf.randomUniform([40, 3, 2], -1, 1, 'float32', 5).arraySync() as number[][][]);
const y = x.map((_, row) => row % 2);
const make = (): SequentialModel =>
  pipe(
    kerasModelSequential({ name: 'drawn' }),
    layerGru({ units: 2, inputShape: [3, 2], dropout: 0.1, recurrentDropout: 0.1 }),
    layerDropout({ rate: 0.5 }),
    layerDense({ units: 1, activation: 'sigmoid' }),
    compile({ optimizer: 'adam', loss: 'binary_crossentropy' }),
  );

const quiet = { verbose: 0 } as const;
const calls: [string, (model: SequentialModel) => unknown][] = [
  ['evaluate, eager', (model) => evaluate(model, x, y, { ...quiet, engine: 'eager' })],
  ['evaluate, compiled', (model) => evaluate(model, x, y, { ...quiet, batchSize: 4, engine: 'compiled' })],
  ['evaluate, auto', (model) => evaluate(model, x, y, { ...quiet, batchSize: 1 })],
  ['predict', async (model) => tf.dispose(await predict(model, x))],
  ['predictClasses', async (model) => tf.dispose(await predictClasses(model, x))],
  [
    'predictOnBatch, until it is compiled',
    (model) => {
      for (let time = 0; time < 30; time++) tf.dispose(predictOnBatch(model, x));
    },
  ],
  ['testOnBatch', (model) => testOnBatch(model, x, y)],
  ['summary', (model) => summary(model, { print: () => undefined })],
  [
    'compile',
    (model) =>
      compile(model, {
        optimizer: optimizerAdam(),
        loss: 'binary_crossentropy',
        metrics: ['accuracy', metricAuc()],
      }),
  ],
  ['getWeights and setWeights', (model) => setWeights(model, getWeights(model))],
  [
    'looks at the model',
    (model) => [countParams(model), outputShape(model), getLayer(model, { index: 0 }), String(model)],
  ],
  ['a fit that is refused', (model) => fit(model, x, [1], quiet).catch(() => undefined)],
];

test.each(calls)('%s draws nothing', async (_, call) => {
  setRandomSeed(7);
  const model = make();
  setRandomSeed(8);
  await call(model);
  const after = nextUniform();
  setRandomSeed(8);
  expect(after).toBe(nextUniform());
  model.dispose();
});

test.each(['eager', 'compiled'] as const)(
  'a fit after an evaluation shuffles as without it, %s',
  async (engine) => {
    const losses: number[] = [];
    for (const looks of [false, true]) {
      setRandomSeed(9);
      const model = make();
      if (looks) await evaluate(model, x, y, { ...quiet, engine });
      const { metrics } = await fit(model, x, y, { ...quiet, epochs: 2, batchSize: 8, engine });
      losses.push(metrics.loss.at(-1) ?? NaN);
      model.dispose();
    }
    expect(losses[1]).toBe(losses[0]);
  },
);

test('both engines draw the same', async () => {
  const after: number[] = [];
  for (const engine of ['eager', 'compiled'] as const) {
    setRandomSeed(10);
    const model = make();
    await fit(model, x, y, { ...quiet, epochs: 2, batchSize: 8, validationSplit: 0.2, engine });
    after.push(nextUniform());
    model.dispose();
  }
  expect(after[1]).toBe(after[0]);
});
