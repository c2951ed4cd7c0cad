import { GraphBuilder } from '../../../src/engine/graph/builder';
import { Session } from '../../../src/engine/graph/session';
import { FINISHED, VariableGroup } from '../../../src/engine/graph/variables';
import { attr } from '../../../src/engine/graph/attributes';
import { TYPES } from '../../../src/tfjs/binding';
import { MAX_PACKED_ELEMENTS } from '../../../src/engine/tuning';
import { tf, type Tensor } from '../../../src/tfjs/tensorflow';
import { tensorCount } from '../../support/tensors';

const groupOf = (shapes: readonly (readonly number[])[]): { group: VariableGroup; session: Session } => {
  const graph = new GraphBuilder();
  const variables = shapes.map((shape, index) => ({ name: `v${index}`, shape }));
  const group = new VariableGroup(graph, variables, 'group');
  return { group, session: new Session(graph) };
};

/** Another number for each. */
const valuesFor = (shapes: readonly (readonly number[])[], add = 0): Tensor[] =>
  shapes.map((shape, index) =>
    tf.add(tf.range(0, tf.util.sizeFromShape([...shape])), index + add).reshape([...shape]),
  );

const expectEqual = (actual: readonly Tensor[], expected: readonly Tensor[]): void => {
  expect(actual.map(({ shape }) => shape)).toEqual(expected.map(({ shape }) => shape));
  actual.forEach((tensor, index) => {
    const largest = tf.max(tf.abs(tf.sub(tensor, expected[index] as Tensor))).dataSync()[0];
    expect(largest).toBe(0);
  });
};

/** Names of what is fed and fetched, of each run. */
const signaturesOf = (session: Session, run: () => void): string[] => {
  const spy = jest.spyOn(session, 'prepare');
  run();
  const seen = spy.mock.calls.map(([feeds, fetches]) => [...feeds, ...fetches].join());
  spy.mockRestore();
  return seen;
};

test.each([
  ['one', [[2, 3]]],
  ['a scalar among others', [[], [4], [2, 2, 2], [1, 1]]],
  ['many', Array.from({ length: 200 }, (_, index) => [1 + (index % 5), 2])],
])('%s: what was written is read, in one run', (_name, shapes) => {
  tf.tidy(() => {
    const { group, session } = groupOf(shapes);
    const values = valuesFor(shapes);
    const before = tensorCount();
    const up = signaturesOf(session, () => {
      group.upload(session, values, () => true);
    });
    expect(tensorCount()).toBe(before);
    expect(up.length).toBe(1);
    const read = group.download(session);
    expect(tensorCount()).toBe(before + shapes.length);
    expectEqual(read, values);
    session.dispose();
  });
});

test('large ones go by themselves in the same run; where none is new, nothing is written', () => {
  const side = Math.ceil(Math.sqrt(MAX_PACKED_ELEMENTS)) + 1;
  const shapes = [[3], ...Array.from({ length: 3 }, () => [side, side]), [2, 2]];
  const large = Array.from({ length: 3 }, (_, index) => `v${index + 1}`);
  tf.tidy(() => {
    const { group, session } = groupOf(shapes);
    const first = valuesFor(shapes);
    const up = signaturesOf(session, () => {
      expect(group.upload(session, first, () => true)).toBe(true);
    });
    expect(up).toEqual([['group/value', ...large.map((name) => `${name}/value`), 'group/assigned'].join()]);
    const down = signaturesOf(session, () => expectEqual(group.download(session), first));
    expect(down).toEqual([['group/packed', ...large.map((name) => `${name}/read`)].join()]);
    const second = valuesFor(shapes, 100);
    expect(signaturesOf(session, () => group.upload(session, second, () => false))).toEqual([]);
    expectEqual(group.download(session), first);
    const last = (index: number): boolean => index === 3;
    expect(signaturesOf(session, () => group.upload(session, second, last)).length).toBe(1);
    expectEqual(group.download(session), second);
    session.dispose();
  });
});

test('what was written is a copy, and readings keep their values', () => {
  tf.tidy(() => {
    const { group, session } = groupOf([[2], [3]]);
    const values = [tf.tensor1d([1, 2]), tf.tensor1d([3, 4, 5])];
    group.upload(session, values, () => true);
    const read = group.download(session);
    group.upload(session, valuesFor([[2], [3]], 7), () => true);
    tf.dispose(values);
    expect(read.map((tensor) => [...tensor.dataSync()])).toEqual([
      [1, 2],
      [3, 4, 5],
    ]);
    session.dispose();
  });
});

test('zeros are set at the first upload, with or without variables, and at each that writes something', () => {
  for (const shapes of [[], [[2]]]) {
    tf.tidy(() => {
      const graph = new GraphBuilder();
      const variables = shapes.map((shape, index) => ({ name: `v${index}`, shape }));
      const group = new VariableGroup(graph, variables, 'group', [FINISHED, { name: 'z', shape: [2, 2] }]);
      graph.node('more', 'AssignAddVariableOp', ['finished', graph.ints(1)], {
        dtype: attr.type(TYPES.int32),
      });
      graph.node('again', 'Identity', [graph.ints(0), '^more'], { T: attr.type(TYPES.int32) });
      const session = new Session(graph);
      const read = (): number[][] =>
        session.run({}, ['finished/read', 'z/read']).map((value) => [...value.dataSync()]);
      const values = valuesFor(shapes);
      expect(group.upload(session, values, () => true)).toBe(true);
      expect(read()).toEqual([[0], [0, 0, 0, 0]]);
      session.run({}, ['again']);
      expect(group.upload(session, values, () => false)).toBe(false);
      expect(read()[0]).toEqual([1]);
      expect(group.upload(session, values, () => true)).toBe(shapes.length > 0);
      expect(read()[0]).toEqual([shapes.length > 0 ? 0 : 1]);
      expect(group.download(session).length).toBe(shapes.length);
      session.dispose();
    });
  }
});
