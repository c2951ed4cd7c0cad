import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Chance, type Campaign } from './campaign';
import { TYPESCRIPT } from '../support/programs';

const CASES = 120;
const QUICK_CASES = 8;
/** How long a program may go on after the signal, on a busy machine too. */
const MAX_MILLISECONDS = 15_000;

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
const CODES = { SIGINT: 130, SIGTERM: 143 } as const;
const child = path.join(__dirname, 'signals-child.ts');

interface Case {
  readonly engine: 'eager' | 'compiled';
  readonly wish: 'none' | 'exit' | 'stop';
  readonly signal: (typeof SIGNALS)[number];
  /** Whether the program has a terminal, on which Ctrl-C is typed. */
  readonly hasTerminal: boolean;
  /** When the signal comes, in milliseconds after the call of `fit`. */
  readonly moment: number;
}

const caseOf = (chance: Chance, canHaveTerminal: boolean): Case => ({
  engine: chance.pick(['eager', 'compiled']),
  wish: chance.pick(['none', 'exit', 'stop']),
  signal: chance.pick(SIGNALS),
  hasTerminal: canHaveTerminal && chance.fraction() < 0.6,
  // At once, while it prepares, compiles, trains and validates.
  moment: chance.fraction() < 0.3 ? 0 : 2500 * chance.fraction() ** 2,
});

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** Starts the program, with a pseudo terminal of `script` for its input and output, or with pipes. */
const start = ({ engine, wish, hasTerminal }: Case): ChildProcess => {
  const parameters = [...TYPESCRIPT, child, engine, wish];
  if (!hasTerminal) return spawn(process.execPath, parameters, { stdio: ['ignore', 'pipe', 'pipe'] });
  const line = [process.execPath, ...parameters].map(quoted).join(' ');
  return spawn('script', ['--quiet', '--return', '--command', line, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
};

/** How a program ended, and what it wrote. */
interface End {
  readonly code: number | null;
  readonly text: string;
  readonly milliseconds: number;
}

const runCase = (given: Case): Promise<End> =>
  new Promise((resolve, reject) => {
    const program = start(given);
    let text = '';
    let sent: number | undefined;
    let limit: NodeJS.Timeout | undefined;
    const send = async (pid: number): Promise<void> => {
      await sleep(given.moment);
      sent = performance.now();
      // What is typed in a terminal becomes a signal there.
      if (given.hasTerminal && given.signal === 'SIGINT') program.stdin?.write('\x03');
      else process.kill(pid, given.signal);
      limit = setTimeout(() => {
        process.kill(pid, 'SIGKILL');
        program.kill('SIGKILL');
      }, MAX_MILLISECONDS);
    };
    const note = (chunk: Buffer): void => {
      text += String(chunk);
      const [, pid] = /fitting (\d+)\r?\n/.exec(text) ?? [];
      if (pid === undefined || sent !== undefined) return;
      sent = 0;
      void send(Number(pid)).catch(() => undefined); // it has ended by itself, which is told by its code
    };
    program.stdout?.on('data', note);
    program.stderr?.on('data', (chunk: Buffer) => (text += String(chunk)));
    program.on('error', reject);
    program.on('close', (code) => {
      clearTimeout(limit);
      resolve({ code, text, milliseconds: performance.now() - (sent ?? NaN) });
    });
  });

/** What is wrong with the end of a program. */
const problemOf = (
  { wish, signal, hasTerminal }: Case,
  { code, text, milliseconds }: End,
): string | undefined => {
  const expected = wish === 'stop' ? 0 : wish === 'exit' ? 7 : CODES[signal];
  const tail = JSON.stringify(text.slice(-300));
  if (code !== expected) return `the exit code is ${code}, not ${expected}: ${tail}`;
  if (milliseconds > MAX_MILLISECONDS) return `it goes on for ${milliseconds.toFixed(0)} ms`;
  const lines = text.trimEnd().split(/\r?\n/);
  const last = lines.at(-1) ?? '';
  if (!/^\{.*\}$/.test(last)) return `the last line is ${tail}`;
  const { steps, seen, isFitted } = JSON.parse(last) as { steps: number; seen: number; isFitted: boolean };
  if (seen !== steps) return `after ${steps} steps the weight has seen ${seen}`;
  if (isFitted !== (wish === 'stop')) return isFitted ? 'the fit was done' : 'the fit was not done';
  // A bar that is not done is left for a line of its own: the child's own empty line is the only one then.
  const bar = lines.findLastIndex((line) => line.includes('ETA'));
  if (hasTerminal && wish !== 'stop' && bar !== -1 && lines.length - bar < 3) return `the bar stays: ${tail}`;
  return undefined;
};

export const campaign: Campaign = {
  name: 'signals',
  description:
    'Ctrl-C in a terminal and SIGTERM at any moment of a fit: the exit code, the weights at the end and the terminal are right',
  run: async ({ quick, seed, progress }) => {
    const cases = quick ? QUICK_CASES : CASES;
    const canHaveTerminal = spawnSync('script', ['--version']).error === undefined;
    if (!canHaveTerminal) progress('without `script` there are no cases with a terminal');
    const problems: string[] = [];
    for (let index = 0; index < cases; index++) {
      const given = caseOf(new Chance(seed, index), canHaveTerminal);
      const problem = problemOf(given, await runCase(given));
      if (problem !== undefined) {
        problems.push(`seed ${seed}, case ${index}, ${JSON.stringify(given)}: ${problem}`);
      }
      if ((index + 1) % 20 === 0) progress(`${index + 1} of ${cases}, ${problems.length} problems`);
    }
    return { cases, problems };
  },
};
