import {
  layerFlatten,
  countParams,
  freezeWeights,
  getLayer,
  getWeights,
  inputShape,
  kerasModel,
  kerasModelSequential,
  KerasArgumentError,
  KerasShapeError,
  layerBatchNormalization,
  layerDense,
  layerInput,
  layerLstm,
  outputShape,
  pipe,
  popLayer,
  setWeights,
  tf,
  type KerasModel,
  type SequentialModel,
  type Tensor,
} from '../../src/index';
import { tensorCount } from '../support/tensors';
import { weightArrays } from '../support/weights';

const model = (): KerasModel =>
  pipe(
    kerasModelSequential(),
    layerDense({ units: 2, inputShape: [3] }),
    layerDense({ units: 1, name: 'out' }),
  );

test('shapes of one input and output, or lists of several', () => {
  const [a, b] = [layerInput({ shape: [2] }), layerInput({ batchShape: [4, 3] })];
  const graph = kerasModel([a, b], [layerDense(a, { units: 5 }), layerDense(b, { units: 6 })]);
  expect(inputShape(graph)).toEqual([[null, 2], [4, 3]]); // prettier-ignore
  expect(outputShape(graph)).toEqual([[null, 5], [4, 6]]); // prettier-ignore
  const shape = outputShape(model());
  shape.push(7); // the caller's own
  expect(outputShape(model())).toEqual([null, 1]);
});

describe('getLayer', () => {
  const one = model();
  test('by name, and by index from either end, piped and plain', () => {
    const [first, last] = one.layers;
    expect(getLayer(one, 'dense')).toBe(first);
    expect(pipe(one, getLayer('out'))).toBe(last);
    expect(getLayer(one, { name: 'out' })).toBe(last);
    expect(pipe(one, getLayer({ name: 'dense' }))).toBe(first);
    expect([0, 1, -1, -2].map((index) => getLayer(one, { index }))).toEqual([first, last, last, first]);
    expect(pipe(one, getLayer({ index: -1 }))).toBe(last);
  });

  test.each([
    ['oot', "getLayer: `name` must be the name of a layer. Received: 'oot'. Did you mean 'out'?"],
    ['zebra', "Received: 'zebra'. Use one of: 'dense', 'out'."],
    [
      { index: 2 },
      'getLayer: `index` must be an index of one of 2 layers, from 0, or from −1 down from the end. Received: 2. ' +
        'The layers are: dense, out.',
    ],
    [{ index: -3 }, 'Received: -3.'],
    [{ index: 0.5 }, '`index` must be an integer. Received: 0.5.'],
    [{ indx: 0 }, "the unknown option `indx`. Did you mean 'index'?"],
    [0, "getLayer: `name` must be a layer's name. Received: 0. Write getLayer(model, { index: 0 })."],
    [
      undefined,
      'getLayer: `name` must be given. Received: undefined. Write getLayer(model, { name: …, index: … }), ',
    ],
    [{}, 'getLayer: a layer is named by its `name`, or by its `index`. Received: neither.'],
    [{ name: 'dense', index: 0 }, 'Received: both.'],
    [{ name: 'oot' }, "Received: 'oot'. Did you mean 'out'?"],
  ])('no such layer: %p', (key, message) => {
    expect(() => getLayer(one, key as never)).toThrow(KerasArgumentError);
    expect(() => getLayer(one, key as never)).toThrow(message);
  });
});

describe('weights', () => {
  const weights = [[[1, 2], [3, 4], [5, 6]], [7, 8], [[9], [10]], [11]]; // prettier-ignore

  test('are copies, in Keras’s order; set in place, piped and plain', () => {
    const one = model();
    expect(setWeights(one, weights)).toBe(one);
    expect(weightArrays(one)).toEqual(weights);
    (weightArrays(one)[1] as number[])[0] = 99;
    expect(weightArrays(one)).toEqual(weights);
    const other = pipe(model(), setWeights(weightArrays(one)));
    expect(weightArrays(other)).toEqual(weights);
    const layer = getLayer(one, 'out');
    expect(weightArrays(setWeights(layer, [[[1], [2]], [3]]))).toEqual([[[1], [2]], [3]]);
    expect(weightArrays(one)[2]).toEqual([[1], [2]]);
  });

  test('may be tensors, which stay the caller’s, typed arrays, or flat arrays with a shape', () => {
    const one = model();
    const kernel = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
    setWeights(one, [kernel, new Float32Array([7, 8]), { data: [9, 10], shape: [2, 1] }, [11]]);
    expect(weightArrays(one)).toEqual(weights);
    expect(kernel.isDisposed).toBe(false);
    kernel.dispose();
    expect(weightArrays(one)).toEqual(weights);
  });

  test('of batch normalisation include the moving statistics, in Keras’s order', () => {
    const one = pipe(kerasModelSequential(), layerBatchNormalization({ inputShape: [1] }));
    setWeights(one, [[1], [2], [3], [4]]);
    expect(one.tf.weights.map(({ originalName }) => originalName.split('/').at(-1))).toEqual([
      'gamma',
      'beta',
      'moving_mean',
      'moving_variance',
    ]);
  });

  test('of a layer that has none are refused', () => {
    const one = pipe(kerasModelSequential(), layerFlatten({ inputShape: [2, 1] }));
    expect(() => setWeights(getLayer(one, { index: 0 }), [[1]])).toThrow(
      /^setWeights: 'flatten' has no weights\. Received: 1 arrays\. Look which layer it is: getLayer\(model, name\), or its index from 0/,
    );
  });

  const shapes = '[3, 2], [2], [2, 1], [1]';
  test.each([
    [weights.slice(1), `setWeights: there are 4 weights, of shapes ${shapes}. Received: 3 arrays.`],
    [
      [weights[0], [7, 8, 9], weights[2], weights[3]],
      "setWeights: weight 1, 'dense/bias', has the shape [2]. Received: shape [3]. The weights have the shapes " +
        shapes,
    ],
    [
      [weights[0], weights[1], weights[2], ['11']],
      "setWeights: `weights[3]` must be made of numbers only. Received: '11'.",
    ],
    [[weights[0], weights[1], weights[2], undefined], '`weights[3]` must be'],
    [weights[1]?.[0], 'Received: 7. Give one array for each weight, as getWeights does.'],
    [
      undefined,
      'setWeights: `weights` must be given. Received: undefined. Write setWeights(model, { weights: … }), setWeights(model, weights) or pipe(model, setWeights({ weights: … })).',
    ],
  ])('nothing is changed if one does not fit: %#', (wrong, message) => {
    const one = setWeights(model(), weights);
    const before = tensorCount();
    expect(() => setWeights(one, wrong as never)).toThrow(message);
    expect(weightArrays(one)).toEqual(weights);
    expect(tensorCount()).toBe(before);
  });

  test('of the wrong number are an error of shapes', () => {
    expect(() => setWeights(model(), [])).toThrow(KerasShapeError);
  });
});

test('parameters are counted of models and of layers', () => {
  const one = pipe(
    kerasModelSequential(),
    layerLstm({ units: 2, inputShape: [3, 4] }),
    layerDense({ units: 1 }),
  );
  expect(countParams(one)).toBe(4 * 2 * (4 + 2 + 1) + 3);
  expect(countParams(getLayer(one, 'dense'))).toBe(3);
});

test('only a Sequential model has a last layer to remove', () => {
  const input = layerInput({ shape: [2] });
  const graph = kerasModel(input, layerDense(input, { units: 1 }));
  expect(() => popLayer(graph as never)).toThrow(
    'popLayer: `model` must be a Sequential model. Received: an object of class FunctionalModel. From a graph, make a ' +
      'new model that ends earlier: kerasModel(input, getLayer(model, name).output).',
  );
});

test.each([
  ['countParams', countParams],
  ['getWeights', getWeights],
  ['outputShape', outputShape<SequentialModel>],
])('%s refuses what is no model', (name, call) => {
  // What may be options makes a step of a function that has some.
  const nothings = name === 'getWeights' ? [null, [], () => 1] : [undefined, null, {}, 'model'];
  for (const nothing of nothings) {
    expect(() => call(nothing as never)).toThrow(
      `${name}: \`model\` must be a model, as kerasModelSequential() and kerasModel() make them, or one of tfjs.`,
    );
  }
});

describe('weights that are trained, or not', () => {
  const made = (): SequentialModel =>
    pipe(
      kerasModelSequential(),
      layerDense({ units: 2, inputShape: [3], useBias: false }),
      layerBatchNormalization(),
      layerDense({ units: 1 }),
    );
  const shapes = (weights: readonly Tensor[]): readonly number[][] => weights.map(({ shape }) => shape);
  const [kernel, vector, head, bias] = [[3, 2], [2], [2, 1], [1]];

  test('of a model: kernels, gamma and beta; moving mean and variance', () => {
    const model = made();
    expect(shapes(getWeights(model, { trainable: true }))).toEqual([kernel, vector, vector, head, bias]);
    expect(shapes(pipe(model, getWeights(false)))).toEqual([vector, vector]);
    expect(shapes(getWeights(model, {}))).toHaveLength(7);
    model.dispose();
  });

  test('of a model whose layers are frozen in part', () => {
    const model = freezeWeights(made(), { to: 'batch_normalization' });
    expect(shapes(getWeights(model, true))).toEqual([head, bias]);
    expect(shapes(getWeights(model, false))).toEqual([kernel, vector, vector, vector, vector]);
    expect(shapes(getWeights(getLayer(model, 'dense'), true))).toEqual([]);
    model.dispose();
  });

  test('wrong options are told', () => {
    const model = made();
    expect(() => getWeights(model, { trainable: 1 as never })).toThrow(
      'getWeights: `trainable` must be true or false. Received: 1.',
    );
    expect(() => getWeights(model, { trained: true } as never)).toThrow(KerasArgumentError);
    model.dispose();
  });
});
