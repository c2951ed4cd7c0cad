import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Campaign } from './campaign';
import { megabytesOf } from './resident';
import { TYPESCRIPT } from '../support/programs';

const CASES = 11_000;
const QUICK_CASES = 450;
/** A call is done within this time. */
const MAX_SECONDS = 20;
/** The process starts within this time. */
const MAX_START_SECONDS = 60;
const MAX_MEGABYTES = 6000;
/** So many calls are made in one process. */
const BATCH = 1500;

interface Message {
  readonly started?: number;
  readonly done?: number;
  readonly kind?: string;
  readonly problems?: readonly string[];
  readonly late?: string;
}

interface Progress {
  readonly counts: Map<string, number>;
  readonly problems: string[];
  next: number;
}

/** Makes calls in one process, until all are made or one of them ends it. */
const runBatch = (seed: number, end: number, home: string, state: Progress): Promise<void> =>
  new Promise((resolve) => {
    const child = fork(path.join(__dirname, 'calls-child.ts'), [seed, state.next, end].map(String), {
      execArgv: [...TYPESCRIPT],
      // What fits print is no part of it; nothing is fetched, and no data of the user's is read.
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: {
        ...process.env,
        KERAS_HOME: home,
        HTTPS_PROXY: 'http://127.0.0.1:9',
        https_proxy: '',
        NO_PROXY: '',
        no_proxy: '',
      },
    });
    let current = state.next;
    let deadline = performance.now() + MAX_START_SECONDS * 1000;
    let killed = '';
    let errors = '';
    const problem = (what: string): void =>
      void state.problems.push(`seed ${seed}, case ${current}: ${what}`);
    child.stderr?.on('data', (text) => (errors = `${errors}${String(text)}`.slice(-1000)));
    child.on('message', ({ started, done, kind = '', problems = [], late }: Message) => {
      deadline = performance.now() + MAX_SECONDS * 1000;
      if (started !== undefined) current = started;
      if (late !== undefined) problem(`later: ${late}`);
      if (done === undefined) return;
      state.counts.set(kind, (state.counts.get(kind) ?? 0) + 1);
      problems.forEach(problem);
      state.next = done + 1;
    });
    const timer = setInterval(() => {
      const megabytes = megabytesOf(child.pid);
      if (performance.now() > deadline) killed = `takes more than ${MAX_SECONDS} s`;
      else if (megabytes > MAX_MEGABYTES) killed = `takes ${Math.round(megabytes)} MB`;
      if (killed !== '') child.kill('SIGKILL');
    }, 100);
    child.on('close', (code, signal) => {
      clearInterval(timer);
      if (killed !== '') problem(killed);
      else if (code !== 0) problem(`ends the process (${code ?? signal}): ${errors.replaceAll('\n', ' ')}`);
      if (killed !== '' || code !== 0) state.next = current + 1;
      resolve();
    });
  });

export const campaign: Campaign = {
  name: 'calls',
  description:
    'calls with random arguments give a result or a KerasError that names the function, and leave no tensor',
  run: async ({ quick, seed, progress }) => {
    const cases = quick ? QUICK_CASES : CASES;
    const state: Progress = { counts: new Map(), problems: [], next: 0 };
    const home = mkdtempSync(path.join(tmpdir(), 'keras-pipe-calls-'));
    try {
      while (state.next < cases) {
        const before = state.next;
        await runBatch(seed, Math.min(cases, before + BATCH), home, state);
        progress(
          `${state.next} of ${cases}: ${[...state.counts].map(([kind, count]) => `${count} ${kind}`).join(', ')}`,
        );
        if (state.next <= before)
          return { cases: before, problems: [...state.problems, 'the process does not start'] };
      }
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
    return { cases, problems: state.problems };
  },
};
