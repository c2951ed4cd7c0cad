/** The programs of the guides: the blocks of code of each section, run to see what they print and draw. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { blocksOf, root, type Snippet } from '../test/docs/extract';
import { readSource } from './pages';

/** What a program prints between one block and the next. */
export const BLOCK_END = '\u{0}end of block';

/** The blocks of a section, as one program. */
export interface Program {
  readonly snippet: Snippet;
  /** The lines of the page on which its blocks end, from 1. */
  readonly ends: readonly number[];
}

/** What came of a program. */
export interface Outcome {
  readonly failure: string | undefined;
  /** What each block printed. */
  readonly printed: readonly string[];
  readonly milliseconds: number;
}

/** Where the TypeScript blocks of a page begin and end: the lines of their fences, from 1. */
const fencesOf = (text: string): { readonly first: number; readonly last: number }[] => {
  const fences: { first: number; last: number }[] = [];
  let first: number | undefined;
  let isOpen = false;
  text.split('\n').forEach((line, index) => {
    const mark = /^```\s*(.*)$/.exec(line)?.[1];
    if (mark === undefined) return;
    if (isOpen) {
      if (first !== undefined) fences.push({ first, last: index + 1 });
      first = undefined;
    } else if (/^ts\b/.test(mark)) first = index + 1;
    isOpen = !isOpen;
  });
  return fences;
};

/** The programs of a page that are to be run. */
export const programsOf = (file: string): Program[] => {
  const text = readSource(file);
  const fences = fencesOf(text);
  return blocksOf(file, text)
    .filter(({ run }) => run)
    .map((snippet) => {
      const end = snippet.line + snippet.lines.length;
      const own = fences.filter(({ first, last }) => first >= snippet.line - 1 && last <= end);
      const lines = [...snippet.lines];
      // Between two blocks there are empty lines, the places of the fences.
      for (const { first } of own.slice(1)) lines[first - snippet.line] = `console.log('${BLOCK_END}');`;
      return { snippet: { ...snippet, lines }, ends: own.map(({ last }) => last) };
    });
};

/** How long all programs may take, in milliseconds. */
const MAX_TIME = 480_000;

/** Runs programs, in a process of their own, in a folder, which then has the files that they write. */
export const runPrograms = async (programs: readonly Program[], folder: string): Promise<Outcome[]> => {
  mkdirSync(folder, { recursive: true });
  const results = path.join(folder, 'results.jsonl');
  const child = spawn(
    process.execPath,
    ['--expose-gc', '--import', 'tsx', path.join(root, 'site', 'child.ts'), results, folder],
    { cwd: root, stdio: ['pipe', 'inherit', 'pipe'], timeout: MAX_TIME },
  );
  let said = '';
  child.stderr.on('data', (part: Buffer) => {
    said = (said + part.toString()).slice(-2000);
  });
  // A process that has ended takes nothing.
  child.stdin.on('error', () => undefined);
  child.stdin.end(JSON.stringify(programs));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  const outcomes = readLines(results).map((line) => JSON.parse(line) as Outcome);
  rmSync(results, { force: true });
  const [missing] = programs.slice(outcomes.length);
  if (missing !== undefined) {
    const { file, line } = missing.snippet;
    throw new Error(`${file}:${line}: the process ended in it, with ${signal ?? code}. ${said}`);
  }
  return outcomes;
};

const readLines = (file: string): string[] => {
  try {
    return readFileSync(file, 'utf8').trim().split('\n');
  } catch {
    return [];
  }
};
