import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { VARIANT_NAMES, type BackedUpFit } from '../persistence/support/backed-up-fit';
import { Chance, type Campaign } from './campaign';
import { TYPESCRIPT } from '../support/programs';

const CASES = 20;
const QUICK_CASES = 3;
/** A fit that is ended so often goes on to its end then. */
const MAX_KILLS = 3;

type Fit = Omit<BackedUpFit, 'folder'>;

const fitOf = (chance: Chance, index: number): Fit => ({
  variant: VARIANT_NAMES[index % VARIANT_NAMES.length] ?? 'dense',
  engine: index % 4 === 3 ? 'auto' : index % 2 === 0 ? 'compiled' : 'eager',
  saveFreq: chance.pick(['epoch', 'epoch', 1, 3, 7]),
  epochs: 20,
});

interface End {
  /** What the program saw, or undefined if it was killed. */
  readonly seen: string | undefined;
  /** Milliseconds from the beginning of the fit to the end. */
  readonly milliseconds: number;
  readonly errors: string;
}

/** Runs the program, and kills it so long after its fit has begun. */
const run = (what: BackedUpFit, moment: number | undefined): Promise<End> =>
  new Promise((resolve, reject) => {
    const program = path.join(__dirname, 'resume-child.ts');
    const child = spawn(process.execPath, [...TYPESCRIPT, program, JSON.stringify(what)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [out, errors] = ['', ''];
    let begun: number | undefined;
    let timer: NodeJS.Timeout | undefined;
    child.stdout.on('data', (chunk: Buffer) => {
      out += String(chunk);
      if (begun !== undefined || !out.includes('begins\n')) return;
      begun = performance.now();
      if (moment !== undefined) timer = setTimeout(() => child.kill('SIGKILL'), moment);
    });
    child.stderr.on('data', (chunk: Buffer) => (errors += String(chunk)));
    child.on('error', reject);
    child.on('close', () => {
      clearTimeout(timer);
      const [, seen] = /begins\n(\{.*\})\n/.exec(out) ?? [];
      resolve({ seen, milliseconds: performance.now() - (begun ?? NaN), errors });
    });
  });

const problemOf = async (what: Fit, chance: Chance): Promise<string | undefined> => {
  const folders = [0, 1].map(() => mkdtempSync(path.join(tmpdir(), 'keras-pipe-campaign-')));
  const [calm = '', folder = ''] = folders;
  try {
    const undisturbed = await run({ ...what, folder: calm }, undefined);
    if (undisturbed.seen === undefined) return `undisturbed, it ends with ${undisturbed.errors.slice(-1000)}`;
    const moments: number[] = [];
    for (;;) {
      const isLast = moments.length === MAX_KILLS;
      const moment = isLast ? undefined : 1.1 * undisturbed.milliseconds * chance.fraction();
      const { seen, errors } = await run({ ...what, folder }, moment);
      if (moment !== undefined) moments.push(Math.round(moment));
      if (seen === undefined && isLast)
        return `killed after ${moments.join(', ')} ms, it does not go on: ${errors.slice(-1000)}`;
      if (seen === undefined) continue;
      if (seen !== undisturbed.seen)
        return `killed after ${moments.join(', ')} ms: ${seen} in the place of ${undisturbed.seen}`;
      const left = readdirSync(path.join(folder, 'backup'));
      return left.length === 0 ? undefined : `it leaves ${left.join(', ')}`;
    }
  } finally {
    for (const one of folders) rmSync(one, { recursive: true, force: true });
  }
};

export const campaign: Campaign = {
  name: 'resume',
  description:
    'a fit with a backup, killed at any moment up to three times, goes on, and has the numbers of one that nothing disturbed, bit for bit',
  run: async ({ quick, seed, progress }) => {
    const cases = quick ? QUICK_CASES : CASES;
    const problems: string[] = [];
    for (let index = 0; index < cases; index++) {
      const chance = new Chance(seed, index);
      const what = fitOf(chance, index);
      const problem = await problemOf(what, chance);
      if (problem !== undefined)
        problems.push(`seed ${seed}, case ${index}, ${JSON.stringify(what)}: ${problem}`);
      progress(`${index + 1} of ${cases}, ${problems.length} problems`);
    }
    return { cases, problems };
  },
};
