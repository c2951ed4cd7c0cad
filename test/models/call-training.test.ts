/** Layers and models that train, or do not, whatever the model around them does: Keras's numbers, test/reference/training_calls.py. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  cloneModel,
  compile,
  compiledStep,
  exportOnnx,
  exportSavedmodel,
  callModel,
  fit,
  fromConfig,
  getConfig,
  getWeights,
  gradientsOf,
  kerasModel,
  kerasModelSequential,
  layerBatchNormalization,
  layerConcatenate,
  layerDense,
  layerDropout,
  layerInput,
  layerModel,
  loadModel,
  loadModelTf,
  modelFromJson,
  modelToJson,
  optimizerSgd,
  pipe,
  predict,
  predictOnBatch,
  setWeights,
  saveModel,
  saveModelTf,
  saveModelTfjs,
  shared,
  tf,
  trainOnBatch,
  KerasArgumentError,
  type AnyModel,
  type KerasConfig,
  type KerasModel,
  type ServedModel,
  type Tensor,
} from '../../src/index';
import { distance } from '../layers/support';

type Nested = number | readonly Nested[];

/** What test/reference/training_calls.py prints. */
interface Reference {
  readonly tuned: readonly {
    readonly training: boolean | null;
    readonly config: { readonly config: object };
    readonly weights: readonly Nested[];
    readonly x: number[][];
    readonly y: number[][];
    readonly losses: readonly number[];
    readonly trained: readonly Nested[];
    readonly predicted: Nested;
  }[];
  readonly shared: {
    readonly config: { readonly config: object };
    readonly weights: readonly Nested[];
    readonly x: number[][];
    readonly predicted: Nested;
    readonly trained: Nested;
  };
}

const reference = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/training_calls.json'), 'utf8'),
) as Reference; // as its program prints it

const tensors = (values: readonly Nested[]): Tensor[] => values.map((value) => tf.tensor(value as number[]));
const flat = (values: Nested): number[] => (typeof values === 'number' ? [values] : values.flatMap(flat));
const json = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

const base = () =>
  pipe(
    kerasModelSequential({ name: 'base' }),
    layerDense({ units: 4, inputShape: [3] }),
    layerBatchNormalization({ momentum: 0.5 }),
  );

const tuned = (training: boolean | null): KerasModel => {
  const input = layerInput({ shape: [3], name: 'x' });
  const features = layerModel(input, { model: base(), ...(training === null ? {} : { training }) });
  return kerasModel(input, layerDense(features, { units: 1, name: 'out' }), { name: 'tuned' });
};

const places = (): KerasModel => {
  const norm = shared(layerBatchNormalization({ momentum: 0.5, name: 'norm' }));
  const input = layerInput({ shape: [2], name: 'x' });
  const both = [norm(input, { training: true }), norm(input, { training: false })];
  return kerasModel(input, layerConcatenate(both, { name: 'both' }), { name: 'places' });
};

type Nodes = Record<string, unknown>;
/** How the layers of a configuration are connected. */
const nodesOf = ({ config }: { readonly config: object }): Nodes =>
  Object.fromEntries(
    (config as { layers: { name: string; inbound_nodes: unknown }[] }).layers.map((layer) => [
      layer.name,
      layer.inbound_nodes,
    ]),
  );

const ofKeras = (config: object): AnyModel => fromConfig(config as unknown as KerasConfig<AnyModel>);

describe.each(reference.tuned.map((one) => [String(one.training), one] as const))(
  'a model that is called with training: %s',
  (_, { training, config, weights, x, y, losses, trained, predicted }) => {
    const made: [string, () => KerasModel][] = [
      ['made here', () => tuned(training)],
      ['out of Keras’s configuration', () => ofKeras(config) as KerasModel],
      ['out of its own', () => modelFromJson(modelToJson(tuned(training))) as KerasModel],
      ['as a copy', () => cloneModel(tuned(training))],
    ];

    test.each(made)('%s trains on batches as in Keras', (_how, make) => {
      const model = make();
      setWeights(model, tensors(weights));
      compile(model, { optimizer: optimizerSgd({ learningRate: 0.125 }), loss: 'mse' });
      losses.forEach((loss) => expect(trainOnBatch(model, x, y).loss).toBeCloseTo(loss, 5));
      getWeights(model).forEach((weight, index) =>
        expect(distance(weight, flat(trained[index] ?? []))).toBeLessThan(1e-5),
      );
      expect(distance(predictOnBatch(model, x), flat(predicted))).toBeLessThan(1e-5);
    });

    test.each(['eager', 'compiled'] as const)('fits as in Keras, %s', async (engine) => {
      const model = tuned(training);
      setWeights(model, tensors(weights));
      compile(model, { optimizer: optimizerSgd({ learningRate: 0.125 }), loss: 'mse' });
      const options = { epochs: 3, batchSize: 6, shuffle: false, verbose: 0, engine } as const;
      const { metrics, params } = await fit(model, x, y, options);
      expect(params.engine).toBe(engine);
      losses.forEach((loss, epoch) => expect(metrics.loss[epoch]).toBeCloseTo(loss, 5));
      getWeights(model).forEach((weight, index) =>
        expect(distance(weight, flat(trained[index] ?? []))).toBeLessThan(1e-5),
      );
    });

    test('is connected as in Keras', () => {
      expect(nodesOf(json({ config: getConfig(tuned(training)) }))).toEqual(nodesOf(config));
      expect(nodesOf(json({ config: getConfig(ofKeras(config)) }))).toEqual(nodesOf(config));
    });
  },
);

test('a layer in two places trains in one of them only', () => {
  const { config, weights, x, predicted, trained } = reference.shared;
  for (const make of [places, () => ofKeras(config) as KerasModel]) {
    const model = make();
    setWeights(model, tensors(weights));
    expect(nodesOf(json({ config: getConfig(model) }))).toEqual(nodesOf(config));
    const inputs = tf.tensor(x);
    const given = callModel(model, inputs);
    expect(distance(given, flat(predicted))).toBeLessThan(1e-5);
    expect(distance(callModel(model, inputs, { training: true }), flat(trained))).toBeLessThan(1e-5);
  }
});

describe('dropout that drops in predictions', () => {
  const model = (): KerasModel => {
    const input = layerInput({ shape: [64] });
    return kerasModel(input, shared(layerDropout({ rate: 0.25 }))(input, { training: true }));
  };

  test('draws anew in each batch', async () => {
    const x = tf.ones([200, 64]);
    const one = model();
    const options = { batchSize: 20, verbose: 0 } as const;
    const [first, second] = [await predict(one, x, options), await predict(one, x, options)];
    for (const prediction of [first, second, predictOnBatch(one, x)]) {
      expect(tf.mean(tf.equal(prediction, 0)).arraySync()).toBeCloseTo(0.25, 1);
      expect(tf.max(prediction).arraySync()).toBeCloseTo(4 / 3, 5);
    }
    expect(distance(first, second)).toBeCloseTo(4 / 3, 5);
    expect(distance(first.slice(0, 20), first.slice(20, 20))).toBeGreaterThan(1);
  });

  test('in a loop by hand, a model is called as it is told to be', () => {
    const one = tuned(false);
    const [before, x] = [getWeights(one).map((weight) => weight.clone()), tf.ones([4, 3])];
    const step = compiledStep((inputs: Tensor) => {
      const gradients = gradientsOf(() => tf.mean(callModel(one, inputs, { training: true })), one);
      optimizer.apply(gradients);
      return gradients.loss;
    });
    const optimizer = optimizerSgd({ learningRate: 0.1 });
    step(x);
    expect(step.engine).toBe('compiled');
    const after = getWeights(one);
    // Kernel, bias; gamma, beta, moving mean, moving variance; kernel, bias.
    const changed = after.map((weight, index) => distance(weight, before[index] as Tensor) > 0);
    expect(changed.slice(4, 6)).toEqual([false, false]);
    expect(changed[0]).toBe(true);
  });
});

describe('saved and read again', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-training-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const [, { weights, x, y } = { weights: [], x: [], y: [] }] = reference.tuned;
  const formats: [string, string, (model: KerasModel, place: string) => Promise<unknown>][] = [
    ['HDF5', 'model.h5', saveModel],
    ['Keras 3', 'model.keras', saveModel],
    ['SavedModel', 'saved', saveModelTf],
    ['TensorFlow.js', 'tfjs', saveModelTfjs],
  ];

  test.each(formats)('%s: it goes on as it did', async (_, name, save) => {
    const model = compile(tuned(false), { optimizer: optimizerSgd({ learningRate: 0.125 }), loss: 'mse' });
    setWeights(model, tensors(weights));
    const place = path.join(folder, name);
    await save(model, place);
    const again = await loadModel(place);
    for (const one of [model, again]) for (let count = 0; count < 2; count++) trainOnBatch(one, x, y);
    getWeights(model).forEach((weight, index) =>
      expect(distance(getWeights(again)[index] as Tensor, weight)).toBeLessThan(1e-6),
    );
  });

  test.each([false, true])(
    'a graph that is served, frozen: %s, follows the batches as the model does',
    async (frozen) => {
      const model = setWeights(places(), tensors(reference.shared.weights));
      const batches = [1, 0.25, 4].map((scale) => tf.mul(tf.tensor(reference.shared.x), scale));
      const place = await exportSavedmodel(model, path.join(folder, `served-${frozen}`), { frozen });
      const served = await loadModelTf<ServedModel>(place);
      const fresh = setWeights(places(), tensors(reference.shared.weights));
      for (const batch of batches) {
        const output = (await served.predict(batch)) as Tensor;
        const expected = predictOnBatch(model, batch);
        // Constants stay what they are.
        const compared = frozen
          ? predictOnBatch(setWeights(fresh, tensors(reference.shared.weights)), batch)
          : expected;
        expect(distance(output, compared)).toBeLessThan(1e-5);
      }
      served.dispose();
    },
  );

  test('a graph that is served draws anew in each batch', async () => {
    const input = layerInput({ shape: [64] });
    const model = kerasModel(input, shared(layerDropout({ rate: 0.25 }))(input, { training: true }));
    const served = await loadModelTf<ServedModel>(await exportSavedmodel(model, path.join(folder, 'drops')));
    const outputs = [200, 200, 7].map(async (rows) => (await served.predict(tf.ones([rows, 64]))) as Tensor);
    const [first, second, few] = (await Promise.all(outputs)) as [Tensor, Tensor, Tensor];
    for (const output of [first, second]) {
      expect(tf.mean(tf.equal(output, 0)).arraySync()).toBeCloseTo(0.25, 1);
      expect(tf.max(output).arraySync()).toBeCloseTo(4 / 3, 5);
    }
    expect(distance(first, second)).toBeCloseTo(4 / 3, 5);
    expect(few.shape).toEqual([7, 64]);
    served.dispose();
  });

  test('ONNX has nothing that trains in predictions', async () => {
    const input = layerInput({ shape: [3] });
    const model = kerasModel(input, shared(layerDropout({ rate: 0.5 }))(input, { training: true }));
    await expect(exportOnnx(model, path.join(folder, 'model.onnx'))).rejects.toThrow(
      /layer 'dropout' of the class Dropout: it is to train in predictions, too/,
    );
  });
});

test('mistakes', () => {
  const input = layerInput({ shape: [3] });
  expect(() => layerModel(input, { model: base(), training: 1 as never })).toThrow(
    /^layerModel: `training` must be true or false\. Received: 1\./,
  );
  expect(() => layerModel(kerasModelSequential(), { model: base(), training: false })).toThrow(
    /^layerModel: `training` must be left out in a Sequential model.*Received: training: false\. Apply the model to/,
  );
  expect(() => shared(layerDropout({ rate: 0.5 }))(input, { training: 'yes' as never })).toThrow(
    /^shared: `training` must be true or false/,
  );
  const config = json(reference.tuned[1]?.config) as {
    config: { layers: { name: string; inbound_nodes: unknown[][][] }[] };
  };
  const layer = config.config.layers.find(({ name }) => name === 'base');
  (layer?.inbound_nodes[0]?.[0]?.[3] as Record<string, unknown>)['training'] = 'no';
  expect(() => ofKeras(config)).toThrow(KerasArgumentError);
  expect(() => ofKeras(config)).toThrow(/`training` of a layer that is called must be true or false/);
});
