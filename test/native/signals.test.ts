/** Signals do not harm a thread in which TensorFlow multiplies matrices. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { TYPESCRIPT } from '../support/programs';
import { openRuntime } from '../../src/native/index';
import { libraryFolder } from './support';

const runtime = openRuntime(libraryFolder());
const { library } = runtime;

/** Where oneDNN may be, on a system that tells what a thread holds back. */
const mayHarm = process.platform === 'linux' && process.arch === 'x64' && !library.version.startsWith('1.');

/** The signals that a thread holds back, by their numbers. */
const heldBack = (task: string): number[] => {
  const status = readFileSync(`/proc/${task}/status`, 'utf8');
  const bits = BigInt(`0x${/^SigBlk:\s*(\w+)$/m.exec(status)?.[1] ?? '0'}`);
  return Array.from({ length: 64 }, (_, bit) => bit + 1).filter(
    (signal) => (bits >> BigInt(signal - 1)) & 1n,
  );
};

const [SIGINT, SIGSEGV, SIGTERM, SIGPROF, SIGWINCH] = [2, 11, 15, 27, 28];

(mayHarm ? test : test.skip)(
  'a thread holds back all but those that tell of faults, until it is done',
  () => {
    const before = heldBack('thread-self');
    const held = library.withoutSignals(() => heldBack('thread-self'));
    expect(held).toEqual(expect.arrayContaining([SIGINT, SIGTERM, SIGPROF, SIGWINCH]));
    expect(held).not.toContain(SIGSEGV);
    expect(() =>
      library.withoutSignals(() => {
        throw new Error('as it was');
      }),
    ).toThrow('as it was');
    expect(heldBack('thread-self')).toEqual(before);
    expect(before).not.toContain(SIGINT);
  },
);

(mayHarm ? test : test.skip)("TensorFlow's own threads leave signals to others", () => {
  const tasks = readdirSync('/proc/self/task').map((task) => heldBack(`self/task/${task}`));
  expect(tasks.filter((signals) => signals.includes(SIGINT)).length).toBeGreaterThanOrEqual(2);
});

(mayHarm ? test.skip : test)('where they do no harm, nothing is held back', () => {
  if (process.platform !== 'linux') return;
  expect(library.withoutSignals(() => heldBack('thread-self'))).toEqual(heldBack('thread-self'));
});

test('a process that is sent many trains all the same', () => {
  const file = path.join(__dirname, 'signals-child.ts');
  const child = spawnSync(process.execPath, [...TYPESCRIPT, file], { encoding: 'utf8', timeout: 90_000 });
  expect([child.signal, child.status, child.stderr]).toEqual([null, 0, '']);
  expect(child.stdout).toBe('trained\n');
}, 100_000);
