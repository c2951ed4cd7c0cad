/** What a process leaves that is killed at any of its steps is gone after the next save; what others are writing stays. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { unfinishedOf } from '../../src/files/unfinished';
import {
  compile,
  exportTrainingJob,
  fitTextTokenizer,
  imageArraySave,
  kerasModelSequential,
  layerDense,
  pipe,
  plotModel,
  saveTextTokenizer,
  serializeModel,
  textTokenizer,
  tf,
  unserializeModel,
  type KerasModel,
} from '../../src/index';
import { modelOf, SAVERS, type Saver } from '../campaigns/savers';
import { asProcess, killedBefore } from '../support/killed';

jest.setTimeout(300_000);

const outer = mkdtempSync(path.join(os.tmpdir(), 'keras-pipe-killed-'));
afterAll(() => rmSync(outer, { recursive: true, force: true }));
let count = 0;
const newFolder = (): string => {
  const folder = path.join(outer, String(count++));
  mkdirSync(folder);
  return folder;
};

const models = new Map<number, KerasModel>();
const modelFor = (version: number): KerasModel => {
  const model = models.get(version) ?? modelOf(version);
  models.set(version, model);
  return model;
};

/** What writes a file or a folder; how it is read, where a version can be told. */
interface Writer {
  readonly file: string;
  /** Whether it is a folder in which single files are replaced. */
  readonly isFolder?: boolean;
  /** Which steps are tried: each so many-th, of what writes many files into a folder of its own. */
  readonly stride?: number;
  readonly write: (version: number, place: string) => Promise<unknown>;
  readonly read?: Saver['read'];
}

const small = (): KerasModel =>
  pipe(
    kerasModelSequential(),
    layerDense({ units: 1, inputShape: [1] }),
    compile({ loss: 'mse', optimizer: 'sgd' }),
  );

const job = async (place: string): Promise<void> => {
  const model = small();
  await exportTrainingJob(
    model,
    [
      [1, 2, 3],
      [2, 4, 6],
    ],
    { folder: place, overwrite: true },
  );
  model.dispose();
};

const besideOther = (place: string): string => path.join(place, 'other.json');

const writers: Readonly<Record<string, Writer>> = {
  ...Object.fromEntries(
    Object.entries(SAVERS).map(([name, { file, save, read }]) => [
      name,
      {
        ...{ file, read, isFolder: ['browser', 'backup', 'checkpoint'].includes(file) },
        write: (version: number, place: string) => save(modelFor(version), place),
      },
    ]),
  ),
  'saveModelTfjs, beside another model': {
    file: 'browser',
    isFolder: true,
    write: async (version, place) => {
      mkdirSync(place, { recursive: true });
      if (!readdirSync(place).includes('other.json')) writeFileSync(besideOther(place), '{}');
      await SAVERS['saveModelTfjs']?.save(modelFor(version), place);
    },
  },
  exportTrainingJob: { file: 'job', stride: 7, write: (_, place) => job(place) },
  saveTextTokenizer: {
    file: 'words.json',
    write: (version, place) =>
      saveTextTokenizer(fitTextTokenizer(textTokenizer(), [`version ${version}`]), place),
  },
  imageArraySave: {
    file: 'image.png',
    write: (version, place) => imageArraySave(tf.fill([2, 2, 3], version), place),
  },
  plotModel: {
    file: 'model.svg',
    write: (version, place) => {
      plotModel(modelFor(version)).save(place);
      return Promise.resolve();
    },
  },
};

/** All that is in a folder, without the numbers in the names of parts of models. */
const listing = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replace(/group\d+-shard/, 'group-shard').replace(/(\.data-00000-of-)\d+$/, '$1N'))
    .filter((name) => !/\.data-\d+-of-\d+$/.test(name))
    .sort();

describe.each(Object.entries(writers))('%s', (_, { file, isFolder = false, stride = 1, write, read }) => {
  test('what a kill leaves at any step is gone after the next save', async () => {
    const clean = newFolder();
    await write(1, path.join(clean, file));
    const expected = listing(clean);
    for (let step = 0, goesOn = true; goesOn; step += stride) {
      const folder = newFolder();
      const place = path.join(folder, file);
      // Into nothing, and in the place of another.
      for (const before of [0, 1]) {
        if (before === 1) await write(1, place);
        goesOn = await killedBefore(step, () => write(2, place));
        const left = listing(folder);
        if (read !== undefined && before === 1)
          expect([{ version: 1 }, { version: 2 }]).toContainEqual(await read(place));
        await write(3, place);
        expect({ step, before, left, now: listing(folder) }).toEqual({ step, before, left, now: expected });
        if (read !== undefined && !goesOn) expect(await read(place)).toEqual({ version: 3 });
      }
    }
  });

  test('what others are writing stays; what they have left for an hour goes, as does what the dead have', async () => {
    const place = path.join(newFolder(), file);
    const folder = isFolder ? place : path.dirname(place);
    mkdirSync(folder, { recursive: true });
    const sleeping = spawn('sleep', ['1000'], { stdio: 'ignore' });
    try {
      const living = await asProcess(sleeping.pid ?? 0, () => [
        unfinishedOf(path.join(folder, 'weights')),
        unfinishedOf(path.join(folder, 'x'.repeat(255))),
      ]);
      const away = living.map((name) => name.replace(/\.[\da-f]{8}-/, '.01234567-'));
      const silent = away.map((name) => name.replace(/[\da-f]{8}\.part$/, '01234567.part'));
      // As if another had been given its process id.
      const dead = living.map((name) => name.replace(/-[\da-z]+-([\da-f]{8}\.part)$/, '-1-$1'));
      for (const [one = '', other = ''] of [living, away, silent, dead]) {
        writeFileSync(one, '');
        mkdirSync(other);
        writeFileSync(path.join(other, 'inside'), '');
      }
      const hours = (count: number): Date => new Date(Date.now() - count * 3_600_000);
      for (const name of [...silent, path.join(silent[1] ?? '', 'inside')])
        utimesSync(name, hours(2), hours(2));
      // Somebody writes in it still.
      utimesSync(away[1] ?? '', hours(2), hours(2));
      await write(1, place);
      const left = readdirSync(folder).filter((name) => name.endsWith('.part'));
      expect(left.sort()).toEqual([...living, ...away].map((name) => path.basename(name)).sort());
    } finally {
      sleeping.kill();
    }
  });
});

test('a checkpoint is whole after two kills, one after the other', async () => {
  const { write, read } = writers['saveModelWeightsTf'] as Writer & Pick<Saver, 'read'>; // it has both
  for (let first = 0, goesOn = true; goesOn; first += 2)
    for (let second = 0, goesOnAgain = true; goesOnAgain; second += 3) {
      const place = newFolder();
      await write(1, place);
      goesOn = await killedBefore(first, () => write(2, place));
      goesOnAgain = await killedBefore(second, () => write(3, place));
      const { version, problem } = await read(place);
      expect({ first, second, problem, version: version > 0 }).toEqual({ first, second, version: true });
    }
});

test('what a process left in the system’s folder while it made bytes of a model is gone after the next one', async () => {
  const model = small();
  // In the system's own folder other processes work as well.
  const folder = newFolder();
  const spy = jest.spyOn(os, 'tmpdir').mockReturnValue(folder);
  try {
    expect(await killedBefore(2, () => serializeModel(model))).toBe(true);
    expect(readdirSync(folder)).toEqual([expect.stringMatching(/^\.keras-pipe\./)]);
    (await unserializeModel(await serializeModel(model))).dispose();
    expect(readdirSync(folder)).toEqual([]);
  } finally {
    spy.mockRestore();
    model.dispose();
  }
});

test('of a folder with many files not every writing looks at all', async () => {
  const folder = newFolder();
  for (let index = 0; index < 1000; index++) writeFileSync(path.join(folder, `${index}.png`), '');
  const words = fitTextTokenizer(textTokenizer(), ['a b']);
  const save = async (): Promise<void> => {
    await saveTextTokenizer(words, path.join(folder, 'words.json'));
  };
  await save();
  expect(await killedBefore(1, save)).toBe(true);
  const isLeft = (): boolean => readdirSync(folder).some((name) => name.endsWith('.part'));
  const after: boolean[] = [];
  for (let times = 0; times < 20; times++) {
    await save();
    after.push(isLeft());
  }
  expect(after[0]).toBe(true);
  expect(after.at(-1)).toBe(false);
});
