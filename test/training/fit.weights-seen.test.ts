/** Who looks at the weights in the middle of an epoch finds those after the steps that are done, in both engines. */
import {
  compile,
  evaluate,
  fit,
  getLayer,
  getWeights,
  kerasModelSequential,
  layerDense,
  optimizerOf,
  optimizerSgd,
  pipe,
  predict,
  predictOnBatch,
  setWeights,
  testOnBatch,
  tf,
  trainOnBatch,
  type SequentialModel,
  type Tensor,
} from '../../src/index';
import { tensorCount } from '../support/tensors';

const ROWS = 30_000;
const ones = new Float32Array(ROWS).fill(1);
const engines = ['eager', 'compiled'] as const;

/** A model whose one weight is less by 1 after each step: the loss is the prediction, and the input is 1. */
const counter = (): SequentialModel =>
  pipe(
    kerasModelSequential(),
    layerDense({ units: 1, useBias: false, kernelInitializer: 'zeros', inputShape: [1] }),
    compile({
      optimizer: optimizerSgd({ learningRate: 1 }),
      loss: (_: Tensor, yPred: Tensor) => tf.mean(yPred),
    }),
  );

const first = (tensor: Tensor): number => {
  const [value = NaN] = tensor.dataSync();
  tensor.dispose();
  return value;
};

/** Ways to the weight: each gives minus the number of steps. */
const looks: [string, (model: SequentialModel) => number | Promise<number>][] = [
  ['getWeights', (model) => getWeights(model)[0]?.dataSync()[0] ?? NaN],
  ['getWeights of a layer', (model) => getWeights(getLayer(model, { index: 0 }))[0]?.dataSync()[0] ?? NaN],
  ['model.tf.getWeights', (model) => model.tf.getWeights()[0]?.dataSync()[0] ?? NaN],
  ['predictOnBatch', (model) => first(predictOnBatch(model, [[1]]))],
  ['model.tf.predict', (model) => first(model.tf.predict(tf.ones([1, 1])) as Tensor)],
  ['testOnBatch', (model) => testOnBatch(model, [[1]], [0]).loss],
  [
    'saving by tfjs',
    async (model) => {
      let weights: unknown;
      await model.tf.save(
        tf.io.withSaveHandler(({ weightData }) => {
          weights = weightData;
          return Promise.resolve({
            modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' },
          });
        }),
      );
      return new Float32Array(weights as ArrayBuffer)[0] ?? NaN; // one part, of one weight
    },
  ],
];

/** Runs a fit of which no callback looks at the weights, and something every few milliseconds meanwhile. */
const during = async (
  model: SequentialModel,
  engine: (typeof engines)[number],
  look: (steps: number) => void,
): Promise<void> => {
  const timer = setInterval(() => {
    const { iterations } = optimizerOf(model);
    // In the middle of an epoch.
    if (iterations % ROWS !== 0) look(iterations);
  }, 5);
  try {
    await fit(model, ones, ones, { epochs: 2, batchSize: 1, verbose: 0, shuffle: false, engine });
  } finally {
    clearInterval(timer);
  }
};

describe.each(engines)('%s', (engine) => {
  test.each(looks)('%s in a timer finds the weights as they are', async (_, look) => {
    const model = counter();
    const seen: Promise<[number, number]>[] = [];
    await during(model, engine, (steps) => {
      const found = look(model);
      seen.push(Promise.resolve(found).then((weight) => [weight, -steps]));
      if (seen.length === 10) model.stopTraining = true;
    });
    const pairs = await Promise.all(seen);
    expect(pairs.length).toBeGreaterThan(1);
    expect(pairs.map(([weight]) => weight)).toEqual(pairs.map(([, expected]) => expected));
    expect(getWeights(model)[0]?.dataSync()[0]).toBe(-optimizerOf(model).iterations);
    model.dispose();
  });

  test('a tensor of the weight that was taken before the fit is the weight', async () => {
    const model = counter();
    const weight = model.tf.weights[0]?.read() as Tensor;
    const seen: [number | undefined, number][] = [];
    await during(model, engine, (steps) => {
      seen.push([weight.dataSync()[0], -steps]);
      if (seen.length === 5) model.stopTraining = true;
    });
    expect(seen.length).toBeGreaterThan(1);
    for (const [found, expected] of seen) expect(found).toBe(expected);
  });

  test('predict and evaluate run beside the fit', async () => {
    const model = counter();
    const seen: Promise<boolean>[] = [];
    await during(model, engine, (steps) => {
      // They begin at once, and may end some steps later.
      const within = (value: number): boolean => value <= -steps + 1e-3 && value >= -2 * ROWS;
      seen.push(predict(model, [[1]]).then((output) => within(first(output))));
      seen.push(evaluate(model, [[1]], [0], { verbose: 0 }).then(({ loss }) => within(loss)));
      if (seen.length >= 6) model.stopTraining = true;
    });
    expect(await Promise.all(seen)).toEqual(seen.map(() => true));
    expect(seen.length).toBeGreaterThanOrEqual(2);
  });

  test('who sets the weight in the middle of an epoch sets it: the next step begins there', async () => {
    const model = counter();
    let set: number | undefined;
    await during(model, engine, (steps) => {
      if (set !== undefined) {
        if (steps > set + 100) model.stopTraining = true;
        return;
      }
      set = steps;
      setWeights(model, [[[1e6]]]);
    });
    const { iterations } = optimizerOf(model);
    expect(iterations).toBeGreaterThan(set ?? NaN);
    expect(getWeights(model)[0]?.dataSync()[0]).toBe(1e6 - (iterations - (set ?? NaN)));
  });

  test('after an error in a callback, and for a step that follows, the weights are there', async () => {
    const model = counter();
    const callbacks = {
      onTrainBatchEnd: (batch: number) => {
        if (batch === 41) throw new Error('enough');
      },
    };
    const fitting = fit(model, ones, ones, { epochs: 1, batchSize: 1, verbose: 0, engine, callbacks });
    await expect(fitting).rejects.toThrow('enough');
    expect(getWeights(model)[0]?.dataSync()[0]).toBe(-42);
    trainOnBatch(model, [[1]], [0]);
    expect(getWeights(model)[0]?.dataSync()[0]).toBe(-43);
  });

  test('no tensor stays of looks', async () => {
    const model = counter();
    await fit(model, [[1]], [1], { epochs: 1, verbose: 0, engine });
    setWeights(model, [[[0]]]);
    const before = tensorCount();
    let count = 0;
    await during(model, engine, () => {
      model.tf.weights[0]?.read().dataSync();
      if (++count === 5) model.stopTraining = true;
    });
    expect(count).toBeGreaterThan(1);
    expect(tensorCount()).toBe(before);
  });
});
