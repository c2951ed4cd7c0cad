/** Runs a campaign's cases in processes of their own, so that one that hangs, crashes or eats memory is found and named. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { CampaignOptions, CampaignResult } from './campaign';
import { megabytesOf } from './resident';
import { TYPESCRIPT } from '../support/programs';

/** The process starts within this time. */
const MAX_START_SECONDS = 60;

/** What is run, and what it may take. */
export interface BatchOptions {
  /**
   * The program, given seed, first case and the case after the last: it prints `case N` before each, and what came of it then, a word, or
   * `PROBLEM …`; behind the word, after a tab each, what it took, if that is measured: milliseconds, and megabytes.
   */
  readonly program: string;
  /** What the program is given besides. */
  readonly parameters?: readonly string[];
  readonly cases: number;
  readonly casesInProcess: number;
  readonly maxSeconds: number;
  readonly maxMegabytes: number;
  /** What a case is, for those that read of a problem. */
  readonly describe: (seed: number, index: number) => string;
}

/** The most that a case took, and which case. */
interface Most {
  readonly value: number;
  readonly index: number;
}

const NOTHING: Most = { value: 0, index: 0 };

interface Batch {
  readonly milliseconds: Most;
  readonly megabytes: Most;
  readonly counts: Map<string, number>;
  readonly problems: string[];
  /** The first case that was not looked at. */
  readonly next: number;
}

/** Runs cases in one process, until all are run or one of them ends it. */
const runBatch = (options: BatchOptions, seed: number, end: number, batch: Batch): Promise<Batch> =>
  new Promise((resolve) => {
    const { program, maxSeconds, maxMegabytes, describe } = options;
    const start = batch.next;
    const node = [...TYPESCRIPT, path.join(__dirname, program)];
    const given = [...[seed, start, end].map(String), ...(options.parameters ?? [])];
    const child = spawn(process.execPath, [...node, ...given], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let current = start - 1;
    let since = performance.now() + (MAX_START_SECONDS - maxSeconds) * 1000;
    let killed = '';
    let errors = '';
    let { milliseconds, megabytes: most } = batch;
    const larger = (one: Most, text = '0'): Most =>
      Number(text) > one.value ? { value: Number(text), index: current } : one;
    const problem = (what: string): void => {
      batch.problems.push(`seed ${seed}, case ${current} (${describe(seed, Math.max(0, current))}): ${what}`);
    };
    child.stderr.on('data', (data) => (errors = `${errors}${String(data)}`.slice(-2000)));
    createInterface(child.stdout).on('line', (line) => {
      const started = /^case (\d+)$/.exec(line)?.[1];
      since = performance.now();
      if (started !== undefined) current = Number(started);
      else if (line.startsWith('PROBLEM ')) problem(line.slice('PROBLEM '.length));
      else {
        const [outcome = '', ...taken] = line.split('\t');
        batch.counts.set(outcome, (batch.counts.get(outcome) ?? 0) + 1);
        milliseconds = larger(milliseconds, taken[0]);
        most = larger(most, taken[1]);
      }
    });
    const timer = setInterval(() => {
      const megabytes = megabytesOf(child.pid);
      if (performance.now() - since > maxSeconds * 1000) killed = `takes more than ${maxSeconds} s`;
      else if (megabytes > maxMegabytes) killed = `takes ${Math.round(megabytes)} MB`;
      if (killed !== '') child.kill('SIGKILL');
    }, 100);
    child.on('close', (code) => {
      clearInterval(timer);
      if (killed !== '') problem(killed);
      else if (code !== 0) problem(`ends the process: ${errors.replaceAll('\n', ' ')}`);
      resolve({ ...batch, milliseconds, megabytes: most, next: current + 1 });
    });
  });

/** Runs all cases, a batch after the other. */
export const runBatches = async (
  options: BatchOptions,
  { seed, progress }: CampaignOptions,
): Promise<CampaignResult> => {
  const { cases, casesInProcess } = options;
  let batch: Batch = {
    ...{ counts: new Map(), problems: [], next: 0 },
    ...{ milliseconds: NOTHING, megabytes: NOTHING },
  };
  while (batch.next < cases) {
    const before = batch.next;
    batch = await runBatch(options, seed, Math.min(cases, before + casesInProcess), batch);
    const counts = [...batch.counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
    const { milliseconds, megabytes } = batch;
    const most =
      milliseconds.value === 0
        ? ''
        : `; at most ${milliseconds.value} ms (case ${milliseconds.index}), ${megabytes.value} MB more (case ${megabytes.index})`;
    progress(`${batch.next} of ${cases}: ${counts}, ${batch.problems.length} problems${most}`);
    if (batch.next <= before)
      return { cases: before, problems: [...batch.problems, 'the process does not start'] };
  }
  return { cases, problems: batch.problems };
};
