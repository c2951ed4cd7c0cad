import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Campaign } from './campaign';
import { megabytesOf } from './resident';
import { mutation } from './mutations';

const CASES = 12_000;
const QUICK_CASES = 450;
const MAX_SECONDS = 5;
/** The process starts within this time. */
const MAX_START_SECONDS = 60;
const MAX_MEGABYTES = 1500;

interface Batch {
  readonly counts: Map<string, number>;
  readonly problems: string[];
  /** The first case that was not looked at. */
  readonly next: number;
}

/** Reads cases in one process, until all are read or one of them ends it. */
const readBatch = (seed: number, start: number, end: number, batch: Batch): Promise<Batch> =>
  new Promise((resolve) => {
    const program = path.join(__dirname, 'files-child.ts');
    const parameters = ['--require', require.resolve('tsx/cjs'), program, ...[seed, start, end].map(String)];
    const child = spawn(process.execPath, parameters, { stdio: ['ignore', 'pipe', 'pipe'] });
    let current = start - 1;
    let since = performance.now() + (MAX_START_SECONDS - MAX_SECONDS) * 1000;
    let killed = '';
    let errors = '';
    const problem = (what: string): void => {
      batch.problems.push(
        `seed ${seed}, case ${current} (${mutation(seed, Math.max(0, current)).dataset}): ${what}`,
      );
    };
    child.stderr.on('data', (data) => (errors = `${errors}${String(data)}`.slice(-2000)));
    createInterface(child.stdout).on('line', (line) => {
      const started = /^case (\d+)$/.exec(line)?.[1];
      since = performance.now();
      if (started !== undefined) current = Number(started);
      else if (line.startsWith('PROBLEM ')) problem(line.slice('PROBLEM '.length));
      else batch.counts.set(line, (batch.counts.get(line) ?? 0) + 1);
    });
    const timer = setInterval(() => {
      const megabytes = megabytesOf(child.pid);
      if (performance.now() - since > MAX_SECONDS * 1000) killed = `takes more than ${MAX_SECONDS} s`;
      else if (megabytes > MAX_MEGABYTES) killed = `takes ${Math.round(megabytes)} MB`;
      if (killed !== '') child.kill('SIGKILL');
    }, 100);
    child.on('close', (code) => {
      clearInterval(timer);
      if (killed !== '') problem(killed);
      else if (code !== 0) problem(`ends the process: ${errors.replaceAll('\n', ' ')}`);
      resolve({ ...batch, next: current + 1 });
    });
  });

export const campaign: Campaign = {
  name: 'files',
  description:
    'damaged data files (zip, npy, npz, pickle, json) load or are a KerasFileError, within 5 s and 1.5 GB',
  run: async ({ quick, seed, progress }) => {
    const cases = quick ? QUICK_CASES : CASES;
    let batch: Batch = { counts: new Map(), problems: [], next: 0 };
    while (batch.next < cases) {
      const end = Math.min(cases, batch.next + 3000);
      const before = batch.next;
      batch = await readBatch(seed, batch.next, end, batch);
      const counts = [...batch.counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
      progress(`${batch.next} of ${cases}: ${counts}`);
      if (batch.next <= before)
        return { cases: before, problems: [...batch.problems, 'the process does not start'] };
    }
    return { cases, problems: batch.problems };
  },
};
