import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Campaign } from './campaign';
import { megabytesOf } from './resident';
import { TYPESCRIPT } from '../support/programs';

/** Of so many examples one, for every commit. */
const QUICK_STEP = 80;
/** A call is done within this time, and an example starts within the other. */
const MAX_SECONDS = 30;
const MAX_START_SECONDS = 90;
const MAX_MEGABYTES = 6000;

interface Message {
  /** The number of an example that begins, or the number of all of them at the end. */
  readonly snippet?: number;
  readonly isEnd?: boolean;
  readonly started?: string;
  readonly done?: string;
  readonly problem?: string;
  readonly late?: string;
}

interface Progress {
  readonly problems: string[];
  /** Calls that end the process: they are not made again. */
  readonly skipped: string[];
  cases: number;
  /** The example that is under way. */
  next: number;
}

/** Runs examples in one process, until all are through, which it tells, or one of the calls ends it. */
const runExamples = (step: number, home: string, state: Progress): Promise<boolean> =>
  new Promise((resolve) => {
    const child = fork(
      path.join(__dirname, 'options-child.ts'),
      [state.next, step, JSON.stringify(state.skipped)].map(String),
      {
        execArgv: [...TYPESCRIPT],
        // Nothing is fetched, and no data of the user's is read.
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
        env: {
          ...process.env,
          KERAS_HOME: home,
          HTTPS_PROXY: 'http://127.0.0.1:9',
          https_proxy: '',
          NO_PROXY: '',
          no_proxy: '',
        },
      },
    );
    let isOver = false;
    let current: string | undefined;
    let deadline = performance.now() + MAX_START_SECONDS * 1000;
    let killed = '';
    let errors = '';
    child.stderr?.on('data', (text) => (errors = `${errors}${String(text)}`.slice(-600)));
    child.on('message', ({ snippet, isEnd, started, done, problem, late }: Message) => {
      deadline = performance.now() + (snippet === undefined ? MAX_SECONDS : MAX_START_SECONDS) * 1000;
      state.next = snippet ?? state.next;
      isOver ||= isEnd === true;
      current = started ?? (done === undefined ? current : undefined);
      if (done !== undefined) state.cases++;
      if (problem !== undefined) state.problems.push(`${done ?? ''}: ${problem}`);
      if (late !== undefined) state.problems.push(`later, in example ${state.next}: ${late}`);
    });
    const timer = setInterval(() => {
      const megabytes = megabytesOf(child.pid);
      if (performance.now() > deadline) killed = 'takes too long';
      else if (megabytes > MAX_MEGABYTES) killed = `takes ${Math.round(megabytes)} MB`;
      if (killed !== '') child.kill('SIGKILL');
    }, 100);
    child.on('close', (code, signal) => {
      clearInterval(timer);
      if (killed !== '' || code !== 0) {
        const why =
          killed === '' ? `ends the process (${code ?? signal}): ${errors.replaceAll('\n', ' ')}` : killed;
        state.problems.push(`${current ?? `example ${state.next}`}: ${why}`);
        // The example begins anew without it; one that ends the process itself is left out.
        if (current === undefined) state.next += step;
        else state.skipped.push(current);
      }
      resolve(isOver);
    });
  });

export const campaign: Campaign = {
  name: 'options',
  description:
    'each function of an example, called with misspelt and unknown options and with wrong values of each, says so by a KerasError in time',
  run: async ({ quick, seed, progress }) => {
    const step = quick ? QUICK_STEP : 1;
    const state: Progress = {
      problems: [],
      skipped: [],
      cases: 0,
      next: quick ? seed % step : 0,
    };
    const home = mkdtempSync(path.join(tmpdir(), 'keras-pipe-options-'));
    try {
      for (let isOver = false; !isOver;) {
        const before = state.problems.length;
        isOver = await runExamples(step, home, state);
        progress(`example ${state.next}: ${state.cases} calls, ${state.problems.length} problems`);
        if (!isOver && state.problems.length === before) break; // the process does not start
      }
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
    return { cases: state.cases, problems: state.problems };
  },
};
