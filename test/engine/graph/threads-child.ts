/** Prints how often runs of graphs in this process waited for another thread, and what a model predicts. */
import { kerasModelSequential, layerDense, pipe, predictOnBatch, tf } from '../../../src/index';
import { TYPES } from '../../../src/tfjs/binding';
import { attr } from '../../../src/engine/graph/attributes';
import { GraphBuilder } from '../../../src/engine/graph/builder';
import { Session, type GraphThreads } from '../../../src/engine/graph/session';

const RUNS = 100;
const waitsOf = (run: () => void): number => {
  run();
  const before = process.resourceUsage().voluntaryContextSwitches;
  for (let runs = 0; runs < RUNS; runs++) run();
  return (process.resourceUsage().voluntaryContextSwitches - before) / RUNS;
};

const model = pipe(
  kerasModelSequential(),
  layerDense({ units: 4, activation: 'relu', kernelInitializer: 'ones', inputShape: [3] }),
  layerDense({ units: 1, kernelInitializer: 'ones' }),
);
const x = tf.tensor2d([[1, 2, 3]]);
const predict = (): void => predictOnBatch(model, x).dispose();
for (let calls = 0; calls < 30; calls++) predict();

const identity = (threads: GraphThreads): (() => void) => {
  const graph = new GraphBuilder();
  graph.placeholder('x', TYPES.float, [1, 3]);
  graph.node('same', 'Identity', ['x'], { T: attr.type(TYPES.float) });
  const session = new Session(graph, threads);
  return () => tf.dispose(session.run({ x }, ['same']));
};

const environment = JSON.stringify(process.env);
const callerWaits = waitsOf(identity('caller'));

console.log(
  JSON.stringify({
    waits: waitsOf(predict),
    callerWaits,
    pooledWaits: waitsOf(identity('pool')),
    prediction: predictOnBatch(model, x).dataSync()[0],
    environmentChanged: JSON.stringify(process.env) !== environment,
  }),
);
