/**
 * Takes the results of jobs back: each model evaluates here as it did there, and goes on training.
 *
 *     tsx test/scale/read.ts FOLDER…
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { evaluate, fit, loadModel, optimizerOf } from '../../src/index';
import { CASES } from './cases';

const near = (actual: number, expected: number, what: string, tolerance = 1e-4): void => {
  if (!(Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected))))
    throw new Error(`${what} is ${actual} here, and was ${expected} there`);
};

const check = async (folder: string): Promise<void> => {
  const one = CASES[path.basename(folder)];
  if (one === undefined) throw new Error('no such case');
  const { history } = JSON.parse(readFileSync(path.join(folder, 'result/worker-0.json'), 'utf8')) as {
    history: Record<string, number[]>;
  };
  const model = await loadModel(folder);
  const [x, y] = [one.x(), one.y()];
  const { loss, ...others } = await evaluate(model, x, y, { verbose: 0 });
  near(loss, history['val_loss']?.at(-1) ?? NaN, 'the loss');
  const accuracy = (others as Readonly<Record<string, number>>)['accuracy'];
  if (accuracy !== undefined) near(accuracy, history['val_accuracy']?.at(-1) ?? NaN, 'the accuracy');
  const { batchSize, epochs } = one.options;
  const steps = Math.ceil(one.rows / batchSize);
  // Two epochs before, and those there.
  near(optimizerOf(model).iterations, (2 + epochs) * steps, 'the number of steps', 0);
  const more = await fit(model, x, y, { epochs: 3, batchSize, verbose: 0 });
  const after = (more.metrics['loss'] as number[]).at(-1) ?? NaN;
  if (!(after < (history['loss']?.at(-1) ?? NaN))) throw new Error(`the loss goes on with ${after}`);
  model.dispose();
};

const main = async (): Promise<void> => {
  let [passed, failed] = [0, 0];
  for (const folder of process.argv.slice(2)) {
    for (const name of readdirSync(folder).sort()) {
      try {
        await check(path.join(folder, name));
        passed++;
      } catch (error) {
        failed++;
        // eslint-disable-next-line no-console -- what the program tells
        console.log(
          `${path.basename(folder)}/${name}: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    }
  }
  // eslint-disable-next-line no-console -- what the program tells
  console.log(`Back from several workers: ${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
};

void main();
