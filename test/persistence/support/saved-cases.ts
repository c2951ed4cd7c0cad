/** What tests of saved models have in common with the generators of test/reference that saved some. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  fit,
  loadModel,
  predict,
  tf,
  type FitOptions,
  type KerasModel,
  type Tensor,
} from '../../../src/index';
import { dataOf, expectClose } from '../../support/grid';

/** A model that Keras saved, what it predicts, and the losses of its next five steps. */
export interface SavedCase {
  readonly name: string;
  readonly optimizer: string;
  readonly inputs: readonly number[][];
  readonly outputs: readonly number[][];
  readonly file: string;
  readonly predicted: readonly number[][];
  readonly losses: readonly number[];
}

/** A model that Keras saved in one of several forms. */
export interface SavedFile extends SavedCase {
  readonly suffix: '.keras' | '.h5';
}

/** What a program of test/reference/keras3 has saved. */
export const savedFiles = (program: string): SavedFile[] =>
  JSON.parse(
    readFileSync(path.join(__dirname, '../../reference/keras3', `${program}.json`), 'utf8'),
  ) as SavedFile[]; // as the program prints it

/** A saved model, whose file is put into a folder. */
export const loadSaved = async ({ file, suffix }: SavedFile, folder: string): Promise<KerasModel> => {
  const saved = path.join(folder, `saved${suffix}`);
  writeFileSync(saved, gunzipSync(Buffer.from(file, 'base64')));
  return loadModel(saved);
};

/** What is tried of a saved model, in whatever form it was saved. */
type Tried = Omit<SavedCase, 'file'>;

const inputsOf = ({ inputs, name }: Tried): Tensor | Tensor[] => dataOf(inputs, 0, name === 'ids');

export const expectPredictions = async (model: KerasModel, one: Tried, tolerance?: number): Promise<void> => {
  const predicted = [await predict(model, inputsOf(one))].flat() as Tensor[];
  expect(predicted).toHaveLength(one.predicted.length);
  predicted.forEach((output, index) =>
    expectClose([...output.dataSync()], one.predicted[index] ?? [], tolerance),
  );
};

/** Labels of some cases of Keras 3 are of classes: rows of one 1, or 0 and 1. */
const labelsOf = ({ outputs }: Tried, kind: LabelKind): Tensor | Tensor[] => {
  const y = dataOf(outputs, 50);
  if (kind === 'any' || Array.isArray(y)) return y;
  return kind === 'binary' ? tf.cast(tf.greater(y, 0), 'float32') : tf.oneHot(tf.argMax(y, 1), 3);
};

type LabelKind = 'any' | 'classes' | 'binary';

/** The losses of five steps, each of all rows. */
export const nextLosses = async (
  model: KerasModel,
  one: Tried,
  engine: NonNullable<FitOptions['engine']> = 'auto',
  labels: LabelKind = 'any',
): Promise<number[]> => {
  const y = labelsOf(one, labels);
  const options = { epochs: 5, batchSize: 8, shuffle: false, verbose: 0, engine } as const;
  const history = await fit(model, inputsOf(one), y, options);
  return history.metrics['loss'] as number[];
};
