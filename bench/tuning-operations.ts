/** Which of two operations is quicker where a graph runs them: both sides of thresholds in tuning.ts. */
import { tf } from '../src/index';
import { attr, type AttrValue } from '../src/engine/graph/attributes';
import { GraphBuilder } from '../src/engine/graph/builder';
import { Session } from '../src/engine/graph/session';
import * as tuning from '../src/engine/tuning';
import { TYPES } from '../src/tfjs/binding';
import { sizeOf } from '../src/base/shapes';
import { median } from './limits';

const COPIES = 20;
const ROUNDS = 60;

/** Adds an operation on a node, under a name, after another; gives its node. */
type Add = (graph: GraphBuilder, name: string, source: string, after: readonly string[]) => string;

/** Microseconds that an operation takes on a tensor of a shape, one after the other. */
const microseconds = (shape: readonly number[], add: Add): number => {
  const graph = new GraphBuilder();
  graph.placeholder('x', TYPES.float, shape);
  const last = Array.from({ length: COPIES }).reduce<string[]>(
    (after, _, index) => [`^${add(graph, `copy${index}`, 'x', after)}`],
    [],
  );
  graph.node('out', 'Identity', [graph.ints(0), ...last], { T: attr.type(TYPES.int32) });
  const session = new Session(graph, 'caller', false);
  const x = tf.randomNormal([...shape]);
  const times = Array.from({ length: ROUNDS }, () => {
    const begun = performance.now();
    tf.dispose(session.run({ x }, ['out']));
    return ((performance.now() - begun) * 1e3) / COPIES;
  });
  session.dispose();
  x.dispose();
  return median(times);
};

const float = () => ({ T: attr.type(TYPES.float) });

const one =
  (op: string, attributes: Readonly<Record<string, AttrValue>> = {}): Add =>
  (graph, name, source, after) =>
    graph.node(name, op, [source, ...after], { ...float(), ...attributes });

const sumOfRank =
  (rank: number): Add =>
  (graph, name, source, after) => {
    const axes = graph.ints(Array.from({ length: rank - 1 }, (_, axis) => axis));
    const attributes = { ...float(), Tidx: attr.type(TYPES.int32), keep_dims: attr.bool(false) };
    return graph.node(name, 'Sum', [source, axes, ...after], attributes);
  };

const compare = (shape: readonly number[], names: readonly [string, string], [a, b]: readonly [Add, Add]) => {
  const [first, second] = [microseconds(shape, a), microseconds(shape, b)];
  console.log(
    `  [${shape.join(', ')}], ${sizeOf(shape)} elements: ${names[0]} ${first.toFixed(1)} µs, ${names[1]} ${second.toFixed(1)} µs`,
  );
};

export const operations = (): void => {
  console.log(
    `operations: up to ${tuning.MAX_LOG_SOFTMAX_ELEMENTS} elements, logarithms of probabilities in place of oneDNN's probabilities`,
  );
  for (const shape of [
    [128, 2],
    [128, 10],
    [512, 10],
    [128, 100],
    [2048, 10],
    [128, 1000],
    [4096, 10],
  ])
    compare(shape, ['probabilities', 'logarithms'], [one('Softmax'), one('LogSoftmax')]);
  console.log(
    `operations: from ${tuning.MIN_BIAS_GRADIENT_ELEMENTS} elements on, a bias gradient in place of a sum; on TensorFlow 1 of two axes only`,
  );
  for (const shape of [
    [128, 10],
    [64, 64],
    [512, 16],
    [128, 512],
    [1024, 1024],
    [32, 100, 64],
    [64, 11, 11, 64],
    [64, 26, 26, 32],
    [32, 32, 32, 64],
  ]) {
    const gradient = one('BiasAddGrad', { data_format: attr.text('NHWC') });
    compare(shape, ['sum', 'bias gradient'], [sumOfRank(shape.length), gradient]);
  }
};
