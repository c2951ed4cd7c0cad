/** Prints who runs graphs in this process, how often their runs waited for another thread, and what a model predicts. */
import { kerasModelSequential, layerDense, pipe, predictOnBatch, tf } from '../../../src/index';
import { binding, TYPES } from '../../../src/tfjs/binding';
import { attr } from '../../../src/engine/graph/attributes';
import { GraphBuilder } from '../../../src/engine/graph/builder';
import { Session } from '../../../src/engine/graph/session';
import { poolDevice, staysInThread } from '../../../src/engine/graph/threads';

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

const graph = new GraphBuilder();
graph.placeholder('x', TYPES.float, [1, 3]);
graph.node('same', 'Identity', ['x'], { T: attr.type(TYPES.float) }, poolDevice());
const pooled = new Session(graph);

console.log(
  JSON.stringify({
    version: binding().TF_Version,
    staysInThread: staysInThread(),
    waits: waitsOf(predict),
    pooledWaits: waitsOf(() => tf.dispose(pooled.run({ x }, ['same']))),
    prediction: predictOnBatch(model, x).dataSync()[0],
    variable: process.env['TF_NUM_INTEROP_THREADS'],
  }),
);
