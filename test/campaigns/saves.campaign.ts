import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeReadOnly, smallDisk, unmountAll } from '../setup/support/mounts';
import { Chance, type Campaign } from './campaign';
import { modelOf, SAVERS, type Saver } from './savers';
import type { Saving } from './saves-child';
import { TYPESCRIPT } from '../support/programs';

const KILLS = 50;
const QUICK_KILLS = 2;
const WRITERS = 5;
const QUICK_WRITERS = 1;
/** How long a program saves before it is killed, at most; milliseconds. */
const MAX_MOMENT = 400;
/** Less than any of the files have, and more than none. */
const SMALL_BYTES = 100_000;

const child = path.join(__dirname, 'saves-child.ts');

interface Started {
  readonly child: ChildProcess;
  readonly begun: Promise<void>;
  /** What the program said last, or how it ended. */
  readonly ended: Promise<string>;
}

const start = (saving: Saving): Started => {
  const program = spawn(process.execPath, [...TYPESCRIPT, child, JSON.stringify(saving)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, errors] = ['', ''];
  const begun = new Promise<void>((resolve) => {
    program.stdout.on('data', (chunk: Buffer) => {
      out += String(chunk);
      if (out.includes('begins\n')) resolve();
    });
    program.on('close', () => resolve());
  });
  program.stderr.on('data', (chunk: Buffer) => (errors += String(chunk)));
  const ended = new Promise<string>((resolve, reject) => {
    program.on('error', reject);
    program.on('close', (code, signal) => {
      const last = out.trimEnd().replace(/^begins\n?/, '');
      resolve(last === '' ? `it ends with ${signal ?? String(code)}: ${errors.slice(-1000)}` : last);
    });
  });
  return { child: program, begun, ended };
};

/** What is wrong with what is at a place, which must be one of the versions, whole. */
const placeProblem = async (
  { read }: Saver,
  place: string,
  versions: readonly number[],
): Promise<string | undefined> => {
  try {
    const { version, problem } = await read(place);
    return (
      problem ??
      (versions.includes(version)
        ? undefined
        : `the version is ${version}, not one of ${versions.join(', ')}`)
    );
  } catch (error) {
    return `what is there cannot be read: ${String(error)}`;
  }
};

/** A folder in which a version is saved already. */
const prepared = async ({ file, save }: Saver, folder: string): Promise<string> => {
  mkdirSync(folder, { recursive: true });
  const place = path.join(folder, file);
  const model = modelOf(1);
  await save(model, place);
  model.dispose();
  return place;
};

const killed = async (
  name: string,
  saver: Saver,
  folder: string,
  chance: Chance,
): Promise<string | undefined> => {
  const place = await prepared(saver, folder);
  const moment = MAX_MOMENT * chance.fraction() ** 2;
  const { child: program, begun, ended } = start({ saver: name, place, versions: [2, 3], times: 1_000_000 });
  await begun;
  await new Promise((resolve) => setTimeout(resolve, moment));
  program.kill('SIGKILL');
  const said = await ended;
  const problem = said.includes('SIGKILL') ? await placeProblem(saver, place, [1, 2, 3]) : said;
  return problem === undefined ? undefined : `killed after ${moment.toFixed(0)} ms: ${problem}`;
};

/** Two programs save at once, and a third, this one, reads. */
const twoWriters = async (name: string, saver: Saver, folder: string): Promise<string | undefined> => {
  const place = await prepared(saver, folder);
  const writers = [2, 3].map((version) => start({ saver: name, place, versions: [version], times: 12 }));
  let isOver = false;
  const ended = Promise.all(writers.map((writer) => writer.ended)).finally(() => (isOver = true));
  await Promise.all(writers.map(({ begun }) => begun));
  const problems: string[] = [];
  do problems.push((await placeProblem(saver, place, [1, 2, 3])) ?? '');
  while (!isOver as boolean); // it becomes so meanwhile
  const said = (await ended).filter((text) => text !== 'saved');
  const left = readdirSync(folder).filter((entry) => entry !== saver.file);
  return [...problems, ...said, left.join(', ')].find((text) => text !== '');
};

/** All that is beside a place and in it. */
const listing = (place: string): string[] =>
  readdirSync(path.dirname(place), { recursive: true, encoding: 'utf8' });

/** Something goes wrong with the disk: an error says so, and what was there stays. */
const refused = async (
  name: string,
  saver: Saver,
  place: string,
  maxBytes?: number,
): Promise<string | undefined> => {
  const before = listing(place);
  const said = await start({
    saver: name,
    place,
    versions: [2],
    times: 1,
    ...(maxBytes === undefined ? {} : { maxBytes }),
  }).ended;
  if (said !== 'refused') return `it is not refused: ${said}`;
  const left = listing(place).filter((entry) => !before.includes(entry));
  return left.length > 0 ? `it leaves ${left.join(', ')}` : placeProblem(saver, place, [1]);
};

/** A disk on which there is no room for another file. */
const fullDisk = async (name: string, saver: Saver, folder: string): Promise<string | undefined> => {
  if (!smallDisk(folder, '2m')) return SKIPPED;
  const place = await prepared(saver, folder);
  spawnSync('dd', ['if=/dev/zero', `of=${path.join(folder, 'filled')}`, 'bs=1k'], { stdio: 'ignore' });
  return refused(name, saver, place);
};

const readOnly = async (name: string, saver: Saver, folder: string): Promise<string | undefined> => {
  const place = await prepared(saver, folder);
  return makeReadOnly(folder) ? refused(name, saver, place) : SKIPPED;
};

const limited = async (name: string, saver: Saver, folder: string): Promise<string | undefined> => {
  if (spawnSync('prlimit', ['--version']).status !== 0) return SKIPPED;
  return refused(name, saver, await prepared(saver, folder), SMALL_BYTES);
};

/** What needs privileges or programs that are not there. */
const SKIPPED = 'skipped';

export const campaign: Campaign = {
  name: 'saves',
  description:
    'every function that saves, killed at any moment, on a full disk, in a folder that cannot be written to, two at once: there is the old file or the new one, whole',
  parts: Object.keys(SAVERS),
  run: async ({ quick, seed, part, progress }) => {
    const problems: string[] = [];
    let cases = 0;
    const root = mkdtempSync(path.join(tmpdir(), 'keras-pipe-campaign-'));
    for (const [number, [name, saver]] of Object.entries(SAVERS).entries()) {
      if (part !== undefined && part !== name) continue;
      const run = async (
        what: string,
        work: (folder: string) => Promise<string | undefined>,
      ): Promise<void> => {
        const problem = await work(path.join(root, `${name}-${cases}`));
        if (problem === SKIPPED) {
          progress(`${name}: skipped, since it cannot be had here: ${what}`);
          return;
        }
        cases++;
        if (problem !== undefined) problems.push(`seed ${seed}, ${name}, ${what}: ${problem}`);
      };
      for (let kill = 0; kill < (quick ? QUICK_KILLS : KILLS); kill++)
        await run(`kill ${kill}`, (folder) =>
          killed(name, saver, folder, new Chance(seed, 1000 * number + kill)),
        );
      // A backup is one training's alone.
      if (name !== 'callbackBackupAndRestore')
        for (let time = 0; time < (quick ? QUICK_WRITERS : WRITERS); time++)
          await run('two writers', (folder) => twoWriters(name, saver, folder));
      await run('a limit on the size of files', (folder) => limited(name, saver, folder));
      await run('a full disk', (folder) => fullDisk(name, saver, folder));
      await run('a read-only folder', (folder) => readOnly(name, saver, folder));
      unmountAll();
      progress(`${name}: ${cases} cases, ${problems.length} problems`);
    }
    rmSync(root, { recursive: true, force: true });
    return { cases, problems };
  },
};
