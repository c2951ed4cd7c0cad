import {
  compile,
  fit,
  getLayer,
  kerasModelSequential,
  layerDense,
  layerEmbedding,
  layerGlobalAveragePooling1d,
  layerLambda,
  outputShape,
  pipe,
  predictOnBatch,
  tf,
  type LambdaFunction,
  type Tensor,
} from '../../src/index';

test('a function of tensors, with arguments of its own', () => {
  const f: LambdaFunction = (x, options) => tf.mul(x, options?.['factor'] as number);
  const model = pipe(kerasModelSequential({ inputShape: [2] }), layerLambda({ f, arguments: { factor: 3 } }));
  expect(predictOnBatch(model, tf.tensor2d([[1, -2]])).arraySync()).toEqual([[3, -6]]);
});

test('the output’s shape is found by a trial, open sizes too, or given', () => {
  const on = (shape: (number | null)[], f: LambdaFunction, outputShapeGiven?: (number | null)[]) =>
    outputShape(
      pipe(kerasModelSequential({ inputShape: shape }), layerLambda({ f, outputShape: outputShapeGiven })),
    );
  expect(on([null, 3], (x) => tf.concat([x, x], 2))).toEqual([null, null, 6]);
  expect(on([null, 3], (x) => tf.sum(x, 1))).toEqual([null, 3]);
  expect(on([4, 3], (x) => tf.reshape(x, [x.shape[0], 12]), [12])).toEqual([null, 12]);
});

test.each(['eager', 'compiled'] as const)('gradients go through it, %s', async (engine) => {
  const model = pipe(
    kerasModelSequential({ inputShape: [1] }),
    layerDense({ units: 1, useBias: false, kernelInitializer: 'ones' }),
    layerLambda({ f: (x) => tf.square(x) }),
    compile({ loss: 'mse', optimizer: 'sgd' }),
  );
  await fit(model, tf.tensor2d([[1], [1]]), tf.tensor2d([[0], [0]]), { epochs: 1, verbose: 0, engine });
  // d/dw w⁴ = 4 at w = 1, at the rate 0.01.
  expect(getLayer(model, { index: 0 }).getWeights()[0]?.dataSync()[0]).toBeCloseTo(0.96, 5);
});

test('a mask comes out where a function makes one', () => {
  const model = pipe(
    kerasModelSequential(),
    layerEmbedding({ inputDim: 4, outputDim: 2, inputLength: 3, maskZero: true }),
    layerLambda({ f: (x) => tf.mul(x, 2), mask: (_x, mask) => mask }),
    layerGlobalAveragePooling1d(),
  );
  const [short, long] = [
    predictOnBatch(model, tf.tensor2d([[2, 3, 0]])),
    predictOnBatch(model, tf.tensor2d([[2, 3, 3]])),
  ];
  const vectors = getLayer(model, { index: 0 }).getWeights()[0] as Tensor;
  const mean = tf.mul(tf.mean(tf.gather(vectors, [2, 3]), 0), 2);
  mean.dataSync().forEach((value, index) => expect(short.dataSync()[index]).toBeCloseTo(value, 5));
  expect([...long.dataSync()]).not.toEqual([...short.dataSync()]);
});

test('what is no function, or gives no tensor, is told', () => {
  expect(() => layerLambda({} as never)).toThrow('layerLambda: the option `f` is required');
  expect(() => layerLambda({ f: 3 as never })).toThrow(
    'layerLambda: `f` must be a function of a tensor. Received: 3.',
  );
  expect(() =>
    pipe(kerasModelSequential({ inputShape: [2] }), layerLambda({ f: (() => 3) as never })),
  ).toThrow('layerLambda: `f` must be a function that returns a tensor. Received: 3.');
});
