/** Values that a layer cannot take though the sizes that were open as it was added: one error for each function and engine. */
import {
  compile,
  evaluate,
  fit,
  kerasModel,
  kerasModelSequential,
  KerasError,
  KerasShapeError,
  layerActivation,
  layerActivationElu,
  layerActivationLeakyRelu,
  layerActivationParametricRelu,
  layerActivationRelu,
  layerActivationSelu,
  layerActivationSoftmax,
  layerActivationThresholdedRelu,
  layerBatchNormalization,
  layerConcatenate,
  layerConv1d,
  layerConv2d,
  layerDense,
  layerDropout,
  layerEmbedding,
  layerFlatten,
  layerGlobalAveragePooling1d,
  layerGru,
  layerInput,
  layerLstm,
  layerMaxPooling2d,
  layerModel,
  layerReshape,
  layerSimpleRnn,
  pipe,
  predict,
  predictClasses,
  predictOnBatch,
  predictProba,
  testOnBatch,
  tf,
  trainOnBatch,
  type KerasModel,
  type LayerStep,
  type Tensor,
} from '../../../src/index';
import { weightArrays } from '../../support/weights';
import { tensorCount } from '../../support/tensors';

/** A model whose last layers turn anything into one number a row, and have a weight to train, so that all functions take it. */
const modelOf = (layer: LayerStep, shape: (number | null)[]): KerasModel => {
  const input = layerInput({ shape });
  const output = layer(input);
  const rank = output.shape.length;
  const flat =
    rank === 3
      ? layerGlobalAveragePooling1d()(output)
      : rank === 4
        ? layerConv2d({ filters: 1, kernelSize: 1 })(output)
        : output;
  return compile(kerasModel(input, layerDense(flat, { units: 1, name: 'last' })), {
    loss: (_labels, outputs) => tf.mean(outputs.reshape([outputs.shape[0], -1]), 1),
  });
};

const CALLS: readonly [string, (model: KerasModel, x: Tensor, y: Tensor) => unknown][] = [
  ['predict', (model, x) => predict(model, x)],
  ['predictProba', (model, x) => predictProba(model, x)],
  ['predictClasses', (model, x) => predictClasses(model, x)],
  ['predictOnBatch', (model, x) => predictOnBatch(model, x)],
  ['evaluate', (model, x, y) => evaluate(model, x, y, { verbose: 0 })],
  ['evaluate', (model, x, y) => evaluate(model, x, y, { verbose: 0, engine: 'compiled' })],
  ['fit', (model, x, y) => fit(model, x, y, { verbose: 0, epochs: 1, engine: 'eager' })],
  ['fit', (model, x, y) => fit(model, x, y, { verbose: 0, epochs: 1, engine: 'compiled' })],
  ['trainOnBatch', (model, x, y) => trainOnBatch(model, x, y)],
  ['testOnBatch', (model, x, y) => testOnBatch(model, x, y)],
];

const errorOf = async (run: () => unknown): Promise<KerasError> => {
  try {
    await run();
  } catch (error) {
    expect(error).toBeInstanceOf(KerasError);
    return error as KerasError;
  }
  throw new Error('there was no error');
};

const line = (form: string): RegExp => new RegExp(form.replaceAll(/[[\].]/g, String.raw`\$&`));

type Recurrent = (options: { units: number; returnSequences: boolean }) => LayerStep;
type Case = readonly [what: string, layer: LayerStep, shape: (number | null)[], x: number[], says: string];

const CASES: readonly Case[] = [
  [
    'a window of 5 on 3 steps',
    layerConv1d({ filters: 2, kernelSize: 5 }),
    [null, 1],
    [2, 3, 1],
    'would put out [2, -1, 2], which has no elements. Received: values of shape [2, 3, 1]. Use a smaller kernel',
  ],
  [
    'a window of 5 on 4 steps',
    layerConv1d({ filters: 2, kernelSize: 5 }),
    [null, 1],
    [2, 4, 1],
    'would put out [2, 0, 2], which has no elements. Received: values of shape [2, 4, 1]. ',
  ],
  [
    'a dilated window on too few steps',
    layerConv1d({ filters: 2, kernelSize: 3, dilationRate: 2 }),
    [null, 1],
    [2, 4, 1],
    'would put out [2, 0, 2], which has no elements. ',
  ],
  [
    'a window wider than the image',
    layerConv2d({ filters: 1, kernelSize: [2, 5] }),
    [null, null, 1],
    [2, 3, 4, 1],
    'would put out [2, 2, 0, 1], which has no elements. ',
  ],
  [
    'a dilated window larger than the image',
    layerConv2d({ filters: 1, kernelSize: 5, dilationRate: 2 }),
    [null, null, 1],
    [2, 7, 7, 1],
    'would put out [2, -1, -1, 1], which has no elements. ',
  ],
  [
    'a pool larger than the image',
    layerMaxPooling2d({ poolSize: 3 }),
    [null, null, 1],
    [2, 2, 5, 1],
    'would put out [2, 0, 1, 1], which has no elements. ',
  ],
  ...[layerGru, layerLstm, layerSimpleRnn].flatMap((recurrent: Recurrent) =>
    [false, true].map((returnSequences): Case => [
      returnSequences ? 'no steps, and all of them put out' : 'no steps',
      recurrent({ units: 2, returnSequences }),
      [null, 1],
      [2, 0, 1],
      'needs input with at least one element along axis 1. Received: values of shape [2, 0, 1]. Leave empty samples out',
    ]),
  ),
  [
    'a mean of no steps',
    layerGlobalAveragePooling1d(),
    [null, 1],
    [2, 0, 1],
    'needs input with at least one element along axis 1. ',
  ],
  [
    'no steps into a convolution that pads',
    layerConv1d({ filters: 2, kernelSize: 3, padding: 'same' }),
    [null, 1],
    [2, 0, 1],
    'needs input with at least one element along axis 1. ',
  ],
  [
    'samples that cannot be reshaped',
    layerReshape({ targetShape: [2, 2] }),
    [null, 1],
    [2, 3, 1],
    'needs samples of 4 values for targetShape: [2, 2]. ',
  ],
];

describe.each(CASES)('%s', (_what, layer, shape, sizes, says) => {
  test.each(CALLS)('%s says so, and names the layer', async (name, run) => {
    const model = modelOf(layer, shape);
    const x = tf.ones(sizes);
    const y = tf.ones([2, 1]);
    const { name: layerName } = model.layers[1] as { name: string };
    const before = tensorCount();
    const weights = JSON.stringify(weightArrays(model));
    const error = await errorOf(() => run(model, x, y));
    expect(error).toBeInstanceOf(KerasShapeError);
    expect(error.message).toMatch(
      line(`^${name}: layer '${layerName}' (added at`.replaceAll('(', String.raw`\(`)),
    );
    expect(error.message).toMatch(line(says));
    expect(error.stack).toContain(error.message);
    expect(error).toMatchObject({ function: name, layer: layerName });
    expect(tensorCount()).toBe(before);
    expect(JSON.stringify(weightArrays(model))).toBe(weights);
    tf.dispose([x, y]);
    model.dispose();
  });
});

describe('a model of a fixed batch size', () => {
  const stateful = (): KerasModel =>
    pipe(
      kerasModelSequential(),
      layerLstm({ units: 2, stateful: true, batchInputShape: [2, 3, 1] }),
      layerDense({ units: 1 }),
      compile({ loss: 'mse' }),
    );

  /** The functions, and the rows that they take. */
  const calls: readonly [string, string, (model: KerasModel, x: Tensor, y: Tensor) => unknown][] = [
    ['predict', 'rows left over', (model, x) => predict(model, x)],
    ['predictProba', 'rows left over', (model, x) => predictProba(model, x)],
    ['predictClasses', 'rows left over', (model, x) => predictClasses(model, x)],
    ['evaluate', 'rows left over', (model, x, y) => evaluate(model, x, y, { verbose: 0 })],
    ['fit', 'rows left over', (model, x, y) => fit(model, x, y, { verbose: 0, epochs: 1 })],
    ['predictOnBatch', 'another batch', (model, x) => predictOnBatch(model, x)],
    ['trainOnBatch', 'another batch', (model, x, y) => trainOnBatch(model, x, y)],
    ['testOnBatch', 'another batch', (model, x, y) => testOnBatch(model, x, y)],
    ['predict', 'another batchSize', (model, x) => predict(model, x, { batchSize: 7 })],
    ['evaluate', 'another batchSize', (model, x, y) => evaluate(model, x, y, { verbose: 0, batchSize: 7 })],
    ['fit', 'another batchSize', (model, x, y) => fit(model, x, y, { verbose: 0, batchSize: 7 })],
  ];
  const says: Readonly<Record<string, RegExp>> = {
    'rows left over':
      /: the model '.*' was built for batches of 2 rows, so the rows of .* must be a multiple of 2\. Received: 7 rows, of which 1 would be left over\. Leave those out/,
    'another batch':
      /: the model '.*' was built for batches of 2 rows\. Received: a batch of 7\. Give 2 rows/,
    'another batchSize':
      /: the model '.*' was built for batches of 2 rows\. Received: batchSize: 7\. Leave `batchSize` out/,
  };

  test.each(calls)('%s with %s says so before it changes anything', async (name, what, run) => {
    const model = stateful();
    const x = tf.ones([7, 3, 1]);
    const y = tf.ones([7, 1]);
    const before = tensorCount();
    const weights = JSON.stringify(weightArrays(model));
    const error = await errorOf(() => run(model, x, y));
    expect(error.message).toMatch(new RegExp(`^${name}${says[what]?.source ?? ''}`));
    expect(tensorCount()).toBe(before);
    expect(JSON.stringify(weightArrays(model))).toBe(weights);
    tf.dispose([x, y]);
    model.dispose();
  });

  test('is the batch size where none is given', async () => {
    const model = stateful();
    const batches: string[] = [];
    const callbacks = {
      onPredictBatchBegin: () => void batches.push('predict'),
      onTrainBatchBegin: () => void batches.push('fit'),
    };
    const output = await predict(model, tf.ones([6, 3, 1]), { callbacks });
    expect(output.shape).toEqual([6, 1]);
    await fit(model, tf.ones([4, 3, 1]), tf.ones([4, 1]), { verbose: 0, epochs: 1, callbacks });
    expect(batches).toEqual(['predict', 'predict', 'predict', 'fit', 'fit']);
    await expect(
      fit(model, tf.ones([4, 3, 1]), tf.ones([4, 1]), {
        verbose: 0,
        validationData: [tf.ones([3, 3, 1]), tf.ones([3, 1])],
      }),
    ).rejects.toThrow(/^fit: .* the rows of the validation data must be a multiple of 2\. Received: 3 rows/);
    model.dispose();
  });

  test('the same inside of a model that takes any', async () => {
    const inner = stateful();
    const model = pipe(
      kerasModelSequential({ inputShape: [3, 1] }),
      layerDense({ units: 1 }),
      layerModel(inner),
    );
    const error = await errorOf(() => predict(model, tf.ones([3, 3, 1])));
    expect(error.message).toMatch(
      /^predict: layer 'lstm' \(added at .*\) was built for the size 2 of axis 0\. Received: values of shape \[3, 3, 1\]\. Give batches of 2 rows/,
    );
    expect(error.layer).toBe('lstm');
    model.dispose();
    inner.dispose();
  });
});

describe('sizes that differ in an axis that was open', () => {
  test('a concatenation says which axis', async () => {
    const inputs = [layerInput({ shape: [null, 2] }), layerInput({ shape: [null, 2] })];
    const model = kerasModel(inputs, layerConcatenate(inputs));
    const error = await errorOf(() => predict(model, [tf.ones([1, 3, 2]), tf.ones([1, 4, 2])]));
    expect(error.message).toMatch(
      /^predict: layer 'concatenate' \(added at .*\) needs inputs of the same sizes in all axes but 2, .*\. Received: values of shape \[1, 3, 2\] and \[1, 4, 2\]\. They differ in axis 1/,
    );
    model.dispose();
  });
});

describe('inputs of integers and truth values', () => {
  const layers: readonly [LayerStep, number[]][] = [
    [layerDense({ units: 2 }), [3]],
    [layerActivation({ activation: 'tanh' }), [3]],
    [layerActivationRelu(), [3]],
    [layerActivationElu(), [3]],
    [layerActivationSelu(), [3]],
    [layerActivationLeakyRelu(), [3]],
    [layerActivationParametricRelu(), [3]],
    [layerActivationSoftmax(), [3]],
    [layerActivationThresholdedRelu(), [3]],
    [layerConv1d({ filters: 1, kernelSize: 2 }), [4, 1]],
    [layerConv1d({ filters: 1, kernelSize: 2, dilationRate: 2 }), [4, 1]],
    [layerConv2d({ filters: 1, kernelSize: 2 }), [4, 4, 1]],
    [layerMaxPooling2d(), [4, 4, 1]],
    [layerGlobalAveragePooling1d(), [4, 1]],
    [layerDropout({ rate: 0.5 }), [4]],
    [layerLstm({ units: 1 }), [4, 1]],
    [layerGru({ units: 1 }), [4, 1]],
    [layerSimpleRnn({ units: 1 }), [4, 1]],
    [layerBatchNormalization(), [4]],
  ];

  test.each(layers.map(([step, shape]) => [step.newLayer().functionName, step, shape] as const))(
    '%s computes with them as with floats',
    async (_name, step, shape) => {
      for (const dtype of ['int32', 'bool'] as const) {
        const input = layerInput({ shape, dtype });
        const model = kerasModel(input, step(input));
        const values = tf.cast(
          tf.reshape(tf.range(0, 2 * shape.reduce((a, b) => a * b, 1)), [2, ...shape]),
          'bool',
        );
        const [, layer] = model.layers;
        const given = await predict(model, tf.cast(values, dtype));
        const floats = layer?.apply(tf.cast(values, 'float32')) as Tensor;
        expect(given.dtype).toBe('float32');
        expect(given.arraySync()).toEqual(floats.arraySync());
        model.dispose();
      }
    },
  );

  test.each(['eager', 'compiled'] as const)('%s: a model of truth values trains', async (engine) => {
    const input = layerInput({ shape: [2], dtype: 'bool' });
    const model = compile(kerasModel(input, layerDense(input, { units: 1, kernelInitializer: 'zeros' })), {
      optimizer: 'sgd',
      loss: 'mse',
    });
    // Anything but 0 is true. One step of 0.01 down the gradient, −2·x: the kernel is 0.02 where x is true.
    await fit(model, [[5, 0]], [1], { engine, epochs: 1, verbose: 0 });
    const [kernel] = model.layers[1]?.getWeights() ?? [];
    expect(kernel?.dataSync()[0]).toBeCloseTo(0.02, 6);
    expect(kernel?.dataSync()[1]).toBe(0);
    model.dispose();
  });

  test('layers that move values leave them whole', async () => {
    const ids = layerInput({ shape: [4], dtype: 'int32' });
    const square = layerReshape(ids, { targetShape: [2, 2] });
    const model = kerasModel(ids, [
      square,
      layerFlatten(square),
      layerEmbedding(square, { inputDim: 3, outputDim: 1 }),
    ]);
    const outputs = await predict(model, tf.tensor2d([[0, 1, 2, 2]], [1, 4], 'int32'));
    expect(outputs[1].arraySync()).toEqual([[0, 1, 2, 2]]);
    expect(outputs[2].shape).toEqual([1, 2, 2, 1]);
    expect(outputs[0].arraySync()).toEqual([
      [
        [0, 1],
        [2, 2],
      ],
    ]);
    model.dispose();
  });

  test.each([
    ['int32', 'float32', 'float32'],
    ['float32', 'bool', 'float32'],
    ['bool', 'int32', 'int32'],
    ['int32', 'int32', 'int32'],
  ] as const)('%s concatenated with %s gives %s', async (one, other, expected) => {
    const inputs = [layerInput({ shape: [2], dtype: one }), layerInput({ shape: [1], dtype: other })];
    const model = kerasModel(inputs, layerConcatenate(inputs));
    const output = await predict(model, [
      tf.tensor2d([[1, 0]], [1, 2], one),
      tf.tensor2d([[1]], [1, 1], other),
    ]);
    expect(output.dtype).toBe(expected);
    expect(output.arraySync()).toEqual([[1, 0, 1]]);
    model.dispose();
  });
});
