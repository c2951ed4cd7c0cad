/**
 * Reads the `.keras` files that Keras 3 saved after it had read those of write.ts: they must predict as they did here, and go on with the
 * same losses.
 *
 *     tsx test/keras/read.ts FOLDER
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fit, loadModel, predict, tf, type KerasModel, type Tensor } from '../../src/index';

const folder = process.argv[2] ?? '.';

interface Values {
  readonly shape: number[];
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly values: number[];
}

interface Expected {
  readonly file: string;
  readonly inputs: readonly Values[];
  readonly outputs: readonly Values[];
  readonly labels?: readonly Values[];
  readonly losses?: readonly number[];
}

const tensorOf = ({ shape, dtype, values }: Values): Tensor => tf.tensor(values, shape, dtype);

const oneOrAll = (tensors: Tensor[]): Tensor | Tensor[] =>
  tensors.length === 1 ? (tensors[0] as Tensor) : tensors;

const checkClose = (
  actual: ArrayLike<number>,
  expected: readonly number[],
  what: string,
  tolerance = 1e-5,
): void => {
  const scale = Math.max(1, ...expected.map(Math.abs));
  const worst = Math.max(...expected.map((value, index) => Math.abs(value - (actual[index] ?? NaN))));
  if (actual.length !== expected.length || !(worst <= tolerance * scale))
    throw new Error(`${what}: ${worst.toExponential(2)} of ${scale.toExponential(2)}`);
};

const check = async (model: KerasModel, { inputs, outputs, labels, losses }: Expected): Promise<void> => {
  const x = oneOrAll(inputs.map(tensorOf));
  const predicted = [await predict(model, x, { batchSize: 64 })].flat() as Tensor[];
  for (const [index, { values }] of outputs.entries())
    checkClose(predicted[index]?.dataSync() ?? [], values, `output ${index}`);
  if (losses === undefined || labels === undefined) return;
  const y = oneOrAll(labels.map(tensorOf));
  const options = { epochs: losses.length, batchSize: 64, shuffle: false, verbose: 0 } as const;
  const { metrics } = await fit(model, x, y, options);
  checkClose(metrics.loss, losses, 'losses', 2e-5);
};

const main = async (): Promise<void> => {
  const all = JSON.parse(readFileSync(path.join(folder, 'expected.json'), 'utf8')) as Expected[];
  let [done, wrong] = [0, 0];
  for (const expected of all) {
    const file = path.join(folder, expected.file.replace('.h5', '.again.keras'));
    // Keras 3 has no such class.
    if (!existsSync(file)) continue;
    try {
      await check(await loadModel(file), expected);
      done++;
    } catch (error) {
      wrong++;
      process.stdout.write(
        `${path.basename(file)}: ${error instanceof Error ? error.message : String(error)}\n`,
      );
    }
  }
  process.stdout.write(
    `${done} of ${done + wrong} models that Keras 3 saved are read, predict the same and train on.\n`,
  );
  process.exitCode = wrong > 0 || done === 0 ? 1 : 0;
};

void main();
