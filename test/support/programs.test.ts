import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from '../docs/extract';
import { lastMessage, startThread, TYPESCRIPT } from './programs';

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

const folderIn = (parent: string): string => {
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(path.join(parent, 'keras-pipe-programs-'));
  folders.push(folder);
  return folder;
};

const run = (program: string, ...options: string[]) =>
  spawnSync(process.execPath, [...options, ...TYPESCRIPT, program], { encoding: 'utf8' });

/** Files of the clone, whose JavaScript is kept, and others. */
const places = [
  ['in the clone', path.join(root, 'build')],
  ['elsewhere', tmpdir()],
] as const;

test.each(places)('a program %s is compiled, and compiled again when it has changed', (_, parent) => {
  const folder = folderIn(parent);
  const program = path.join(folder, 'program.ts');
  writeFileSync(path.join(folder, 'word.ts'), "export const word: string = 'first';\n");
  writeFileSync(program, "import { word } from './word';\nconsole.log(word satisfies string);\n");
  expect(run(program)).toMatchObject({ status: 0, stdout: 'first\n', stderr: '' });
  expect(run(program)).toMatchObject({ status: 0, stdout: 'first\n', stderr: '' });
  writeFileSync(path.join(folder, 'word.ts'), "export const word: string = 'second';\n");
  expect(run(program)).toMatchObject({ status: 0, stdout: 'second\n', stderr: '' });
});

test('an error has its line, where maps are asked for', () => {
  const program = path.join(folderIn(tmpdir()), 'program.ts');
  writeFileSync(program, "interface Never {\n  a: number;\n}\n\nthrow new Error('no' as string);\n");
  const { status, stderr } = run(program, '--enable-source-maps');
  expect(status).toBe(1);
  expect(stderr).toContain(`${program}:5:`);
});

test('a thread says something, and what it dies of is told', async () => {
  const folder = folderIn(tmpdir());
  const program = path.join(folder, 'thread.ts');
  writeFileSync(
    program,
    `import { parentPort, workerData } from 'node:worker_threads';
     const { number } = workerData as { number: number };
     if (number < 0) throw new RangeError('below 0');
     parentPort?.postMessage('begins');
     parentPort?.postMessage(2 * number);`,
  );
  expect(await lastMessage(startThread(program, { number: 4 }))).toBe(8);
  await expect(lastMessage(startThread(program, { number: -1 }))).rejects.toThrow('below 0');
});
