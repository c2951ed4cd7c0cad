import { setImmediate as rest } from 'node:timers/promises';
import { KerasNativeError } from '../../../src/base/errors';
import { ATTRIBUTE_KINDS, binding, TYPES } from '../../../src/tfjs/binding';
import { Frame, RootFrame } from '../../../src/engine/graph/frame';
import { attr, recordedAttributes } from '../../../src/engine/graph/attributes';
import { GraphBuilder } from '../../../src/engine/graph/builder';
import { VariableGroup } from '../../../src/engine/graph/variables';
import { Session } from '../../../src/engine/graph/session';
import { tf } from '../../../src/tfjs/tensorflow';

const float = { T: attr.type(TYPES.float) };

test('a graph runs: placeholders, constants, recorded attributes', () => {
  const graph = new GraphBuilder();
  graph.placeholder('x', TYPES.float, [2, 2]);
  const two = graph.constant({ dtype: TYPES.float, shape: [], values: [2] });
  graph.node('twice', 'Mul', ['x', two], float);
  graph.node(
    'sum',
    'Sum',
    ['twice', graph.ints([1])],
    recordedAttributes([
      { name: 'keep_dims', type: ATTRIBUTE_KINDS.bool, value: true },
      { name: 'T', type: ATTRIBUTE_KINDS.type, value: TYPES.float },
      { name: 'Tidx', type: ATTRIBUTE_KINDS.type, value: TYPES.int32 },
    ]),
  );
  const session = new Session(graph);
  const x = tf.tensor2d([
    [1, 2],
    [3, 4],
  ]);
  const [sum] = session.run({ x }, ['sum']);
  expect(sum?.arraySync()).toEqual([[6], [14]]);
  session.dispose();
  tf.dispose([x, sum ?? []]);
});

test('equal small constants are one node, and two nodes of a name are refused', () => {
  const graph = new GraphBuilder();
  expect(graph.ints([1, 2])).toBe(graph.ints([1, 2]));
  expect(graph.ints([1, 2])).not.toBe(graph.ints([2, 1]));
  graph.placeholder('x', TYPES.float, []);
  expect(() => graph.placeholder('x', TYPES.float, [])).toThrow('a second node named x');
});

test('a variable keeps its value from run to run, and what changes it leaves alone what it was given', () => {
  const graph = new GraphBuilder();
  const group = new VariableGroup(graph, [{ name: 'w', shape: [2] }], 'group');
  const steps = graph.constant({ dtype: TYPES.float, shape: [2], values: [1, 2] });
  graph.node('more', 'AssignAddVariableOp', ['w', steps], { dtype: attr.type(TYPES.float) });
  graph.node('done', 'Identity', [graph.ints(0), '^more'], { T: attr.type(TYPES.int32) });
  const session = new Session(graph);
  const value = tf.tensor1d([5, 6]);
  group.upload(session, [value], () => true);
  for (let step = 0; step < 2; step++) tf.dispose(session.run({}, ['done']));
  const [read] = session.run({}, ['w/read']);
  expect(read?.arraySync()).toEqual([7, 10]);
  expect(value.arraySync()).toEqual([5, 6]);
  session.dispose();
  tf.dispose([value, read ?? []]);
});

test('a variable has memory of its own, wherever the value that it was given lies', () => {
  const graph = new GraphBuilder();
  const group = new VariableGroup(graph, [{ name: 'w', shape: [4] }], 'group');
  const session = new Session(graph);
  // TensorFlow could take arrays in place that begin at multiples of 64 bytes. One of these does.
  const memory = new Float32Array(16);
  for (let first = 0; first < memory.length; first += 4) {
    const values = memory.subarray(first, first + 4).fill(5);
    const value = tf.tensor1d(values);
    group.upload(session, [value], () => true);
    values.fill(9);
    const [read] = session.run({}, ['w/read']);
    expect(read?.arraySync()).toEqual([5, 5, 5, 5]);
    tf.dispose([value, read ?? []]);
  }
  session.dispose();
});

test('a loop in a loop: the sum of i · j over both', () => {
  const graph = new GraphBuilder();
  graph.placeholder('iterations', TYPES.int32, []);
  const iterations = { name: 'iterations', dtype: TYPES.int32 };
  const zero = { name: graph.ints(0), dtype: TYPES.int32 };
  const outer = new Frame(graph, 'outer', false, new RootFrame(graph));
  const sums = [{ name: 'sum', first: zero }];
  const { iteration: i, now } = outer.loop(iterations, zero.name, sums);
  const inner = new Frame(graph, 'inner', true, outer);
  const loopVariables = [{ name: 'sum', first: { name: now[0] as string, dtype: TYPES.int32 } }];
  const loop = inner.loop(
    { name: outer.enter(iterations), dtype: TYPES.int32 },
    outer.ints(0),
    loopVariables,
  );
  const product = graph.node(
    'product',
    'Mul',
    [inner.enter({ name: i, dtype: TYPES.int32 }), loop.iteration],
    {
      T: attr.type(TYPES.int32),
    },
  );
  const plus = graph.node('plus', 'Add', [loop.now[0] as string, product], { T: attr.type(TYPES.int32) });
  const [innerSum] = inner.next(loopVariables, [plus]);
  const [total] = outer.next(sums, [innerSum as string]);
  const session = new Session(graph);
  const three = tf.scalar(4, 'int32');
  const [result] = session.run({ iterations: three }, [total as string]);
  // (0 + 1 + 2 + 3)²
  expect(result?.dataSync()[0]).toBe(36);
  session.dispose();
  tf.dispose([three, result ?? []]);
});

test('what TensorFlow refuses is an error of the native library, with its reason', () => {
  const graph = new GraphBuilder();
  graph.node('no', 'NoSuchOperation', []);
  expect(() => new Session(graph)).toThrow(KerasNativeError);
  const other = new GraphBuilder();
  other.placeholder('x', TYPES.float, [2]);
  other.node('y', 'Square', ['x'], float);
  const session = new Session(other);
  expect(() => session.run({}, ['y'])).toThrow(/x/);
  session.dispose();
  session.dispose();
  expect(() => session.run({}, ['y'])).toThrow('closed');
});

test('graphs that are forgotten are freed by what TensorFlow takes for them, though V8 sees little of it', async () => {
  const sessions = (): number => binding().getNumOfSessions();
  const before = sessions();
  const load = (): void => {
    const graph = new GraphBuilder();
    for (let node = 0; node < 2000; node++) graph.placeholder(`x${node}`, TYPES.float, []);
    new Session(graph); // forgotten
  };
  let most = 0;
  for (let loaded = 0; loaded < 40; loaded++) {
    load();
    tf.neg(1).dispose();
    await rest();
    most = Math.max(most, sessions() - before);
  }
  // All of them would take about 800 MB.
  expect(most).toBeLessThan(35);
});
