/** What functions and classes of the user's own may give, and what is said where they give something else. */
import {
  bidirectional,
  compile,
  cloneModel,
  customMetric,
  customOptimizer,
  fit,
  getWeights,
  KerasArgumentError,
  KerasConstraint,
  kerasModelSequential,
  layerDense,
  layerSimpleRnn,
  newMetricClass,
  optimizerSgd,
  pipe,
  predictOnBatch,
  setWeights,
  tf,
  trainOnBatch,
  type CompileOptions,
  type SequentialModel,
  type Tensor,
} from '../../src/index';
import { distance } from '../layers/support';

const [x, y] = [tf.ones([8, 3]), tf.ones([8, 1])];

const make = (options: object, layer: object = {}): SequentialModel =>
  pipe(
    kerasModelSequential(),
    layerDense({ units: 4, inputShape: [3], ...layer }),
    layerDense({ units: 1 }),
    compile({ optimizer: 'sgd', loss: 'mse', ...options } as CompileOptions),
  );

class Undone extends KerasConstraint {
  declare call: (weights: Tensor) => Tensor;
}
class Rising extends KerasConstraint {
  call(weights: Tensor): Tensor {
    return tf.abs(weights);
  }
}
class Plain {
  apply(shape: number[]): Tensor {
    return tf.ones(shape);
  }
}

const metricNothing = newMetricClass({
  classname: 'Nothing',
  initialize: () => ({ count: 0 }),
  updateState: () => ({ count: tf.scalar(1) }),
  result: (() => undefined) as never,
});
const ofOwn = (changes: object) =>
  customOptimizer({ name: 'mine', update: ({ variable }) => ({ variable, slots: {} }), ...changes });

const mistakes: Record<string, [run: () => SequentialModel, message: RegExp]> = {
  'a metric that returns nothing': [
    () => make({ metrics: [function share() {}] }),
    /^compile: the metric 'share' must return a tensor of numbers, one for each sample\. Received: undefined\. Write return/,
  ],
  'a metric that returns a text': [
    () => make({ metrics: [customMetric('share', (() => 'a') as never)] }),
    /^customMetric: the metric 'share' must return a tensor of numbers.*Received: 'a'/,
  ],
  'a class of metrics whose result is none': [
    () => make({ metrics: [metricNothing()] }),
    /^compile: `result` must be a function that returns the metric 'nothing', a number\. Received: undefined\. Write return/,
  ],
  'a metric whose sums are too many': [
    () => make({ metrics: [{ name: 'sum', size: 2, sums: () => tf.zeros([3]), result: () => 0 }] }),
    /^compile: `metrics` must be made of metrics whose `sums` are a tensor of as many numbers as `size` says, 2\. Received: a float32 tensor of shape \[3\]/,
  ],
  'a metric whose sums are none': [
    () => make({ metrics: [{ name: 'sum', size: 2, sums: () => undefined, result: () => 0 }] }),
    /whose `sums` are a tensor .* Received: undefined/,
  ],
  'a schedule of several rates': [
    () => make({ optimizer: optimizerSgd({ learningRate: () => tf.tensor1d([1, 2]) }) }),
    /^optimizerSgd: the schedule must give a number of 0 or more\. Received: a float32 tensor of shape \[2\] in step 0/,
  ],
  'an activation that returns nothing': [
    () => make({}, { activation: () => undefined }),
    /^activation: a function used as an activation must give a tensor of the shape \[8, 4\] that it got\. Received: undefined\. Write return/,
  ],
  'an activation that returns a promise': [
    () => make({}, { activation: (value: Tensor) => Promise.resolve(value) }),
    /^activation: .* Received: an object of class Promise/,
  ],
  'an activation of another shape': [
    () => make({}, { activation: (value: Tensor) => tf.sum(value, -1) }),
    /^activation: .* shape \[8, 4\] that it got\. Received: a float32 tensor of shape \[8\]/,
  ],
  'a constraint without a call': [
    () => make({}, { kernelConstraint: new Undone() }),
    /^KerasConstraint: the class Undone must have a `call` of the weights\. Received: undefined/,
  ],
  'a class of constraints in place of an object': [
    () => make({}, { kernelConstraint: Rising }),
    /^layerDense: `kernelConstraint` must be a function or an object\. Received: .*the class Rising.*Write kernelConstraint: new Rising\(\)/,
  ],
  'a class of initializers in place of an object': [
    () => make({}, { kernelInitializer: Plain }),
    /^layerDense: `kernelInitializer` must be .*the class Plain.*new Plain\(\)/,
  ],
  'a class in place of a loss': [
    () => make({ loss: Plain }),
    /^compile: `loss` must be a function or an object\. Received: .*the class Plain/,
  ],
  'an initializer of another shape': [
    () => make({}, { kernelInitializer: { apply: () => tf.ones([1]) } }),
    /^initializer: .* must give a tensor of the shape \[3, 4\]\. Received: a float32 tensor of shape \[1\]/,
  ],
  'a regularizer that is no number': [
    () => make({}, { kernelRegularizer: { apply: () => 3 } }),
    /^regularizer: .* must give a scalar tensor\. Received: 3/,
  ],
  'a constraint that is no tensor': [
    () => make({}, { kernelConstraint: { apply: () => 3 } }),
    /a constraint must give weights of the shape \[3, 4\] that it got\. Received: 3/,
  ],
  'numbers of an optimizer that are none': [
    () => make({ optimizer: ofOwn({ numbers: 3 })() }),
    /^customOptimizer: `numbers` must be a function\. Received: 3/,
  ],
  'numbers of an optimizer that are no functions': [
    () => make({ optimizer: ofOwn({ numbers: () => ({ rate: 3 }) })() }),
    /^mine: `numbers` must be a function that returns an object of functions of the step\. Received: .*rate: 3/,
  ],
  'a number of an optimizer that is a text': [
    () => {
      const update = ({ variable, numbers }: { variable: Tensor; numbers: { rate: Tensor } }) => ({
        variable: tf.mul(variable, numbers.rate),
        slots: {},
      });
      return make({ optimizer: ofOwn({ numbers: () => ({ rate: () => 'a' }), update })() });
    },
    /^mine: .*`rate` .* a number\. Received: 'a' in step 1/,
  ],
  'slots of an optimizer that are no object': [
    () => make({ optimizer: ofOwn({ slots: 'mean' })() }),
    /^customOptimizer: `slots` must be an object of first values, each a number or 'variable'\. Received: 'mean'/,
  ],
  'a slot with another first value': [
    () => make({ optimizer: ofOwn({ slots: { mean: 'vari' } })() }),
    /^customOptimizer: `slots` must be .* Received: .*mean: 'vari'/,
  ],
  'defaults of an optimizer that are none': [
    () => make({ optimizer: ofOwn({ defaults: { betas: [0.9] } })() }),
    /^customOptimizer: `defaults` must be an object of numbers, texts and truth values\. Received: .*betas/,
  ],
};

describe.each(['eager', 'compiled'] as const)('%s', (engine) => {
  test.each(Object.entries(mistakes))('%s', async (_, [run, message]) => {
    const error: unknown = await Promise.resolve()
      .then(run)
      .then((model) => fit(model, x, y, { epochs: 2, batchSize: 8, verbose: 0, engine }))
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(KerasArgumentError);
    expect((error as Error).message).toMatch(message);
  });
});

test('objects with an `apply` are initializers, regularizers and constraints, of a class or of none', () => {
  class Filled {
    constructor(private readonly options: { by: number }) {}
    apply(shape: number[]): Tensor {
      return tf.fill(shape, this.options.by);
    }
    getConfig(): object {
      return this.options;
    }
  }
  const model = make(
    {},
    {
      kernelInitializer: new Filled({ by: 0.5 }),
      biasInitializer: { apply: (shape: number[]) => tf.fill(shape, 0.25) },
      kernelRegularizer: { apply: (weights: Tensor) => tf.mul(tf.sum(weights), 10) },
      kernelConstraint: { apply: (weights: Tensor) => tf.clipByValue(weights, -0.3, 0.3) },
    },
  );
  expect(distance(getWeights(model)[0] as Tensor, Array<number>(12).fill(0.5))).toBe(0);
  expect(distance(getWeights(model)[1] as Tensor, Array<number>(4).fill(0.25))).toBe(0);
  const copy = cloneModel(model);
  expect(distance(getWeights(copy)[0] as Tensor, Array<number>(12).fill(0.5))).toBe(0);
  const penalized = pipe(
    kerasModelSequential(),
    layerDense({
      units: 1,
      inputShape: [3],
      kernelRegularizer: { apply: (weights: Tensor) => tf.sum(weights) },
    }),
    compile({ optimizer: 'sgd', loss: 'mse' }),
  );
  setWeights(penalized, [tf.ones([3, 1]), tf.zeros([1])]);
  // (3 − 1)² and the penalty, 3.
  expect(trainOnBatch(penalized, x, y).loss).toBeCloseTo(7, 5);
  trainOnBatch(model, x, y);
  expect(tf.max(tf.abs(getWeights(model)[0] as Tensor)).arraySync()).toBeCloseTo(0.3, 6);
});

test('a recurrent layer of them goes both ways', () => {
  class Halves {
    apply(shape: number[]): Tensor {
      return tf.fill(shape, 0.5);
    }
  }
  const layer = layerSimpleRnn({
    units: 2,
    activation: (value: Tensor) => tf.sin(value),
    kernelInitializer: new Halves(),
    recurrentInitializer: (shape: number[]) => tf.fill(shape, 0.25),
    kernelConstraint: new Rising(),
    kernelRegularizer: { apply: (weights: Tensor) => tf.sum(weights) },
  });
  const model = pipe(
    kerasModelSequential({ inputShape: [2, 3] }),
    bidirectional({ layer }),
    compile({ optimizer: 'sgd', loss: 'mse' }),
  );
  const weights = getWeights(model);
  expect(weights.map((weight) => weight.dataSync()[0])).toEqual([0.5, 0.25, 0, 0.5, 0.25, 0]);
  // 1.5 comes in, in both steps: sin(1.5 + 0.25 · 2 · sin(1.5)), in both directions.
  const value = Math.sin(1.5 + 0.5 * Math.sin(1.5));
  expect(distance(predictOnBatch(model, tf.ones([1, 2, 3])), Array<number>(4).fill(value))).toBeLessThan(
    1e-6,
  );
  // Of 12 weights of 0.5.
  const loss = (1 - value) ** 2 + 6;
  expect(trainOnBatch(model, tf.ones([1, 2, 3]), tf.ones([1, 4])).loss).toBeCloseTo(loss, 5);
});

test('a model with a constraint of a class is cloned', () => {
  const model = make({}, { kernelConstraint: new Rising() });
  const copy = cloneModel(model);
  compile(copy, { optimizer: 'sgd', loss: 'mse' });
  trainOnBatch(copy, x, y);
  expect(tf.min(getWeights(copy)[0] as Tensor).arraySync()).toBeGreaterThanOrEqual(0);
});
