/** The forms of call of `test/types/calls.ts`, at run time. */
import {
  arrayReshape,
  compile,
  evaluate,
  fit,
  getLayer,
  getWeights,
  History,
  kerasModelSequential,
  KerasArgumentError,
  layerDense,
  outputShape,
  padSequences,
  pipe,
  popLayer,
  predict,
  predictOnBatch,
  regularizerL2,
  summary,
  tf,
  toCategorical,
  type SequentialModel,
} from 'keras-pipe';

const x = [[0, 1], [1, 0], [1, 1], [0, 0]]; // prettier-ignore
const y = [1, 1, 2, 0];
const modelOf = (): SequentialModel =>
  pipe(
    kerasModelSequential(),
    layerDense({ units: 3, activation: undefined, inputShape: [2] }),
    compile({ optimizer: 'sgd', loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'] }),
  );

test('data first or piped, the only option bare or by its name', () => {
  expect(pipe(y, toCategorical({ numClasses: 10 })).shape).toEqual([4, 10]);
  expect(toCategorical(y, 10).arraySync()).toEqual(pipe(y, toCategorical(10)).arraySync());
  expect(pipe(tf.ones([2, 28, 28]), arrayReshape([-1, 784])).shape).toEqual([2, 784]);
  expect(pipe([[1, 2, 3], [4]], padSequences({ maxlen: 5 })).arraySync()).toEqual([
    [0, 0, 1, 2, 3],
    [0, 0, 0, 0, 4],
  ]);
  const [named, bare] = [regularizerL2({ l: 0.01 }), regularizerL2(0.01)];
  expect(named.apply(tf.ones([3])).dataSync()).toEqual(bare.apply(tf.ones([3])).dataSync());
});

test('functions of a model, with and without options', () => {
  const model = modelOf();
  const lines: string[] = [];
  const print = (text: string) => lines.push(...text.split('\n'));
  expect(pipe(model, summary({ lineLength: 50, print }))).toBe(model);
  expect(Math.max(...lines.map(({ length }) => length))).toBe(50);
  const log = jest.spyOn(console, 'log').mockImplementation(() => undefined);
  expect(pipe(model, summary)).toBe(model);
  expect(log).toHaveBeenCalledTimes(1);
  log.mockRestore();
  expect(getLayer(model, { name: 'dense' })).toBe(getLayer(model, 'dense'));
  expect(pipe(getLayer(model, 'dense').output, layerDense({ units: 1 })).shape).toEqual([null, 1]);
  expect(outputShape(model)[1]).toBe(3);
  expect(tf.add(getWeights(model)[0] ?? 0, 1).shape).toEqual([2, 3]);
  expect(pipe(model, layerDense({ units: 1 }), popLayer())).toBe(model);
});

test('predictions go into the operations of tfjs', async () => {
  const model = modelOf();
  expect(tf.argMax(await predict(model, x), -1).shape).toEqual([4]);
  expect(tf.sub(await pipe(model, predict(x)), 1).shape).toEqual([4, 3]);
  expect(tf.mean(predictOnBatch(model, x)).shape).toEqual([]);
});

test('data that nothing is known of', async () => {
  const data = JSON.parse(JSON.stringify({ x, y })) as { x: number[][]; y: number[] };
  const model = modelOf();
  expect(await pipe(model, fit(data.x, data.y, { epochs: 5, verbose: 0 }))).toBeInstanceOf(History);
  expect(Object.keys(await pipe(model, evaluate(data.x, data.y, { verbose: 0 })))).toEqual([
    'loss',
    'accuracy',
  ]);
});

test('a fit without labels says that y is missing', () => {
  expect(() => fit(x, { epochs: 5 } as never)).toThrow(KerasArgumentError);
  expect(() => fit(x, { epochs: 5 } as never)).toThrow(
    /^fit: data and labels must be given\. Received: x: .*, y: undefined\./,
  );
});

test('a fit under another name', async () => {
  const myFit = fit;
  expect((await pipe(modelOf(), myFit(x, y, { epochs: 1, verbose: 0 }))).metrics.loss).toHaveLength(1);
});
