/**
 * Fits until a signal comes. Arguments: the engine, and what the program does on signals: 'none' nothing of its own, 'exit' ends
 * with code 7, 'stop' sets `stopTraining` and goes on. Says its number and when the fit begins; at its end, how many steps
 * there were and minus the weight, which goes down by 1 in each step.
 */
import {
  compile,
  fit,
  getWeights,
  kerasModelSequential,
  layerDense,
  optimizerOf,
  optimizerSgd,
  pipe,
  tf,
  type Engine,
  type Tensor,
} from '../../src/index';

const ROWS = 20_000;
const [engine, wish] = process.argv.slice(2) as [Engine, 'none' | 'exit' | 'stop']; // as the campaign gives them

const model = pipe(
  kerasModelSequential(),
  layerDense({ units: 1, useBias: false, kernelInitializer: 'zeros', inputShape: [1] }),
  compile({
    optimizer: optimizerSgd({ learningRate: 1 }),
    loss: (_: Tensor, yPred: Tensor) => tf.mean(yPred),
  }),
);
let isFitted = false;
process.on('exit', () => {
  const [weight = NaN] = getWeights(model)[0]?.dataSync() ?? [];
  const steps = optimizerOf(model).iterations;
  process.stdout.write(`\n${JSON.stringify({ steps, seen: -weight, isFitted })}\n`);
});
if (wish !== 'none') {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (wish === 'exit') process.exit(7);
      model.stopTraining = true;
    });
  }
}
const ones = new Float32Array(ROWS).fill(1);
const fitting = fit(model, ones, ones, { batchSize: 1, epochs: 1000, engine, validationSplit: 0.1 });
process.stdout.write(`fitting ${process.pid}\n`);
void fitting.then(() => (isFitted = true));
