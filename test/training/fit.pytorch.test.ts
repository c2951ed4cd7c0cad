import {
  compile,
  evaluate,
  fit,
  kerasModelSequential,
  layerDense,
  optimizerAdam,
  optimizerRmsprop,
  optimizerSgd,
  pipe,
  regularizerL2,
  setWeights,
  type CompileOptions,
  type DataFor,
  type FitOptions,
} from 'keras-pipe';
import { weightArrays } from '../support/weights';

/*
 * Three short trainings against PyTorch's gradients, with Keras's updates and means, in double precision:
 *
 * import json, math, torch
 * torch.set_default_dtype(torch.float64)
 * def wave(rows, columns, phase):
 *     return torch.tensor([[math.sin(phase + 3 * i + 5 * j + 0.1 * i * j) for j in range(columns)] for i in range(rows)])
 * def start(sizes):
 *     weights = []
 *     for n, (a, b) in enumerate(zip(sizes, sizes[1:])):
 *         weights += [0.7 * wave(a, b, n + 1), 0.1 * wave(1, b, n + 2)[0]]
 *     for w in weights: w.requires_grad_()
 *     return weights
 * def fit(weights, forward, losses, metric, update, x, y, s, l2, epochs=3, batch=4):
 *     history = {'loss': [], 'metric': []}
 *     for epoch in range(epochs):
 *         total = correct = 0.0
 *         for begin in range(0, len(x), batch):
 *             b = slice(begin, begin + batch)
 *             p = forward(weights, x[b])
 *             loss = (losses(p, y[b]) * s[b]).mean() + l2 * sum((w ** 2).sum() for w in weights[::2])
 *             for w in weights: w.grad = None
 *             loss.backward()
 *             n = len(x[b])
 *             total += loss.item() * n
 *             correct += metric(p, y[b]).sum().item()
 *             with torch.no_grad(): update(weights)
 *         history['loss'].append(total / len(x)); history['metric'].append(correct / len(x))
 *     with torch.no_grad():
 *         p = forward(weights, x)
 *         test = [(losses(p, y) * s).mean().item() + l2 * sum((w ** 2).sum() for w in weights[::2]).item() if l2 else (losses(p, y) * s).mean().item(), metric(p, y).mean().item()]
 *     return {**history, 'test': test, 'weights': [[round(v, 8) for v in w.detach().flatten().tolist()] for w in weights]}
 * def mlp(out):
 *     return lambda w, x: out(torch.relu(x @ w[0] + w[1]) @ w[2] + w[3])
 * class Adam:
 *     def __init__(self, lr=0.05, b1=0.9, b2=0.999, eps=1e-7): self.t, self.m, self.v, self.o = 0, {}, {}, (lr, b1, b2, eps)
 *     def __call__(self, weights):
 *         lr, b1, b2, eps = self.o; self.t += 1
 *         for i, w in enumerate(weights):
 *             self.m[i] = b1 * self.m.get(i, 0) + (1 - b1) * w.grad
 *             self.v[i] = b2 * self.v.get(i, 0) + (1 - b2) * w.grad ** 2
 *             w -= lr * math.sqrt(1 - b2 ** self.t) / (1 - b1 ** self.t) * self.m[i] / (self.v[i].sqrt() + eps)
 * class RMSprop:
 *     def __init__(self, lr=0.02, rho=0.9, eps=1e-7): self.v, self.o = {}, (lr, rho, eps)
 *     def __call__(self, weights):
 *         lr, rho, eps = self.o
 *         for i, w in enumerate(weights):
 *             self.v[i] = rho * self.v.get(i, 0) + (1 - rho) * w.grad ** 2
 *             w -= lr * w.grad / (self.v[i] + eps).sqrt()
 * class SGD:
 *     def __init__(self, lr=0.1, momentum=0.9): self.m, self.o = {}, (lr, momentum)
 *     def __call__(self, weights):
 *         lr, momentum = self.o
 *         for i, w in enumerate(weights):
 *             self.m[i] = momentum * self.m.get(i, 0) - lr * w.grad
 *             w += self.m[i]
 * x = wave(10, 3, 0)
 * ones = torch.ones(10)
 * classes = torch.tensor([i * i % 3 for i in range(10)])
 * print(json.dumps(fit(start([3, 5, 3]), mlp(lambda z: torch.softmax(z, 1)),
 *     lambda p, y: -(torch.nn.functional.one_hot(y, 3) * p.log()).sum(1), lambda p, y: (p.argmax(1) == y).double(), Adam(), x, classes, ones, 0)))
 * y = wave(10, 2, 7)
 * print(json.dumps(fit(start([3, 5, 2]), mlp(lambda z: z), lambda p, y: ((p - y) ** 2).mean(1), lambda p, y: (p - y).abs().mean(1), RMSprop(), x, y, ones, 0.01)))
 * yes = torch.tensor([[float(i % 3 == 0)] for i in range(10)])
 * s = torch.tensor([0.5 + i % 4 for i in range(10)])
 * print(json.dumps(fit(start([3, 5, 1]), mlp(torch.sigmoid), lambda p, y: -(y * p.log() + (1 - y) * (1 - p).log()).mean(1), lambda p, y: ((p > 0.5) == (y > 0.5)).double().mean(1), SGD(), x, yes, s, 0)))
 */
const reference = {
  adam: {
    loss: [0.99622321, 0.84172586, 0.74836894],
    metric: [0.6, 0.4, 0.5],
    test: [0.70280036, 0.6],
    weights: [
      [
        0.911577, -0.148005, -0.933554, -0.037295, 0.607388, -0.430107, 0.220728, 0.523036, 0.459154,
        -0.543344, 0.575998, -0.240485, -0.888624, -0.243033, 0.277195,
      ],
      [0.464741, -0.203121, 0.350834, -0.273923, 0.332757],
      [
        0.781559, 0.447655, -0.816926, -0.744286, -0.166999, 0.018883, 0.519015, 0.695654, -0.709507,
        -0.546448, -0.524063, 0.090817, 0.834353, 0.396472, -0.668079,
      ],
      [0.098328, 0.475071, -0.364735],
    ],
  },
  rmsprop: {
    loss: [0.31426396, 0.26856931, 0.21999639],
    metric: [0.42870826, 0.4123941, 0.36337756],
    test: [0.19248239, 0.32985339],
    weights: [
      [
        0.749206, -0.254509, -0.480498, -0.310858, 0.438282, -0.345593, 0.224541, 0.729897, 0.116985,
        -0.443819, 0.595942, -0.253538, -0.605164, -0.456749, 0.298912,
      ],
      [0.178913, 0.184017, -0.245027, 0.023122, 0.076599],
      [0.433785, 0.625427, -0.526805, -0.472579, 0.448382, 0.342515, -0.387971, -0.560701, 0.55365, 0.414603],
      [-0.036655, -0.084789],
    ],
  },
  sgd: {
    loss: [1.356805, 1.25948601, 1.24637427],
    metric: [0.5, 0.5, 0.5],
    test: [1.22658177, 0.6],
    weights: [
      [
        0.566029, -0.242643, -0.797104, -0.151371, 0.40285, -0.350217, 0.013032, 0.486377, 0.381246,
        -0.621808, 0.555558, -0.383973, -0.844015, -0.342255, 0.176394,
      ],
      [-0.048786, 0.089347, -0.117578, -0.172672, -0.509081],
      [0.463028, -0.659671, 0.734924, -0.691201, 0.604152],
      [-0.316329],
    ],
  },
} as const;

const wave = (rows: number, columns: number, phase: number): number[][] =>
  Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (__, j) => Math.sin(phase + 3 * i + 5 * j + 0.1 * i * j)),
  );

const scaled = (matrix: readonly number[][], factor: number): number[][] =>
  matrix.map((row) => row.map((value) => value * factor));

const startingWeights = (sizes: readonly number[]): (number[] | number[][])[] =>
  sizes.slice(1).flatMap((units, index) => {
    const [bias = []] = scaled(wave(1, units, index + 2), 0.1);
    return [scaled(wave(sizes[index] ?? 0, units, index + 1), 0.7), bias];
  });

interface Case {
  readonly name: keyof typeof reference;
  readonly units: number;
  readonly activation: 'softmax' | 'linear' | 'sigmoid';
  readonly l2?: number;
  readonly options: () => CompileOptions;
  readonly metric: string;
  readonly y: DataFor;
  readonly sampleWeight?: number[];
}

const x = wave(10, 3, 0);
const oneHot = Array.from({ length: 10 }, (_, i) => [0, 1, 2].map((k) => ((i * i) % 3 === k ? 1 : 0)));

const cases: Case[] = [
  {
    name: 'adam',
    units: 3,
    activation: 'softmax',
    options: () => ({
      optimizer: optimizerAdam({ learningRate: 0.05 }),
      loss: 'categorical_crossentropy',
      metrics: ['accuracy'],
    }),
    metric: 'accuracy',
    y: oneHot,
  },
  {
    name: 'rmsprop',
    units: 2,
    activation: 'linear',
    l2: 0.01,
    options: () => ({
      optimizer: optimizerRmsprop({ learningRate: 0.02 }),
      loss: 'mse',
      metrics: ['mae'],
    }),
    metric: 'mae',
    y: wave(10, 2, 7),
  },
  {
    name: 'sgd',
    units: 1,
    activation: 'sigmoid',
    options: () => ({
      optimizer: optimizerSgd({ learningRate: 0.1, momentum: 0.9 }),
      loss: 'binary_crossentropy',
      metrics: ['acc'],
    }),
    metric: 'acc',
    y: Array.from({ length: 10 }, (_, i) => (i % 3 === 0 ? 1 : 0)),
    sampleWeight: Array.from({ length: 10 }, (_, i) => 0.5 + (i % 4)),
  },
];

const expectClose = (actual: readonly number[], expected: readonly number[]): void => {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, index) => {
    expect(Math.abs(value - (expected[index] ?? NaN))).toBeLessThan(5e-6);
  });
};

const flat = (values: unknown): number[] => [values].flat(9) as number[]; // nested arrays of numbers

describe.each(['eager', 'compiled'] as const)('%s steps train as PyTorch does', (engine) => {
  test.each(cases)('$name', async ({ name, units, activation, l2, options, metric, y, sampleWeight }) => {
    const penalty = l2 === undefined ? {} : { kernelRegularizer: regularizerL2(l2) };
    const model = pipe(
      kerasModelSequential(),
      layerDense({ units: 5, activation: 'relu', inputShape: [3], ...penalty }),
      layerDense({ units, activation, ...penalty }),
      compile(options()),
    );
    setWeights(model, startingWeights([3, 5, units]));
    const weights = sampleWeight === undefined ? {} : { sampleWeight };
    const fitOptions: FitOptions = {
      epochs: 3,
      batchSize: 4,
      shuffle: false,
      verbose: 0,
      engine,
      ...weights,
    };
    const history = await fit(model, x, y, fitOptions);
    const expected = reference[name];
    expectClose(history.metrics.loss, expected.loss);
    expectClose(history.metrics[metric] ?? [], expected.metric);
    weightArrays(model).forEach((weight, index) => expectClose(flat(weight), expected.weights[index] ?? []));
    const result = await evaluate(model, x, y, { batchSize: 3, verbose: 0, ...weights });
    expectClose(Object.values(result), expected.test);
    model.dispose();
  });
});
