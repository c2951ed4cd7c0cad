import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { embeddedPath } from '../../src/datasets/embedded';

test('finds the files of the package', () => {
  const path = embeddedPath('digits.npz');
  expect(path).toBe(resolve(__dirname, '../../datasets/digits.npz'));
  expect(existsSync(path)).toBe(true);
});
