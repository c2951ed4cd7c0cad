// Trains in worker threads, one after the other, then here: what one has opened must serve the next.
import assert from 'node:assert';
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { compile, fit, kerasModelSequential, layerDense, pipe, predict, setRandomSeed } from 'keras-pipe';

const train = async (engine) => {
  setRandomSeed(1);
  const model = pipe(
    kerasModelSequential(),
    layerDense({ units: 1, inputShape: [1] }),
    compile({ optimizer: 'sgd', loss: 'mse' }),
  );
  const x = [[0], [1], [2], [3]];
  const { metrics } = await fit(model, x, [1, 3, 5, 7], { epochs: 5, verbose: 0, engine });
  return { loss: metrics.loss, shape: (await predict(model, x)).shape };
};

if (isMainThread) {
  for (const engine of ['eager', 'compiled']) {
    const results = [];
    for (let number = 0; number < 3; number++) {
      const worker = new Worker(new URL(import.meta.url), { workerData: engine });
      const [[result], [code]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
      assert.strictEqual(code, 0);
      results.push(result);
    }
    const here = await train(engine);
    assert.deepStrictEqual(here.shape, [4, 1]);
    for (const result of results) assert.deepStrictEqual(result, here);
  }
} else {
  parentPort.postMessage(await train(workerData));
}
