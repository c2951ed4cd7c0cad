import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadData } from '../../src/datasets/cache';
import type { DatasetFile } from '../../src/datasets/dataset-file';
import { locateLibrary } from '../../src/native/locate';
import { startHttp } from '../files/support/servers';
import {
  leftovers,
  libraryText,
  makeProject,
  removeFolders,
  run,
  tryText,
  type Project,
} from '../setup/support/project';
import { Chance, type Campaign } from './campaign';
import { TYPESCRIPT } from '../support/programs';

const CASES = 250;
const QUICK_CASES = 10;
const SIGNALS = ['SIGKILL', 'SIGKILL', 'SIGTERM', 'SIGINT'] as const;

/** Starts a program at the head of a group of its own, so that what it starts can be killed with it. */
const start = (program: string, ...parameters: string[]): ChildProcess =>
  spawn(process.execPath, [...TYPESCRIPT, program, ...parameters], { detached: true, stdio: 'ignore' });

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.on('close', (code) => resolve(code)));

/** When a program is ended: at any moment, mostly while it works and not while Node.js starts it. Milliseconds. */
const momentOf = (chance: Chance, usual: number): number =>
  usual * (chance.fraction() < 0.25 ? chance.fraction() : 0.5 + 0.6 * chance.fraction());

/** Ends a program after a while, if it still runs: it alone, or all of its group. */
const endAfter = async (child: ChildProcess, milliseconds: number, chance: Chance): Promise<string> => {
  const end = ended(child);
  const running = await Promise.race([end.then(() => false), sleep(milliseconds, true)]);
  const signal = chance.pick(SIGNALS);
  if (running && child.pid !== undefined) {
    try {
      process.kill(signal === 'SIGKILL' ? -child.pid : child.pid, signal);
    } catch {
      // It ended in this moment.
    }
  }
  await end;
  return running ? signal : 'the end';
};

/** The longest of a few runs that nobody ends, in milliseconds. */
const usualTime = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};

const setupProgram = path.join(__dirname, '..', 'setup', 'support', 'run.ts');

/** What is wrong with a project whose setup was ended, before and after it is run again. */
const projectProblem = async (project: Project): Promise<string | undefined> => {
  const { root, cwd, cache } = project.options;
  const located = () =>
    locateLibrary({ root, cwd, env: { KERAS_PIPE_CACHE: cache }, os: 'linux', arch: 'x64' })?.folder;
  const before = located();
  // Half installed would be a library that would be loaded and does not work.
  if (before !== undefined) {
    const trial = await tryText(before);
    if ('reason' in trial) return `half installed: ${trial.reason}`;
  }
  const again = await run(project);
  if (again.code !== 0) return `the next setup fails: ${again.stderr}`;
  const file = path.join(located() ?? '', 'libtensorflow.so.1');
  if (readFileSync(file, 'utf8') !== libraryText('1.15.0'))
    return 'the next setup puts another library in place';
  const left = [project.options.root, project.runtime, project.options.cache].flatMap(leftovers);
  return left.length > 0 ? `the next setup leaves ${left.join(', ')}` : undefined;
};

const killSetup = async (chance: Chance, usual: number): Promise<string | undefined> => {
  const project = makeProject();
  // Now and then twice in a row, the second where the first had left things.
  const times = chance.fraction() < 0.3 ? 2 : 1;
  const history: string[] = [];
  for (let time = 0; time < times; time++) {
    const moment = momentOf(chance, usual);
    const child = start(setupProgram, JSON.stringify(project.options));
    history.push(`${await endAfter(child, moment, chance)} after ${Math.round(moment)} ms`);
  }
  const problem = await projectProblem(project);
  removeFolders();
  return problem === undefined ? undefined : `setup, ended by ${history.join(', then ')}: ${problem}`;
};

const CONTENT = Buffer.from(Array.from({ length: 400_000 }, (_, at) => (at * at) % 253));
const FILE: DatasetFile<Buffer> = {
  name: 'data.npz',
  bytes: CONTENT.length,
  sha256: createHash('sha256').update(CONTENT).digest('hex'),
  unpacked: { bytes: CONTENT.length, lists: 0 },
  read: (content) => Promise.resolve(content),
};
const PIECES = 20;

/** Serves the content slowly, from where it is asked for, so that there is a middle to be killed in. */
const startSlowServer = () =>
  startHttp((request, response) => {
    const first = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const range = `bytes ${first}-${CONTENT.length - 1}/${CONTENT.length}`;
    response.writeHead(first === 0 ? 200 : 206, first === 0 ? {} : { 'content-range': range });
    let at = first;
    const timer = setInterval(() => {
      const next = Math.min(CONTENT.length, at + CONTENT.length / PIECES);
      response.write(CONTENT.subarray(at, next));
      at = next;
      if (at === CONTENT.length) response.end();
    }, 10);
    response.on('close', () => clearInterval(timer));
  });

const loadProgram = path.join(__dirname, '..', 'datasets', 'load-child.ts');

/** What is wrong with the folder of data sets when a download was ended, before and after the file is loaded again. */
const cacheProblem = async (home: string, address: string): Promise<string | undefined> => {
  const folder = path.join(home, 'datasets');
  const file = path.join(folder, FILE.name);
  if (existsSync(file) && !readFileSync(file).equals(CONTENT))
    return 'half a file is in the place of the whole';
  const environment = {
    home,
    address,
    timeouts: { connect: 5000, idle: 5000 },
    output: { write: () => undefined },
    warn: () => undefined,
  };
  const request = { function: 'kills', file: FILE, path: FILE.name, sample: undefined };
  const began = performance.now();
  const { contents } = await loadData([request], false, environment);
  const seconds = (performance.now() - began) / 1000;
  if (contents[0]?.equals(CONTENT) !== true) return 'the next load gives other data';
  const names = readdirSync(folder);
  if (names.length !== 1) return `the next load leaves ${names.join(', ')}`;
  return seconds > 10 ? `the next load takes ${seconds.toFixed(0)} s` : undefined;
};

const killDownload = async (chance: Chance, usual: number, address: string): Promise<string | undefined> => {
  const home = await mkdtemp(path.join(tmpdir(), 'keras-pipe-campaign-'));
  const moment = momentOf(chance, usual);
  const child = start(loadProgram, home, address, JSON.stringify(FILE));
  const how = await endAfter(child, moment, chance);
  const problem = await cacheProblem(home, address).catch(
    (error: unknown) => `the next load fails: ${String(error)}`,
  );
  await rm(home, { recursive: true, force: true });
  return problem === undefined
    ? undefined
    : `download, ended by ${how} after ${Math.round(moment)} ms: ${problem}`;
};

export const campaign: Campaign = {
  name: 'kills',
  description:
    'setup and downloads are ended at any moment: nothing is half there, the next run works and leaves nothing',
  run: async ({ quick, seed, progress }) => {
    const cases = quick ? QUICK_CASES : CASES;
    const problems: string[] = [];
    const server = await startSlowServer();
    const address = `http://127.0.0.1:${server.port}/`;
    const home = await mkdtemp(path.join(tmpdir(), 'keras-pipe-campaign-'));
    const project = makeProject();
    const usualSetup = await usualTime(() => ended(start(setupProgram, JSON.stringify(project.options))));
    const usualLoad = await usualTime(() => ended(start(loadProgram, home, address, JSON.stringify(FILE))));
    removeFolders();
    await rm(home, { recursive: true, force: true });
    progress(`unharmed, setup takes ${Math.round(usualSetup)} ms and a download ${Math.round(usualLoad)} ms`);
    for (let index = 0; index < cases; index++) {
      const chance = new Chance(seed, index);
      const problem =
        index % 2 === 0
          ? await killSetup(chance, usualSetup)
          : await killDownload(chance, usualLoad, address);
      if (problem !== undefined) problems.push(`seed ${seed}, case ${index}: ${problem}`);
      if ((index + 1) % 50 === 0) progress(`${index + 1} of ${cases}, ${problems.length} problems`);
    }
    await server.close();
    return { cases, problems };
  },
};
