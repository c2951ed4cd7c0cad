/**
 * Reads what Keras wrote (test/keras/check.py): each model must predict the same to 1e-5, and its next five losses must be the same.
 * Says what does not hold, and prints a line of counts at the end.
 *
 *     tsx test/keras/read.ts FOLDER …
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { compile, fit, optimizerAdam, predict, type KerasModel, type Tensor } from '../../src/index';
import { READERS } from './formats';
import { single, tensorOf, type Values, type Written } from './values';

const check = (
  actual: readonly number[],
  expected: readonly number[],
  what: string,
  tolerance: number,
): void => {
  const largest = Math.max(1, ...expected.map(Math.abs));
  const worst = Math.max(...expected.map((value, index) => Math.abs(value - (actual[index] ?? NaN))));
  if (actual.length !== expected.length || !(worst <= tolerance * largest))
    throw new Error(`${what}: off by ${worst.toExponential(2)} of ${largest.toExponential(2)}`);
};

const checkModel = async (model: KerasModel, { inputs, outputs, labels, losses }: Written): Promise<void> => {
  const x = inputs.map(tensorOf);
  const predicted = [await predict(model, single(x), { batchSize: 64 })].flat() as Tensor[]; // one, or a list
  if (predicted.length !== outputs.length)
    throw new Error(`it has ${predicted.length} outputs, not ${outputs.length}`);
  predicted.forEach((output, index) => {
    check([...output.dataSync()], (outputs[index] as Values).values, `output ${index}`, 1e-5);
  });
  if (labels === undefined) return;
  if (model.state.compilation === undefined) {
    // What Keras left out of the file: that training goes on is all that can be seen.
    compile(model, { optimizer: optimizerAdam(), loss: 'mse' });
  }
  const options = { epochs: 5, batchSize: 64, shuffle: false, verbose: 0, engine: 'eager' } as const;
  const history = await fit(model, single(x), single(labels.map(tensorOf)), options);
  const seen = history.metrics['loss'] as number[];
  if (losses !== undefined) check(seen, losses, 'the next losses', 2e-5);
  else if (!seen.every(Number.isFinite)) throw new Error(`the next losses: ${seen.join(', ')}`);
};

const main = async (): Promise<void> => {
  let [passed, failed] = [0, 0];
  for (const folder of process.argv.slice(2)) {
    const written = JSON.parse(readFileSync(path.join(folder, 'written.json'), 'utf8')) as Written[];
    for (const one of written) {
      const load = READERS[path.extname(one.file)];
      try {
        if (load === undefined) throw new Error('its format is not known');
        const model = await load(path.join(folder, one.file));
        await checkModel(model, one);
        model.dispose();
        passed++;
      } catch (error) {
        failed++;
        // eslint-disable-next-line no-console -- what the program tells
        console.log(
          `${path.basename(folder)}/${one.file}: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    }
  }
  // eslint-disable-next-line no-console -- what the program tells
  console.log(
    `What was written in ${process.argv
      .slice(2)
      .map((place) => path.basename(place))
      .join(', ')}: ${passed} passed, ${failed} failed`,
  );
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
};

void main();
