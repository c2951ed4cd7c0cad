/** Names of layers, models, outputs and metrics that are not plain words. */
import {
  compile,
  customMetric,
  evaluate,
  fit,
  getLayer,
  kerasModel,
  kerasModelSequential,
  KerasArgumentError,
  layerDense,
  layerInput,
  layerModel,
  metricAuc,
  pipe,
  predict,
  testOnBatch,
  tf,
  trainOnBatch,
} from '../../src/index';
import { mergeRows, rows } from '../layers/table';
import { tensorCount } from '../support/tensors';

/** Each layer function, called with the options that it needs and some more; a layer of tfjs's has its name from there. */
const STEPS: Readonly<Record<string, (options: object) => unknown>> = {
  ...Object.fromEntries(
    [...rows, ...mergeRows]
      .filter(({ functionName }) => functionName !== 'layerTf')
      .map(({ functionName, wrong }) => [functionName, wrong]),
  ),
  layerInput: (options) => layerInput({ shape: [1], ...options }),
};

const NAMES = ['my layer', '/layer', 'Größe', 'a:b', '__proto__', '_a', '', ' '];

describe.each(NAMES)('the name %p', (name) => {
  test.each(Object.entries(STEPS))('is refused by %s', (functionName, call) => {
    const before = tensorCount();
    expect(() => call({ name })).toThrow(KerasArgumentError);
    expect(() => call({ name })).toThrow(
      `${functionName}: \`name\` must be a name: letters from a to z, digits, \`_\`, \`-\`, \`.\` and \`/\`, a letter or digit first. Received: '${name}'.`,
    );
    expect(tensorCount()).toBe(before);
  });

  test('is refused by models', () => {
    const input = layerInput({ shape: [1] });
    expect(() => kerasModelSequential({ name })).toThrow('kerasModelSequential: `name` must be a name');
    expect(() => kerasModel(input, layerDense(input, { units: 1 }), { name })).toThrow(
      'kerasModel: `name` must be a name',
    );
  });
});

/** Names that all objects have something under. */
const INHERITED = ['constructor', 'toString', 'hasOwnProperty', 'valueOf'];

test.each(INHERITED)('the name %s is refused by layers', (name) => {
  expect(() => layerDense({ units: 1, name })).toThrow(
    `layerDense: \`name\` must be none of the names that all JavaScript objects have something under. Received: '${name}'. Write name: '${name}_1'.`,
  );
});

describe.each(['eager', 'compiled'] as const)('%s', (engine) => {
  const options = { engine, epochs: 2, verbose: 0 } as const;

  // Names and order as Keras 2.13 gives them for the same model.
  test('names with a slash are names of inputs, layers, weights, outputs and metrics', async () => {
    const input = layerInput({ shape: [3], name: 'in/put' });
    const inner = pipe(
      kerasModelSequential({ name: 'in/ner' }),
      layerDense({ units: 2, name: 'a/b', inputShape: [3] }),
    );
    const hidden = pipe(input, layerModel(inner));
    const outputs = [
      pipe(hidden, layerDense({ units: 1, name: 'x/y' })),
      pipe(hidden, layerDense({ units: 1, name: 'z' })),
    ];
    const model = pipe(
      kerasModel(input, outputs, { name: 'mo/del' }),
      compile({ loss: { 'x/y': 'mse', z: 'mae' }, metrics: { 'x/y': ['mae'] } }),
    );
    const y = { 'x/y': [1, 2], z: [0, 1] };
    const x = [[1, 2, 3], [4, 5, 6]]; // prettier-ignore
    const { metrics } = await fit(model, { 'in/put': x }, y, options);
    expect(Object.keys(metrics)).toEqual(['loss', 'x/y_loss', 'z_loss', 'x/y_mae']);
    expect(Object.values(metrics).flat().every(Number.isFinite)).toBe(true);
    expect(getLayer(inner, 'a/b').weights.map(({ name }) => name.replace(/_\d+$/, ''))).toEqual([
      'a/b/kernel',
      'a/b/bias',
    ]);
    expect(getLayer(model, 'in/ner').name).toBe('in/ner');

    let saved: unknown;
    await model.tf.save(
      tf.io.withSaveHandler((artifacts) => {
        saved = artifacts;
        return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } });
      }),
    );
    const loaded = kerasModel(await tf.loadLayersModel(tf.io.fromMemory(saved as tf.io.ModelArtifacts)));
    const [before, after] = [await predict(model, x), await predict(loaded, x)].map((tensors) =>
      (tensors as tf.Tensor[]).map((tensor) => [...tensor.dataSync()]),
    );
    expect(after).toEqual(before);
  });

  // Keras takes such names; here, layers of tfjs's may have them.
  test('outputs and inputs named as what all objects have', async () => {
    const [constructor, valueOf] = ['constructor', 'valueOf'].map((name) => tf.input({ shape: [2], name }));
    const toString = tf.layers.dense({ units: 1, name: 'toString' }).apply(constructor as tf.SymbolicTensor);
    const hasOwnProperty = tf.layers
      .dense({ units: 1, name: 'hasOwnProperty' })
      .apply(valueOf as tf.SymbolicTensor);
    const model = tf.model({
      inputs: [constructor, valueOf] as tf.SymbolicTensor[],
      outputs: [toString, hasOwnProperty] as tf.SymbolicTensor[],
    });
    expect(() => compile(model, { loss: { toString: 'mse' } as never })).toThrow("'hasOwnProperty' has none");
    compile(model, {
      loss: { toString: 'mse', hasOwnProperty: 'mae' } as never,
      metrics: { toString: 'mae' } as never,
      lossWeights: { hasOwnProperty: 2 } as never,
    });
    const x = { constructor: [[1, 2]], valueOf: [[3, 4]] };
    const { metrics } = await fit(
      model,
      x as never,
      { toString: [1], hasOwnProperty: [2] } as never,
      options,
    );
    expect(Object.keys(metrics)).toEqual(['loss', 'toString_loss', 'hasOwnProperty_loss', 'toString_mae']);
    expect(Object.values(metrics).flat().every(Number.isFinite)).toBe(true);
    await expect(fit(model, { constructor: [[1, 2]] } as never, [[1], [2]], options)).rejects.toThrow(
      "nothing for 'valueOf'",
    );
  });

  test.each([...INHERITED, '__proto__'])('a metric named %s', async (name) => {
    const mine = customMetric(name, (yTrue, yPred) => tf.sub(yTrue, yPred));
    for (const metric of [metricAuc({ name }), mine]) {
      const model = pipe(
        kerasModelSequential(),
        layerDense({ units: 1, activation: 'sigmoid', inputShape: [2] }),
        compile({ loss: 'mse', metrics: [metric] }),
      );
      const data = [[[1, 2]], [1]] as const;
      const history = await fit(model, ...data, { ...options, validationData: [...data] });
      expect(Object.keys(history.metrics)).toEqual(['loss', name, 'val_loss', `val_${name}`]);
      expect(Object.getOwnPropertyDescriptor(history.metrics, name)?.value).toHaveLength(2);
      expect(Object.getPrototypeOf(history.metrics)).toBe(Object.prototype);
      expect(history.rows().map(({ metric: of }) => of)).toEqual([
        'loss',
        'loss',
        name,
        name,
        'loss',
        'loss',
        name,
        name,
      ]);
      expect(String(history)).toContain(`${name}: `);
      for (const result of [
        await evaluate(model, ...data, { engine, verbose: 0 }),
        trainOnBatch(model, ...data),
        testOnBatch(model, ...data),
      ]) {
        expect(Object.keys(result)).toEqual(['loss', name]);
      }
      model.dispose();
    }
  });
});
