/**
 * Trains, and has operations fail that note it, one after the other and compiled: in this thread, or in a worker thread that loads TensorFlow
 * while this one never does. Writes which of them failed.
 */
import { isMainThread, parentPort } from 'node:worker_threads';
import type * as KerasPipe from '../../src/index';
import { lastMessage, startThread } from '../support/programs';

const messageOf = async (run: () => unknown): Promise<string> => {
  try {
    await run();
    return 'none';
  } catch (error) {
    return String(error).replace(/\s+/g, ' ');
  }
};

const work = async (): Promise<string[]> => {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the main thread must not load it where a worker does
  const k = require('../../src/index') as typeof KerasPipe;
  const { tf } = k;
  const failures: string[] = [];
  for (const engine of ['eager', 'compiled'] as const) {
    const model = k.pipe(
      k.kerasModelSequential(),
      k.layerEmbedding({ inputDim: 3, outputDim: 4, inputLength: 2 }),
      k.layerLstm({ units: 2 }),
      k.layerDense({ units: 1 }),
      k.compile({ optimizer: 'adam', loss: 'mse' }),
    );
    const fit = (words: number[][]): Promise<unknown> =>
      k.fit(model, tf.tensor2d(words, [4, 2], 'int32'), tf.zeros([4, 1]), {
        epochs: 2,
        batchSize: 2,
        verbose: 0,
        engine,
      });
    await fit([
      [0, 1],
      [1, 2],
      [2, 0],
      [0, 0],
    ]);
    failures.push(
      await messageOf(() =>
        fit([
          [0, 1],
          [1, 2],
          [2, 7],
          [0, 0],
        ]),
      ),
    );
  }
  failures.push(
    await messageOf(() => tf.gather(tf.tensor1d([1, 2]), tf.tensor1d([5], 'int32')).dataSync()),
    await messageOf(() => tf.sparseToDense(tf.tensor1d([7], 'int32'), tf.tensor1d([1]), [3], 0).dataSync()),
  );
  return failures;
};

const print = (failures: unknown): void => console.log(JSON.stringify(failures));
if (!isMainThread) void work().then((failures) => parentPort?.postMessage(failures));
else if (process.argv[2] === 'worker') void lastMessage(startThread(__filename)).then(print);
else void work().then(print);
