import { binding, idOf } from '../../../src/tfjs/binding';
import { neededFor } from '../../../src/engine/graph/emit';
import { rewrite, type Rewritten } from '../../../src/engine/trace/rewrite';
import { record } from '../../../src/engine/trace/record';
import type { RecordedOp } from '../../../src/engine/trace/recording';
import { scan } from '../../../src/ops/scan';
import { tf, type Tensor } from '../../../src/tfjs/tensorflow';
import { replay } from '../support';

/** Records a function of tensors, and simplifies the recording; checks that it gives the same. */
const rewritten = (
  given: readonly Tensor[],
  run: () => Tensor,
): { readonly before: readonly string[]; readonly after: readonly string[] } & Rewritten => {
  given.forEach(idOf);
  const { result, recording } = record(() => tf.tidy(run));
  const shapes = new Map(given.map((tensor) => [idOf(tensor), tensor.shape]));
  const made = rewrite(recording, shapes);
  const id = idOf(result);
  const expected = Array.from(result.dataSync());
  const [values = []] = replay(made.recording, given, [made.resolve(id)]);
  expect(values).toHaveLength(expected.length);
  values.forEach((value, index) => {
    expect(value).toBeCloseTo(expected[index] ?? NaN, 5);
  });
  const names = (ops: readonly RecordedOp[]): string[] => ops.map(({ name }) => name);
  const { needed } = neededFor(made.recording.ops, [made.resolve(id)], () => false);
  tf.dispose(result);
  return {
    before: names(recording.ops),
    after: names(made.recording.ops.filter((_, index) => needed.has(index))),
    ...made,
  };
};

const x = tf.tensor2d([-1, 2, 0, 3, -4, 5], [2, 3]);
const w = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
const b = tf.tensor1d([0.5, -7]);
afterAll(() => tf.dispose([x, w, b]));

test('what depends on constants only is computed once', () => {
  const { before, after } = rewritten([x], () => tf.add(x, tf.mul(tf.fill([3], 2), tf.neg(tf.ones([3])))));
  expect(before).toEqual(['Fill', 'Neg', 'Mul', 'Add']);
  expect(after).toEqual(['Add']);
});

test('a large constant is made in the step, not kept in the graph', () => {
  const { after } = rewritten([b], () => tf.sum(tf.mul(tf.fill([200, 100], 2), tf.gather(b, 0))));
  expect(after).toContain('Fill');
});

test('changes of shape or type that change nothing go', () => {
  const { after } = rewritten([x], () =>
    tf.square(tf.cast(tf.reshape(tf.reshape(tf.reshape(x, [3, 2]), [6]), [2, 3]), 'float32')),
  );
  expect(after).toEqual(['Square']);
});

test('several changes of shape are one', () => {
  const { after } = rewritten([x], () => tf.exp(tf.reshape(tf.reshape(x, [3, 2]), [6])));
  expect(after).toEqual(['Reshape', 'Exp']);
});

test('a sum over an axis of length 1 is a change of shape; over others it stays', () => {
  const row = tf.tensor2d([1, 2], [1, 2]);
  expect(rewritten([row], () => tf.exp(tf.sum(row, 0))).after).toEqual(['Reshape', 'Exp']);
  expect(rewritten([row], () => tf.square(tf.mean(row, 0, true))).after).toEqual(['Square']);
  expect(rewritten([x], () => tf.square(tf.sum(x, 0))).after).toEqual(['Sum', 'Square']);
  row.dispose();
});

test('factors of one go, unless they make the shape', () => {
  expect(rewritten([x], () => tf.square(tf.div(tf.mul(tf.scalar(1), x), tf.scalar(1)))).after).toEqual([
    'Square',
  ]);
  expect(rewritten([b], () => tf.square(tf.mul(tf.ones([2, 1]), b))).after).toEqual(['Mul', 'Square']);
  expect(rewritten([x], () => tf.square(tf.div(tf.scalar(1), x))).after).toContain('RealDiv');
});

test('what is repeated and then divided by a number is divided first', () => {
  const repeated = (by: Tensor): readonly string[] =>
    rewritten([b], () => tf.square(tf.div(tf.mul(b, tf.ones([3, 2])), by))).after;
  expect(repeated(tf.scalar(4))).toEqual(['RealDiv', 'Mul', 'Square']);
  expect(repeated(tf.tensor1d([4, 2]))).toEqual(['Mul', 'RealDiv', 'Square']);
  // The gradient of a mean.
  const gradient = rewritten([x], () => tf.grad((tensor) => tf.sum(tf.square(tf.mean(tensor, 1))))(x));
  expect(gradient.after.slice(-2)).toEqual(['RealDiv', 'Mul']);
});

test('a product of a transposed matrix and a narrow one is the transpose of the other product', () => {
  const wide = tf.randomNormal([5, 600], 0, 1, 'float32', 1);
  const product = (columns: number): readonly string[] => {
    const narrow = tf.randomNormal([5, columns], 0, 1, 'float32', 2);
    const { after } = rewritten([wide, narrow], () => tf.square(tf.matMul(wide, narrow, true)));
    narrow.dispose();
    return after;
  };
  const own = ['MatMul', 'Square'];
  expect(product(3)).toEqual(binding().hasKernel('_MklMatMul') ? own : ['MatMul', 'Transpose', 'Square']);
  expect(product(33)).toEqual(own);
  wide.dispose();
});

test('the largest of probabilities is the largest of their logarithms, where oneDNN takes longer for the probabilities', () => {
  const scores = tf.tensor2d([1, 5, 2, NaN, 7, 3, 4, 4, 1, Infinity, 1, Infinity, 2, 2, 2], [5, 3]);
  const largest = () => tf.cast(tf.argMax(tf.softmax(scores), 1), 'float32');
  const { after } = rewritten([scores], largest);
  expect(after).toContain(binding().hasKernel('_MklSoftmax') ? 'LogSoftmax' : 'Softmax');
  expect(after).toHaveLength(3);
  scores.dispose();
  const many = tf.randomNormal([128, 1000], 0, 1, 'float32', 1);
  expect(rewritten([many], () => tf.cast(tf.argMax(tf.softmax(many), 1), 'float32')).after).toContain(
    'Softmax',
  );
  expect(rewritten([many], () => tf.cast(tf.argMax(tf.exp(many), 1), 'float32')).after).toContain('Exp');
  many.dispose();
});

test('a sum over all axes but the last is a bias gradient, where that is quicker', () => {
  const sumOf = (shape: number[], axes: number[], keepDims = false): string | undefined => {
    const values = tf.round(tf.randomNormal(shape, 0, 3, 'float32', 1)); // sums in any order are the same
    const { after } = rewritten([values], () => tf.sum(values, axes, keepDims));
    values.dispose();
    return after.join();
  };
  const isNew = !binding().TF_Version.startsWith('1.');
  expect(sumOf([256, 128], [0])).toBe('BiasAddGrad');
  expect(sumOf([8, 15, 19, 32], [0, 1, 2])).toBe(isNew ? 'BiasAddGrad' : 'Sum');
  for (const [shape, axes] of [
    [[64, 128], [0]], // few
    [[64, 128], [1]],
    [
      [64, 128],
      [0, 1],
    ],
    [
      [8, 15, 19, 32],
      [0, 1],
    ],
    [
      [8, 15, 19, 32],
      [1, 2, 3],
    ],
  ] as const)
    expect(sumOf([...shape], [...axes])).toBe('Sum');
  expect(sumOf([256, 128], [0], true)).toContain('Sum');
});

test('a product with a bias is what TensorFlow fuses', () => {
  const { before, after } = rewritten([x, w, b], () => tf.relu(tf.add(tf.matMul(x, w), b)));
  expect(before).toEqual(['BatchMatMulV2', 'Add', 'Relu']);
  expect(after).toEqual(['MatMul', 'BiasAdd', 'Relu']);
});

test('transposed products, products of vectors, and sums of other shapes keep their meaning', () => {
  expect(rewritten([w], () => tf.matMul(w, w, true, false)).after).toEqual(['MatMul']);
  expect(rewritten([w], () => tf.matMul(w, w, false, true)).after).toEqual(['MatMul']);
  const row = tf.tensor2d([1, 2, 3], [1, 3]);
  const column = tf.tensor2d([4, 5, 6], [3, 1]);
  const { before, after } = rewritten([row, column], () => tf.square(tf.matMul(row, column)));
  expect(before).toContain('BatchMatMulV2');
  expect(after).toEqual(['MatMul', 'Square']);
  expect(rewritten([x, w, row], () => tf.add(tf.matMul(w, x), row)).after).toEqual(['MatMul', 'Add']);
  tf.dispose([row, column]);
});

test('products of batches stay', () => {
  const batch = tf.tensor3d([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2]);
  expect(rewritten([batch], () => tf.matMul(batch, batch)).after).toEqual(['BatchMatMulV2']);
  batch.dispose();
});

test("relu's gradient is one operation", () => {
  const dy = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
  const { before, after } = rewritten([x, dy], () => tf.grad((t) => tf.relu(t))(x, dy));
  expect(before.length).toBeGreaterThan(5);
  expect(after.filter((name) => name !== 'Relu')).toEqual(['ReluGrad']);
  // A step function by itself stays one, and so does one with another slope.
  expect(rewritten([x], () => tf.mul(x, tf.step(x, 0.5))).after).not.toContain('ReluGrad');
  dy.dispose();
});

test("a recurrence's step is rewritten, too", () => {
  const inputs = tf.ones([4, 2, 3]);
  const state = tf.zeros([2, 2]);
  [inputs, state, w, b].forEach(idOf);
  const { result, recording } = record(() =>
    tf.tidy(() =>
      scan(
        ([input], before, [kernel, bias]) =>
          tf.add(before, tf.relu(tf.add(tf.matMul(input as never, kernel as never), bias as Tensor))),
        { inputs: [inputs], state, weights: [w, b] },
      ),
    ),
  );
  const { recording: made } = rewrite(
    recording,
    new Map([inputs, state, w, b].map((tensor) => [idOf(tensor), tensor.shape])),
  );
  const body = made.ops.find((op) => op.scan !== undefined)?.scan?.body ?? [];
  expect(body.map(({ name }) => name)).toEqual(['MatMul', 'BiasAdd', 'Relu', 'Add']);
  tf.dispose([result, inputs, state]);
});

test('the original recording is left as it is', () => {
  const { result, recording } = record(() => tf.tidy(() => tf.add(tf.mul(x, tf.scalar(1)), tf.scalar(2))));
  const copy = JSON.stringify(recording.ops);
  rewrite(recording, new Map([[idOf(x), x.shape]]));
  expect(JSON.stringify(recording.ops)).toBe(copy);
  const [sum] = replay(recording, [x], [idOf(result)]);
  expect(sum).toEqual(Array.from(result.dataSync()));
  result.dispose();
});

test('a change of shape moves behind a bias and an activation, where it may meet another', () => {
  const { after } = rewritten([x, w, b], () =>
    tf.reshape(tf.relu(tf.add(tf.reshape(tf.matMul(x, w), [1, 2, 2]), b)), [2, 2]),
  );
  expect(after).toEqual(['MatMul', 'BiasAdd', 'Relu']);
  // Where the last axis is another one, it stays.
  const scalar = tf.tensor1d([3]);
  expect(
    rewritten([x, w, scalar], () => tf.add(tf.reshape(tf.matMul(x, w), [2, 2, 1]), scalar)).after,
  ).toEqual(['MatMul', 'Reshape', 'Add']);
  scalar.dispose();
});
