/** TensorFlow's own lines are off while it is loaded on another thread, and nothing else is: what a program says or dies of is seen. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { TYPESCRIPT } from '../support/programs';

const folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-ready-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const root = path.resolve(__dirname, '../..');

const standardErrorOf = (imported: string, statement: string): string => {
  const program = path.join(folder, 'program.ts');
  writeFileSync(program, `import * as all from '${path.join(root, 'src', imported)}';\n${statement}\n`);
  return spawnSync(process.execPath, [...TYPESCRIPT, program], { cwd: root, encoding: 'utf8' }).stderr;
};

test.each(['index', 'fp/index', 'matchers/index'])(
  'a program sees its own lines after it imported %s',
  (entry) => {
    expect(standardErrorOf(entry, "console.error('a line of', typeof all);")).toBe('a line of object\n');
  },
);

test('what ends a program before an entry is through is seen', () => {
  expect(standardErrorOf('tfjs/tensorflow', "throw new Error('the end of', { cause: all });")).toContain(
    'Error: the end of',
  );
});
