/** Configurations of models of classes of one's own: the name and the options, as Keras has the arguments of the class. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  cloneModel,
  compile,
  CustomModel,
  fit,
  fromConfig,
  getConfig,
  getWeights,
  kerasModel,
  kerasModelCustom,
  kerasModelSequential,
  layerDense,
  layerInput,
  layerModel,
  loadModelHdf5,
  modelFromJson,
  modelToJson,
  newModelClass,
  optimizerOf,
  outputShape,
  pipe,
  predictOnBatch,
  saveModelHdf5,
  serializeModel,
  setWeights,
  tf,
  unserializeModel,
  withCustomObjectScope,
  type KerasModel,
  type Tensor,
} from '../../../src/index';
import { grid } from '../../support/own-parts';

class Perceptron extends CustomModel<{ units: number; activation?: 'relu' | 'tanh' }> {
  hidden = this.addLayer(
    layerDense({ units: this.options.units, activation: this.options.activation ?? 'relu' }),
  );
  out = this.addLayer(layerDense({ units: 1 }));
  override call(x: Tensor) {
    return this.out(this.hidden(x));
  }
}

const modelOfMethods = newModelClass({
  classname: 'OfMethods',
  initialize({ units }: { units: number }) {
    return { hidden: this.addLayer(layerDense({ units })), out: this.addLayer(layerDense({ units: 1 })) };
  },
  call(x: Tensor) {
    return this.out(this.hidden(x));
  },
});

/** Its configuration is its own affair. */
class Other extends CustomModel {
  out: (x: Tensor) => Tensor;
  constructor(readonly width: number) {
    super();
    this.out = this.addLayer(layerDense({ units: width }));
  }
  static fromConfig({ wide }: { wide: number }) {
    return new Other(wide);
  }
  override getConfig() {
    return { wide: this.width };
  }
  override call(x: Tensor) {
    return this.out(x);
  }
}

/** The sum of all inputs. */
class Sum extends CustomModel {
  out = this.addLayer(layerDense({ units: 1 }));
  override call(inputs: Tensor[]) {
    return this.out(tf.add(inputs[0] as Tensor, inputs[1] as Tensor));
  }
}

const x = grid([6, 3]);
const folder = mkdtempSync(path.join(tmpdir(), 'own-models-'));
afterAll(() => rmSync(folder, { recursive: true }));

const built = <Model extends KerasModel>(model: Model): Model => {
  predictOnBatch(model, x).dispose();
  return model;
};

test('the configuration of a class is its name and its options, built or not', () => {
  const model = new Perceptron({ units: 4, name: 'mine' });
  const expected = { name: 'mine', trainable: true, dtype: 'float32', units: 4 };
  expect(Object.fromEntries(Object.entries(getConfig(model)))).toEqual(expected);
  expect(Object.fromEntries(Object.entries(getConfig(built(model))))).toEqual(expected);
  const json = JSON.parse(modelToJson(model)) as object;
  expect(json).toMatchObject({
    class_name: 'Perceptron',
    config: expected,
    build_config: { input_shape: [null, 3] },
  });
});

test('a model is made of a configuration', () => {
  const model = built(new Perceptron({ units: 4, activation: 'tanh' }));
  const copy = fromConfig(getConfig(model), { customObjects: { Perceptron } }) as unknown as Perceptron;
  expect(copy).toBeInstanceOf(Perceptron);
  expect(copy.options).toEqual({ units: 4, activation: 'tanh' });
  setWeights(built(copy), getWeights(model));
  expect(predictOnBatch(copy, x).arraySync()).toEqual(predictOnBatch(model, x).arraySync());
});

describe.each<[string, () => KerasModel, Record<string, unknown>]>([
  ['a class', () => new Perceptron({ units: 4 }), { Perceptron }],
  ['a class of methods', () => modelOfMethods({ units: 4 }), { OfMethods: modelOfMethods }],
  ['a class with a configuration of its own', () => new Other(5), { Other }],
])('%s', (_, make, classes) => {
  const customObjects = classes as Record<string, new () => object>;

  test('comes back from JSON', () => {
    const model = built(make());
    const read = withCustomObjectScope(customObjects, () => modelFromJson(modelToJson(model)));
    expect(read.constructor).toBe(model.constructor);
    setWeights(read, getWeights(model));
    expect(predictOnBatch(read, x).arraySync()).toEqual(predictOnBatch(model, x).arraySync());
  });

  test('comes back from HDF5 with its weights, and goes on training', async () => {
    const model = pipe(make(), compile({ optimizer: 'adam', loss: 'mse' }));
    const y = grid([6, _ === 'a class with a configuration of its own' ? 5 : 1], 2);
    await fit(model, x, y, { epochs: 2, verbose: 0, shuffle: false });
    const file = path.join(folder, 'model.h5');
    await saveModelHdf5(model, file);
    const read = await loadModelHdf5(file, { customObjects });
    const other = await unserializeModel(await serializeModel(model), { customObjects });
    const options = { epochs: 2, verbose: 0, shuffle: false } as const;
    const { metrics } = await fit(model, x, y, options);
    for (const one of [read, other]) {
      expect(optimizerOf(one).iterations).toBe(2);
      expect((await fit(one, x, y, options)).metrics).toEqual(metrics);
    }
  });

  test('is copied', () => {
    const model = built(make());
    const copy = cloneModel(model);
    expect(copy.constructor).toBe(model.constructor);
    setWeights(copy, getWeights(model));
    expect(predictOnBatch(copy, x).arraySync()).toEqual(predictOnBatch(model, x).arraySync());
    expect(() => cloneModel(model, { cloneFunction: (layer) => layer })).toThrow(
      /which is of a class of your own/,
    );
  });

  test('is a layer of other models', () => {
    const inner = built(make());
    const stack = pipe(
      kerasModelSequential({ inputShape: [3] }),
      layerModel(inner),
      layerDense({ units: 2 }),
    );
    const input = layerInput({ shape: [3] });
    const graph = kerasModel(input, layerDense(layerModel(input, inner), { units: 2 }));
    for (const model of [stack, graph]) {
      const read = modelFromJson(modelToJson(model), { customObjects });
      expect(outputShape(read)).toEqual([null, 2]);
      setWeights(read, getWeights(model));
      expect(predictOnBatch(read, x).arraySync()).toEqual(predictOnBatch(model, x).arraySync());
    }
  });
});

test('a model of several inputs', () => {
  const model = new Sum();
  model.buildFor([
    [null, 3],
    [null, 3],
  ]);
  const read = modelFromJson(modelToJson(model), { customObjects: { Sum } });
  setWeights(read, getWeights(model));
  expect(predictOnBatch(read, [x, x]).arraySync()).toEqual(predictOnBatch(model, [x, x]).arraySync());
});

test('a model of a function is copied', () => {
  const model = built(
    kerasModelCustom((self) => {
      const out = self.addLayer(layerDense({ units: 2 }));
      return (inputs: Tensor) => out(inputs);
    }),
  );
  expect(outputShape(cloneModel(model))).toEqual([null, 2]);
});

test('errors', () => {
  const json = modelToJson(built(new Perceptron({ units: 4 })));
  expect(() => modelFromJson(json)).toThrow(/customObjects: { Perceptron }/);
  expect(() => modelFromJson(json, { customObjects: { Perceptron: Map } })).toThrow(/Perceptron/);
  class Strange extends CustomModel<{ of: object }> {}
  expect(() => getConfig(new Strange({ of: new Map() }))).toThrow(
    /the options of the model 'strange' must be/,
  );
  const wrong = json.replace('[null,3]', '[null,"3"]');
  expect(() => modelFromJson(wrong, { customObjects: { Perceptron } })).toThrow(
    /`input_shape` must be a shape/,
  );
});
