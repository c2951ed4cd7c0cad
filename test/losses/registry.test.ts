import '../../src/matchers/jest';
import { KerasArgumentError, KerasShapeError } from '../../src/base/errors';
import * as losses from '../../src/losses';
import { losses as registry, resolveLoss } from '../../src/losses/registry';
import type { Named } from '../../src/base/registry';
import { tf, type Tensor } from '../../src/tfjs/tensorflow';
import { tensorCount } from '../support/tensors';

const place = { function: 'compile', argument: 'loss' };

const oneHot = [
  [0, 1, 0],
  [1, 0, 0],
  [0, 0, 1],
  [0, 1, 0],
];
const probabilities = [
  [0.2, 0.5, 0.3],
  [0.1, 0.8, 0.2],
  [0, 0, 1],
  [0.6, 0, 0.4],
];
const targets = [
  [1.5, -2, 3],
  [0, 4, -1],
  [2, 2, 2],
  [0.5, 1, -0.5],
];
const outputs = [
  [1, -2.5, 5],
  [0, 3, -1],
  [2.5, -1, 2],
  [0.25, 4, -2],
];
const yesNo = [
  [0, 1, 1],
  [1, 0, 0],
  [0, 0, 1],
  [0, 1, 0],
];
const chances = [
  [0.2, 0.5, 0.9],
  [1, 0, 0.25],
  [0.9, 0.3, 0.75],
  [0, 0.01, 0.4],
];
const sampleWeights = [1, 2, 0.5, 1.5];

/*
 * Keras's formulas in float64, gradients of Σ weight · loss by PyTorch's autograd:
 *
 *   eps, log, clip = 1e-7, torch.log, torch.clamp
 *   categorical_crossentropy: -(t * log(clip(p / p.sum(-1, keepdim=True), eps, 1 - eps))).sum(-1)
 *   sparse_categorical_crossentropy: F.cross_entropy(log(clip(p, eps, 1 - eps)), t, reduction='none')
 *   binary_crossentropy: c = clip(p, eps, 1 - eps); -(t * log(c + eps) + (1 - t) * log(1 - c + eps)).mean(-1)
 *   mean_squared_error: ((p - t) ** 2).mean(-1)
 *   mean_absolute_error: (p - t).abs().mean(-1)
 *   mean_absolute_percentage_error: 100 * ((t - p) / clip(t.abs(), min=eps)).abs().mean(-1)
 *   mean_squared_logarithmic_error: ((log(clip(p, min=eps) + 1) - log(clip(t, min=eps) + 1)) ** 2).mean(-1)
 *   hinge: clip(1 - (2 * t - 1) * p, min=0).mean(-1)
 *   squared_hinge: (clip(1 - (2 * t - 1) * p, min=0) ** 2).mean(-1)
 *   categorical_hinge: clip(1 + ((1 - t) * p).amax(-1) - (t * p).sum(-1), min=0)
 *   poisson: (p - t * log(p + eps)).mean(-1), with t = targets.abs()
 *   kl_divergence: (clip(t, eps, 1) * log(clip(t, eps, 1) / clip(p, eps, 1))).sum(-1)
 *   log_cosh: log(cosh(p - t)).mean(-1)
 *   cosine_similarity: -F.cosine_similarity(t, p, dim=-1)
 *   huber: F.huber_loss(p, t, reduction='none', delta=1.0).mean(-1)
 */
const reference: Readonly<Record<string, { values: number[]; gradient: number[] }>> = {
  categorical_crossentropy: {
    values: [0.69314718, 2.3978953, 1e-7, 16.118096],
    gradient: [1.0, -1.0, 1.0, -18.181818, 1.8181818, 1.8181818, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
  },
  sparse_categorical_crossentropy: {
    values: [0.69314718, 2.3978953, 2e-7, 16.118096],
    gradient: [1.0, -1.0, 1.0, -18.181818, 1.8181818, 1.8181818, 0.0, 0.0, 0.0, 1.4999999, 0.0, 1.4999999],
  },
  binary_crossentropy: {
    values: [0.34055027, 0.09589398, 0.98231361, 1.7053285],
    gradient: [
      0.41666661, -0.66666653, -0.37037033, 0.0, 0.0, 0.88888877, 1.666665, 0.2380952, -0.22222219, 0.0,
      -49.9995, 0.83333319,
    ],
  },
  mean_squared_error: {
    values: [1.5, 0.33333333, 3.0833333, 3.7708333],
    gradient: [
      -0.33333333, -0.33333333, 1.3333333, 0.0, -1.3333333, 0.0, 0.16666667, -1.0, 0.0, -0.25, 3.0, -1.5,
    ],
  },
  mean_absolute_error: {
    values: [1.0, 0.33333333, 1.1666667, 1.5833333],
    gradient: [
      -0.33333333, -0.33333333, 0.33333333, 0.0, -0.66666667, 0.0, 0.16666667, -0.16666667, 0.0, -0.5, 0.5,
      -0.5,
    ],
  },
  mean_absolute_percentage_error: {
    values: [41.666667, 8.3333333, 58.333333, 216.66667],
    gradient: [
      -22.222222, -16.666667, 11.111111, -0.0, -16.666667, -0.0, 8.3333333, -8.3333333, -0.0, -100.0, 50.0,
      -100.0,
    ],
  },
  mean_squared_logarithmic_error: {
    values: [0.071398333, 0.016597681, 0.41023706, 0.29094329],
    gradient: [
      -0.074381184, 0.0, 0.045051679, 0.0, -0.074381184, 0.0, 0.014681017, 0.0, 0.0, -0.14585725, 0.18325815,
      0.0,
    ],
  },
  hinge: {
    values: [1.8333333, 1.6666667, 1.1666667, 0.41666667],
    gradient: [
      0.33333333, -0.33333333, -0.0, -0.66666667, 0.66666667, 0.66666667, 0.16666667, 0.16666667, -0.0, 0.5,
      -0.0, 0.0,
    ],
  },
  squared_hinge: {
    values: [5.4166667, 5.6666667, 4.0833333, 0.52083333],
    gradient: [
      1.3333333, -2.3333333, -0.0, -1.3333333, 5.3333333, 0.0, 1.1666667, 0.0, -0.0, 1.25, -0.0, 0.0,
    ],
  },
  categorical_hinge: {
    values: [8.5, 4.0, 1.5, 0.0],
    gradient: [0.0, -1.0, 1.0, -2.0, 2.0, 0.0, 0.5, 0.0, -0.5, 0.0, 0.0, 0.0],
  },
  poisson: {
    values: [1.9055104, 22.369559, 1.7146765, 4.5107844],
    gradient: [
      -2.1666654, -0.99999973, -0.77777765, 0.66666667, -26666666.0, -1.9999989, -0.20370366, -0.94444407,
      -0.27777772, -2499999.5, -49.4995, -0.12499984,
    ],
  },
  kl_divergence: {
    values: [0.69314424, 2.3025821, 0.0, 16.118093],
    gradient: [-5e-7, -2.0, -3.3333333e-7, -20.0, -2.5e-7, -1e-6, 0.0, 0.0, -0.5, -2.5e-7, 0.0, -3.75e-7],
  },
  kullback_leibler_divergence: {
    values: [0.69314424, 2.3025821, 0.0, 16.118093],
    gradient: [-5e-7, -2.0, -3.3333333e-7, -20.0, -2.5e-7, -1e-6, 0.0, 0.0, -0.5, -2.5e-7, 0.0, -3.75e-7],
  },
  log_cosh: {
    values: [0.52174392, 0.14459361, 0.80981434, 1.0652328],
    gradient: [
      -0.15403905, -0.15403905, 0.32134253, 0.0, -0.50772944, 0.0, 0.077019526, -0.16584246, 0.0, -0.12245933,
      0.49752738, -0.45257413,
    ],
  },
  cosine_similarity: {
    values: [-0.96947961, -0.99705449, -0.60246408, -0.9342341],
    gradient: [
      -0.037576729, 0.015030692, 0.015030692, 0.0, -0.0153393, -0.046017899, -0.019125844, -0.11284248,
      -0.032513934, -0.11925487, 0.0059627433, -0.0029813716,
    ],
  },
  huber: {
    values: [0.58333333, 0.16666667, 0.875, 1.1770833],
    gradient: [
      -0.16666667, -0.16666667, 0.33333333, 0.0, -0.66666667, 0.0, 0.083333333, -0.16666667, 0.0, -0.125, 0.5,
      -0.5,
    ],
  },
};

interface Row {
  readonly call: losses.LossFunction & Named;
  readonly yTrue: () => Tensor;
  readonly yPred: number[][];
}
const rows: Readonly<Record<string, Row>> = {
  categorical_crossentropy: {
    call: losses.lossCategoricalCrossentropy,
    yTrue: () => tf.tensor2d(oneHot),
    yPred: probabilities,
  },
  sparse_categorical_crossentropy: {
    call: losses.lossSparseCategoricalCrossentropy,
    yTrue: () => tf.tensor1d([1, 0, 2, 1], 'int32'),
    yPred: probabilities,
  },
  binary_crossentropy: {
    call: losses.lossBinaryCrossentropy,
    yTrue: () => tf.tensor2d(yesNo),
    yPred: chances,
  },
  mean_squared_error: {
    call: losses.lossMeanSquaredError,
    yTrue: () => tf.tensor2d(targets),
    yPred: outputs,
  },
  mean_absolute_error: {
    call: losses.lossMeanAbsoluteError,
    yTrue: () => tf.tensor2d(targets),
    yPred: outputs,
  },
  mean_absolute_percentage_error: {
    call: losses.lossMeanAbsolutePercentageError,
    yTrue: () => tf.tensor2d(targets),
    yPred: outputs,
  },
  mean_squared_logarithmic_error: {
    call: losses.lossMeanSquaredLogarithmicError,
    yTrue: () => tf.tensor2d(targets),
    yPred: outputs,
  },
  hinge: { call: losses.lossHinge, yTrue: () => tf.tensor2d(yesNo), yPred: outputs },
  squared_hinge: { call: losses.lossSquaredHinge, yTrue: () => tf.tensor2d(yesNo), yPred: outputs },
  categorical_hinge: { call: losses.lossCategoricalHinge, yTrue: () => tf.tensor2d(oneHot), yPred: outputs },
  poisson: { call: losses.lossPoisson, yTrue: () => tf.abs(tf.tensor2d(targets)), yPred: chances },
  kl_divergence: { call: losses.lossKlDivergence, yTrue: () => tf.tensor2d(oneHot), yPred: probabilities },
  kullback_leibler_divergence: {
    call: losses.lossKullbackLeiblerDivergence,
    yTrue: () => tf.tensor2d(oneHot),
    yPred: probabilities,
  },
  log_cosh: { call: losses.lossLogcosh, yTrue: () => tf.tensor2d(targets), yPred: outputs },
  cosine_similarity: {
    call: losses.lossCosineSimilarity,
    yTrue: () => tf.tensor2d(targets),
    yPred: outputs,
  },
  huber: { call: losses.lossHuber, yTrue: () => tf.tensor2d(targets), yPred: outputs },
};

const expectNear = (actual: Tensor, expected: readonly number[]): void => {
  const values = [...actual.dataSync()];
  expect(values).toHaveLength(expected.length);
  values.forEach((value, index) => {
    const wanted = expected[index] ?? NaN;
    // float32 against float64: relative 2e-5, and 3e-7 where clipping at 1e-7 decides.
    expect(Math.abs(value - wanted)).toBeLessThanOrEqual(2e-5 * Math.abs(wanted) + 3e-7);
  });
};

/** Those that only Keras 3 has, whose values are in keras3.test.ts. */
const ofKeras3 = [
  'binary_focal_crossentropy',
  'categorical_focal_crossentropy',
  'categorical_generalized_cross_entropy',
  'circle',
  'ctc',
  'dice',
  'tversky',
];

test('every loss has a row', () => {
  expect([...Object.keys(rows), ...ofKeras3].sort()).toEqual(registry.names);
});

describe.each(Object.entries(rows))('%s', (name, { call, yTrue, yPred }) => {
  const { values = [], gradient = [] } = reference[name] ?? {};

  test('values per sample and the gradient', () => {
    tf.tidy(() => {
      const labels = yTrue();
      const output = tf.tensor2d(yPred);
      expectNear(call(labels, output), values);
      const weighted = (x: Tensor): Tensor => tf.sum(tf.mul(call(labels, x), tf.tensor1d(sampleWeights)));
      expectNear(tf.grad(weighted)(output), gradient);
    });
  });

  test('drops the last axis of any rank, leaves nothing behind', () => {
    const labels = tf.tidy(() => tf.reshape(yTrue(), name.startsWith('sparse') ? [2, 2] : [2, 2, 3]));
    const output = tf.tensor(yPred.flat(), [2, 2, 3]);
    const before = tensorCount();
    const loss = call(labels, output);
    expect(tensorCount()).toBe(before + 1);
    expect(loss.shape).toEqual([2, 2]);
    expectNear(loss, values);
    tf.dispose([labels, output, loss]);
  });

  test('is found by each of its names and by its function', () => {
    const loss = resolveLoss(call, place);
    expect(loss).toMatchObject({ name, labels: name.startsWith('sparse') ? 'sparse' : 'same' });
    expect(call.names[0]).toBe(name);
    for (const spelling of call.names) expect(resolveLoss(spelling, place)).toBe(loss);
  });
});

describe('labels', () => {
  const output = tf.tensor2d([[0.25], [0.75]]);
  afterAll(() => output.dispose());

  test('a missing last axis of 1 is put in, never broadcast', () => {
    tf.tidy(() => {
      expect(losses.lossMeanSquaredError(tf.tensor1d([0, 0]), output).arraySync()).toEqual([0.0625, 0.5625]);
      expect(losses.lossMeanSquaredError(tf.tensor2d([[0], [0]]), output).shape).toEqual([2]);
    });
  });

  test('int32 and float32 alike', () => {
    tf.tidy(() => {
      const classes = tf.tensor2d(probabilities);
      for (const type of ['int32', 'float32'] as const) {
        for (const shape of [[4], [4, 1]]) {
          const labels = tf.tensor([1, 0, 2, 1], shape, type);
          const loss = losses.lossSparseCategoricalCrossentropy(labels, classes);
          expectNear(loss, reference['sparse_categorical_crossentropy']?.values ?? []);
        }
      }
      const integers = tf.tensor2d([[1], [0]], [2, 1], 'int32');
      expect(losses.lossMeanAbsoluteError(integers, output).arraySync()).toEqual([0.75, 0.75]);
    });
  });

  test('−1 and 1 stay as they are in hinges', () => {
    tf.tidy(() => {
      // max(1 − (−1)(0.5), 0) = 1.5, max(1 − 1 · 2, 0) = 0: mean 0.75
      const loss = losses.lossHinge(tf.tensor2d([[-1, 1]]), tf.tensor2d([[0.5, 2]]));
      expect(loss.arraySync()).toEqual([0.75]);
    });
  });

  test('of other shapes are refused, with what to do', () => {
    tf.tidy(() => {
      const classes = tf.tensor2d(probabilities);
      const numbers = tf.tensor1d([1, 0, 2, 1]);
      expect(() => losses.lossCategoricalCrossentropy(numbers, classes)).toThrow(KerasShapeError);
      expect(() => losses.lossCategoricalCrossentropy(numbers, classes)).toThrow(
        'lossCategoricalCrossentropy: the labels must have the shape of the output. Received: labels of shape [4] for ' +
          "an output of shape [4, 3]. If they are class numbers, use 'sparse_categorical_crossentropy', or " +
          'toCategorical(y, 3).',
      );
      expect(() => losses.lossSparseCategoricalCrossentropy(tf.tensor2d(oneHot), classes)).toThrow(
        "For one-hot labels use 'categorical_crossentropy'.",
      );
      expect(() => losses.lossMeanSquaredError(tf.ones([4, 2]), classes)).toThrow(KerasShapeError);
      expect(() => losses.lossSparseCategoricalCrossentropy(tf.ones([3]), classes)).toThrow(KerasShapeError);
    });
  });
});

test('binary crossentropy of certain but wrong predictions, in Keras’s order of float32 operations', () => {
  tf.tidy(() => {
    // f = np.float32; eps = f(1e-7); t = np.array([0, 1], f); c = np.clip(np.array([1, 0], f), eps, f(1) -
    // eps)
    // -(t * np.log(c + eps) + (1 - t) * np.log(1 - c + eps)).mean(-1)
    const loss = losses.lossBinaryCrossentropy(tf.tensor2d([[0, 1]]), tf.tensor2d([[1, 0]]));
    expectNear(loss, [15.379093]);
  });
});

test('equal maxima share the gradient of the categorical hinge', () => {
  tf.tidy(() => {
    // max(1 + max(0.5, 0.5) − 0, 0): −1 for the right class, 1 in equal parts for the others, as TensorFlow
    // has it
    const loss = (x: Tensor): Tensor => losses.lossCategoricalHinge(tf.tensor2d([[1, 0, 0]]), x);
    expect(
      tf
        .grad(loss)(tf.tensor2d([[0, 0.5, 0.5]]))
        .arraySync(),
    ).toEqual([[-1, 0.5, 0.5]]);
  });
});

test('class numbers outside the output are an error of TensorFlow, not a number', () => {
  tf.tidy(() => {
    const classes = tf.tensor2d(probabilities);
    const labels = tf.tensor1d([1, 0, 3, 1]);
    expect(() => losses.lossSparseCategoricalCrossentropy(labels, classes)).toThrow(
      'outside the valid range of [0, 3)',
    );
  });
});

test('the delta of the Huber loss', () => {
  tf.tidy(() => {
    // x = 3, delta = 2: 2 · 3 − 2 = 4
    const loss = losses.lossHuber(tf.zeros([1, 1]), tf.tensor2d([[3]]), { delta: 2 });
    expect(loss.arraySync()).toEqual([4]);
  });
  expect(() => losses.lossHuber(tf.zeros([1, 1]), tf.zeros([1, 1]), { delta: 0 })).toThrow(
    KerasArgumentError,
  );
  // There are other options, so that none may be given bare.
  expect(() => losses.lossHuber([[0]], [[3]], 2 as never)).toThrow(
    'lossHuber: the options must be an object',
  );
  expect(losses.lossHuber([[0]], [[3]], { delta: undefined }).arraySync()).toEqual([2.5]);
});

test.each(registry.members.map((call) => [call.name, call] as const))(
  '%s says what is wrong with what are no tensors',
  (name, call) => {
    const wrong = call as (yTrue?: unknown, yPred?: unknown) => Tensor; // what JavaScript allows
    expect(() => wrong(undefined, [[1]])).toThrow(`${name}: \`yTrue\` must be data`);
    expect(() => wrong('a')).toThrow(`${name}: the options must be an object`);
    expect(() => wrong([[1]])).toThrow(`${name}: \`yPred\` must be data`);
    expect(() => wrong([[1]], 'a')).toThrow(KerasArgumentError);
  },
);

test('nested arrays are taken for tensors, and leave nothing behind', () => {
  const before = tensorCount();
  const loss = losses.lossMeanSquaredError([[1, 3]], [[2, 5]]);
  expect(loss.arraySync()).toEqual([2.5]);
  loss.dispose();
  expect(tensorCount()).toBe(before);
});

describe('resolveLoss', () => {
  test('a function of the user under its own name', () => {
    const halved = (yTrue: Tensor, yPred: Tensor): Tensor => tf.mul(tf.sub(yPred, yTrue), 0.5);
    expect(resolveLoss(halved, place)).toEqual({ name: 'halved', call: halved, labels: 'same' });
    expect(resolveLoss((() => halved)(), place).name).toBe('halved');
  });

  test('a loss object as it is', () => {
    const loss = resolveLoss('mse', place);
    expect(resolveLoss(loss, place)).toBe(loss);
  });

  test.each(['mean_squared_eror', 'sparse_crossentropy', '', 3, undefined, null, {}])(
    '%p is refused',
    (value) => {
      expect(() => resolveLoss(value, place)).toThrow(KerasArgumentError);
    },
  );

  test('a typo gets the near names', () => {
    expect(() => resolveLoss('mean_squared_eror', place)).toThrow("Did you mean 'mean_squared_error'");
  });
});

describe('losses that are called without tensors', () => {
  const all = Object.entries(losses).filter(([name]) => name.startsWith('loss')) as unknown as [
    string,
    (...args: unknown[]) => Tensor,
  ][]; // without types, as JavaScript calls them
  // Those of other shapes are in keras3.test.ts.
  const ofRows = all.filter(([, call]) => !ofKeras3.includes((call as unknown as Named).names[0]));

  test.each(all)('%s says what it takes', (name, loss) => {
    for (const args of [[undefined, undefined], [tf.ones([1, 2])], ['a', 'b'], [{}, {}]]) {
      expect(() => {
        expect(() => loss(...args)).toThrow(KerasArgumentError);
        expect(() => loss(...args)).toThrow(
          new RegExp(`^${name}: \`(yTrue|yPred)\` must be data: a tensor, nested arrays`),
        );
      }).toLeaveNoTensors();
    }
  });

  test.each(ofRows)('%s takes arrays for tensors, of which it leaves none', (name, loss) => {
    const labels = name.includes('Sparse') ? [1] : [[0, 1]];
    expect(() => {
      expect(loss(labels, [[0.25, 0.75]])).toHaveShape([1]);
    }).not.toThrow();
    expect(() => loss(labels, [[0.25, 0.75]])).toLeaveNoTensors();
  });
});
