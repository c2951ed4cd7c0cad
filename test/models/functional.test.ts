import type { io } from '@tensorflow/tfjs';
import {
  compile,
  countParams,
  fit,
  getLayer,
  kerasModel,
  kerasModelSequential,
  KerasArgumentError,
  KerasShapeError,
  layerAdd,
  layerConcatenate,
  layerDense,
  layerDropout,
  layerInput,
  layerModel,
  outputShape,
  pipe,
  predict,
  predictOnBatch,
  shared,
  tf,
  trainOnBatch,
  type KerasModel,
  type SequentialModel,
  type SymbolicTensor,
  type Tensor,
  type Tensor2D,
} from '../../src/index';
import { distance } from '../layers/support';
import { tensorCount } from '../support/tensors';

const names = (model: KerasModel): string[] => model.layers.map(({ name }) => name);
const weightNames = (model: KerasModel): string[] => model.tf.weights.map(({ originalName }) => originalName);

test('a graph with two inputs and two outputs', () => {
  const [a, b] = [layerInput({ shape: [2] }), layerInput({ shape: [3] })];
  const both = layerConcatenate([a, b]);
  const sum = layerDense(both, { units: 1, kernelInitializer: 'ones' });
  const model = kerasModel([a, b], [sum, both]);
  const outputs = predictOnBatch(model, [[[1, 2]], [[3, 4, 5]]]);
  expect(outputs.map((output) => [...output.dataSync()])).toEqual([[15], [1, 2, 3, 4, 5]]);
  expect(outputShape(model)).toEqual([[null, 1], [null, 5]]); // prettier-ignore
});

describe('names', () => {
  test('branches that do not know of each other are numbered in the order in which they were made', () => {
    const input = layerInput({ shape: [2] });
    const left = layerDense(input, { units: 2 });
    const right = layerDense(input, { units: 2 });
    const model = kerasModel(input, layerDense(layerAdd([left, right]), { units: 1 }));
    expect(new Set(names(model))).toEqual(new Set(['input_1', 'dense', 'dense_1', 'add', 'dense_2']));
    expect(left.sourceLayer.name).toBe('dense');
    expect(right.sourceLayer.name).toBe('dense_1');
    expect(weightNames(model)).toEqual(
      ['dense', 'dense_1', 'dense_2'].flatMap((name) => [`${name}/kernel`, `${name}/bias`]),
    );
  });

  test('so saved weights find their layers again', async () => {
    const input = layerInput({ shape: [2] });
    const branches = [layerDense(input, { units: 1 }), layerDense(input, { units: 1 })];
    const model = kerasModel(input, layerConcatenate(branches));
    let saved: io.ModelArtifacts | undefined;
    await model.tf.save(
      tf.io.withSaveHandler((artifacts) => {
        saved = artifacts;
        return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } });
      }),
    );
    const copy = await tf.loadLayersModel(tf.io.fromMemory(saved as io.ModelArtifacts));
    const x = tf.tensor2d([[1, 2]]);
    const original: Tensor = predictOnBatch(model, x);
    expect(distance(copy.predict(x) as Tensor, original)).toBe(0);
  });

  test('each model counts anew, and the user’s names stay', () => {
    for (let index = 0; index < 2; index++) {
      const input = layerInput({ shape: [2] });
      const other = layerInput({ shape: [2], name: 'other' });
      const hidden = [layerDense(input, { units: 1 }), layerDense(other, { units: 1, name: 'dense_1' })];
      const model = kerasModel([input, other], layerDense(layerAdd(hidden), { units: 1 }));
      expect(new Set(names(model))).toEqual(
        new Set(['input_1', 'other', 'dense', 'dense_1', 'add', 'dense_2']),
      );
    }
  });

  test('of layers in a model already stay, in a second model of theirs, too', () => {
    const stack = pipe(
      kerasModelSequential(),
      layerDense({ units: 3, inputShape: [2] }),
      layerDropout({ rate: 0.1 }),
      layerDense({ units: 1 }),
    );
    const inner = kerasModel(
      stack.tf.inputs[0] as SymbolicTensor,
      getLayer(stack, 'dropout').output as SymbolicTensor,
    );
    expect(names(inner).slice(1)).toEqual(['dense', 'dropout']);
    expect(stack.layers.map(({ name }) => name)).toEqual(['dense', 'dropout', 'dense_1']);
    expect(outputShape(inner)).toEqual([null, 3]);
  });

  test('given twice are refused', () => {
    const input = layerInput({ shape: [2] });
    const same = [0, 1].map(() => layerDense(input, { units: 1, name: 'same' }));
    expect(() => kerasModel(input, layerAdd(same))).toThrow(
      "kerasModel: layers' names must differ within a model. Received: two layers named 'same'. " +
        'Give one of them another name.',
    );
  });

  test('of the model itself are the user’s, or counted', () => {
    const input = layerInput({ shape: [2] });
    expect(kerasModel(input, layerDense(input, { units: 1 }), { name: 'mine' }).name).toBe('mine');
    expect(kerasModel(input, layerDense(input, { units: 1 })).name).toMatch(/^model(_\d+)?$/);
  });
});

describe('inputs and outputs that are none', () => {
  const a = layerInput({ shape: [2], name: 'a' });
  const b = layerInput({ shape: [2], name: 'b' });
  const dense = layerDense(a, { units: 1 });
  const write = 'Write kerasModel(input, pipe(input, layerDense({ units: 10 }))).';

  test.each([
    [
      3,
      dense,
      `kerasModel: \`inputs\` must be what layerInput() gave, or an array of them. Received: 3. ${write}`,
    ],
    [[], dense, 'Received: [].'],
    [
      a,
      undefined,
      `\`outputs\` must be an output of a layer, or an array of them. Received: undefined. ${write}`,
    ],
    [
      a,
      [dense, kerasModelSequential()],
      'Received: [a float32 tensor of shape [null, 1], an object of class SequentialModel].',
    ],
    [
      dense,
      layerDense(dense, { units: 1 }),
      "`inputs` must come from layerInput(). Received: the output of layer 'dense'.",
    ],
    [[a, a], dense, "each of `inputs` must be given once. Received: the input 'a' twice."],
    [
      b,
      dense,
      "the outputs must depend on the given inputs alone. Received: an output that also depends on the input 'a'.",
    ],
    [
      a,
      layerAdd([a, b]),
      "also depends on the input 'b'. Add that input to `inputs`, in the order in which data will be given.",
    ],
    [
      [a, b],
      dense,
      "the outputs must depend on each of the inputs. Received: the input 'b', on which no output depends.",
    ],
  ])('%#', (inputs, outputs, message) => {
    expect(() => kerasModel(inputs as SymbolicTensor, outputs as SymbolicTensor)).toThrow(KerasArgumentError);
    expect(() => kerasModel(inputs as SymbolicTensor, outputs as SymbolicTensor)).toThrow(message);
  });

  test('nor an option', () => {
    expect(() => kerasModel(a, dense, { nam: 'x' } as never)).toThrow("Did you mean 'name'?");
  });
});

describe('layerModel under a name of its own', () => {
  const encoderOf = (): SequentialModel =>
    pipe(kerasModelSequential({ name: 'encoder' }), layerDense({ units: 2, inputShape: [2] }));

  test('a model is twice in another, with one set of weights', async () => {
    const encoder = encoderOf();
    const kernel = encoder.layers[0]?.weights[0]?.read();
    const model = pipe(
      kerasModelSequential(),
      layerModel(encoder, { name: 'first' }),
      layerModel({ model: encoder, name: 'second' }),
    );
    expect(model.layers.map(({ name }) => name)).toEqual(['first', 'second']);
    expect(encoder.name).toBe('encoder');
    expect(countParams(model)).toBe(6);
    const twice = await predict(encoder, await predict(encoder, [[1, 2]]));
    expect((await predict(model, [[1, 2]])).arraySync()).toEqual(twice.arraySync());
    pipe(model, compile({ optimizer: 'sgd', loss: 'mse' }));
    await fit(model, [[1, 2]], [[3, 4]], { verbose: 0, epochs: 1 });
    const trained = await predict(encoder, await predict(encoder, [[1, 2]]));
    expect((await predict(model, [[1, 2]])).arraySync()).toEqual(trained.arraySync());
    expect(trained.arraySync()).not.toEqual(twice.arraySync());

    // The weights are there as long as one of the two models is.
    model.dispose();
    await predict(encoder, [[1, 2]]);
    const next = pipe(kerasModelSequential(), layerModel(encoder, { name: 'first' }));
    encoder.dispose();
    await predict(next, [[1, 2]]);
    expect(kernel?.isDisposed).toBe(false);
    next.dispose();
    expect(kernel?.isDisposed).toBe(true);
  });

  test('a step is one layer wherever it is applied, plain calls take the name, too', () => {
    const encoder = encoderOf();
    const [a, b] = [layerInput({ shape: [2] }), layerInput({ shape: [2] })];
    const step = layerModel(encoder, { name: 'both' });
    const model = kerasModel([a, b], layerAdd([step(a), step(b)]));
    expect(model.layers.map(({ name }) => name)).toEqual(['input_1', 'input_2', 'both', 'add']);
    const plain = layerModel(kerasModelSequential(), { model: encoder, name: 'plain' });
    expect(plain.layers.map(({ name }) => name)).toEqual(['plain']);
    // An application that comes to nothing keeps nothing.
    const unused = tensorCount();
    layerModel(encoder, { name: 'unused' })(layerInput({ shape: [2] }));
    plain.dispose();
    model.dispose();
    encoder.dispose();
    expect(tensorCount()).toBe(unused - 2);
  });

  test('says what else it is given', () => {
    const encoder = encoderOf();
    expect(() => layerModel(encoder, { name: 'a b' })).toThrow('layerModel: `name` must be a name: letters');
    expect(() => layerModel(encoder, { nam: 'a' } as never)).toThrow(
      "layerModel: the options must be known ones. Received: the unknown option `nam`. Did you mean 'name'?",
    );
    expect(() => (layerModel as (...args: unknown[]) => unknown)(encoder, {}, 5)).toThrow(
      /^layerModel: the options must be given by their names, in one object\. Received: /,
    );
    encoder.dispose();
  });
});

describe('layerModel', () => {
  const encoderOf = (): KerasModel =>
    pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3], kernelInitializer: 'ones' }));

  test('a model as a layer shares its weights: one learns with the other', () => {
    const encoder = encoderOf();
    const model = pipe(
      kerasModelSequential(),
      layerModel(encoder),
      layerDense({ units: 1, kernelInitializer: 'ones' }),
    );
    expect(names(model)).toEqual([encoder.name, 'dense']);
    expect(countParams(model)).toBe(8 + 3);
    expect(distance(predictOnBatch(model, [[1, 2, 3]]), [12])).toBe(0);
    compile(model, { loss: 'mse', optimizer: 'sgd' });
    trainOnBatch(model, [[1, 2, 3]], [[0]]);
    const [encoded, whole] = [encoder, model].map((one) => predictOnBatch(one, [[1, 2, 3]]));
    expect(distance(encoded as Tensor, [6, 6])).toBeGreaterThan(0.1);
    const head = getLayer(model, 'dense').getWeights();
    const again = tf.add(tf.matMul(encoded as Tensor2D, head[0] as Tensor2D), head[1] as Tensor);
    expect(distance(again, whole as Tensor)).toBeLessThan(1e-5);
  });

  test('in the middle of a stack, and in a graph, twice', () => {
    const encoder = encoderOf();
    const stack = pipe(
      kerasModelSequential({ inputShape: [4] }),
      layerDense({ units: 3 }),
      layerModel(encoder),
      layerDense({ units: 1 }),
    );
    expect(names(stack)).toEqual(['dense', encoder.name, 'dense_1']);
    expect(predictOnBatch(stack, tf.ones([2, 4])).shape).toEqual([2, 1]);
    const [a, b] = [layerInput({ shape: [3] }), layerInput({ shape: [3] })];
    const graph = kerasModel([a, b], layerAdd([layerModel(encoder)(a), layerModel(encoder)(b)]));
    expect(countParams(graph)).toBe(8);
    expect(distance(predictOnBatch(graph, [[[1, 1, 1]], [[1, 0, 0]]]), [4, 4])).toBe(0);
  });

  test('freed with the last model that uses it', () => {
    const before = tensorCount();
    const encoder = encoderOf();
    const models = [0, 1].map(() =>
      pipe(kerasModelSequential(), layerModel(encoder), layerDense({ units: 1 })),
    );
    models[0]?.dispose();
    expect(predictOnBatch(encoder, [[1, 2, 3]]).shape).toEqual([1, 2]);
    encoder.dispose();
    const output = predictOnBatch(models[1] as KerasModel, [[1, 2, 3]]);
    expect(output.shape).toEqual([1, 1]);
    models[1]?.dispose();
    tf.dispose(output);
    expect(tensorCount()).toBe(before + 1); // the first prediction
  });

  test('what does not fit is named', () => {
    const encoder = encoderOf();
    expect(() =>
      pipe(kerasModelSequential({ inputShape: [5] }), layerDense({ units: 4 }), layerModel(encoder)),
    ).toThrow(
      /^layerModel: layer 'sequential\w*' \(added at .*functional\.test\.ts:\d+\) needs input of shape \[null, 3\]\. Received: \[null, 4\] from layer 'dense'/,
    );
    expect(() => pipe(kerasModelSequential({ inputShape: [5] }), layerModel(encoder))).toThrow(
      KerasShapeError,
    );
    expect(() => layerModel(encoder)(encoder as never)).toThrow(
      'layerModel: a model cannot be a layer of itself. Received: the model',
    );
    const twice = pipe(kerasModelSequential(), layerModel(encoder));
    expect(() => layerModel(encoderOf())(twice)).toThrow(KerasShapeError);
    const square = pipe(kerasModelSequential({ name: 'square' }), layerDense({ units: 3, inputShape: [3] }));
    expect(() => pipe(kerasModelSequential(), layerModel(square), layerModel(square))).toThrow(
      "layerModel: layers' names must differ within a model. Received: a second layer named 'square'.",
    );
    expect(() => layerModel(kerasModelSequential())(layerInput({ shape: [3] }))).toThrow(
      'layerModel: the shape of the input must be known.',
    );
    expect(() => layerModel(3 as never)).toThrow('layerModel: `model` must be a model');
    const waiting = pipe(kerasModelSequential(), layerDense({ units: 3 }));
    expect(() => layerModel(encoder)(waiting)).toThrow('Give the first layer an inputShape.');
  });

  test('a model of several inputs or outputs is no layer', () => {
    const [a, b] = [layerInput({ shape: [2] }), layerInput({ shape: [2] })];
    const two = kerasModel([a, b], layerAdd([a, b]), { name: 'two' });
    expect(() => layerModel(two)(layerInput({ shape: [2] }))).toThrow(
      "layerModel: `model` must have one input and one output to be a layer. Received: the model 'two' of 2 inputs and 1 outputs.",
    );
  });
});

test('a shared layer and its own copy in another model', () => {
  const step = layerDense({ units: 1, kernelInitializer: 'ones' });
  const both = shared(step);
  const input = layerInput({ shape: [1] });
  const model = kerasModel(input, layerConcatenate([both(both(input)), step(input)]));
  expect(countParams(model)).toBe(4);
  expect(distance(predictOnBatch(model, [[3]]), [3, 3])).toBe(0);
});
