import {
  compile,
  countParams,
  fit,
  getLayer,
  getWeights,
  inputShape,
  kerasModelSequential,
  KerasArgumentError,
  KerasShapeError,
  KerasStateError,
  layerDense,
  layerDropout,
  layerEmbedding,
  layerFlatten,
  layerLstm,
  layerModel,
  outputShape,
  pipe,
  popLayer,
  predictOnBatch,
  sequence,
  setWeights,
  tf,
  trainOnBatch,
  type Layer,
  type SequentialModel,
  type Tensor,
} from '../../src/index';
import { distance } from '../layers/support';
import { tensorCount } from '../support/tensors';

const names = (model: SequentialModel): string[] => model.layers.map(({ name }) => name);

test('layers are named per model, and change it in place', () => {
  const models = [0, 1].map(() => {
    const model = kerasModelSequential();
    const same = pipe(model, layerDense({ units: 3, inputShape: [2] }), layerDense({ units: 2 }));
    expect(same).toBe(model);
    expect(layerDropout(model, { rate: 0.5 })).toBe(model);
    layerDense(model, { units: 1, name: 'out' });
    layerDense(model, { units: 1 });
    return model;
  });
  for (const model of models) expect(names(model)).toEqual(['dense', 'dense_1', 'dropout', 'out', 'dense_2']);
  expect(models[1]?.name).not.toBe(models[0]?.name);
  expect(models[0]?.name).toMatch(/^sequential(_\d+)?$/);
});

test('a name of the user’s that is taken is refused, before and after the input is known', () => {
  const known = kerasModelSequential({ inputShape: [2] });
  for (const model of [known, kerasModelSequential()]) {
    layerDense(model, { units: 1, name: 'out' });
    const again = (): unknown => layerDense(model, { units: 1, name: 'out' });
    expect(again).toThrow(KerasArgumentError);
    expect(again).toThrow(
      "layerDense: layers' names must differ within a model. Received: a second layer named 'out'. " +
        'Give it another name, or none.',
    );
    expect(model.depth).toBe(1);
  }
});

describe('a model that does not know its input yet', () => {
  const waiting = (): SequentialModel =>
    pipe(kerasModelSequential(), layerDense({ units: 3 }), layerDense({ units: 1 }));

  test('says so, and what to do', () => {
    const model = waiting();
    expect(model.built).toBe(false);
    expect(model.depth).toBe(2);
    for (const ask of [outputShape<SequentialModel>, inputShape<SequentialModel>, countParams, getWeights]) {
      expect(() => ask(model)).toThrow(KerasStateError);
      expect(() => ask(model)).toThrow(
        /^\w+: the shape of the input must be known\. Received: the model 'sequential\w*', which has no weights yet\. Give the first layer an inputShape, or fit the model first\.$/,
      );
    }
    expect(() => getLayer(model, 'dense')).toThrow('getLayer: the shape of the input must be known.');
  });

  test('gets its weights with the first data', () => {
    const model = compile(waiting(), { loss: 'mse', optimizer: 'sgd' });
    trainOnBatch(model, tf.ones([4, 5]), tf.ones([4, 1]));
    expect(model.built).toBe(true);
    expect(inputShape(model)).toEqual([null, 5]);
    expect(names(model)).toEqual(['dense', 'dense_1']);
    layerDense(model, { units: 2 });
    expect(outputShape(model)).toEqual([null, 2]);
  });

  test('is as it was after data that does not fit, and leaves nothing behind', async () => {
    const model = compile(
      pipe(
        kerasModelSequential(),
        layerDense({ units: 3 }),
        layerLstm({ units: 1 }),
        layerDense({ units: 1 }),
      ),
      { loss: 'mse', optimizer: 'sgd' },
    );
    const before = tensorCount();
    const wrong = fit(model, [[1, 2]], [[1]], { epochs: 1, verbose: 0 });
    await expect(wrong).rejects.toThrow(KerasShapeError);
    await expect(wrong).rejects.toThrow(
      /^layerLstm: layer 'lstm' \(added at .*sequential\.test\.ts:\d+\) needs input of 3 dimensions, the batch axis included\. Received: \[null, 3\] from layer 'dense' \(added at .*sequential\.test\.ts:\d+\)\./,
    );
    expect(tensorCount()).toBe(before);
    expect(model.built).toBe(false);
    expect(model.depth).toBe(3);
    await fit(model, tf.ones([2, 4, 5]), tf.ones([2, 1]), { epochs: 1, verbose: 0 });
    expect(inputShape(model)).toEqual([null, 4, 5]);
    expect(names(model)).toEqual(['dense', 'lstm', 'dense_1']);
  });

  test('loses its last layer by popLayer', () => {
    const model = popLayer(waiting());
    expect(model.depth).toBe(1);
    expect(predictOnBatch(model, [[1, 2]]).shape).toEqual([1, 3]);
  });

  test('has the first layer’s input shape only: those of later layers say nothing', () => {
    const model = pipe(
      kerasModelSequential(),
      layerDense({ units: 3 }),
      layerDense({ units: 1, inputShape: [9] }),
    );
    predictOnBatch(model, [[1, 2]]);
    expect(inputShape(model)).toEqual([null, 2]);
  });
});

test('the input’s shape comes from the model or its first layer, and the two must agree', () => {
  const model = (shape: number[]): SequentialModel =>
    pipe(kerasModelSequential({ inputShape: [2] }), layerDense({ units: 1, inputShape: shape }));
  expect(inputShape(model([2]))).toEqual([null, 2]);
  expect(() => model([3])).toThrow(
    /^layerDense: the first layer must take the input of the model 'sequential\w*', \[null, 2\]\. Received: an input shape of \[null, 3\], the batch axis included\. Give the shape once/,
  );
});

describe('popLayer', () => {
  test('the model’s output is that of the layer before', () => {
    const model = pipe(
      kerasModelSequential({ inputShape: [2] }),
      layerDense({ units: 2, kernelInitializer: 'ones' }),
      layerDense({ units: 1, kernelInitializer: 'ones' }),
    );
    expect(distance(predictOnBatch(model, [[1, 2]]), [6])).toBe(0);
    const before = tensorCount();
    expect(popLayer(model)).toBe(model);
    expect(tensorCount()).toBe(before - 2);
    expect(distance(predictOnBatch(model, [[1, 2]]), [3, 3])).toBe(0);
    layerDense(model, { units: 1, kernelInitializer: 'zeros' });
    expect(distance(predictOnBatch(model, [[1, 2]]), [0])).toBe(0);
    expect(names(model)).toEqual(['dense', 'dense_1']);
  });

  test('to the last layer, and then on', () => {
    const model = popLayer(pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3] })));
    expect(() => popLayer(model)).toThrow(
      /^popLayer: the model must have a layer to remove\. Received: the empty model 'sequential\w*'\. Add layers first\.$/,
    );
    layerDense(model, { units: 4, inputShape: [5] });
    expect(predictOnBatch(model, tf.ones([1, 5])).shape).toEqual([1, 4]);
    expect(names(model)).toEqual(['dense']);
  });
});

test('an empty model has nothing to train on', () => {
  expect(() => predictOnBatch(kerasModelSequential(), [[1]])).toThrow(
    /^predictOnBatch: the model must have layers\. Received: the empty model 'sequential\w*'\. Add layers: pipe\(model, layerDense\({ units: 10 }\)\)\.$/,
  );
});

test('a layer that fails leaves the model as it was, and no weights behind', () => {
  const model = pipe(kerasModelSequential({ inputShape: [4] }), layerDense({ units: 2 }));
  const before = tensorCount();
  for (const fail of [
    () => layerLstm(model, { units: 1 }),
    () => layerDense(model, { units: 1, weights: [[[1]], [1]] }),
    () => layerDense(model, { units: 1, kernelInitializer: failing }),
  ]) {
    expect(fail).toThrow();
    expect(names(model)).toEqual(['dense']);
    expect(tensorCount()).toBe(before);
  }
  expect(predictOnBatch(layerDense(model, { units: 3 }), tf.ones([1, 4])).shape).toEqual([1, 3]);
});

/** An initializer of a user's own that fails. */
const failing = {
  apply: (): never => {
    throw new Error('no numbers today');
  },
} as unknown as ReturnType<typeof tf.initializers.zeros>;

test('weights of a first layer that fail leave none behind either', () => {
  const model = kerasModelSequential();
  const before = tensorCount();
  const fail = (): unknown => layerDense(model, { units: 1, inputShape: [2], weights: [[[1]], [1]] });
  expect(fail).toThrow("`weights` must have the shapes of the weights of layer 'dense': [2, 1], [1].");
  expect(tensorCount()).toBe(before);
  expect(model.depth).toBe(0);
});

test('a model of many layers, each of them the last for a while', () => {
  const model = kerasModelSequential({ inputShape: [2] });
  for (let index = 0; index < 25; index++) {
    layerDense(model, { units: 2 });
    expect(predictOnBatch(model, [[1, 2]]).shape).toEqual([1, 2]);
  }
  expect(names(model).at(-1)).toBe('dense_24');
});

test('layers between that need no shape of their own', () => {
  const model = pipe(
    kerasModelSequential(),
    layerEmbedding({ inputDim: 10, outputDim: 2, inputLength: 3 }),
    layerFlatten(),
    layerDense({ units: 1 }),
  );
  expect(countParams(model)).toBe(20 + 7);
});

test('weights set while the model waits are refused', () => {
  expect(() => setWeights(pipe(kerasModelSequential(), layerDense({ units: 1 })), [])).toThrow(
    'setWeights: the shape of the input must be known.',
  );
});

test.each([
  [[], 'kerasModelSequential: the options must be an object. Received: []. Add layers by the pipe'],
  [{ inputShap: [2] }, "the unknown option `inputShap`. Did you mean 'inputShape'?"],
  [
    { name: 3 },
    '`name` must be a name: letters from a to z, digits, `_`, `-`, `.` and `/`, a letter or digit first. Received: 3.',
  ],
])('options that are none: %p', (options, message) => {
  expect(() => kerasModelSequential(options as never)).toThrow(message);
});

test('the wrapped model is ready to run', () => {
  const model = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [2] }));
  expect(model.tf).toBeInstanceOf(tf.Sequential);
  expect((model.tf.predict(tf.ones([1, 2])) as Tensor).shape).toEqual([1, 1]);
  expect((getLayer(model, { index: 0 }) satisfies Layer).name).toBe('dense');
});

describe('layers given in a list', () => {
  test('are added in order, before those of the pipe', () => {
    const encoder = pipe(kerasModelSequential(), layerDense({ units: 3, inputShape: [4] }));
    const model = pipe(
      kerasModelSequential({
        layers: [
          layerDense({ units: 4, inputShape: [2], name: 'first' }),
          sequence(layerDense({ units: 4 }), layerDropout({ rate: 0.5 })),
          layerModel(encoder, { name: 'encoder' }),
        ],
        name: 'listed',
      }),
      layerDense({ units: 1 }),
    );
    expect(model.name).toBe('listed');
    expect(names(model)).toEqual(['first', 'dense', 'dropout', 'encoder', 'dense_1']);
    expect(outputShape(model)).toEqual([null, 1]);
  });

  test('wait for the shape of the input as piped ones do', () => {
    const model = kerasModelSequential({ layers: [layerDense({ units: 2 }), layerDense({ units: 1 })] });
    expect([model.built, model.depth]).toEqual([false, 2]);
    expect(kerasModelSequential({ layers: [] }).depth).toBe(0);
  });

  test.each<[unknown, string]>([
    [layerDense({ units: 1 }), '`layers` must be an array of layers. Received: the function layerDense(…).'],
    [[layerDense({ units: 1 }), 3], '`layers` must be an array of layers. Received: 3.'],
    [[kerasModelSequential()], 'Write layerModel(model) for a model as a layer.'],
    [[tf.layers.dense({ units: 1 })], 'Write layerTf(layer) for a layer of tfjs.'],
    [[() => 3], '`layers[0]` must be a layer, which gives back the model that it is added to.'],
  ])('%p is refused', (layers, message) => {
    expect(() => kerasModelSequential({ layers } as never)).toThrow(KerasArgumentError);
    expect(() => kerasModelSequential({ layers } as never)).toThrow(message);
  });

  test('that fail leave no weights behind', () => {
    const before = tensorCount();
    expect(() =>
      kerasModelSequential({ layers: [layerDense({ units: 2, inputShape: [3] }), layerLstm({ units: 1 })] }),
    ).toThrow(KerasShapeError);
    expect(tensorCount()).toBe(before);
  });
});
