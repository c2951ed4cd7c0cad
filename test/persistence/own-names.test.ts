/**
 * Functions and classes of the program's own that are called like ones of Keras's: a saved model with them is not read with Keras's in
 * their place, but with what `customObjects` has for the name, or not at all.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  compile,
  createLayerWrapper,
  CustomModel,
  customMetric,
  customOptimizer,
  evaluate,
  KerasError,
  kerasModelSequential,
  KerasLayer,
  layerDense,
  layerRnn,
  loadModel,
  metricMeanWrapper,
  modelFromJson,
  modelToJson,
  newLearningRateScheduleClass,
  newLossClass,
  newMetricClass,
  optimizerOf,
  optimizerSgd,
  pipe,
  predictOnBatch,
  saveModel,
  saveModelTf,
  saveModelTfjs,
  tf,
  trainOnBatch,
  type CompileOptions,
  type CustomObjects,
  type KerasModel,
  type LayerStep,
  type Loss,
  type RnnCell,
  type Tensor,
} from '../../src/index';

const [x, y] = [tf.ones([4, 2]), tf.ones([4, 1])];

/** The value that all losses and metrics below have, whatever the model gives. */
const OWN = 7;
const sevens = (yTrue: Tensor, _yPred?: Tensor): Tensor => tf.fill([yTrue.shape[0] as number], OWN);

const mse = (yTrue: Tensor): Tensor => sevens(yTrue);
const mean_absolute_error = (yTrue: Tensor): Tensor => sevens(yTrue);
const accuracy = (yTrue: Tensor): Tensor => sevens(yTrue);
const lossOfClass = newLossClass({ classname: 'MeanSquaredError', call: sevens });
const metricOfClass = newMetricClass({
  classname: 'MeanAbsoluteError',
  initialize: () => ({ sum: 0 }),
  updateState: () => ({ sum: tf.scalar(OWN) }),
  result: ({ sum }) => sum,
});
class Huber implements Loss {
  readonly name = 'huber';
  readonly labels = 'same';
  readonly call = sevens;
}
const schedule = newLearningRateScheduleClass({ classname: 'ExponentialDecay', call: () => 0.25 });
const optimizer = (name: string) =>
  customOptimizer({
    name,
    defaults: { learningRate: 0.5 },
    update: ({ variable, numbers: { learningRate } }) => ({
      variable: tf.sub(variable, learningRate),
      slots: {},
    }),
  });
const [adam, optimizerAdam] = [optimizer('Adam'), optimizer('optimizerAdam')];

const base = (): KerasModel => pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [2] }));

interface Case {
  readonly options: () => CompileOptions;
  readonly objects: CustomObjects;
  /** Whether the model is compiled with what is the program's own. */
  readonly isOwn: (model: KerasModel) => Promise<boolean> | boolean;
}

const hasOwnValue =
  (name: string) =>
  async (model: KerasModel): Promise<boolean> =>
    (await evaluate(model, x, y, { verbose: 0 }))[name] === OWN;
const movesByHalf = (model: KerasModel): boolean => {
  const kernel = (): number => model.tf.weights[0]?.read().dataSync()[0] ?? NaN;
  const before = kernel();
  trainOnBatch(model, x, y);
  return Math.abs(before - 0.5 - kernel()) < 1e-6;
};

const cases: Record<string, Case> = {
  'a function as the loss': { options: () => ({ loss: mse }), objects: { mse }, isOwn: hasOwnValue('loss') },
  'a loss that is an object': {
    options: () => ({ loss: { name: 'mae', labels: 'same', call: sevens } as Loss }),
    objects: { mae: sevens },
    isOwn: hasOwnValue('loss'),
  },
  'a loss of a class of methods': {
    options: () => ({ loss: lossOfClass() }),
    objects: { MeanSquaredError: lossOfClass },
    isOwn: hasOwnValue('loss'),
  },
  'a loss of a class': {
    options: () => ({ loss: new Huber() }),
    objects: { Huber },
    isOwn: hasOwnValue('loss'),
  },
  'a function as a metric': {
    options: () => ({ loss: 'mse', metrics: [mean_absolute_error] }),
    objects: { mean_absolute_error },
    isOwn: hasOwnValue('mean_absolute_error'),
  },
  'a metric with a name': {
    options: () => ({ loss: 'mse', metrics: [customMetric('accuracy', sevens)] }),
    objects: { accuracy },
    isOwn: hasOwnValue('accuracy'),
  },
  'a mean of a function': {
    options: () => ({ loss: 'mse', metrics: [metricMeanWrapper({ fn: mean_absolute_error })] }),
    objects: { mean_absolute_error },
    isOwn: hasOwnValue('mean_absolute_error'),
  },
  'a metric of a class of methods': {
    options: () => ({ loss: 'mse', metrics: [metricOfClass()] }),
    objects: { MeanAbsoluteError: metricOfClass },
    isOwn: hasOwnValue('mean_absolute_error'),
  },
  'an optimizer': {
    options: () => ({ loss: 'mse', optimizer: adam() }),
    objects: { Adam: adam },
    isOwn: movesByHalf,
  },
  'an optimizer with the name of a function': {
    options: () => ({ loss: 'mse', optimizer: optimizerAdam() }),
    objects: { optimizerAdam },
    isOwn: movesByHalf,
  },
  'a schedule': {
    options: () => ({ loss: 'mse', optimizer: optimizerSgd({ learningRate: schedule() }) }),
    objects: { ExponentialDecay: schedule },
    isOwn: (model) => {
      const { learningRate } = optimizerOf(model).getConfig();
      return typeof learningRate === 'function' && learningRate(3) === 0.25;
    },
  },
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-own-names-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const formats: [string, string, (model: KerasModel, place: string) => Promise<unknown>][] = [
  ['HDF5', 'model.h5', saveModel],
  ['Keras 3', 'model.keras', saveModel],
  ['SavedModel', 'saved', saveModelTf],
  ['TensorFlow.js', 'tfjs', saveModelTfjs],
];

describe.each(Object.entries(cases))('%s', (title, { options, objects, isOwn }) => {
  test.each(formats)('%s', async (_, name, save) => {
    const place = path.join(folder, `${title.replaceAll(' ', '-')}-${name}`);
    const model = compile(base(), options());
    await save(model, place);
    const [known] = Object.keys(objects);
    await expect(loadModel(place)).rejects.toThrow(KerasError);
    await expect(loadModel(place)).rejects.toThrow(
      new RegExp(`Give it under its name: customObjects: \\{ ${known ?? ''}: … \\}`),
    );
    const again = (await loadModel(place, { customObjects: objects })) as KerasModel; // of one output
    expect(await isOwn(again)).toBe(true);
    for (const one of [model, again]) one.dispose();
  });
});

const relu = (x: Tensor): Tensor => tf.mul(x, 3);
class LSTMCell implements RnnCell {
  readonly stateSize = 2;
  call(x: Tensor, [h]: readonly [Tensor, ...Tensor[]]): ReturnType<RnnCell['call']> {
    const output = tf.add(x, h);
    return [output, [output]];
  }
}

const architectures: [string, () => LayerStep, CustomObjects, number[]][] = [
  [
    'an activation',
    () => layerDense({ units: 2, activation: relu, kernelInitializer: 'identity' }),
    { relu },
    [1, 2],
  ],
  ['a cell', () => layerRnn({ cell: new LSTMCell() }), { LSTMCell }, [3, 1, 2]],
];

describe.each(architectures)('%s', (title, step, objects, shape) => {
  const make = (): KerasModel =>
    pipe(kerasModelSequential({ inputShape: shape.slice(1) }), step()) as KerasModel;
  const input = tf.neg(tf.ones(shape));
  const [known] = Object.keys(objects);
  const error = new RegExp(`Give it under its name: customObjects: \\{ ${known ?? ''}: … \\}`);

  test('in JSON', () => {
    const model = make();
    const json = modelToJson(model);
    expect(json).toContain(`Custom>${known ?? ''}`);
    expect(() => modelFromJson(json)).toThrow(error);
    const again = modelFromJson(json, { customObjects: objects });
    expect(predictOnBatch(again, input)).toEqual(expect.anything());
    expect(Array.from(predictOnBatch(again as KerasModel, input).dataSync())).toEqual(
      Array.from(predictOnBatch(model, input).dataSync()),
    );
  });

  const taking = formats.filter(([format]) => format !== 'TensorFlow.js');
  test.each(taking)('%s', async (_, name, save) => {
    const place = path.join(folder, `${title.replaceAll(' ', '-')}-${name}`);
    const model = make();
    await save(model, place);
    await expect(loadModel(place)).rejects.toThrow(error);
    const again = (await loadModel(place, { customObjects: objects })) as KerasModel; // of one output
    expect(Array.from(predictOnBatch(again, input).dataSync())).toEqual(
      Array.from(predictOnBatch(model, input).dataSync()),
    );
  });
});

test('TensorFlow.js by itself has none of them', async () => {
  for (const [, step, , shape] of architectures) {
    const model = pipe(kerasModelSequential({ inputShape: shape.slice(1) }), step()) as KerasModel;
    await expect(saveModelTfjs(model, path.join(folder, 'refused'))).rejects.toThrow(
      /TensorFlow\.js by itself/,
    );
  }
});

test('a class of models', async () => {
  class Sequential extends CustomModel {
    out = this.addLayer(layerDense({ units: 1, kernelInitializer: 'ones' }));
    override call(inputs: Tensor) {
      return tf.mul(this.out(inputs), 5);
    }
  }
  const model = new Sequential();
  expect(predictOnBatch(model, x).dataSync()[0]).toBe(10);
  const place = path.join(folder, 'own.keras');
  await saveModel(model as never, place);
  await expect(loadModel(place)).rejects.toThrow(
    /the class 'Custom>Sequential'.*customObjects: \{ Sequential \}/,
  );
  const again = (await loadModel(place, { customObjects: { Sequential } })) as KerasModel; // of one output
  expect(predictOnBatch(again, x).dataSync()[0]).toBe(10);
});

test('a layer class cannot be called like one of Keras’s', () => {
  class Dense extends KerasLayer {
    override call(inputs: Tensor) {
      return inputs;
    }
  }
  expect(() => createLayerWrapper(Dense)()).toThrow(/a name that no class of Keras has.*Call it MyDense/);
});

test('what is not called like one of Keras’s is written as before', async () => {
  const wave = (yTrue: Tensor): Tensor => sevens(yTrue);
  const place = path.join(folder, 'wave.h5');
  await saveModel(compile(base(), { loss: wave, metrics: ['accuracy'] }), place);
  expect(readFileSync(place, 'latin1')).toContain('"loss":"wave","metrics":["accuracy"]');
  expect(readFileSync(place, 'latin1')).not.toContain('Custom>');
});
