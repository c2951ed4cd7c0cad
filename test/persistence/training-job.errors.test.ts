/** Folders in which Python's Keras trains: where there can be none. */
import fs from 'node:fs/promises';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import {
  compile,
  exportTrainingJob,
  KerasArgumentError,
  KerasFileError,
  kerasModelSequential,
  KerasShapeError,
  layerDense,
  pipe,
  type TrainingData,
} from '../../src/index';
import { compiled, exported, jobIn, place, useFolder, x, y } from './support/training-job';

useFolder();

describe('the folder', () => {
  test('a job that is there is replaced only if that is asked for', async () => {
    await exported(compiled(), [x, y]);
    mkdirSync(place('job/result'));
    await expect(exportTrainingJob(compiled(), [x, y], { folder: place() })).rejects.toThrow(
      /job is there already.*overwrite: true/s,
    );
    expect(existsSync(place('job/result'))).toBe(true);
    await exported(compiled(), [x, y], { overwrite: true });
    expect(existsSync(place('job/result'))).toBe(false);
  });

  test('a folder of something else is never replaced, an empty one is', async () => {
    mkdirSync(place());
    writeFileSync(place('job/mine.txt'), 'mine');
    const refused = exportTrainingJob(compiled(), [x, y], { folder: place(), overwrite: true });
    await expect(refused).rejects.toThrow(KerasFileError);
    await expect(refused).rejects.toThrow(/has other files, and no job\.json/);
    expect(readdirSync(place())).toEqual(['mine.txt']);
    rmSync(place('job/mine.txt'));
    await exported(compiled(), [x, y]);
  });

  test('where nothing can be made there is an error of the folder', async () => {
    writeFileSync(place('file'), '');
    await expect(exportTrainingJob(compiled(), [x, y], { folder: place('file/job') })).rejects.toThrow(
      KerasFileError,
    );
  });

  test('a full disk leaves nothing, and the job before as it was', async () => {
    await exported(compiled(), [x, y], { epochs: 2 });
    const { open } = fs;
    jest.spyOn(fs, 'open').mockImplementation(async (file, ...others) => {
      const handle = await open(file, ...others);
      if (!String(file).endsWith('.tfrecord')) return handle;
      const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
        code: 'ENOSPC',
        syscall: 'write',
      });
      jest.spyOn(handle, 'writeFile').mockRejectedValue(full);
      return handle;
    });
    const refused = exportTrainingJob(compiled(), [x, y], { folder: place(), overwrite: true, epochs: 3 });
    await expect(refused).rejects.toThrow(KerasFileError);
    await expect(refused).rejects.toThrow(/no space left on device.*Make room on the disk/s);
    expect(readdirSync(place('.'))).toEqual(['job']);
    expect(jobIn().epochs).toBe(2);
  });
});

describe('data that are refused', () => {
  const refused = async (
    data: unknown,
    kind: new (...args: never[]) => Error,
    message: RegExp,
  ): Promise<void> => {
    const promise = exportTrainingJob(compiled(), data as TrainingData, { folder: place() });
    await expect(promise).rejects.toThrow(kind);
    await expect(promise).rejects.toThrow(message);
    expect(readdirSync(place('.'))).toEqual([]);
  };

  test('no rows', async () => {
    await refused([[], []], KerasArgumentError, /`data\[0\]`/);
    await refused((function* () {})(), KerasArgumentError, /`data` must have rows. Received: none/);
  });

  test('what is no data', async () => {
    await refused({ xs: x }, KerasArgumentError, /`data` must be \[x, y\], \[x, y, sampleWeight\]/);
    await refused([x], KerasArgumentError, /`data` must be \[x, y\]/);
  });

  test('shapes that do not fit the model, or each other', async () => {
    await refused([[[1, 2]], [[1, 0]]], KerasShapeError, /`data\[0\]` must have the shape \[null, 3\]/);
    await refused([x, y.slice(1)], KerasShapeError, /must have the same number of rows/);
    await refused({ x, y: [[NaN, 0], ...y.slice(1)] }, KerasArgumentError, /`data\.y`/);
  });

  test('batches whose rows differ', async () => {
    const model = pipe(
      kerasModelSequential(),
      layerDense({ units: 2, inputShape: [null, 3] as unknown as number[] }),
      compile({ optimizer: 'sgd', loss: 'mse' }),
    );
    const ragged = function* (): Generator<number[][][][]> {
      yield [[[[1, 2, 3]]][0] as never, [[[1, 2]]][0] as never].map((one) => [one]) as never;
      yield [
        [
          [
            [1, 2, 3],
            [1, 2, 3],
          ],
        ][0] as never,
        [
          [
            [1, 2],
            [1, 2],
          ],
        ][0] as never,
      ].map((one) => [one]) as never;
    };
    const promise = exportTrainingJob(model, ragged(), { folder: place() });
    await expect(promise).rejects.toThrow(
      /all rows must have the same arrays.*\[1, 3\]. Received: .*\[2, 3\]/s,
    );
    expect(readdirSync(place('.'))).toEqual([]);
  });

  test('what goes wrong in a source comes out as it is, and the source is closed', async () => {
    let isClosed = false;
    const failure = Object.assign(new Error('ENOENT: of the source'), { code: 'ENOENT', syscall: 'open' });
    const source = function* (): Generator<number[][][]> {
      try {
        yield [x, y];
        throw failure;
      } finally {
        isClosed = true;
      }
    };
    await expect(exportTrainingJob(compiled(), source(), { folder: place() })).rejects.toBe(failure);
    expect(isClosed).toBe(true);
    expect(readdirSync(place('.'))).toEqual([]);
  });
});
