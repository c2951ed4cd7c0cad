/** A program that trains with a page; a test watches it. */
import { setTimeout as wait } from 'node:timers/promises';
import { compile, fit, kerasModelSequential, layerDense, pipe } from '../../../src/index';

const [, , mode] = process.argv;

const main = async (): Promise<void> => {
  const model = pipe(
    kerasModelSequential(),
    layerDense({ units: 1, inputShape: [1] }),
    compile({ optimizer: 'sgd', loss: 'mse' }),
  );
  const history = await fit(model, [[1], [2], [3]], [[2], [4], [6]], {
    epochs: mode === 'long' ? 100_000 : 5,
    verbose: 0,
    callbacks: mode === 'at once' ? [] : [{ onEpochEnd: () => wait(50) }],
    view: mode === 'not opened' ? { open: false } : true,
  });
  console.log(`${history.metrics.loss.length} epochs`);
};

void main();
