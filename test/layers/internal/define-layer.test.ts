import type { io, LayersModel, Variable } from '@tensorflow/tfjs';
import * as all from '../../../src/index';
import {
  KerasArgumentError,
  tf,
  type SequentialModel,
  type SymbolicTensor,
  type Tensor,
} from '../../../src/index';
import { tensorCount } from '../../support/tensors';
import { mergeRows, namesOf, notLayers, rows, withoutRows, type Row } from '../table';
import { weightArrays } from '../../support/weights';

const { compile, countParams, kerasModel, kerasModelSequential, layerInput, outputShape, pipe } = all;
const { predictOnBatch, setRandomSeed, trainOnBatch } = all;

const title = ({ functionName, about }: Row): string =>
  about === undefined ? functionName : `${functionName} ${about}`;
const labeled = rows.map((row) => [title(row), row] as const);

const BATCH = 4;

/** Data for a row: normal numbers, or ids. */
const dataFor = ({ input, ids }: Row): Tensor =>
  ids === undefined
    ? tf.randomNormal([BATCH, ...input], 0, 1, 'float32', 11)
    : tf.randomUniform([BATCH, ...input], 0, ids, 'int32', 11);

const sequential = (row: Row): SequentialModel =>
  pipe(kerasModelSequential({ inputShape: row.input }), row.piped());

/** Numbers unlike those that weights begin with, and no variance below zero. */
const otherWeights = (model: all.KerasModel): Tensor[] =>
  model.tf.weights.map(({ shape }, index) =>
    tf.randomUniform(shape as number[], 0.1, 0.9, 'float32', 100 + index),
  );

/** The shape that is known before there are values. */
const knownShape = ({ output, drawnAxes = [] }: Row): (number | null)[] =>
  [null, ...output].map((size, axis) => (drawnAxes.includes(axis) ? null : size));

const numbers = (tensor: Tensor): number[] => [...tensor.dataSync()];

/** The model that tfjs makes of another's configuration, with the same weights. */
const reload = async (model: all.KerasModel): Promise<LayersModel> => {
  const config = model.tf.toJSON(undefined, false) as unknown as io.ModelJSON['modelTopology'];
  const copy = await tf.models.modelFromJSON(
    JSON.parse(JSON.stringify({ modelTopology: config })) as Parameters<typeof tf.models.modelFromJSON>[0],
  );
  // Not by tfjs's setWeights, which applies constraints.
  copy.weights.forEach((weight, index) =>
    (weight.read() as Variable).assign(model.tf.getWeights()[index] as Tensor),
  );
  return copy;
};

describe.each(labeled)('%s', (_title, row) => {
  test('changes a Sequential model in place and gives it back', () => {
    const model = kerasModelSequential({ inputShape: row.input });
    expect(row.piped()(model)).toBe(model);
    expect(model.layers).toHaveLength(1);
  });

  test('has the shape and the number of parameters of the table', () => {
    const model = sequential(row);
    expect(outputShape(model)).toEqual(knownShape(row));
    expect(countParams(model)).toBe(row.params);
    const result = predictOnBatch(model, dataFor(row));
    expect(result.shape).toEqual([BATCH, ...row.output]);
  });

  test('is the same on a symbolic tensor, piped and plain', () => {
    const input = layerInput({ shape: row.input });
    const outputs: SymbolicTensor[] = [pipe(input, row.piped()), row.plain(input)];
    const [piped, plain] = outputs.map((output) => kerasModel(input, output));
    const stack = sequential(row);
    const weights = otherWeights(stack);
    const x = dataFor(row);
    const results = [stack, piped, plain].map((model) => {
      all.setWeights(model as all.KerasModel, weights);
      return numbers(predictOnBatch(model as all.KerasModel, x));
    });
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
    expect(outputs.map(({ shape }) => shape)).toEqual([0, 1].map(() => knownShape(row)));
  });

  test('comes back from its configuration with the same output and training', async () => {
    const model = sequential(row);
    all.setWeights(model, otherWeights(model));
    const x = dataFor(row);
    if (row.isNotSaved === true) {
      const reason = 'a layer that was made from its configuration, in which functions are not';
      await expect(reload(model)).rejects.toThrow(reason);
      return;
    }
    const copy = await reload(model);
    expect(copy.layers.map((layer) => layer.getClassName())).toEqual(
      expect.arrayContaining(model.layers.map((layer) => layer.getClassName())),
    );
    expect(copy.layers.at(-1)?.constructor).toBe(model.layers.at(-1)?.constructor);
    expect(numbers(copy.predict(x) as Tensor)).toEqual(numbers(predictOnBatch(model, x)));
    expect(copy.toJSON(undefined, true)).toBe(model.tf.toJSON(undefined, true));
  });

  test('learns: a step is finite and frees what it makes', () => {
    setRandomSeed(3);
    // A layer before it with weights, so that a gradient goes through.
    const model =
      row.ids === undefined
        ? pipe(
            kerasModelSequential({ inputShape: row.input }),
            all.layerDense({ units: row.input.at(-1) as number, useBias: false }),
            row.piped(),
            row.drawnAxes === undefined ? all.layerFlatten() : all.layerGlobalAveragePooling2d(),
            all.layerDense({ units: 1 }),
          )
        : pipe(sequential(row), all.layerFlatten(), all.layerDense({ units: 1 }));
    compile(model, { loss: 'mse', optimizer: 'sgd' });
    const [x, y] = [dataFor(row), tf.ones([BATCH, 1])];
    const before = weightArrays(model);
    const first = trainOnBatch(model, x, y);
    const held = tensorCount();
    const second = trainOnBatch(model, x, y);
    expect(tensorCount()).toBe(held);
    expect([first.loss, second.loss].every(Number.isFinite)).toBe(true);
    const after = weightArrays(model);
    expect(after.flat(9).every((number) => Number.isFinite(number))).toBe(true);
    expect(after[0]).not.toEqual(before[0]); // the first layer's kernel, or the embeddings
  });

  test('leaves no tensor behind but its result', () => {
    const model = sequential(row);
    const x = dataFor(row);
    predictOnBatch(model, x);
    const before = tensorCount();
    const result = predictOnBatch(model, x);
    expect(tensorCount()).toBe(before + 1);
    result.dispose();
    model.dispose();
    expect(tensorCount()).toBe(before - model.tf.weights.length);
  });

  test('used twice makes two layers with names and weights of their own', () => {
    const step = row.piped();
    const input = layerInput({ shape: row.input });
    const other = layerInput({ shape: row.input });
    const model = kerasModel([input, other], [step(input), step(other)]);
    const made = model.layers.filter((layer) => layer.getClassName() !== 'InputLayer');
    expect(made).toHaveLength(2);
    const [first, second] = namesOf(model.layers) as [string, string];
    expect(second).toBe(`${first}_1`);
    expect(countParams(model)).toBe(2 * row.params);
    expect(new Set(model.tf.weights.map(({ originalName }) => originalName)).size).toBe(
      model.tf.weights.length,
    );
  });

  test('names an unknown option and the one that was meant', () => {
    expect(() => row.wrong({ nmae: 'a' })).toThrow(KerasArgumentError);
    expect(() => row.wrong({ nmae: 'a' })).toThrow(
      `${row.functionName}: the options must be known ones. Received: the unknown option \`nmae\`. ${row.nearName ?? "Did you mean 'name'?"}`,
    );
  });

  test('is refused by what is neither a model nor a tensor', () => {
    for (const nothing of [undefined, null, 3, [], tf.scalar(1)]) {
      expect(() => row.plain(nothing as unknown as SymbolicTensor)).toThrow(KerasArgumentError);
      expect(() => row.piped()(nothing as unknown as SymbolicTensor)).toThrow(
        `${row.functionName}: a layer is added to a Sequential model or to the output of layerInput()`,
      );
    }
  });
});

describe.each(mergeRows.map((row) => [row.functionName, row] as const))('%s', (_functionName, row) => {
  const inputsOf = (): SymbolicTensor[] => row.inputs.map((shape) => layerInput({ shape }));
  const data = row.inputs.map((shape, index) =>
    tf.keep(tf.randomNormal([BATCH, ...shape], 0, 1, 'float32', index)),
  );

  test('has the shape of the table, piped and plain', () => {
    const inputs = inputsOf();
    const models = [kerasModel(inputs, row.piped()(inputs)), kerasModel(inputs, row.plain(inputs))] as const;
    all.setWeights(models[1], all.getWeights(models[0]));
    const results = models.map((model) => predictOnBatch(model, data));
    expect(outputShape(models[0])).toEqual([null, ...row.output]);
    expect(results[0]?.shape).toEqual([BATCH, ...row.output]);
    expect(numbers(results[1] as Tensor)).toEqual(numbers(results[0] as Tensor));
  });

  test('comes back from its configuration', async () => {
    const inputs = inputsOf();
    const model = kerasModel(inputs, row.plain(inputs));
    const copy = await reload(model);
    expect(numbers(copy.predict(data) as Tensor)).toEqual(numbers(predictOnBatch(model, data)));
  });

  test('lets gradients through and leaves nothing behind', () => {
    const inputs = inputsOf();
    const dense = inputs.map((input) => all.layerDense(input, { units: 3 }));
    const model = kerasModel(
      inputs,
      pipe(row.plain(dense), all.layerFlatten(), all.layerDense({ units: 1 })),
    );
    compile(model, { loss: 'mse', optimizer: 'sgd' });
    const before = weightArrays(model);
    const y = tf.ones([BATCH, 1]);
    expect(trainOnBatch(model, data, y).loss).toBeGreaterThan(0);
    const held = tensorCount();
    trainOnBatch(model, data, y);
    expect(tensorCount()).toBe(held);
    weightArrays(model).forEach((weights, index) => expect(weights).not.toEqual(before[index]));
  });

  test('names an unknown option and the one that was meant', () => {
    expect(() => row.wrong({ nmae: 'a' })).toThrow("the unknown option `nmae`. Did you mean 'name'?");
  });

  test('is refused by anything but a list of tensors', () => {
    for (const nothing of [undefined, 3, [], [layerInput({ shape: [2] })], kerasModelSequential()]) {
      expect(() => row.piped()(nothing as unknown as SymbolicTensor[])).toThrow(
        `${row.functionName}: ${row.what ?? 'a merging layer'} takes an array of two or more outputs of layers`,
      );
    }
  });
});

test('every layer that is exported has a row', () => {
  const exported = Object.keys(all).filter(
    (name) => /^(?:layer[A-Z]|bidirectional$|timeDistributed$)/.test(name) && !notLayers.includes(name),
  );
  const covered = new Set([...rows, ...mergeRows].map(({ functionName }) => functionName));
  expect([...covered, ...withoutRows].sort()).toEqual(exported.sort());
});

test('an option that is undefined counts as left out', () => {
  const model = pipe(
    kerasModelSequential(),
    all.layerDense({
      units: 3,
      inputShape: [2],
      kernelInitializer: undefined,
    } as unknown as all.DenseOptions),
  );
  const config = model.layers[0]?.getConfig() as { kernelInitializer: { config: object } };
  expect(config.kernelInitializer.config).toMatchObject({ mode: 'fanAvg', distribution: 'uniform' });
});

test('options are read when they are given: later changes to the object do not count', () => {
  const options = { units: 3 };
  const step = all.layerDense(options);
  options.units = 5;
  expect(outputShape(pipe(kerasModelSequential({ inputShape: [2] }), step))).toEqual([null, 3]);
});

test('initial weights: arrays or tensors, which stay the caller’s; wrong ones are named', () => {
  const kernel = tf.tensor2d([[1], [2]]);
  const layer = (weights: readonly all.ArrayLike[]): SequentialModel =>
    pipe(kerasModelSequential({ inputShape: [2] }), all.layerDense({ units: 1, weights }));
  expect(weightArrays(layer([kernel, [3]]))).toEqual([[[1], [2]], [3]]);
  expect(kernel.isDisposed).toBe(false);
  const before = tensorCount();
  expect(() => layer([[[1], [2], [3]], [0]])).toThrow(
    "layerDense: `weights` must have the shapes of the weights of layer 'dense': [2, 1], [1]. Received: [3, 1], [1]. " +
      'Give one array for each weight, of its shape.',
  );
  expect(() => layer([[[1], [2, 3]], [0]])).toThrow('layerDense: `weights[0]` must have rows of one length');
  expect(tensorCount()).toBe(before);
});
