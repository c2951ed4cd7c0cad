import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { TYPESCRIPT } from '../support/programs';

interface Answer {
  readonly inTurn: readonly (readonly number[])[];
  readonly atOnce: readonly (readonly number[])[];
  readonly alone: readonly (readonly number[])[];
}

test('threads that train, one after the other and several at once, get the numbers that they get alone', () => {
  const child = spawnSync(process.execPath, [...TYPESCRIPT, path.join(__dirname, 'workers-child.ts')], {
    encoding: 'utf8',
  });
  expect(child.stderr).toBe('');
  expect([child.signal, child.status]).toEqual([null, 0]);
  const { inTurn, atOnce, alone } = JSON.parse(child.stdout) as Answer;
  for (const numbers of alone) {
    expect(numbers).toHaveLength(11);
    expect(numbers.every(Number.isFinite)).toBe(true);
    expect(numbers[7]).toBeLessThan(numbers[0] ?? 0);
  }
  expect(inTurn).toEqual(alone.slice(0, 2));
  expect(atOnce).toEqual(alone);
});

test('so do threads of a process whose main thread has not the library, also after one that was ended in a step', () => {
  const file = path.join(__dirname, 'workers-alone-child.ts');
  const child = spawnSync(process.execPath, [...TYPESCRIPT, file], { encoding: 'utf8' });
  // Newer versions say which kernels they have while they load; in a thread that loads them first nobody can stop them.
  const lines = child.stderr.split('\n').filter((line) => line !== '');
  expect(lines.filter((line) => !/^(WARNING: All log messages before|I0000 )/.test(line))).toEqual([]);
  expect([child.signal, child.status]).toEqual([null, 0]);
  const { inTurn, atOnce, after, codes } = JSON.parse(child.stdout) as Record<
    'inTurn' | 'atOnce' | 'after',
    readonly (readonly number[])[]
  > & { readonly codes: readonly number[] };
  for (const numbers of inTurn) expect(numbers).toHaveLength(11);
  expect(atOnce).toEqual(inTurn);
  expect(after).toEqual(inTurn);
  expect(codes).toEqual([1, 5, 1]);
});
