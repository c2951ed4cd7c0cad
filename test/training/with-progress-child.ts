/**
 * Fits until it is ended. Arguments: what is to happen on the signal ('own': a listener of the program's own; 'none';
 * 'exit': none comes, the program ends itself in the middle of an epoch), the engine, the signal, and 'terminal' if standard
 * output is to look like one. Writes at its end how many steps were done, and the sum of the weights.
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
  type Tensor,
} from '../../src/index';
import { weightArrays } from '../support/weights';

const [wish, engine, signal, output] = process.argv.slice(2) as [string, Engine, NodeJS.Signals, string]; // as the test gives them
const isTerminal = output === 'terminal';
if (isTerminal) Object.assign(process.stdout, { isTTY: true, columns: 80 });
if (wish === 'own') {
  process.on(signal, () => {
    process.stdout.write('own listener\n');
    setTimeout(() => process.exit(3), 100);
  });
}

/** The mean squared error, with an operation that XLA does not get: it would do thousands of epochs until the signal comes. */
const loss = (yTrue: Tensor, yPred: Tensor): Tensor =>
  tf.mean(tf.squaredDifference(yPred, tf.reverse(yTrue, 0)));

// With inputs of 1, labels of 0 and weights of 1 each step takes 6 · 10^-5 of the weights' sum.
const model = pipe(
  kerasModelSequential(),
  layerDense({ units: 1, inputShape: [3], useBias: false, kernelInitializer: 'ones' }),
  compile({ optimizer: optimizerSgd({ learningRate: 1e-5 }), loss }),
);
process.on('exit', () => {
  const sum = (weightArrays(model).flat(3) as number[]).reduce((total, weight) => total + weight, 0);
  process.stdout.write(`${JSON.stringify({ steps: optimizerOf(model).iterations, sum })}\n`);
});
// Once steps are being done, and not at the end of an epoch.
const timer = setInterval(() => {
  const { iterations } = optimizerOf(model);
  if (iterations < 200 || iterations % 50000 === 0) return;
  clearInterval(timer);
  if (wish === 'exit') process.exit(4);
  process.stdout.write('training\n');
}, 20);
void fit(model, tf.ones([50000, 3]), tf.zeros([50000]), {
  batchSize: 1,
  epochs: 1000,
  verbose: isTerminal ? 1 : 0,
  engine,
});
