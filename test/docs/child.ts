/**
 * Runs snippets, given as JSON on standard input, and writes what came of each, one JSON line each, to the file named by the
 * first argument. A process of its own, since that is where users run them: in Jest's each test file has an `Array`
 * that is not Node's, which `assert.deepStrictEqual` minds.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Snippet } from './extract';
import { runSnippet } from './run';

const main = async (results: string): Promise<void> => {
  const snippets = JSON.parse(readFileSync(0, 'utf8')) as Snippet[];
  for (const [number, snippet] of snippets.entries()) {
    const failure = await runSnippet(snippet, number, path.dirname(results));
    appendFileSync(results, `${JSON.stringify(failure ?? null)}\n`);
  }
};

void main(process.argv[2] ?? '');
