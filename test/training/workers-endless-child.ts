/** Trains for ever, in steps that take a while each; says so once it does, or ends its thread itself. */
import { parentPort, workerData } from 'node:worker_threads';
import { compile, fit, kerasModelSequential, layerDense, optimizerOf, tf } from '../../src/index';

const { how } = workerData as { how: string }; // given by workers-alone-child.ts
const model = kerasModelSequential();
layerDense(model, { units: 400, inputShape: [400] });
layerDense(model, { units: 400 });
compile(model, { loss: 'mse', optimizer: 'sgd' });
const timer = setInterval(() => {
  if (optimizerOf(model).iterations < 20) return;
  clearInterval(timer);
  if (how === 'exit') process.exit(5);
  parentPort?.postMessage('training');
}, 5);
const [x, y] = [tf.zeros([4000, 400]), tf.zeros([4000, 400])];
void fit(model, x, y, { engine: 'compiled', epochs: 1_000_000, batchSize: 400, verbose: 0 });
