import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Campaign } from './campaign';
import { runWatched } from './watched-program';

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

/** After so many examples it is told how far it is. */
const TOLD_AFTER = 25;

interface Progress {
  readonly problems: string[];
  /** Tells of a problem at once: a whole campaign takes long. */
  readonly progress: (text: string) => void;
  /** Calls that end the process: they are not made again. */
  readonly skipped: string[];
  cases: number;
  /** The example that is under way. */
  next: number;
}

/** Runs examples in one process, until all are through, which it tells, or one of the calls ends it. */
const runExamples = async (step: number, home: string, state: Progress): Promise<boolean> => {
  let isOver = false;
  let current: string | undefined;
  const problem = (text: string): void => {
    state.problems.push(text);
    state.progress(`PROBLEM ${text}`);
  };
  const why = await runWatched<Message>({
    program: 'options-child.ts',
    parameters: [state.next, step, JSON.stringify(state.skipped)],
    home,
    startSeconds: MAX_START_SECONDS,
    maxMegabytes: MAX_MEGABYTES,
    told: ({ snippet, isEnd, started, done, problem: wrong, late }) => {
      if (snippet !== undefined && Math.floor(snippet / TOLD_AFTER) > Math.floor(state.next / TOLD_AFTER))
        state.progress(`example ${snippet}: ${state.cases} calls`);
      state.next = snippet ?? state.next;
      isOver ||= isEnd === true;
      current = started ?? (done === undefined ? current : undefined);
      if (done !== undefined) state.cases++;
      if (wrong !== undefined) problem(`${done ?? ''}: ${wrong}`);
      if (late !== undefined) problem(`later, in example ${state.next}: ${late}`);
      return snippet === undefined ? MAX_SECONDS : MAX_START_SECONDS;
    },
  });
  if (why !== undefined) {
    problem(`${current ?? `example ${state.next}`}: ${why}`);
    // The example begins anew without it; one that ends the process itself is left out.
    if (current === undefined) state.next += step;
    else state.skipped.push(current);
  }
  return isOver;
};

export const campaign: Campaign = {
  name: 'options',
  description:
    'each function of an example, called with misspelt and unknown options and with wrong values of each, says so by a KerasError in time',
  run: async ({ quick, seed, progress }) => {
    const step = quick ? QUICK_STEP : 1;
    const state: Progress = {
      problems: [],
      progress,
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
