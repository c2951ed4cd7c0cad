import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { GUIDES, root, snippets, type Snippet } from './extract';
import { TYPESCRIPT } from '../support/programs';

// Those of the guides are run by the test of the site, which shows what they print.
const running = snippets().filter(({ run, file }) => run && !file.startsWith(`${GUIDES}/`));

const broken = (lines: string[], more: Partial<Snippet> = {}): Snippet => ({
  file: 'src/models/pipe.ts',
  line: 10,
  lines: ['', ...lines],
  kind: 'body',
  of: 'broken',
  run: true,
  ...more,
});

const mistakes: readonly (readonly [Snippet, RegExp])[] = [
  [
    broken(['interface A {', '  a: number', '}', 'const a: A = { a: 1 }', 'assert.strictEqual(a.a, 2)']),
    /^src\/models\/pipe\.ts:15: AssertionError/,
  ],
  [
    broken(['await Promise.resolve()', '', '', "throw new TypeError('no')"]),
    /^src\/models\/pipe\.ts:14: TypeError: no$/,
  ],
  [
    broken(["import { tf } from 'keras-pipe'", '', 'throw new TypeError(typeof tf)'], {
      file: 'README.md',
      kind: 'module',
    }),
    /^README\.md:13: TypeError: object$/,
  ],
];

/** What came of each snippet: what went wrong, or null; fewer when the process ended early. */
let results: (string | null)[] = [];
let said = '';

beforeAll(() => {
  const folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-docs-'));
  const file = path.join(folder, 'results');
  const child = spawnSync(
    process.execPath,
    [...TYPESCRIPT, path.join(root, 'test', 'docs', 'child.ts'), file],
    {
      cwd: root,
      input: JSON.stringify([...running, ...mistakes.map(([snippet]) => snippet)]),
      stdio: ['pipe', 'ignore', 'pipe'],
      encoding: 'utf8',
      timeout: 480_000,
    },
  );
  said = `${child.stderr.slice(-2000)} ${child.error?.message ?? ''}`;
  try {
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    results = lines.map((line) => JSON.parse(line) as string | null);
  } catch {
    results = [];
  }
  rmSync(folder, { recursive: true });
  // All in one process, as starting TensorFlow takes longer than most examples.
}, 500_000);

const resultOf = (index: number): string | null => {
  const result = results[index];
  if (result === undefined) throw new Error(`not run; the process ended before it. ${said}`);
  return result;
};

test.each(running.map((snippet, index) => [`${snippet.file}:${snippet.line}`, snippet.of, index] as const))(
  '%s %s',
  (_place, _of, index) => {
    const failure = resultOf(index);
    if (failure !== null) throw new Error(failure);
  },
);

test.each(mistakes.map(([, expected], index) => [expected, index] as const))(
  'a broken snippet is told: %s',
  (expected, index) => {
    expect(resultOf(running.length + index)).toMatch(expected);
  },
);
