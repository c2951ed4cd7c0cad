/** Losses that only Keras 3 has, their values and gradients: test/reference/keras3/losses.py. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  compile,
  evaluate,
  fit,
  kerasModelSequential,
  KerasArgumentError,
  KerasShapeError,
  layerDense,
  optimizerSgd,
  tf,
  type Loss,
  type Tensor,
} from '../../src/index';
import * as family from '../../src/losses';
import { resolveLoss } from '../../src/losses/registry';
import { tensorCount } from '../support/tensors';

type Nested = number | Nested[];
interface Case {
  readonly loss: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly yTrue: Nested[];
  readonly yPred: Nested[];
  readonly values: Nested;
  readonly gradient: Nested[];
}

const cases = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/keras3/losses.json'), 'utf8'),
) as Case[]; // as losses.py prints it

/** Any of the losses, in all its forms. */
interface Call {
  (options?: object): Loss;
  (yTrue: Tensor, yPred: Tensor, options?: object): Tensor;
  readonly names: readonly string[];
}
const callOf = ({ loss }: Case): Call => {
  const name = loss === 'CTC' ? 'lossCtc' : `loss${loss}`;
  return (family as unknown as Readonly<Record<string, Call>>)[name] as Call; // there is one, or the test fails
};

const expectClose = (tensor: Tensor, expected: Nested): void => {
  const [values, wanted] = [tensor.dataSync(), [expected].flat(9) as number[]];
  expect(values.length).toBe(wanted.length);
  const most = Math.max(...wanted.map(Math.abs));
  wanted.forEach((value, index) => {
    const difference = Math.abs((values[index] ?? NaN) - value);
    expect(difference).toBeLessThanOrEqual(1e-5 * Math.max(Math.abs(value), 0.05 * most, 1e-3));
  });
};

test.each(cases.map((row) => [`${row.loss}(${JSON.stringify(row.options)})`, row] as const))(
  '%s: values and gradient, in all forms of call',
  (_title, row) => {
    const call = callOf(row);
    const yTrue = tf.tensor(row.yTrue as number[]);
    const yPred = tf.tensor(row.yPred as number[]);
    const before = tensorCount();
    const values = call(yTrue, yPred, row.options);
    expect(tensorCount()).toBe(before + 1);
    expectClose(values, row.values);
    const loss = call(row.options);
    expect(loss.name).toBe(call.names[0]);
    expectClose(loss.call(yTrue, yPred), row.values);
    const weighted = (x: Tensor): Tensor => {
      const each = loss.call(yTrue, x);
      return tf.sum(tf.mul(each, tf.reshape(tf.range(1, each.size + 1), each.shape)));
    };
    expectClose(tf.grad(weighted)(yPred), row.gradient);
    if (Object.keys(row.options).length > 0) return;
    const place = { function: 'compile', argument: 'loss' };
    for (const name of call.names) expectClose(resolveLoss(name, place).call(yTrue, yPred), row.values);
    expectClose(resolveLoss(call, place).call(yTrue, yPred), row.values);
  },
);

test.each([...new Set(cases.map(({ loss }) => loss))])('%s says what it takes', (loss) => {
  const call = callOf({ loss } as Case) as unknown as (...args: unknown[]) => unknown;
  const before = tensorCount();
  for (const args of [[[[1]]], ['a', 'b'], [[[1]], {}], [undefined, [[1]]]]) {
    expect(() => call(...args)).toThrow(KerasArgumentError);
    expect(() => call(...args)).toThrow(/: `(yTrue|yPred)` must be data: a tensor, nested arrays/);
  }
  expect(() => call([[1]], [[1]], {}, 1)).toThrow('takes 3 arguments');
  expect(() => call(3)).toThrow(KerasArgumentError);
  expect(tensorCount()).toBe(before);
});

test('a loss with options has a name of its own', () => {
  expect(family.lossDice({ name: 'overlap' }).name).toBe('overlap');
});

describe.each(['eager', 'compiled'] as const)('in fit, %s', (engine) => {
  const x = tf.keep(tf.randomNormal([12, 3], 0, 1, 'float32', 1));
  const options = { batchSize: 5, epochs: 3, verbose: 0, engine } as const;

  test.each<[string, () => Loss, Tensor]>([
    ['dice', () => family.lossDice({ axis: 1 }), tf.cast(tf.greater(x, 0), 'float32')],
    ['tversky', () => family.lossTversky(), tf.cast(tf.greater(x, 0), 'float32')],
    ['focal', () => family.lossBinaryFocalCrossentropy({ gamma: 1 }), tf.cast(tf.greater(x, 0), 'float32')],
    ['circle', () => family.lossCircle({ gamma: 4 }), tf.tensor1d([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2])],
    ['generalized', () => family.lossCategoricalGeneralizedCrossEntropy(), tf.argMax(x, 1)],
  ])('%s becomes smaller', async (_name, make, y) => {
    const model = layerDense(kerasModelSequential({ inputShape: [3] }), { units: 3, activation: 'sigmoid' });
    compile(model, { optimizer: optimizerSgd({ learningRate: 0.1 }), loss: make() });
    const { loss } = await evaluate(model, x, y, { verbose: 0 });
    await fit(model, x, y, options);
    const after = await evaluate(model, x, y, { verbose: 0 });
    expect(after.loss).toBeLessThan(loss);
  });

  test('texts by their names: CTC', async () => {
    const model = layerDense(kerasModelSequential({ inputShape: [6, 3] }), { units: 4 });
    compile(model, { optimizer: optimizerSgd({ learningRate: 0.1 }), loss: 'ctc' });
    const speech = tf.randomNormal([12, 6, 3], 0, 1, 'float32', 2);
    const texts = tf.tensor2d(Array.from({ length: 12 }, (_, row) => [1 + (row % 3), 2, 0]));
    const { loss } = await evaluate(model, speech, texts, { verbose: 0 });
    const history = await fit(model, speech, texts, options);
    expect(Number.isFinite(history.metrics.loss[2])).toBe(true);
    expect((await evaluate(model, speech, texts, { verbose: 0 })).loss).toBeLessThan(loss);
  });
});

test.each<[() => unknown, string, typeof KerasArgumentError | typeof KerasShapeError]>([
  [() => family.lossDice({ axis: 0.5 }), '`axis` must be an integer', KerasArgumentError],
  [
    () => family.lossDice({ axis: [] }),
    '`axis` must be null, an axis, or an array of axes',
    KerasArgumentError,
  ],
  [
    () => family.lossDice([[1]], [[1]], { axis: 2 }),
    '`axis` must be axes of the predictions',
    KerasShapeError,
  ],
  [() => family.lossDice([[1]], [[1, 0]]), 'the labels must have the shape', KerasShapeError],
  [() => family.lossTversky({ alpha: -1 }), '`alpha` must be a number of 0 or more', KerasArgumentError],
  [() => family.lossBinaryFocalCrossentropy({ gamma: -1 }), '`gamma` must be', KerasArgumentError],
  [
    () => family.lossBinaryFocalCrossentropy({ labelSmoothing: 2 }),
    '`labelSmoothing` must be',
    KerasArgumentError,
  ],
  [
    () => family.lossCategoricalFocalCrossentropy([[1]], [[1]], { axis: 3 }),
    '`axis` must be an axis',
    KerasArgumentError,
  ],
  [
    () => family.lossCategoricalGeneralizedCrossEntropy({ q: 1 }),
    '`q` must be a number above 0',
    KerasArgumentError,
  ],
  [() => family.lossCircle({ gamma: 0 }), '`gamma` must be a positive number', KerasArgumentError],
  [() => family.lossCircle([0, 1], [[1, 0]]), 'one class number for each row', KerasShapeError],
  [() => family.lossCtc([1], [[[1, 0]]]), 'lossCtc: labels must be [batch, labels]', KerasShapeError],
  [() => family.lossCtc({ alpha: 1 } as never), 'the unknown option `alpha`', KerasArgumentError],
])('%#: what is wrong is told', (call, message, kind) => {
  expect(call).toThrow(kind);
  expect(call).toThrow(message);
});
