/**
 * Writes jobs for Python's Keras: models that have trained a little, with their data. Beside each, what `fit` makes of it here.
 *
 *     tsx test/scale/write.ts FOLDER [--quick]
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { evaluate, exportTrainingJob, fit, setRandomSeed, type TrainingData } from '../../src/index';
import { CASES, type ScaleCase } from './cases';

/** What is to come of a job. */
export interface ExpectedJob {
  readonly name: string;
  /** The losses of the epochs here, if rows are not shuffled. */
  readonly losses: readonly number[] | undefined;
  /** The loss before. */
  readonly before: number;
  readonly keras: number | undefined;
  readonly quick: number | undefined;
}

const [folder = '.', quick] = process.argv.slice(2);

const write = async (name: string, one: ScaleCase): Promise<ExpectedJob> => {
  const [x, y, model] = [one.x(), one.y(), one.model()];
  const { batchSize, epochs, shuffle } = one.options;
  const weights = one.sampleWeight === undefined ? {} : { sampleWeight: one.sampleWeight() };
  // The optimizer remembers something.
  await fit(model, x, y, { epochs: 2, batchSize, verbose: 0, ...weights });
  const before = (await evaluate(model, x, y, { verbose: 0, ...weights })).loss;
  const data = (one.data?.() ?? { x, y, ...weights }) as TrainingData; // of whatever kind
  const validationData = [x, y] as TrainingData; // without weights
  // With the program for Ray beside the other one.
  const job = { strategy: 'ray', validationData, folder: path.join(folder, name) } as const;
  await exportTrainingJob(model, data, { ...one.options, ...job });
  const options = { epochs, batchSize, shuffle: false, verbose: 0, ...weights } as const;
  const history = shuffle === false ? await fit(model, x, y, options) : undefined;
  const losses = history?.metrics['loss'] as number[] | undefined; // one number for each epoch
  return { name, losses, before, keras: one.keras, quick: one.quick };
};

const main = async (): Promise<void> => {
  setRandomSeed(1);
  const expected: ExpectedJob[] = [];
  const cases = Object.entries(CASES).filter(([, one]) => quick === undefined || one.quick !== undefined);
  for (const [name, one] of cases) expected.push(await write(name, one));
  writeFileSync(path.join(folder, 'expected.json'), JSON.stringify(expected));
};

void main();
