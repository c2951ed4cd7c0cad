/**
 * Fits until it is ended, on a standard output that looks like a terminal. Arguments: what is to happen on SIGINT, and the
 * engine. Writes at its end how many steps were done, and the sum of the weights.
 */
import {
  compile,
  fit,
  kerasModelSequential,
  layerDense,
  optimizerOf,
  optimizerSgd,
  pipe,
  tf,
  type Engine,
} from '../../src/index';
import { weightArrays } from '../support/weights';

Object.assign(process.stdout, { isTTY: true, columns: 80 });

const [wish, engine] = process.argv.slice(2) as [string, Engine]; // as the test gives them
if (wish === 'own') {
  process.on('SIGINT', () => {
    process.stdout.write('own listener\n');
    setTimeout(() => process.exit(3), 100);
  });
}

// With inputs of 1, labels of 0 and weights of 1 each step takes 6 · 10^-5 of the weights' sum.
const model = pipe(
  kerasModelSequential(),
  layerDense({ units: 1, inputShape: [3], useBias: false, kernelInitializer: 'ones' }),
  compile({ optimizer: optimizerSgd({ learningRate: 1e-5 }), loss: 'mse' }),
);
process.on('exit', () => {
  const sum = (weightArrays(model).flat(3) as number[]).reduce((total, weight) => total + weight, 0);
  process.stdout.write(`${JSON.stringify({ steps: optimizerOf(model).iterations, sum })}\n`);
});
void fit(model, tf.ones([50000, 3]), tf.zeros([50000]), { batchSize: 1, epochs: 1000, verbose: 1, engine });
