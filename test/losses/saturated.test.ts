/** Crossentropies of outputs that are 0 or 1 in float32. Expected values are Keras's, see test/reference. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  compile,
  evaluate,
  fit,
  kerasModel,
  kerasModelSequential,
  layerActivation,
  layerActivationSoftmax,
  layerConv1d,
  layerDense,
  layerDropout,
  layerInput,
  layerModel,
  layerReshape,
  lossBinaryCrossentropy,
  lossCategoricalCrossentropy,
  optimizerSgd,
  pipe,
  shared,
  testOnBatch,
  trainOnBatch,
  type ActivationLike,
  type LossFunction,
  type LossName,
  type SequentialModel,
  type Tensor,
} from 'keras-pipe';
import { tf } from '../../src/tfjs/tensorflow';
import { weightArrays } from '../support/weights';
import { tensorCount } from '../support/tensors';

type Nested = number[] | number[][] | number[][][];

/** What test/reference/saturated.py prints: of each case the loss, then the metric of the same name. */
type Reference = Readonly<
  Record<
    string,
    {
      readonly loss: LossName;
      readonly labels: Nested;
      readonly evaluated: [number, number];
      readonly trained: [number, number];
      readonly kernel: Nested;
    }
  >
>;

const reference = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/saturated.json'), 'utf8'),
) as Reference; // as its program prints it

const flat = (values: unknown): number[] => [values].flat(Infinity) as number[];

const one = [[30]];
const two = [[30, -30]];
const dense = (kernel: number[][], activation: ActivationLike = 'linear') =>
  layerDense({ units: kernel[0]?.length ?? 0, useBias: false, activation, weights: [kernel] });
const stack = (inputShape = [1]) => kerasModelSequential({ inputShape });
const sequences = [2, 1];

const models: Readonly<Record<string, () => SequentialModel>> = {
  sigmoid: () => pipe(stack(), dense(one, 'sigmoid')),
  'sigmoid as a layer': () => pipe(stack(), dense(one), layerActivation({ activation: 'sigmoid' })),
  'sigmoid, then linear': () =>
    pipe(
      stack(),
      dense(one),
      layerActivation({ activation: 'sigmoid' }),
      layerActivation({ activation: 'linear' }),
    ),
  'sigmoid, then dropout': () => pipe(stack(), dense(one, 'sigmoid'), layerDropout({ rate: 0 })),
  'sigmoid, then reshape': () => pipe(stack(), dense(one, 'sigmoid'), layerReshape({ targetShape: [1] })),
  'sigmoid in a model': () => pipe(stack(), layerModel(pipe(stack(), dense(one, 'sigmoid')))),
  'sigmoid in a model in a model': () =>
    pipe(stack(), layerModel(pipe(stack(), layerModel(pipe(stack(), dense(one, 'sigmoid')))))),
  'own activation': () =>
    pipe(
      stack(),
      dense(one, (x) => tf.div(1, tf.add(1, tf.exp(tf.neg(x))))),
    ),
  softmax: () => pipe(stack(), dense(two, 'softmax')),
  'softmax as a layer': () => pipe(stack(), dense(two), layerActivation({ activation: 'softmax' })),
  Softmax: () => pipe(stack(), dense(two), layerActivationSoftmax()),
  'softmax in a model': () => pipe(stack(), layerModel(pipe(stack(), dense(two, 'softmax')))),
  'softmax of sequences': () => pipe(stack(sequences), dense(two, 'softmax')),
  'Softmax along another axis': () => pipe(stack(sequences), dense(two), layerActivationSoftmax({ axis: 1 })),
  'softmax of a convolution': () =>
    pipe(
      stack(sequences),
      layerConv1d({ filters: 2, kernelSize: 1, useBias: false, activation: 'softmax', weights: [[two]] }),
    ),
  'sigmoid of two': () => pipe(stack(), dense(two, 'sigmoid')),
};

/** Which model a case is about. */
const modelOf: Readonly<Record<string, string>> = {
  'sigmoid, right': 'sigmoid',
  'sigmoid, smoothed': 'sigmoid',
  'softmax, smoothed': 'softmax',
  'softmax, class numbers': 'softmax',
  'Softmax, class numbers': 'Softmax',
  'softmax of sequences, class numbers': 'softmax of sequences',
  'softmax with the binary loss': 'softmax',
  'Softmax with the binary loss': 'Softmax',
  'sigmoid with the categorical loss': 'sigmoid of two',
  'sigmoid with class numbers': 'sigmoid of two',
};

const cases = Object.entries(reference).map(([name, expected]) => {
  const make = models[modelOf[name] ?? name];
  const build = (): SequentialModel =>
    compile(make?.() as SequentialModel, {
      optimizer: optimizerSgd({ learningRate: 1 }),
      loss: expected.loss,
      metrics: [expected.loss],
    });
  const x = (make?.().tf.inputs[0]?.shape.length ?? 0) === 3 ? [[[1], [1]]] : [[1]];
  return { name, expected, build, x };
});

const expectClose = (actual: unknown, expected: unknown): void => {
  const [a, b] = [flat(actual), flat(expected)];
  expect(a).toHaveLength(b.length);
  a.forEach((value, index) => {
    const other = b[index] ?? NaN;
    const size = Math.max(1, Math.abs(other));
    // Of clipped probabilities, which are two or three roundings from 1, the last bit depends on the order of the terms.
    const isClipped = other > 15 && other < 17;
    expect(value / size).toBeCloseTo(other / size, isClipped ? 1.9 : 6);
  });
};

test.each(cases)('one batch: $name', ({ expected, build, x }) => {
  const model = build();
  const before = tensorCount();
  expectClose(Object.values(testOnBatch(model, x, expected.labels)), expected.evaluated);
  expectClose(Object.values(trainOnBatch(model, x, expected.labels)), expected.trained);
  expect(tensorCount()).toBe(before);
  expectClose(weightArrays(model), expected.kernel);
});

describe.each(['eager', 'compiled'] as const)('fit and evaluate, %s', (engine) => {
  test.each(cases)('$name', async ({ expected, build, x }) => {
    const model = build();
    const before = tensorCount();
    const options = { verbose: 0, engine } as const;
    expectClose(Object.values(await evaluate(model, x, expected.labels, options)), expected.evaluated);
    const { metrics } = await fit(model, x, expected.labels, { ...options, epochs: 1 });
    expectClose(Object.values(metrics), expected.trained);
    if (engine === 'eager') expect(tensorCount()).toBe(before);
    expectClose(weightArrays(model), expected.kernel);
  });
});

describe('from logits', () => {
  /** A model of one weight, 2, whose output is a sigmoid: the loss by hand is −y log σ(2) − (1 − y) log σ(−2). */
  const single = (loss: LossFunction | LossName) =>
    compile(pipe(stack(), dense([[2]], 'sigmoid')), { optimizer: optimizerSgd({ learningRate: 1 }), loss });
  const sigma = (x: number) => 1 / (1 + Math.exp(-x));

  test("a loss of one's own finds them through the loss that it calls", () => {
    const halved: LossFunction = (y, p) => tf.mul(0.5, lossBinaryCrossentropy(y, p));
    const model = compile(models['sigmoid']?.() as SequentialModel, {
      optimizer: optimizerSgd({ learningRate: 1 }),
      loss: halved,
    });
    expect(trainOnBatch(model, [[1]], [[0]]).loss).toBe(15);
    expectClose(weightArrays(model), [29.5]);
  });

  test('labels that are computed from the predictions have a gradient, too', () => {
    // y = p: the derivative of −p log p − (1 − p) log(1 − p) by the logit x is −x p (1 − p), which is found through y alone.
    const entropy: LossFunction = (_, p) => lossBinaryCrossentropy(p, p);
    const model = single(entropy);
    trainOnBatch(model, [[1]], [[0]]);
    const p = sigma(2);
    expectClose(weightArrays(model), [2 + 2 * p * (1 - p)]);
    const both = compile(pipe(stack(), dense([[1, -1]], 'softmax')), {
      optimizer: optimizerSgd({ learningRate: 1 }),
      loss: (_, probabilities) => lossCategoricalCrossentropy(probabilities, probabilities),
    });
    trainOnBatch(both, [[1]], [[0, 1]]);
    // The logits' difference is 2 x: by each weight the derivative of the entropy is ∓2 p (1 − p).
    expectClose(weightArrays(both), [1 + 2 * p * (1 - p), -1 - 2 * p * (1 - p)]);
  });

  test('where nothing is saturated, the value is that of the probabilities', () => {
    expect(testOnBatch(single('binary_crossentropy'), [[1]], [[0.25]]).loss).toBeCloseTo(
      -0.25 * Math.log(sigma(2)) - 0.75 * Math.log(sigma(-2)),
      6,
    );
  });

  test('the gradient at a logit of 0 is right', () => {
    const model = compile(pipe(stack(), dense([[0]], 'sigmoid')), {
      optimizer: optimizerSgd({ learningRate: 1 }),
      loss: 'binary_crossentropy',
    });
    trainOnBatch(model, [[1]], [[1]]);
    expectClose(weightArrays(model), [0.5]);
  });

  test('a shared last layer has the logits of each of its outputs', () => {
    const layer = shared(layerDense({ units: 1, useBias: false, activation: 'sigmoid', weights: [one] }));
    const input = layerInput({ shape: [1] });
    const outputs = [[1], [-1]].map((weight) => layer(pipe(input, dense([weight]))));
    const model = compile(kerasModel(input, outputs), { loss: 'binary_crossentropy' });
    const losses = testOnBatch(model, [[1]], [[[0]], [[0]]]);
    expect(Object.values(losses)).toEqual([30, 30, expect.closeTo(0, 6)]);
  });

  test("probabilities that are no model's output are clipped, as the documentation says", () => {
    const probabilities: Tensor = tf.sigmoid(tf.tensor2d([[30]]));
    expect(lossBinaryCrossentropy(tf.tensor2d([[0]]), probabilities).dataSync()[0]).toBeCloseTo(
      -Math.log(2.2e-7),
      1,
    );
  });
});
