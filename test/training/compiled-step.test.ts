/** Loops by hand: gradients of any function, optimizers that take them, and steps of them that TensorFlow runs. */
import {
  callModel,
  compiledStep,
  fit,
  getWeights,
  gradientsOf,
  kerasModelSequential,
  layerDense,
  layerLstm,
  lossBinaryCrossentropy,
  optimizerAdam,
  optimizerRmsprop,
  optimizerSgd,
  pipe,
  predictOnBatch,
  setRandomSeed,
  setWeights,
  tf,
  type Optimizer,
  type SequentialModel,
  type Tensor,
} from '../../src/index';
import { expectNumbers, grid, kerasOwnParts } from '../support/own-parts';
import { tensorCount } from '../support/tensors';
import {
  gradientsWithMuch,
  linearStep,
  modelWithMuch,
  optimizersWithMuch,
  stepOfSeveral,
} from './support/loop-by-hand';

const engines = ['eager', 'compiled'] as const;
const values = (model: SequentialModel): unknown[] => getWeights(model).map((weight) => weight.arraySync());
const [x, y] = [grid([8, 3]), grid([8, 1], 2)];

const entropy = (labels: Tensor, logits: Tensor): Tensor =>
  tf.mean(lossBinaryCrossentropy(labels, logits, { fromLogits: true }));

test.each(engines)(
  'two adversaries train as in Keras, each against what the other has become, %s',
  (engine) => {
    const generator = pipe(kerasModelSequential(), layerDense({ units: 3, inputShape: [2] }));
    const discriminator = pipe(
      kerasModelSequential(),
      layerDense({ units: 4, activation: 'relu', inputShape: [3] }),
      layerDense({ units: 1 }),
    );
    setWeights(generator, [grid([2, 3]), grid([3])]);
    setWeights(discriminator, [grid([3, 4], 3), grid([4], 1), grid([4, 1], 2), grid([1])]);
    const [ofGenerator, ofDiscriminator] = [
      optimizerAdam({ learningRate: 0.02 }),
      optimizerRmsprop({ learningRate: 0.01 }),
    ];
    const step = compiledStep(
      (noise: Tensor, real: Tensor) => {
        const labels = tf.concat([tf.ones([5, 1]), tf.zeros([5, 1])]);
        const first = gradientsOf(
          () => entropy(labels, callModel(discriminator, tf.concat([callModel(generator, noise), real]))),
          discriminator,
        );
        ofDiscriminator.apply(first);
        const second = gradientsOf(
          () => entropy(tf.zeros([5, 1]), callModel(discriminator, callModel(generator, noise))),
          generator,
        );
        ofGenerator.apply(second);
        return [first.loss, second.loss];
      },
      { engine },
    );
    const losses = Array.from({ length: 6 }, (_, index) =>
      step(grid([5, 2], index), grid([5, 3], 10 + index)).map((loss) => loss.arraySync()),
    );
    const expected = kerasOwnParts.adversaries;
    expect(step.engine).toBe(engine);
    expectNumbers(losses, expected.losses);
    expectNumbers(values(generator), expected.generator);
    expectNumbers(values(discriminator), expected.discriminator);
  },
);

/** A model with much in it, its optimizer and a step of them. */
const much = (engine: 'eager' | 'compiled' | 'auto', optimizer: Optimizer) => {
  const model = modelWithMuch();
  const step = compiledStep(
    (batch: { x: Tensor; y: Tensor }, scale: number) => {
      const gradients = gradientsWithMuch(model, batch, scale);
      optimizer.apply(gradients);
      return { loss: gradients.loss, output: gradients.values.output, kept: batch.x };
    },
    { engine },
  );
  return { model, step };
};

test.each(optimizersWithMuch)(
  'penalties, constraints, moving averages, dropout: the same in both engines, %s',
  (_, make) => {
    const run = (engine: 'eager' | 'compiled') => {
      const optimizer = make();
      const { model, step } = much(engine, optimizer);
      const losses = [8, 8, 5, 8, 5].map((rows) => {
        const { loss, output, kept } = step(
          { x: x.slice([0, 0], [rows, 3]), y: y.slice([0, 0], [rows, 1]) },
          2,
        );
        expect([output.shape, kept.shape]).toEqual([[rows, 1], [rows, 3]]); // prettier-ignore
        return loss.arraySync();
      });
      expect(step.engine).toBe(engine);
      expect(optimizer.iterations).toBe(5);
      return {
        losses,
        weights: values(model),
        slots: optimizer.getWeights().map((slot) => slot.arraySync()),
      };
    };
    const [eager, compiled] = [run('eager'), run('compiled')];
    expectNumbers(compiled.losses, eager.losses);
    expectNumbers(compiled.weights, eager.weights);
    expectNumbers(compiled.slots, eager.slots);
    // The constraint holds, and the averages have moved.
    expect(
      Math.min(...([compiled.weights[0]].flat(2) as unknown as number[][]).flat()),
    ).toBeGreaterThanOrEqual(0);
    expect(compiled.weights[4]).not.toEqual([0, 0, 0, 0]);
  },
);

test('weights may be looked at and set, and fit, between compiled steps', async () => {
  const run = async (engine: 'eager' | 'compiled') => {
    const { model, optimizer, step } = linearStep(engine);
    step(x, y);
    await fit(model, x, y, { epochs: 3, batchSize: 8, verbose: 0, engine });
    step(x, y);
    const [kernel] = values(model);
    setWeights(model, [kernel as number[][], [0.5]]);
    step(x, y);
    expect(predictOnBatch(model, x).shape).toEqual([8, 1]);
    expect(optimizer.iterations).toBe(6);
    return { weights: values(model), loss: step(x, y).arraySync() };
  };
  const [eager, compiled] = [await run('eager'), await run('compiled')];
  expectNumbers(compiled.weights, eager.weights);
  expectNumbers(compiled.loss, eager.loss);
});

test('several steps of one optimizer in one, and recurrent layers', () => {
  const run = (engine: 'eager' | 'compiled') => {
    const optimizer = optimizerAdam({ learningRate: 0.02 });
    setRandomSeed(3);
    const model = pipe(
      kerasModelSequential(),
      layerLstm({ units: 4, inputShape: [4, 2] }),
      layerDense({ units: 1 }),
    );
    const step = stepOfSeveral(model, [optimizer, optimizer, optimizer], engine);
    const losses = [0, 1].map((shift) => step(grid([3, 4, 2], shift)).arraySync());
    expect(optimizer.iterations).toBe(6);
    return [losses, values(model)];
  };
  const [eager, compiled] = [run('eager'), run('compiled')];
  expect((eager[0]?.[0] as number[])[2]).toBeLessThan((eager[0]?.[0] as number[])[0] as number);
  expectNumbers(compiled, eager);
});

test('variables of one’s own, frozen models, an input that is trained', () => {
  const model = pipe(
    kerasModelSequential(),
    layerDense({ units: 1, inputShape: [3], weights: [[[1], [2], [3]], [0]] }),
  );
  const image = tf.variable(tf.zeros([1, 3]));
  const optimizer = optimizerSgd({ learningRate: 1 });
  const step = compiledStep(
    () => {
      const gradients = gradientsOf(() => tf.neg(tf.sum(callModel(model, image))), image);
      optimizer.apply(gradients);
      return gradients.loss;
    },
    { engine: 'compiled' },
  );
  expect([step(), step()].map((loss) => loss.arraySync() + 0)).toEqual([0, -14]);
  expect(image.arraySync()).toEqual([[2, 4, 6]]);
  image.assign(tf.ones([1, 3]));
  expect(step().arraySync()).toBe(-6);
  expect(image.arraySync()).toEqual([[2, 3, 4]]);
});

test('other arguments are traced anew, plain values among them are constants', () => {
  let traces = 0;
  const power = compiledStep((tensor: Tensor, exponent: number) => {
    traces++;
    return tf.pow(tensor, exponent);
  });
  expect(power(tf.tensor1d([1, 2, 3]), 2).arraySync()).toEqual([1, 4, 9]);
  expect(power(tf.tensor1d([2, 2, 2]), 2).arraySync()).toEqual([4, 4, 4]);
  expect(traces).toBe(2);
  expect(power(tf.tensor1d([2, 2, 2]), 3).arraySync()).toEqual([8, 8, 8]);
  expect(power(tf.tensor1d([2, 2]), 3).arraySync()).toEqual([8, 8]);
  expect(power.engine).toBe('compiled');
  const random = compiledStep(
    () => tf.layers.dropout({ rate: 0.5 }).apply(tf.ones([20]), { training: true }) as Tensor,
  );
  expect(random().arraySync()).not.toEqual(random().arraySync());
});

test('nothing leaks', () => {
  const { step } = much('compiled', optimizerAdam());
  const run = () => tf.dispose(step({ x, y }, 1));
  run();
  run();
  const before = tensorCount();
  for (let index = 0; index < 5; index++) run();
  expect(tensorCount()).toBe(before);
});

describe('what cannot be traced runs eagerly, and says why', () => {
  const warn = jest.spyOn(console, 'warn').mockImplementation();
  beforeEach(() => warn.mockClear());
  afterAll(() => warn.mockRestore());
  const model = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [3] }));

  test.each<[string, RegExp, () => (input: Tensor) => unknown]>([
    [
      'values that are read',
      /read|values/,
      () => (input) => (tf.sum(input).dataSync()[0] === 0 ? tf.neg(input) : tf.add(input, 1)),
    ],
    ['a tensor from outside', /outside of the step/, () => { const outside = tf.tensor1d([1, 2, 3]); return (input) => tf.add(input, outside); }], // prettier-ignore
    ['a count', /other values/, () => { let count = 0; return (input) => tf.add(input, count++); }], // prettier-ignore
    ['a weight that is not known', /outside of the step/, () => (input) => tf.matMul(input as tf.Tensor2D, model.tf.weights[0]?.read() as tf.Tensor2D)], // prettier-ignore
  ])('%s', (_, reason, make) => {
    const step = compiledStep(make() as (input: Tensor) => Tensor);
    expect(step(grid([1, 3])).shape.length).toBe(2);
    expect(step.engine).toBe('eager');
    expect(step.reasonNotTraceable).toMatch(reason);
    step(grid([1, 3]));
    expect(warn).toHaveBeenCalledTimes(1);
    expect(String(warn.mock.calls[0])).toMatch(
      /^compiledStep: the function .*runs one operation after the other, since /,
    );
    const insisting = compiledStep(make() as (input: Tensor) => Tensor, { engine: 'compiled' });
    expect(() => insisting(grid([1, 3]))).toThrow(
      /compiledStep: with engine: 'compiled', .* must be such that it can be compiled/,
    );
  });
});

describe('gradientsOf', () => {
  test('gives gradients of layers, weights, several models and variables', () => {
    const model = pipe(
      kerasModelSequential(),
      layerDense({ units: 1, inputShape: [1], weights: [[[3]], [1]] }),
    );
    const other = tf.variable(tf.scalar(2));
    const output = () => tf.mul(tf.sum(callModel(model, [tf.tensor2d([[5]])])), other) as Tensor;
    const numbers = (of: Parameters<typeof gradientsOf>[1]) =>
      gradientsOf(output, of).gradients.map((gradient) => [gradient.arraySync()].flat(3)[0]);
    // 2 · (5 w + b), at w = 3 and b = 1.
    expect(numbers([model, other])).toEqual([10, 2, 16]);
    expect(numbers(model.layers[0] as never)).toEqual([10, 2]);
    expect(numbers(model.tf.weights[1] as never)).toEqual([2]);
    expect(
      gradientsOf(() => ({ loss: output(), more: tf.ones([2]) }), other).values.more.arraySync(),
    ).toEqual([1, 1]);
  });

  test('mistakes', () => {
    const model = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [1] }));
    const input = tf.ones([2, 1]);
    expect(() => gradientsOf((() => undefined) as never, model)).toThrow(
      /gradientsOf: `fn` must return the loss/,
    );
    expect(() => gradientsOf(() => callModel(model, input), model)).toThrow(
      /gradientsOf: the loss must be one number. Received: /,
    );
    expect(() => gradientsOf(() => tf.scalar(1), model)).toThrow(
      /gradientsOf: the loss must depend on a weight that is trained/,
    );
    expect(() => gradientsOf(() => tf.scalar(1), 5 as never)).toThrow(
      /`of` must be a model, a layer, weights/,
    );
    expect(() => gradientsOf(5 as never, model)).toThrow(/gradientsOf: `fn` must return/);
    expect(() => gradientsOf(() => tf.scalar(1), [])).toThrow(
      /`of` must be something with weights that are trained/,
    );
    expect(() => callModel(model, 5 as never)).toThrow(
      /callModel: `inputs` must be a tensor, or a list of them/,
    );
    expect(() => callModel(model, [input, input])).toThrow(
      /callModel: the model takes 1 tensor. Received: 2/,
    );
    expect(() => callModel(5 as never, input)).toThrow(/callModel: `model` must be a model/);
    expect(() => optimizerSgd().apply([tf.ones([1])], [])).toThrow(
      /there must be one gradient for each variable/,
    );
    for (const wrong of [undefined, null, 3, 'x', [1]] as never[]) {
      expect(() => optimizerSgd().apply(wrong)).toThrow(
        /^optimizerSgd: `gradients` must be what gradientsOf gave, or a list of tensors and one of the variables\. Received: .*\. Write optimizer\.apply\(gradientsOf/,
      );
    }
    expect(() => compiledStep(5 as never)).toThrow(/compiledStep: `fn` must be a function of tensors/);
    const step = compiledStep((input_: unknown) => input_);
    expect(() => step(new Date())).toThrow(/compiledStep: `args` must be tensors, numbers/);
    expect(() => compiledStep(() => tf.scalar(1), { engine: 'quick' as 'eager' })).toThrow(
      /`engine` must be one of/,
    );
  });

  test('an error of an operation in a compiled step is in this library’s words', () => {
    const step = compiledStep((rows: Tensor, table: Tensor) => tf.gather(table, tf.cast(rows, 'int32')), {
      engine: 'compiled',
    });
    expect(step(tf.tensor1d([1]), tf.tensor1d([4, 5])).arraySync()).toEqual([5]);
    expect(() => step(tf.tensor1d([9]), tf.tensor1d([4, 5]))).toThrow(/compiledStep: the step must run; /);
  });
});
