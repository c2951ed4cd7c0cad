/** Trains, compiled and step by step, while another process sends it as many signals as it can. */
import { spawn } from 'node:child_process';
import {
  compile,
  fit,
  kerasModelSequential,
  layerDense,
  layerLstm,
  pipe,
  tf,
  type KerasModel,
} from '../../src/index';

const MILLISECONDS = 4000;

let handled = 0;
process.on('SIGWINCH', () => handled++);
const sender = spawn(process.execPath, [
  '--eval',
  `try { for (;;) process.kill(${process.pid}, 'SIGWINCH'); } catch {}`,
]);
process.on('exit', () => sender.kill('SIGKILL'));

const compiled = (model: KerasModel): KerasModel =>
  pipe(model, compile({ optimizer: 'rmsprop', loss: 'mse', metrics: ['accuracy'] }));
const dense = compiled(
  pipe(
    kerasModelSequential(),
    layerDense({ units: 512, activation: 'relu', inputShape: [784] }),
    layerDense({ units: 10 }),
  ),
);
const recurrent = compiled(
  pipe(kerasModelSequential(), layerLstm({ units: 32, inputShape: [50, 8] }), layerDense({ units: 1 })),
);

const train = async (): Promise<void> => {
  const [images, labels] = [tf.randomNormal([1280, 784]), tf.randomNormal([1280, 10])];
  const [sequences, values] = [tf.randomNormal([320, 50, 8]), tf.randomNormal([320, 1])];
  const options = { epochs: 1, batchSize: 32, verbose: 0 } as const;
  const end = Date.now() + MILLISECONDS;
  while (Date.now() < end) {
    await fit(dense, images, labels, { ...options, batchSize: 128, engine: 'compiled' });
    await fit(recurrent, sequences, values, { ...options, engine: 'eager' });
  }
  sender.kill('SIGKILL');
  console.log(handled > 100 ? 'trained' : `only ${handled} signals`);
};

void train();
