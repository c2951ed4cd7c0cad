import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { TYPESCRIPT } from '../support/programs';

interface Answer {
  readonly left: number;
  readonly leftBySynchronousLoop: number;
  readonly leftUnused: number;
  readonly counts: { readonly before: readonly number[]; readonly after: readonly number[] };
}

test('tfjs computes without the addon, frees the tensors that a program forgets, and counts them right', () => {
  const child = spawnSync(
    process.execPath,
    ['--expose-gc', ...TYPESCRIPT, path.join(__dirname, 'tfjs-node-child.ts')],
    { encoding: 'utf8' },
  );
  expect(child.stderr).toBe('');
  const { left, leftBySynchronousLoop, leftUnused, counts, ...rest } = JSON.parse(child.stdout) as Answer;
  expect(rest).toEqual({ backend: 'tensorflow', sum: [4, 6], kept: [51200], addons: [] });
  // Of 15000, 200 kB most of them, at most what is waited for until a collection is asked for.
  expect(left).toBeLessThan(9000);
  expect(counts.after).toEqual(counts.before);
  // Of 6000 whose values no operation has used: there is nothing of TensorFlow's to free, but JavaScript's own.
  expect(leftUnused).toBeLessThan(1500);
  // A loop that awaits nothing can free nothing on later versions.
  if (Number(process.versions.node.split('.')[0]) <= 22) expect(leftBySynchronousLoop).toBeLessThan(2800);
});
