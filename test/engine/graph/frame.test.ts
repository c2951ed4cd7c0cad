import { RootFrame } from '../../../src/engine/graph/frame';
import { GraphBuilder } from '../../../src/engine/graph/builder';

/** How often a graph's bytes have a text. */
const countOf = (graph: GraphBuilder, text: string): number =>
  Buffer.from(graph.serialize().definition).toString('latin1').split(text).length - 1;

test('a constant enters a loop once, behind a node that TensorFlow does not look behind', () => {
  const graph = new GraphBuilder();
  const inner = new RootFrame(graph).inner('loop', false);
  const first = inner.ints(3);
  expect(inner.ints(3)).toBe(first);
  expect(inner.ints([3])).not.toBe(first);
  expect(countOf(graph, 'PlaceholderWithDefault')).toBe(2);
});

test('outside of loops a constant is as it is', () => {
  const graph = new GraphBuilder();
  const root = new RootFrame(graph);
  expect(root.ints(3)).toBe(root.ints(3));
  expect(countOf(graph, 'PlaceholderWithDefault')).toBe(0);
});
