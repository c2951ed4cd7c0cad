/** Models of one's own: classes, and what newModelClass makes of methods. */
import {
  callModel,
  compile,
  countParams,
  CustomModel,
  evaluate,
  fit,
  freezeWeights,
  getWeights,
  gradientsOf,
  kerasModelCustom,
  kerasModelSequential,
  KerasArgumentError,
  KerasStateError,
  layerBatchNormalization,
  layerDense,
  layerDropout,
  newModelClass,
  optimizerAdam,
  outputShape,
  pipe,
  predict,
  predictOnBatch,
  setWeights,
  summary,
  testOnBatch,
  tf,
  trainOnBatch,
  type StepData,
  type Tensor,
} from '../../src/index';
import { expectNumbers, grid, kerasOwnParts } from '../support/own-parts';
import { tensorCount } from '../support/tensors';

const engines = ['eager', 'compiled'] as const;
const [x, y] = [grid([8, 3]), grid([8, 1], 2)];
const values = (model: CustomModel): unknown[] => getWeights(model).map((weight) => weight.arraySync());

class Mlp extends CustomModel<{ units: number }> {
  hidden = this.addLayer(layerDense({ units: this.options.units, activation: 'tanh' }));
  drop = this.addLayer(layerDropout({ rate: 0.5 }));
  norm = this.addLayer(layerBatchNormalization());
  out = this.addLayer(layerDense({ units: 1 }));
  override call(inputs: Tensor, { training }: { training: boolean }) {
    const hidden = this.norm(this.hidden(inputs));
    return this.out(training ? hidden : this.drop(hidden));
  }
}

const stack = () =>
  pipe(
    kerasModelSequential({ inputShape: [3] }),
    layerDense({ units: 4, activation: 'tanh' }),
    layerBatchNormalization(),
    layerDense({ units: 1 }),
  );

describe('a class with a call', () => {
  test.each(engines)('trains as the stack of its layers, %s', async (engine) => {
    const [own, plain] = [new Mlp({ units: 4 }), stack()];
    own.buildFor([null, 3]);
    setWeights(own, getWeights(plain));
    const options = {
      epochs: 3,
      batchSize: 3,
      shuffle: false,
      verbose: 0,
      engine,
      validationData: [x, y],
    } as const;
    const settings = { optimizer: 'adam', loss: 'mse', metrics: ['mae'] } as const;
    pipe(own, compile(settings));
    pipe(plain, compile(settings));
    const [left, right] = [await fit(own, x, y, options), await fit(plain, x, y, options)];
    expect(left.params.engine).toBe(engine);
    expect(Object.keys(left.metrics)).toEqual(Object.keys(right.metrics));
    expectNumbers(Object.values(left.metrics), Object.values(right.metrics));
    expectNumbers(
      values(own),
      getWeights(plain).map((weight) => weight.arraySync()),
    );
    expectNumbers((await predict(own, x)).arraySync(), (await predict(plain, x)).arraySync());
    expectNumbers(Object.values(await evaluate(own, x, y, { verbose: 0, engine })), Object.values(await evaluate(plain, x, y, { verbose: 0, engine }))); // prettier-ignore
  });

  test('has layers, a summary and a name, is frozen and freed', () => {
    const before = tensorCount();
    const model = new Mlp({ units: 4, name: 'net' });
    expect(model.built).toBe(false);
    expect(() => countParams(model)).toThrow(KerasStateError);
    model.buildFor([null, 3]);
    expect(outputShape(model)).toEqual([null, 1]);
    expect(countParams(model)).toBe(16 + 16 + 5);
    expect(model.layers.map(({ name }) => name)).toEqual([
      'dense',
      'dropout',
      'batch_normalization',
      'dense_1',
    ]);
    let text = '';
    summary(model, { print: (lines) => (text = lines) });
    expect(text).toMatch(/^Model: "net"/);
    expect(text).toMatch(/dense_1 \(Dense\) +multiple +5/);
    expect(text).toMatch(/Total params: 37 /);
    freezeWeights(model, { which: ['dense'] });
    expect(model.tf.trainableWeights.length).toBe(4);
    model.dispose();
    expect(tensorCount()).toBe(before);
    expect(new Mlp({ units: 1 }).name).toMatch(/^mlp/);
  });
});

const modelOwn = newModelClass({
  classname: 'Own',
  initialize() {
    return {
      hidden: this.addLayer(layerDense({ units: 4, activation: 'tanh' })),
      out: this.addLayer(layerDense({ units: 1 })),
    };
  },
  call(inputs: Tensor) {
    return this.out(this.hidden(inputs));
  },
  trainStep({ x: batch, y: labels }: StepData) {
    const gradients = gradientsOf(() => {
      const output = callModel(this, batch, { training: true });
      return tf.add(
        tf.mean(tf.squaredDifference(output, labels)),
        tf.mul(tf.mean(tf.abs(output)), 0.1),
      ) as Tensor;
    }, this);
    this.optimizer.apply(gradients);
    return { loss: gradients.loss };
  },
  testStep({ x: batch, y: labels }: StepData) {
    const output = callModel(this, batch);
    return {
      loss: tf.add(tf.mean(tf.squaredDifference(output, labels)), tf.mul(tf.mean(tf.abs(output)), 0.1)),
    };
  },
  predictStep(batch) {
    return tf.mul(callModel(this, batch), 2);
  },
});

describe('steps of one’s own', () => {
  test.each(engines)('are Keras’s, %s', async (engine) => {
    const model = modelOwn();
    model.buildFor([null, 3]);
    setWeights(model, [grid([3, 4]), grid([4]), grid([4, 1], 1), grid([1])]);
    pipe(model, compile({ optimizer: optimizerAdam({ learningRate: 0.01 }), loss: null }));
    const expected = kerasOwnParts.model;
    const options = { batchSize: 4, verbose: 0, engine } as const;
    const history = await fit(model, x, y, { ...options, epochs: 5, shuffle: false });
    expect(history.params.engine).toBe(engine);
    expectNumbers(history.metrics.loss, expected.history);
    expectNumbers((await evaluate(model, x, y, options)).loss, expected.evaluated);
    expectNumbers((await predict(model, x.slice([0, 0], [2, 3]))).arraySync(), expected.predicted);
    expectNumbers(predictOnBatch(model, x.slice([0, 0], [2, 3])).arraySync(), expected.predicted);
    expectNumbers(values(model), expected.weights);
    expect(model.optimizer.iterations).toBe(10);
  });

  test('are taken one at a time, too', () => {
    const model = pipe(modelOwn({ name: 'one' }), compile({ optimizer: 'sgd', loss: null }));
    const { loss } = trainOnBatch(model, x, y);
    expect(testOnBatch(model, x, y).loss).toBeLessThan(loss);
  });

  test.each(engines)(
    'go on with the loss and metrics of compile where only one of them is one’s own, %s',
    async (engine) => {
      const modelHeavier = newModelClass({
        classname: 'Heavier',
        initialize() {
          return { out: this.addLayer(layerDense({ units: 1, kernelInitializer: 'ones', useBias: false })) };
        },
        call(inputs: Tensor) {
          return this.out(inputs);
        },
        computeLoss({ y: labels, yPred }) {
          return tf.mul(tf.mean(tf.abs(tf.sub(labels, yPred as Tensor))), 2);
        },
      });
      const model = pipe(modelHeavier(), compile({ optimizer: 'sgd', loss: 'mse', metrics: ['mse'] }));
      const options = { verbose: 0, engine, batchSize: 2 } as const;
      const { metrics } = await fit(model, [[1], [2], [4]], [2, 4, 8], {
        ...options,
        epochs: 1,
        shuffle: false,
      });
      // 2 · (1 + 2) / 2 at first; its gradient is −3, and so the weight 1.03 then; 2 · 4 · 0.97 of one row.
      expect(metrics.loss[0]).toBeCloseTo((3 * 2 + 7.76) / 3, 5);
      // Exact over the three rows.
      expect(metrics['mse']?.[0]).toBeCloseTo((1 + 4 + (4 * 0.97) ** 2) / 3, 4);
      const weight = getWeights(model)[0]?.dataSync()[0] ?? NaN;
      const result = await evaluate(model, [[1], [2], [4]], [2, 4, 8], options);
      expect(result.loss).toBeCloseTo((2 * (2 - weight) * 7) / 3, 5);
      expect(result['mse']).toBeCloseTo(((2 - weight) ** 2 * 21) / 3, 5);
    },
  );

  test('of several models, without labels: adversaries as a model', async () => {
    const modelGan = newModelClass({
      classname: 'Gan',
      initialize() {
        const dense = (units: number, inputs: number) =>
          pipe(kerasModelSequential(), layerDense({ units, inputShape: [inputs] }));
        return {
          generator: this.addLayer(dense(3, 2)),
          discriminator: this.addLayer(dense(1, 3)),
          own: optimizerAdam(),
        };
      },
      trainStep({ x: real }) {
        const [rows = 0] = real.shape;
        const noise = tf.ones([rows, 2]);
        const first = gradientsOf(
          () =>
            tf.sub(
              tf.mean(this.discriminator(this.generator(noise))),
              tf.mean(this.discriminator(real)),
            ) as Tensor,
          this.discriminator.layer,
        );
        this.own.apply(first);
        const second = gradientsOf(
          () => tf.neg(tf.mean(this.discriminator(this.generator(noise)))),
          this.generator.layer,
        );
        this.optimizer.apply(second);
        return { discriminator: first.loss, generator: second.loss };
      },
    });
    const model = pipe(modelGan(), compile({ optimizer: 'adam', loss: null }));
    const { metrics, params } = await fit(model, x, null, { epochs: 40, batchSize: 8, verbose: 0 });
    expect(params.engine).toBe('compiled');
    expect(Object.keys(metrics).sort()).toEqual(['discriminator', 'generator']);
    expect([model.own.iterations, model.optimizer.iterations]).toEqual([40, 40]);
    expect(new Set(metrics['discriminator']).size).toBeGreaterThan(30);
    await expect(predict(model, x)).rejects.toThrow(
      /predict: the class of the model 'gan' must have a `call`/,
    );
  });

  test('that read values run eagerly, and say why', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    class Reads extends CustomModel {
      out = this.addLayer(layerDense({ units: 1 }));
      override call(inputs: Tensor) {
        return this.out(inputs);
      }
      override trainStep({ x: batch, y: labels }: StepData) {
        const gradients = gradientsOf(
          () => tf.mean(tf.squaredDifference(callModel(this, batch), labels)),
          this,
        );
        if ((gradients.loss.dataSync()[0] ?? 0) > 0) this.optimizer.apply(gradients);
        return { loss: gradients.loss };
      }
    }
    const model = pipe(new Reads(), compile({ optimizer: 'sgd', loss: null }));
    const { params, metrics } = await fit(model, x, y, { epochs: 20, verbose: 0, batchSize: 4 });
    expect(params.engine).toBe('eager');
    expect(metrics.loss[19]).toBeLessThan(metrics.loss[0] ?? NaN);
    expect(warn.mock.calls.join()).toMatch(
      /trainStep: the steps of 'reads' run one operation after the other, since they cannot be compiled: /,
    );
    expect(warn).toHaveBeenCalledTimes(1);
    await expect(fit(model, x, y, { verbose: 0, engine: 'compiled' })).rejects.toThrow(
      /must be such that it can be compiled/,
    );
    warn.mockRestore();
  });
});

test('kerasModelCustom makes one of a function', async () => {
  const model = kerasModelCustom(
    (self) => {
      const out = self.addLayer(layerDense({ units: 2 }));
      const scale = self.addWeight({ name: 'scale', initializer: 'ones' });
      return (inputs) => tf.mul(out(inputs), scale);
    },
    { name: 'scaled' },
  );
  pipe(model, compile({ loss: 'mse', optimizer: 'sgd' }));
  await fit(model, x, grid([8, 2]), { epochs: 1, verbose: 0 });
  expect(model.name).toBe('scaled');
  expect(outputShape(model)).toEqual([null, 2]);
  expect(model.tf.countParams()).toBe(3 * 2 + 2 + 1);
});

describe('mistakes', () => {
  test('of definitions', () => {
    expect(() => newModelClass({ classname: 'None' })).toThrow(
      /newModelClass: a class must have a `call`, or steps of its own/,
    );
    expect(() => newModelClass({ classname: 'Other', trainSteps: 1 } as never)).toThrow(KerasArgumentError);
    expect(() => kerasModelCustom((() => 5) as never)).toThrow(
      /kerasModelCustom: `modelFn` must return the function/,
    );
    expect(() => kerasModelCustom(5 as never)).toThrow(
      /kerasModelCustom: `modelFn` must be a function of the model/,
    );
    const modelCovers = newModelClass({ classname: 'Covers', initialize: () => ({ weights: 1, name: 2 }), call: (inputs: Tensor) => inputs }); // prettier-ignore
    expect(() => modelCovers()).toThrow(
      /what `initialize` returns must have names that models have not. Received: `name`/,
    );
    expect(() => new Mlp({ units: 2, name: '' })).toThrow(/`name` must be a name/);
  });

  test('of steps', async () => {
    const make = (trainStep: unknown) =>
      pipe(
        newModelClass({ classname: 'Wrong', call: (inputs: Tensor) => inputs, trainStep } as never)(),
        compile({ optimizer: 'sgd', loss: null }),
      );
    const options = { verbose: 0, epochs: 1 } as const;
    await expect(
      fit(
        make(() => undefined),
        x,
        y,
        options,
      ),
    ).rejects.toThrow(
      /`trainStep` must return an object of numbers, as tensors. Received: undefined. Write return \{ loss \}/,
    );
    await expect(
      fit(
        make(() => ({ loss: 5 })),
        x,
        y,
        options,
      ),
    ).rejects.toThrow(/Received: `loss`: 5/);
    await expect(
      fit(
        make(() => ({ some: tf.ones([2]) })),
        x,
        y,
        options,
      ),
    ).rejects.toThrow(/what a step tells of `some` must be one number/);
    await expect(
      fit(
        make((data: StepData) => ({ loss: tf.mean(data.y) })),
        x,
        null,
        options,
      ),
    ).rejects.toThrow(/a step that asks for labels must be given some/);
    const plain = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [1] }));
    expect(() => compile(plain, { loss: null })).toThrow(/compile: `loss` must be the name of a loss/);
    const loss = make(undefined);
    await expect(fit(loss, x, y, options)).rejects.toThrow(KerasStateError);
  });
});
