/** Fits until it is ended, on a standard output that looks like a terminal. Argument: what is to happen on SIGINT. */
import { compile, fit, kerasModelSequential, layerDense, pipe } from '../../src/index';
import { tf } from '../../src/tensorflow';

Object.assign(process.stdout, { isTTY: true, columns: 80 });

const [wish] = process.argv.slice(2);
if (wish === 'own') {
  process.on('SIGINT', () => {
    process.stdout.write('own listener\n');
    setTimeout(() => process.exit(3), 100);
  });
}

const model = pipe(
  kerasModelSequential(),
  layerDense({ units: 1, inputShape: [3] }),
  compile({ loss: 'mse' }),
);
void fit(model, tf.zeros([50000, 3]), tf.zeros([50000]), { batchSize: 1, epochs: 1000, verbose: 1 });
