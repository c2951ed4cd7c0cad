/** What layers of one's own tell of steps, beside the loss. */
import {
  compile,
  createLayerWrapper,
  CustomModel,
  evaluate,
  fit,
  kerasModel,
  kerasModelSequential,
  KerasLayer,
  layerDense,
  layerInput,
  newLayerClass,
  optimizerSgd,
  pipe,
  predictOnBatch,
  setWeights,
  shared,
  testOnBatch,
  tf,
  trainOnBatch,
  type CallArguments,
  type KerasModel,
  type Tensor,
} from '../../src/index';
import { expectNumbers, grid, kerasOwnParts } from '../support/own-parts';
import { tensorCount } from '../support/tensors';

class Telling extends KerasLayer {
  override call(x: Tensor) {
    const output = tf.mul(x, 2);
    this.addMetric(tf.mean(output), { name: 'mean_output' });
    this.addMetric(tf.sum(output, -1), 'row_sum');
    return output;
  }
}
const layerTelling = createLayerWrapper(Telling);

const [x, y] = [grid([8, 3]), grid([8, 1], 2)];
const engines = ['eager', 'compiled'] as const;
const compiled = (model: KerasModel): KerasModel =>
  pipe(model, compile({ optimizer: optimizerSgd({ learningRate: 0.1 }), loss: 'mse', metrics: ['mae'] }));

const models: Readonly<Record<'once' | 'twice', () => KerasModel>> = {
  once: () => pipe(kerasModelSequential({ inputShape: [3] }), layerTelling(), layerDense({ units: 1 })),
  twice: () => {
    const input = layerInput({ shape: [3] });
    const telling = shared(layerTelling());
    return kerasModel(input, layerDense(telling(telling(input)), { units: 1 }));
  },
};

describe.each(['once', 'twice'] as const)('a layer that is applied %s', (times) => {
  test.each(engines)('is shown as by Keras, engine: %s', async (engine) => {
    const model = compiled(models[times]());
    setWeights(model, [grid([3, 1]), grid([1])]);
    const options = { batchSize: 3, epochs: 2, shuffle: false, verbose: 0, engine } as const;
    const { metrics } = await fit(model, x, y, { ...options, validationSplit: 0.5 });
    const { history, evaluated } = kerasOwnParts.told[times];
    expect(Object.keys(metrics)).toEqual(Object.keys(history));
    for (const [name, values] of Object.entries(history)) expectNumbers(metrics[name], values);
    const result = await evaluate(model, x, y, { batchSize: 3, verbose: 0, engine });
    expect(Object.keys(result)).toEqual(Object.keys(evaluated));
    for (const [name, value] of Object.entries(evaluated)) expectNumbers(result[name], value);
  });
});

test('steps of a kind that were compiled before tell the same again', async () => {
  const model = compiled(models.once());
  const run = () => fit(model, x, y, { epochs: 1, shuffle: false, verbose: 0, engine: 'compiled' });
  expect(Object.keys((await run()).metrics)).toEqual(['loss', 'mae', 'mean_output', 'row_sum']);
  expect(Object.keys((await run()).metrics)).toEqual(['loss', 'mae', 'mean_output', 'row_sum']);
});

test('of a batch', () => {
  const model = compiled(models.once());
  const mean = 2 * (tf.mean(x).arraySync() as number);
  expect(trainOnBatch(model, x, y)['mean_output']).toBeCloseTo(mean, 6);
  expect(testOnBatch(model, x, y)['mean_output']).toBeCloseTo(mean, 6);
  const before = tensorCount();
  testOnBatch(model, x, y);
  predictOnBatch(model, x).dispose();
  expect(tensorCount()).toBe(before);
});

test('in training alone, by a class of methods, inside of another layer and of a model of one’s own', async () => {
  const layerInner = newLayerClass({
    classname: 'Inner',
    call(input: Tensor, { training }: CallArguments) {
      if (training) this.addMetric(tf.max(input), 'largest');
      return input;
    },
  });
  class Outer extends CustomModel {
    inner = this.addLayer(layerInner());
    out = this.addLayer(layerDense({ units: 1 }));
    override call(input: Tensor) {
      this.addMetric(tf.min(input), { name: 'smallest' });
      return this.out(this.inner(input));
    }
  }
  for (const engine of engines) {
    const model = compiled(new Outer());
    const data = { epochs: 1, batchSize: 8, verbose: 0, engine, validationData: [x, y] } as const;
    const { metrics } = await fit(model, x, y, data);
    expect(Object.keys(metrics)).toEqual(
      ['loss', 'mae', 'smallest', 'largest', 'val_loss', 'val_mae', 'val_smallest'], // prettier-ignore
    );
    expectNumbers(metrics['largest'], [tf.max(x).arraySync()]);
    expectNumbers(metrics['val_smallest'], [tf.min(x).arraySync()]);
  }
});

test('names that are taken get numbers', async () => {
  class Error extends KerasLayer {
    override call(input: Tensor) {
      this.addMetric(tf.scalar(3), 'mae');
      return input;
    }
  }
  const layerError = createLayerWrapper(Error);
  const model = compiled(
    pipe(kerasModelSequential({ inputShape: [3] }), layerError(), layerError(), layerDense({ units: 1 })),
  );
  const result = await evaluate(model, x, y, { verbose: 0 });
  expect(result).toMatchObject({ mae_1: 3, mae_2: 3 });
});

test('errors', () => {
  const failing = (tell: (layer: KerasLayer) => void) => () => {
    class Failing extends KerasLayer {
      override call(input: Tensor) {
        tell(this);
        return input;
      }
    }
    pipe(kerasModelSequential({ inputShape: [3] }), createLayerWrapper(Failing)());
  };
  expect(failing((layer) => layer.addMetric(3 as never, 'three'))).toThrow(
    /`value` must be a tensor\. Received: 3/,
  );
  expect(failing((layer) => layer.addMetric(tf.scalar(3), ''))).toThrow(/`name` must be a non-empty string/);
  expect(failing((layer) => layer.addMetric(tf.scalar(3), undefined as never))).toThrow(/`name` is required/);
  expect(failing((layer) => layer.addMetric(tf.scalar(3), 'loss'))).toThrow(/another name than 'loss'/);
  expect(failing((layer) => layer.addMetric(tf.scalar(3), { nam: 'x' } as never))).toThrow(
    /unknown option `nam`/,
  );
  expect(() => new Telling({}).addMetric(tf.scalar(1), 'one')).toThrow(/'one' outside of `call`/);
});
