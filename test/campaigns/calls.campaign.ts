import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Campaign } from './campaign';
import { runWatched } from './watched-program';

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
  /** Tells of a problem at once: a whole campaign takes long. */
  readonly progress: (text: string) => void;
  next: number;
}

/** Makes calls in one process, until all are made or one of them ends it. */
const runBatch = async (seed: number, end: number, home: string, state: Progress): Promise<void> => {
  let current = state.next;
  const problem = (what: string): void => {
    const text = `seed ${seed}, case ${current}: ${what}`;
    state.problems.push(text);
    state.progress(`PROBLEM ${text}`);
  };
  const why = await runWatched<Message>({
    program: 'calls-child.ts',
    parameters: [seed, state.next, end],
    home,
    startSeconds: MAX_START_SECONDS,
    maxMegabytes: MAX_MEGABYTES,
    told: ({ started, done, kind = '', problems = [], late }) => {
      if (started !== undefined) current = started;
      if (late !== undefined) problem(`later: ${late}`);
      if (done === undefined) return MAX_SECONDS;
      state.counts.set(kind, (state.counts.get(kind) ?? 0) + 1);
      problems.forEach(problem);
      state.next = done + 1;
      return MAX_SECONDS;
    },
  });
  if (why === undefined) return;
  problem(why);
  state.next = current + 1;
};

export const campaign: Campaign = {
  name: 'calls',
  description:
    'calls with random arguments give a result or a KerasError that names the function, and leave no tensor',
  run: async ({ quick, seed, progress }) => {
    const cases = quick ? QUICK_CASES : CASES;
    const state: Progress = { counts: new Map(), problems: [], progress, next: 0 };
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
