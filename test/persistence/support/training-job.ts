/** What tests of training jobs have in common. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  compile,
  exportTrainingJob,
  kerasModelSequential,
  layerDense,
  optimizerAdam,
  pipe,
  type ExportTrainingJobOptions,
  type KerasModel,
  type TrainingData,
} from '../../../src/index';

let folder = '';

/** Makes a folder for each test, which is gone afterwards. */
export const useFolder = (): void => {
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-job-'));
  });
  afterEach(() => {
    jest.restoreAllMocks();
    rmSync(folder, { recursive: true, force: true });
  });
};

/** A place in that folder, or the folder itself. */
export const place = (name = 'job'): string => path.join(folder, name);

export const compiled = (): KerasModel =>
  pipe(
    kerasModelSequential(),
    layerDense({ units: 2, inputShape: [3] }),
    compile({ optimizer: optimizerAdam(), loss: 'mse' }),
  );

export const x = [
  [1, 2, 3],
  [4, 5, 6],
  [7, 8, 9],
];
export const y = [
  [1, 0],
  [0, 1],
  [1, 1],
];

export interface Job {
  readonly keras: readonly number[];
  readonly batch_size: number;
  readonly epochs: number;
  readonly shuffle: boolean;
  readonly seed: number;
  readonly training: {
    readonly features: Readonly<Record<'x' | 'y' | 'weights', readonly object[]>>;
    readonly files: string[];
    readonly rows: number;
    readonly shuffled_rows: number;
  };
  readonly validation: Job['training'] | null;
}

export const jobIn = (at = place()): Job =>
  JSON.parse(readFileSync(path.join(at, 'job.json'), 'utf8')) as Job;

export const exported = async (
  model: KerasModel,
  data: TrainingData,
  options: ExportTrainingJobOptions = {},
): Promise<Job> => {
  expect(await exportTrainingJob(model, data, { folder: place(), ...options })).toBe(place());
  return jobIn();
};
