import * as files from '../../src/setup/files';
import { removeFolders, temporaryFolder } from './support/project';

afterEach(removeFolders);

it('sizes', () => {
  expect(files.megabytes(194_920_996)).toBe('195 MB');
  expect(files.megabytes(228_166)).toBe('0.2 MB');
});

it('space that a disk does not have', async () => {
  const folder = temporaryFolder();
  await expect(files.needSpace(folder, 1, 'x')).resolves.toBeUndefined();
  await expect(files.needSpace(folder, 1e18, 'x')).rejects.toThrow(
    /is full: 1000000000000 MB are needed, \d+ MB are free/,
  );
});
