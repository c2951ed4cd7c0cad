/** Trains in worker threads, one after the other and several at once, and in the main thread; prints what each has got. */
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import {
  compile,
  fit,
  kerasModelSequential,
  layerDense,
  layerDropout,
  optimizerAdam,
  predict,
  setRandomSeed,
  tf,
} from '../../src/index';
import { lastMessage, startThread } from '../support/programs';

type Engine = 'eager' | 'compiled';

/** Losses of a small model of every fit, and a prediction of it. */
const train = async (engine: Engine, seed: number): Promise<number[]> => {
  setRandomSeed(seed);
  const x = tf.randomNormal([40, 6], 0, 1, 'float32', seed);
  const y = tf.sum(x, 1, true);
  const model = kerasModelSequential();
  layerDense(model, { units: 8, activation: 'relu', inputShape: [6] });
  layerDropout(model, { rate: 0.2 });
  layerDense(model, { units: 1 });
  compile(model, { loss: 'mse', optimizer: optimizerAdam({ learningRate: 0.01 }) });
  const { metrics } = await fit(model, x, y, { engine, epochs: 8, batchSize: 8, verbose: 0 });
  const predictions = (await predict(model, x)) as { dataSync(): Float32Array };
  return [...metrics['loss'], ...predictions.dataSync().slice(0, 3)];
};

const inWorker = (engine: Engine, seed: number): Promise<unknown> =>
  lastMessage(startThread(__filename, { engine, seed }));

if (isMainThread) {
  void (async () => {
    const inTurn = [await inWorker('eager', 1), await inWorker('compiled', 1)];
    const atOnce = await Promise.all([
      inWorker('eager', 1),
      inWorker('compiled', 1),
      inWorker('compiled', 2),
    ]);
    const alone = [await train('eager', 1), await train('compiled', 1), await train('compiled', 2)];
    console.log(JSON.stringify({ inTurn, atOnce, alone }));
  })();
} else {
  const { engine, seed } = workerData as { engine: Engine; seed: number }; // given above
  void train(engine, seed).then((result) => parentPort?.postMessage(result));
}
