import { inspect } from 'node:util';
import { KerasArgumentError, KerasShapeError } from '../../src/base/errors';
import { optimizerAdam, optimizerRmsprop, optimizerSgd } from '../../src/optimizers/index';
import { optimizers, resolveOptimizer, type Optimizer } from '../../src/optimizers/registry';
import { tf, type Tensor, type Variable } from '../../src/tfjs/tensorflow';
import { tensorCount } from '../support/tensors';

const start = [1, -2, 0.5, 3];
const gradients = [
  [0.5, -1, 0.25, 2],
  [-0.25, -0.5, 1.5, 0],
  [1, 0.75, -0.5, -1],
  [0.125, -2, 0.25, 0.5],
  [-1.5, 0.5, 1, -0.25],
  [0.75, 0.25, -1.25, 1],
];

const expectNear = (actual: Tensor, expected: readonly number[]): void => {
  const values = [...actual.dataSync()];
  expect(values).toHaveLength(expected.length);
  values.forEach((value, index) => expect(Math.abs(value - (expected[index] ?? NaN))).toBeLessThan(3e-6));
};

/** Runs steps on two variables at once, of rank 1 and 2, so that state cannot be mixed up unnoticed. */
const steps = (optimizer: Optimizer, variables: readonly Variable[], list = gradients): void => {
  for (const values of list) {
    const both = [tf.tensor1d(values), tf.tensor2d(values.toReversed(), [2, 2])];
    optimizer.apply(both, variables);
    tf.dispose(both);
  }
};
const pair = (values = start): Variable[] =>
  tf.tidy(() => [
    tf.variable(tf.tensor1d(values)),
    tf.variable(tf.tensor2d(values.toReversed(), [2, 2])) as Variable, // a tensor of known rank is a tensor
  ]);

/*
 * Six steps on the gradients above in NumPy, float64, by Keras's formulas:
 *
 *   def sgd(w, lr=0.01, momentum=0, nesterov=False):
 *       m = 0 * w
 *       for g in G:
 *           m = momentum * m - lr * g
 *           w = w + (momentum * m - lr * g if nesterov else m)
 *       return w
 *   def rmsprop(w, lr=0.001, rho=0.9, momentum=0, eps=1e-7, centered=False):
 *       v, a, m = 0 * w, 0 * w, 0 * w
 *       for g in G:
 *           v = rho * v + (1 - rho) * g ** 2
 *           a = rho * a + (1 - rho) * g
 *           d = v - a ** 2 + eps if centered else v + eps
 *           m = momentum * m + lr * g / np.sqrt(d)
 *           w = w - m
 *       return w
 *   def adam(w, lr=0.001, b1=0.9, b2=0.999, eps=1e-7, amsgrad=False):
 *       m, v, vhat = 0 * w, 0 * w, 0 * w
 *       for t, g in enumerate(G, 1):
 *           alpha = lr * np.sqrt(1 - b2 ** t) / (1 - b1 ** t)
 *           m = m + (g - m) * (1 - b1)
 *           v = v + (g ** 2 - v) * (1 - b2)
 *           vhat = np.maximum(vhat, v)
 *           w = w - m * alpha / (np.sqrt(vhat if amsgrad else v) + eps)
 *       return w
 */
const large = { learningRate: 0.1, rho: 0.8, epsilon: 0.01 };
const variants: [string, () => Optimizer, number[]][] = [
  ['sgd', () => optimizerSgd(), [0.99375, -1.98, 0.4875, 2.9775]],
  ['sgd(lr=.1)', () => optimizerSgd({ learningRate: 0.1 }), [0.9375, -1.8, 0.375, 2.775]],
  [
    'sgd(lr=.1, momentum=.9)',
    () => optimizerSgd({ learningRate: 0.1, momentum: 0.9 }),
    [0.700323, -1.162611, -0.19220475, 2.218782],
  ],
  [
    'sgd(lr=.1, momentum=.9, nesterov=True)',
    () => optimizerSgd({ learningRate: 0.1, momentum: 0.9, nesterov: true }),
    [0.6677907, -1.0463499, -0.247984275, 2.0719038],
  ],
  [
    'sgd(lr=.1, nesterov=True)',
    () => optimizerSgd({ learningRate: 0.1, nesterov: true }),
    [0.9375, -1.8, 0.375, 2.775],
  ],
  ['rmsprop', () => optimizerRmsprop(), [0.996477857, -1.99558969, 0.494295184, 2.99648287]],
  [
    'rmsprop(.1, .8, 0, .01)',
    () => optimizerRmsprop(large),
    [0.763929081, -1.70050319, 0.15481977, 2.7398255],
  ],
  [
    'rmsprop(.1, .8, .5, .01)',
    () => optimizerRmsprop({ ...large, momentum: 0.5 }),
    [0.560462292, -1.39009707, -0.247882824, 2.59762876],
  ],
  [
    'rmsprop(.1, .8, 0, .01, True)',
    () => optimizerRmsprop({ ...large, centered: true }),
    [0.721329816, -1.63594755, 0.0898832377, 2.70615011],
  ],
  [
    'rmsprop(.1, .8, .5, .01, True)',
    () => optimizerRmsprop({ ...large, momentum: 0.5, centered: true }),
    [0.478224432, -1.26696532, -0.364098738, 2.53840417],
  ],
  ['adam', () => optimizerAdam(), [0.997508309, -1.99658004, 0.496567776, 2.99737776]],
  [
    'adam(.1, .8, .9, .01)',
    () => optimizerAdam({ learningRate: 0.1, beta1: 0.8, beta2: 0.9, epsilon: 0.01 }),
    [0.778128428, -1.68402888, 0.186115827, 2.76167872],
  ],
  [
    'adam(.1, .8, .9, .01, True)',
    () => optimizerAdam({ learningRate: 0.1, beta1: 0.8, beta2: 0.9, epsilon: 0.01, amsgrad: true }),
    [0.780661258, -1.68639597, 0.187549861, 2.76596892],
  ],
];

describe.each(variants)('%s', (_name, make, expected) => {
  test('six steps as in NumPy; nothing left behind', () => {
    const before = tensorCount();
    const optimizer = make();
    const variables = pair();
    const held = tensorCount();
    steps(optimizer, variables);
    expect(tensorCount()).toBe(held);
    expect(optimizer.iterations).toBe(6);
    expectNear(variables[0] as Variable, expected);
    expectNear(variables[1] as Variable, expected.toReversed());
    optimizer.dispose();
    tf.dispose(variables);
    expect(tensorCount()).toBe(before);
  });

  test('goes on from saved weights as if it had never stopped', () => {
    const [first, second] = [make(), make()];
    const variables = pair();
    steps(first, variables, gradients.slice(0, 3));
    const saved = first.getWeights();
    first.dispose();
    second.build(variables);
    second.setWeights(saved);
    tf.dispose(saved);
    expect(second.iterations).toBe(3);
    steps(second, variables, gradients.slice(3));
    expectNear(variables[0] as Variable, expected);
    expectNear(variables[1] as Variable, expected.toReversed());
    second.dispose();
    tf.dispose(variables);
  });

  test('starts afresh after dispose', () => {
    const optimizer = make();
    const variables = pair();
    steps(optimizer, variables);
    optimizer.dispose();
    expect(optimizer.iterations).toBe(0);
    tf.tidy(() => {
      variables[0]?.assign(tf.tensor1d(start));
      variables[1]?.assign(tf.tensor2d(start.toReversed(), [2, 2]));
    });
    steps(optimizer, variables);
    expectNear(variables[0] as Variable, expected);
    optimizer.dispose();
    tf.dispose(variables);
  });
});

/*
 * Eight steps of PyTorch 1.13 in float64 on sum(c * (w - a) ** 2), c = [1, .5, 2, .25], a = [0, 1, -1, 2], from the same
 * start. PyTorch's epsilon stands elsewhere, so it is 1e-12 there, and here the smallest that matters to nothing:
 *
 *   torch.optim.SGD(w, .1), SGD(w, .1, momentum=.9), SGD(w, .1, momentum=.9, nesterov=True),
 *   RMSprop(w, .1, alpha=.9, eps=1e-12), RMSprop(…, momentum=.5), RMSprop(…, centered=True), Adam(w, .1, eps=1e-12)
 */
const tiny = { learningRate: 0.1, epsilon: 1e-12 };
test.each<[string, () => Optimizer, number[]]>([
  ['SGD', () => optimizerSgd({ learningRate: 0.1 }), [0.16777216, -0.29140163, -0.97480576, 2.66342043]],
  [
    'SGD with momentum',
    () => optimizerSgd({ learningRate: 0.1, momentum: 0.9 }),
    [-0.52281566, 2.65967056, -0.2618875, 1.93246355],
  ],
  [
    'SGD with Nesterov’s momentum',
    () => optimizerSgd({ learningRate: 0.1, momentum: 0.9, nesterov: true }),
    [-0.17804672, 2.1819818, -0.846602122, 1.90861677],
  ],
  ['RMSprop', () => optimizerRmsprop(tiny), [0.0712380063, -0.665544007, -0.642091348, 2.07123801]],
  [
    'RMSprop with momentum',
    () => optimizerRmsprop({ ...tiny, momentum: 0.5 }),
    [-0.0236169731, 0.213144607, -1.06672713, 1.97638303],
  ],
  [
    'RMSprop, centered',
    () => optimizerRmsprop({ ...tiny, centered: true }),
    [0.0366022612, -0.418177449, -0.760764097, 2.03660226],
  ],
  ['Adam', () => optimizerAdam(tiny), [0.23626372, -1.20724119, -0.281299451, 2.23626372]],
])('a quadratic as in PyTorch: %s', (_name, make, expected) => {
  const optimizer = make();
  const weights = tf.variable(tf.tensor1d(start));
  for (let step = 0; step < 8; step += 1) {
    tf.tidy(() => {
      const { grads } = tf.variableGrads(() => {
        const distance = tf.squaredDifference(weights, tf.tensor1d([0, 1, -1, 2]));
        // A sum over all axes is a scalar.
        return tf.sum(tf.mul(distance, tf.tensor1d([1, 0.5, 2, 0.25]))).asScalar();
      }, [weights]);
      optimizer.apply(Object.values(grads), [weights]);
    });
  }
  expectNear(weights, expected);
  optimizer.dispose();
  weights.dispose();
});

describe('variables', () => {
  test('values read before a step stay as they were', () => {
    const optimizer = optimizerSgd({ learningRate: 1 });
    const variable = tf.variable(tf.tensor1d([1, 2]));
    const gradient = tf.tensor1d([1, 1]);
    const copy = variable.clone();
    optimizer.apply([gradient], [variable]);
    const later = variable.clone();
    optimizer.apply([gradient], [variable]);
    expect([...copy.dataSync()]).toEqual([1, 2]);
    expect([...later.dataSync()]).toEqual([0, 1]);
    expect([...variable.dataSync()]).toEqual([-1, 0]);
    expect([...gradient.dataSync()]).toEqual([1, 1]);
    optimizer.dispose();
    tf.dispose([variable, copy, later, gradient]);
  });

  test('what somebody set between two steps counts', () => {
    const optimizer = optimizerSgd({ learningRate: 1 });
    const variable = tf.variable(tf.tensor1d([1, 2]));
    tf.tidy(() => {
      optimizer.apply([tf.tensor1d([1, 1])], [variable]);
      variable.assign(tf.tensor1d([10, 20]));
      optimizer.apply([tf.tensor1d([1, 1])], [variable]);
    });
    expect([...variable.dataSync()]).toEqual([9, 19]);
    optimizer.dispose();
    variable.dispose();
  });

  test('some may be left out, and others disposed', () => {
    const optimizer = optimizerSgd({ learningRate: 1, momentum: 0.5 });
    const [a, b] = pair() as [Variable, Variable];
    tf.tidy(() => {
      optimizer.apply([tf.ones([4]), tf.ones([2, 2])], [a, b]);
      optimizer.apply([tf.ones([4])], [a]);
    });
    // −1, then −(1 + 0.5)
    expect([...a.dataSync()]).toEqual([-1.5, -4.5, -2, 0.5]);
    expect([...b.dataSync()]).toEqual([2, -0.5, -3, 0]);
    b.dispose();
    const weights = optimizer.getWeights();
    expect(weights.map(({ shape }) => shape)).toEqual([[], [4]]);
    tf.dispose([weights, a]);
    optimizer.dispose();
  });

  test('scalars are variables too', () => {
    const optimizer = optimizerAdam({ learningRate: 0.5 });
    const variable = tf.variable(tf.scalar(1));
    tf.tidy(() => optimizer.apply([tf.scalar(3)], [variable]));
    expect(variable.dataSync()[0]).toBeCloseTo(0.5, 5);
    optimizer.dispose();
    variable.dispose();
  });

  test('gradients of another number are refused', () => {
    const optimizer = optimizerSgd();
    const variables = pair();
    expect(() => optimizer.apply([], variables)).toThrow(KerasArgumentError);
    tf.dispose(variables);
  });
});

describe('state', () => {
  test('in Keras’s order', () => {
    const optimizer = optimizerAdam({ amsgrad: true });
    const variables = pair();
    optimizer.build(variables);
    const weights = optimizer.getWeights();
    // step count; m, v of each variable; then vhat of each
    expect(weights.map(({ shape }) => shape)).toEqual([[], [4], [4], [2, 2], [2, 2], [4], [2, 2]]);
    tf.dispose([weights, variables]);
    optimizer.dispose();
  });

  test('that does not fit is refused and changes nothing', () => {
    const optimizer = optimizerSgd({ momentum: 0.9 });
    const variables = pair();
    optimizer.build(variables);
    tf.tidy(() => {
      const count = tf.scalar(3, 'int32');
      expect(() => optimizer.setWeights([count, tf.ones([4])])).toThrow(KerasArgumentError);
      expect(() => optimizer.setWeights([count, tf.ones([4]), tf.ones([4])])).toThrow(KerasShapeError);
      expect(() => optimizer.setWeights([])).toThrow(KerasArgumentError);
      const [, first] = optimizer.getWeights();
      expect([...(first as Tensor).dataSync()]).toEqual([0, 0, 0, 0]);
    });
    expect(optimizer.iterations).toBe(0);
    tf.dispose(variables);
    optimizer.dispose();
  });
});

test('an optimizer has the name that it is given, or its own', () => {
  expect(optimizerAdam().name).toBe('adam');
  const optimizer = optimizerSgd({ name: 'of_the_generator' });
  expect(optimizer.name).toBe('of_the_generator');
  expect(optimizer.getConfig()).toMatchObject({ name: 'of_the_generator', learningRate: 0.01 });
  expect(() => optimizerSgd({ name: '' })).toThrow(
    "optimizerSgd: `name` must be a non-empty string. Received: ''.",
  );
});

describe('learning rate', () => {
  test('takes effect with the next step', () => {
    const optimizer = optimizerSgd({ learningRate: 1 });
    const variable = tf.variable(tf.tensor1d([0]));
    tf.tidy(() => {
      optimizer.apply([tf.ones([1])], [variable]);
      optimizer.learningRate = 0.25;
      optimizer.apply([tf.ones([1])], [variable]);
    });
    expect([...variable.dataSync()]).toEqual([-1.25]);
    expect(optimizer.getConfig()).toEqual({ name: 'sgd', learningRate: 0.25, momentum: 0, nesterov: false });
    optimizer.dispose();
    variable.dispose();
  });

  test.each([-1, NaN, Infinity])('%p is refused', (value) => {
    const optimizer = optimizerAdam();
    expect(() => (optimizer.learningRate = value)).toThrow(KerasArgumentError);
    expect(optimizer.learningRate).toBe(0.001);
  });
});

test('options out of range or unknown are refused', () => {
  expect(() => optimizerSgd({ momentum: 1.5 })).toThrow(KerasArgumentError);
  expect(() => optimizerRmsprop({ epsilon: 0 })).toThrow(KerasArgumentError);
  expect(() => optimizerAdam({ beta2: 1 })).toThrow(KerasArgumentError);
  // @ts-expect-error: a misspelt option does not compile
  expect(() => optimizerAdam({ learningrate: 0.1 })).toThrow("Did you mean 'learningRate'?");
});

describe('resolveOptimizer', () => {
  const place = { function: 'compile', argument: 'optimizer' };

  test('each name and each function make a fresh one', () => {
    for (const { names } of optimizers.members) {
      for (const spelling of names) expect(resolveOptimizer(spelling, place).name).toBe(names[0]);
    }
    expect(resolveOptimizer(optimizerAdam, place).name).toBe('adam');
    expect(resolveOptimizer('adam', place)).not.toBe(resolveOptimizer('adam', place));
  });

  test('an optimizer as it is', () => {
    const optimizer = optimizerSgd();
    expect(resolveOptimizer(optimizer, place)).toBe(optimizer);
  });

  test('others are refused', () => {
    expect(() => resolveOptimizer('rmsprob', place)).toThrow("Did you mean 'rmsprop'?");
    const tfjs = tf.train.adam();
    for (const value of [undefined, 3, {}, tfjs]) {
      expect(() => resolveOptimizer(value, place)).toThrow(KerasArgumentError);
    }
    tfjs.dispose();
  });
});

test('an optimizer is shown with its options and its steps', () => {
  const optimizer = optimizerSgd({ momentum: 0.9 });
  const variable = tf.variable(tf.scalar(1));
  optimizer.apply([tf.scalar(1)], [variable]);
  const text = inspect(optimizer);
  expect(text).toMatch(/^optimizerSgd \{\s+learningRate: 0\.01,\s+momentum: 0\.9,/);
  expect(text).toMatch(/iterations: 1\s+\}$/);
  optimizer.dispose();
  variable.dispose();
});
