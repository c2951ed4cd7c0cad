/**
 * Trains in worker threads, one after the other and several at once, of which some are ended in the middle; then in the main
 * thread. The argument is a list of rounds, each a list of workers: when they are ended, in milliseconds, or null. Writes what
 * each round has got, in JSON.
 */
import { isMainThread, parentPort } from 'node:worker_threads';
import {
  compile,
  fit,
  kerasModelSequential,
  layerDense,
  optimizerOf,
  optimizerSgd,
  pipe,
  predict,
  tf,
  type Tensor,
} from '../../src/index';
import { startThread } from '../support/programs';

const ROWS = 500;
const ones = new Float32Array(ROWS).fill(1);

/** How many steps a weight has seen, and a prediction says so; in both engines. */
const train = async (): Promise<number[]> => {
  const seen: number[] = [];
  for (const engine of ['eager', 'compiled'] as const) {
    const model = pipe(
      kerasModelSequential(),
      layerDense({ units: 1, useBias: false, kernelInitializer: 'zeros', inputShape: [1] }),
      compile({
        optimizer: optimizerSgd({ learningRate: 1 }),
        loss: (_: Tensor, yPred: Tensor) => tf.mean(yPred),
      }),
    );
    await fit(model, ones, ones, { batchSize: 1, epochs: 2, verbose: 0, engine });
    const output = await predict(model, [[1]]);
    seen.push(optimizerOf(model).iterations, -(output.dataSync()[0] ?? NaN));
    model.dispose();
  }
  return seen;
};

const inWorker = (milliseconds: number | null): Promise<unknown> =>
  new Promise((resolve) => {
    const worker = startThread(__filename);
    let result: unknown = null;
    worker.on('message', (message: unknown) => {
      result = message;
    });
    worker.on('error', (error) => (result = String(error)));
    worker.on('exit', () => resolve(result));
    if (milliseconds !== null) setTimeout(() => void worker.terminate(), milliseconds);
  });

const main = async (): Promise<void> => {
  const rounds = JSON.parse(process.argv[2] ?? '[]') as (number | null)[][];
  const results: unknown[][] = [];
  for (const round of rounds) results.push(await Promise.all(round.map(inWorker)));
  results.push([await train()]);
  process.stdout.write(`${JSON.stringify(results)}\n`);
};

if (isMainThread) void main();
else void train().then((result) => parentPort?.postMessage(result));
