/** Models that are compiled with losses, metrics, optimizers, schedules and constraints of the program's own, saved and read again. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  compile,
  customOptimizer,
  evaluate,
  fit,
  getWeights,
  KerasConstraint,
  kerasModelSequential,
  KerasError,
  layerDense,
  loadModel,
  newLearningRateScheduleClass,
  newLossClass,
  newMetricClass,
  optimizerOf,
  optimizerSgd,
  pipe,
  saveModel,
  saveModelTf,
  saveModelTfjs,
  tf,
  type CompileOptions,
  type KerasModel,
  type Loss,
  type Tensor,
} from '../../src/index';
import { distance } from '../layers/support';

const lossPower = newLossClass({
  classname: 'Power',
  initialize: ({ exponent, scaledBy = 1 }: { exponent: number; scaledBy?: number }) => ({
    exponent,
    scaledBy,
  }),
  call(yTrue, yPred) {
    const powers = tf.pow(tf.abs(tf.sub(yTrue, yPred)), this.exponent);
    return tf.mul(tf.mean(powers, -1), this.scaledBy);
  },
});
const metricShare = newMetricClass({
  classname: 'Share',
  initialize: (_options: { above: number }) => ({ hits: 0, count: 0 }),
  updateState: (_yTrue, yPred, _weights, { above }) => ({
    hits: tf.sum(tf.cast(tf.greater(yPred, above), 'float32')),
    count: tf.scalar(yPred.size),
  }),
  result: ({ hits, count }) => hits / count,
});
const scheduleInverse = newLearningRateScheduleClass({
  classname: 'Inverse',
  initialize: ({ first }: { first: number }) => ({ first }),
  call(step) {
    return this.first / (1 + step);
  },
});
const optimizerSign = customOptimizer({
  name: 'sign_sgd',
  defaults: { learningRate: 0.01, momentum: 0.9, isSigned: false },
  slots: { mean: 0 },
  update: ({ variable, gradient, slots, numbers: { learningRate } }, { momentum, isSigned }) => {
    const mean = tf.add(tf.mul(slots.mean, momentum), tf.mul(gradient, 1 - momentum));
    const change = isSigned ? tf.sign(mean) : mean;
    return { variable: tf.sub(variable, tf.mul(change, learningRate)), slots: { mean } };
  },
});
class Cap extends KerasConstraint {
  readonly max: number;
  constructor({ max = 1 }: { max?: number } = {}) {
    super();
    this.max = max;
  }
  call(weights: Tensor): Tensor {
    return tf.clipByValue(weights, -this.max, this.max);
  }
  override getConfig(): Record<string, never> {
    return { max: this.max } as unknown as Record<string, never>; // tfjs's type of it has none
  }
}
/** A loss as a class of TypeScript's. */
class Weighted implements Loss {
  readonly name = 'weighted';
  readonly labels = 'same';
  constructor(private readonly options: { by: number }) {}
  readonly call = (yTrue: Tensor, yPred: Tensor): Tensor =>
    tf.mul(tf.mean(tf.abs(tf.sub(yTrue, yPred)), -1), this.options.by);
  getConfig(): object {
    return this.options;
  }
}
/** A metric as a class of TypeScript's. */
class Distance {
  readonly name = 'distance';
  readonly size = 2;
  constructor(private readonly options: { by: number }) {}
  sums(yTrue: Tensor, yPred: Tensor): Tensor {
    return tf.stack([tf.sum(tf.mul(tf.abs(tf.sub(yTrue, yPred)), this.options.by)), tf.scalar(yTrue.size)]);
  }
  result([sum = 0, count = 0]: Float64Array | readonly number[]): number {
    return sum / count;
  }
  getConfig(): object {
    return this.options;
  }
}

const x = tf.tensor2d(
  Array.from({ length: 24 }, (_, row) => [Math.sin(row), Math.cos(2 * row), (row % 5) / 5]),
);
const y = tf.tensor2d(Array.from({ length: 24 }, (_, row) => [2 * Math.sin(row) + 0.3]));

const make = (options: Partial<CompileOptions>): KerasModel =>
  pipe(
    kerasModelSequential(),
    layerDense({
      units: 3,
      inputShape: [3],
      kernelInitializer: 'ones',
      kernelConstraint: new Cap({ max: 0.9 }),
    }),
    layerDense({ units: 1, kernelInitializer: 'ones' }),
    compile({ optimizer: 'sgd', loss: 'mse', ...options }),
  );

const objects = {
  Power: lossPower,
  Share: metricShare,
  Inverse: scheduleInverse,
  sign_sgd: optimizerSign,
  Cap,
  Weighted,
  Distance,
};

/** Made anew for each model: an optimizer is of one. */
const compiled = (): Record<string, Partial<CompileOptions>> => ({
  'a loss, of a class of methods': {
    loss: lossPower({ exponent: 3, scaledBy: 0.5, reduction: 'sum_over_batch_size' }),
  },
  'a loss, of a class': { loss: new Weighted({ by: 3 }) },
  'metrics, of a class of methods': { metrics: [metricShare({ above: 0.2 })], weightedMetrics: [metricShare({ above: 0.7, name: 'other' })] }, // prettier-ignore
  'a metric, of a class': { metrics: [new Distance({ by: 2 })] },
  'a schedule': { optimizer: optimizerSgd({ learningRate: scheduleInverse({ first: 0.05 }) }) },
  'an optimizer': {
    optimizer: optimizerSign({ learningRate: 0.03, momentum: 0.4, isSigned: true, clipnorm: 1 }),
  },
  'an optimizer with a schedule': {
    optimizer: optimizerSign({ learningRate: scheduleInverse({ first: 0.05 }) }),
  },
});

const formats: Record<string, [name: string, save: (model: KerasModel, place: string) => Promise<unknown>]> =
  {
    HDF5: ['model.h5', saveModel],
    'Keras 3': ['model.keras', saveModel],
    SavedModel: ['saved', saveModelTf],
    // Otherwise it leaves out what TensorFlow.js by itself could not read.
    'TensorFlow.js': ['tfjs', (model, place) => saveModelTfjs(model, place, { tfjsAlone: false })],
  };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-own-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe.each(Object.entries(formats))('%s', (_format, [name, save]) => {
  test.each(Object.keys(compiled()))('%s goes on where it was', async (what) => {
    const model = make(compiled()[what] ?? {});
    const fitting = { epochs: 2, batchSize: 7, shuffle: false, verbose: 0, engine: 'eager' } as const;
    await fit(model, x, y, fitting);
    const place = path.join(folder, name);
    await save(model, place);
    const again = await loadModel(place, { customObjects: objects });
    expect(await evaluate(again, x, y, { verbose: 0 })).toEqual(await evaluate(model, x, y, { verbose: 0 }));
    expect(optimizerOf(again).getConfig()['name']).toBe(optimizerOf(model).getConfig()['name']);
    const [ours, theirs] = [await fit(model, x, y, fitting), await fit(again, x, y, fitting)];
    expect(theirs.metrics).toEqual(ours.metrics);
    getWeights(model).forEach((weight, index) =>
      expect(distance(getWeights(again)[index] as Tensor, weight)).toBeLessThan(1e-6),
    );
  });
});

test('without what the names stand for, the error says which is missing', async () => {
  const [place, named] = [path.join(folder, 'model.h5'), compiled()['a loss, of a class of methods']];
  await saveModel(make(named ?? {}), place);
  const { Power: _power, ...others } = objects;
  const error: unknown = await loadModel(place, { customObjects: others }).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(KerasError);
  expect(String(error)).toMatch(/losses must be known here.*'Power'.*customObjects: \{ Power: … \}/);
});

test('a class says itself what is in its configuration; what cannot be there is refused', async () => {
  const lossOf = (getConfig?: () => Readonly<Record<string, unknown>>) =>
    newLossClass({
      classname: 'OfFunction',
      initialize: ({ distanceOf }: { distanceOf?: (x: Tensor) => Tensor }) => ({ distanceOf }),
      call(yTrue, yPred) {
        return tf.mean((this.distanceOf ?? tf.abs)(tf.sub(yTrue, yPred)), -1);
      },
      ...(getConfig === undefined ? {} : { getConfig }),
    });
  const place = path.join(folder, 'model.keras');
  const distanceOf = (values: Tensor): Tensor => tf.square(values);
  await expect(saveModel(make({ loss: lossOf()({ distanceOf }) }), place)).rejects.toThrow(
    /the options of objects of class OfFunction must be numbers.*`distanceOf`.*Give the class a getConfig\(\)/,
  );
  const lossSquares = lossOf(() => ({}));
  await saveModel(make({ loss: lossSquares({ distanceOf }) }), place);
  const again = await loadModel(place, { customObjects: { OfFunction: lossSquares, Cap } });
  expect((await evaluate(again, x, y, { verbose: 0 })).loss).toBeGreaterThan(0);
});

test('what they are is in the file as Keras has it', async () => {
  const place = path.join(folder, 'tfjs');
  const model = make({ loss: lossPower({ exponent: 3 }), metrics: [metricShare({ above: 0.2 })] });
  await saveModelTfjs(model, place, { tfjsAlone: false });
  const { training_config: training } = (
    JSON.parse(readFileSync(path.join(place, 'model.json'), 'utf8')) as {
      modelTopology: { training_config: Record<string, unknown> };
    }
  ).modelTopology;
  expect(training['loss']).toEqual({
    class_name: 'Power',
    config: { reduction: 'auto', name: 'power', exponent: 3 },
  });
  expect(training['metrics']).toEqual([
    { class_name: 'Share', config: { dtype: 'float32', name: 'share', above: 0.2 } },
  ]);
});
