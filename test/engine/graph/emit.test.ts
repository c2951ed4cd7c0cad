/** Recordings as graphs: what TensorFlow then gives is what the recorded functions gave. */
import { idOf, TYPES, typeNumber } from '../../../src/tfjs/binding';
import { emit, neededFor, nodeName } from '../../../src/engine/graph/emit';
import { areSmall, type Nodes } from '../../../src/engine/graph/nodes';
import { RootFrame } from '../../../src/engine/graph/frame';
import { GraphBuilder } from '../../../src/engine/graph/builder';
import { Session } from '../../../src/engine/graph/session';
import { record } from '../../../src/engine/trace/record';
import { scan, type ScanStep } from '../../../src/ops/scan';
import { tf, type Tensor, type Tensor2D } from '../../../src/tfjs/tensorflow';

/** Records a function of tensors, emits what its results need, and runs that on other tensors. */
const emitted = (
  given: readonly Tensor[],
  run: (given: readonly Tensor[]) => Tensor[],
  others: readonly Tensor[] = given,
): { readonly values: number[][]; readonly nodes: Nodes; readonly names: readonly string[] } => {
  const graph = new GraphBuilder();
  const nodes: Nodes = new Map();
  given.forEach((tensor, index) => {
    const dtype = typeNumber(tensor.dtype);
    nodes.set(idOf(tensor), { name: graph.placeholder(`given${index}`, dtype, tensor.shape), dtype });
  });
  const { result, recording } = record(() => tf.tidy(() => run(given)));
  const wanted = result.map(idOf);
  emit(new RootFrame(graph), 'test', recording.ops, recording.constants, wanted, nodes, 'given0');
  const names = wanted.map((id) => nodes.get(id)?.name ?? '');
  const session = new Session(graph);
  const feeds = Object.fromEntries(others.map((tensor, index) => [`given${index}`, tensor]));
  const outputs = session.run(feeds, names);
  const values = outputs.map((tensor) => Array.from(tensor.dataSync()));
  session.dispose();
  tf.dispose([result, outputs]);
  return { values, nodes, names };
};

const expectSame = (
  given: readonly Tensor[],
  run: (given: readonly Tensor[]) => Tensor[],
  others: readonly Tensor[] = given,
): void => {
  const { values } = emitted(given, run, others);
  const expected = tf.tidy(() => run(others).map((tensor) => Array.from(tensor.dataSync())));
  expect(values.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
  values.flat().forEach((value, index) => expect(value).toBeCloseTo(expected.flat()[index] ?? NaN, 5));
};

const [x, other] = [tf.randomNormal([2, 3], 0, 1, 'float32', 1), tf.randomNormal([2, 3], 0, 1, 'float32', 2)];
afterAll(() => tf.dispose([x, other]));

test('operations on other values than the recorded ones, with constants and several results', () => {
  const run = ([a]: readonly Tensor[]): Tensor[] => [
    tf.add(tf.mul(a as Tensor, 2), tf.tensor1d([1, 2, 3])),
    tf.softmax(a as Tensor),
    tf.topk(a as Tensor, 2).values,
  ];
  expectSame([x], run, [other]);
});

test('attributes that tfjs-node leaves for TensorFlow to infer', () => {
  expectSame([x], ([a]) => [tf.expandDims(a as Tensor, 1), tf.stack([a as Tensor, x], 1)], [x]);
});

test('what is wanted may be a constant', () => {
  const run = ([a]: readonly Tensor[]): Tensor[] => {
    const seven = tf.scalar(7);
    idOf(seven); // tfjs makes it on first use
    return [seven, tf.neg(a as Tensor)];
  };
  expect(emitted([x], run, [other]).values).toEqual([[7], Array.from(tf.neg(other).dataSync())]);
});

test('only what the results need becomes part of the graph', () => {
  const run = ([a]: readonly Tensor[]): Tensor[] => {
    tf.exp(a as Tensor);
    return [tf.neg(tf.square(a as Tensor))];
  };
  const { nodes, names } = emitted([x], run);
  // The given one, the square and its negative; the first operation, exp, has no node.
  expect(nodes.size).toBe(3);
  expect(names).toEqual([nodeName('test', 2)]);
});

test('what is there already needs nothing', () => {
  const op = (input: number, output: number) => ({
    name: 'Neg',
    attributes: [],
    inputs: [input],
    outputs: [{ id: output, dtype: TYPES.float, shape: [] }],
  });
  const ops = [op(1, 2), op(2, 3), op(3, 4), op(2, 5)];
  const { needed, used } = neededFor(ops, [4], () => false);
  expect([[...needed].sort(), [...used].sort()]).toEqual([
    [0, 1, 2],
    [1, 2, 3, 4],
  ]);
  expect([...neededFor(ops, [4], (id) => id === 3).needed]).toEqual([2]);
  expect(areSmall(ops)).toBe(true);
  expect(areSmall([{ ...op(1, 2), outputs: [{ id: 2, dtype: TYPES.float, shape: [91, 91] }] }])).toBe(false);
});

describe('a recurrence', () => {
  const step: ScanStep = ([input], state, [weights]) =>
    tf.tanh(tf.add(input as Tensor, tf.matMul(state as Tensor2D, weights as Tensor2D)));
  const inputs = tf.randomNormal([4, 2, 3], 0, 1, 'float32', 3);
  const weights = tf.randomNormal([3, 3], 0, 1, 'float32', 4);
  afterAll(() => tf.dispose([inputs, weights]));
  const states = ([input, state, own]: readonly Tensor[]): Tensor =>
    scan(step, { inputs: [input as Tensor], state: state as Tensor, weights: [own as Tensor] });

  test('gives all states', () => {
    expectSame([inputs, x, weights], (given) => [states(given)], [tf.neg(inputs), other, weights]);
  });

  test('gives the gradients of inputs, first state and weights, all of them or some', () => {
    const gradients = (given: readonly Tensor[]): Tensor[] =>
      tf.grads((...all: Tensor[]) => tf.sum(tf.square(states(all))))([...given]);
    const others = [tf.neg(inputs), other, tf.mul(weights, 0.5)];
    expectSame([inputs, x, weights], gradients, others);
    expectSame([inputs, x, weights], (given) => gradients(given).slice(2), others);
    expectSame([inputs, x, weights], (given) => gradients(given).slice(0, 1), others);
  });
});
