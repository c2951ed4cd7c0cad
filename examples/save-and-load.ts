/**
 * A model that is put away in the middle of its training, and goes on another day: in a `.keras` file are its layers, its weights, how it
 * is compiled, and what its optimizer remembers. Python's Keras opens the same file.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  compile,
  countParams,
  fit,
  kerasModelSequential,
  layerDense,
  loadModel,
  optimizerOf,
  pipe,
  saveModel,
  setRandomSeed,
  tf,
  type KerasModel,
} from 'keras-pipe';
import { runAsProgram, type ExampleOptions } from './support';

const lossesOf = async (model: KerasModel, x: tf.Tensor, y: tf.Tensor, epochs: number): Promise<number[]> => {
  const { metrics } = await pipe(model, fit(x, y, { epochs, shuffle: false, verbose: 0 }));
  return metrics.loss;
};

export const main = async ({ seed = 1, epochs = 20 }: ExampleOptions = {}) => {
  setRandomSeed(seed);
  const x = tf.tidy(() => tf.expandDims(tf.linspace(-1, 1, 64), 1));
  const y = tf.abs(x);
  const model = pipe(
    kerasModelSequential(),
    layerDense({ units: 16, activation: 'relu', inputShape: [1] }),
    layerDense({ units: 1 }),
    compile({ optimizer: 'adam', loss: 'mse' }),
  );
  const before = await lossesOf(model, x, y, epochs);

  const folder = mkdtempSync(path.join(tmpdir(), 'save-and-load-'));
  const file = path.join(folder, 'model.keras');
  await pipe(model, saveModel(file));
  const again = await loadModel(file);
  const bytes = statSync(file).size;
  rmSync(folder, { recursive: true });

  const steps = optimizerOf(again).iterations;
  const params = countParams(again);
  const after = await lossesOf(again, x, y, epochs);
  const undisturbed = await lossesOf(model, x, y, epochs);
  console.log(`A file of ${bytes} bytes: ${params} numbers, and an optimizer after ${steps} steps.`);
  console.log('The losses of the model that was read, and of the one that stayed:');
  for (const [epoch, loss] of after.slice(0, 3).entries())
    console.log(
      `  epoch ${epochs + epoch + 1}: ${loss.toFixed(6)}  ${(undisturbed[epoch] ?? NaN).toFixed(6)}`,
    );

  tf.dispose([x, y]);
  model.dispose();
  again.dispose();
  return { before, after, undisturbed };
};

void runAsProgram(module, main);
