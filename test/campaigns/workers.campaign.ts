import { spawn } from 'node:child_process';
import path from 'node:path';
import { Chance, type Campaign } from './campaign';
import { TYPESCRIPT } from '../support/programs';

const CASES = 40;
const QUICK_CASES = 2;
const MAX_ROUNDS = 4;
const MAX_AT_ONCE = 3;

const child = path.join(__dirname, 'workers-child.ts');

/** Rounds of workers: when each is ended, or null for those that end by themselves. */
const roundsOf = (chance: Chance): (number | null)[][] =>
  Array.from({ length: 1 + chance.below(MAX_ROUNDS) }, () =>
    Array.from({ length: 1 + chance.below(MAX_AT_ONCE) }, () =>
      chance.fraction() < 0.4 ? chance.below(4000) : null,
    ),
  );

const run = (
  rounds: unknown,
): Promise<{ code: number | null; signal: string | null; out: string; err: string }> =>
  new Promise((resolve, reject) => {
    const program = spawn(process.execPath, [...TYPESCRIPT, child, JSON.stringify(rounds)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [out, err] = ['', ''];
    program.stdout.on('data', (chunk: Buffer) => (out += String(chunk)));
    program.stderr.on('data', (chunk: Buffer) => (err += String(chunk)));
    program.on('error', reject);
    program.on('close', (code, signal) => resolve({ code, signal, out, err }));
  });

/** Two epochs of 500 steps, seen by the optimizer and by the weight, in each engine. */
const RIGHT = JSON.stringify([1000, 1000, 1000, 1000]);

const problemOf = async (rounds: readonly (number | null)[][]): Promise<string | undefined> => {
  const { code, signal, out, err } = await run(rounds);
  if (code !== 0) return `it ends with ${signal ?? code}: ${err.slice(-500)}`;
  const results = JSON.parse(out) as unknown[][];
  for (const [index, round] of [...rounds, [null]].entries()) {
    for (const [position, ended] of round.entries()) {
      const result = results[index]?.[position] ?? null;
      if (ended !== null && result === null) continue;
      if (JSON.stringify(result) !== RIGHT) {
        return `worker ${position} of round ${index} gives ${JSON.stringify(result)}`;
      }
    }
  }
  return undefined;
};

export const campaign: Campaign = {
  name: 'workers',
  description:
    'training in worker threads, one after the other and at once, some of them ended in the middle: right numbers, no crash',
  run: async ({ quick, seed, progress }) => {
    const cases = quick ? QUICK_CASES : CASES;
    const problems: string[] = [];
    for (let index = 0; index < cases; index++) {
      const rounds = roundsOf(new Chance(seed, index));
      const problem = await problemOf(rounds);
      if (problem !== undefined)
        problems.push(`seed ${seed}, case ${index}, ${JSON.stringify(rounds)}: ${problem}`);
      if ((index + 1) % 10 === 0) progress(`${index + 1} of ${cases}, ${problems.length} problems`);
    }
    return { cases, problems };
  },
};
