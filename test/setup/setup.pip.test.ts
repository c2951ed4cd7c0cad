/** Setup with a pip that does what a test says, and wheels of its own. */
import { createHash } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeReadOnly, smallDisk, unmountAll, withMount } from './support/disks';
import { expectFailure, expectUntouched } from './support/placed';
import { makeProject, makeWheel, removeFolders, run } from './support/project';

afterEach(() => {
  unmountAll();
  removeFolders();
});

const wanted = ['setup', '--library', '2.21.0'];

it.each([
  ['no pip', /there is no pip, by which Python installs packages/, /Install Python's pip/],
  ['offline', /pip cannot reach the index in use; pip says: Could not fetch https:\/\/example/, /network/],
  ['missing', /the index in use does not have tensorflow_cpu==2\.21\.0 for this system/, /mirror/],
  ['forbidden', /the index in use refuses tensorflow_cpu==2\.21\.0/, /pip config list/],
  ['full', /the disk is full, where pip keeps its cache/, /pip cache dir/],
  ['broken', /`pip download tensorflow_cpu==2\.21\.0` ended with code 1; pip says: Exception/, /again/],
  ['truncated', /tensorflow_cpu==2\.21\.0 is not the file expected: its SHA-256 is/, /PIP_INDEX_URL/],
])('that ends with: %s', async (mode, reason, advice) => {
  const project = makeProject();
  project.pip(mode);
  const failed = await run(project, {}, wanted);
  expectFailure(failed, reason, advice);
  expect(failed.stderr).not.toContain('secret');
  expectUntouched(project);
  project.pip('works');
  expect(await run(project, {}, wanted)).toMatchObject({ code: 0 });
});

it('that gives a wheel without the library, or an archive that is none', async () => {
  const project = makeProject();
  project.pip('works');
  const folder = path.join(project.folder, 'tarballs');
  const wheels = [makeWheel(folder, { 'tensorflow/__init__.py': '' })];
  expectFailure(await run(project, { wheels }, wanted), /has no C library for linux in it/);
  const file = path.join(folder, 'tensorflow_cpu-2.21.0.whl');
  writeFileSync(file, 'no archive');
  const sha256 = createHash('sha256').update('no archive').digest('hex');
  const other = wheels.map((wheel) => ({ ...wheel, sha256 }));
  const failed = await run(project, { wheels: other }, wanted);
  expectFailure(failed, /: TensorFlow's wheel cannot be unpacked: End of central directory .*\.\n/);
  expect(failed.stderr.match(/End of central directory/g)).toHaveLength(1);
  expectUntouched(project);
});

it('is not asked for what no wheel has', async () => {
  const project = makeProject();
  expectFailure(
    await run(project, {}, ['setup', '--library', '2.3']),
    /what --library asks for: nothing has TensorFlow 2\.3 for this system/,
    /- Ask for `--library 1\.15\.0`, `--library 2\.21\.0`, `--library 2\.9\.1`, or name a folder with another\.\n/,
  );
  const env = { ...project.options.env, KERAS_PIPE_LIBRARY: '9.9' };
  const platform = { os: 'darwin', arch: 'arm64', libc: '' };
  expectFailure(
    await run(project, { env, platform }),
    /what KERAS_PIPE_LIBRARY asks for: nothing has TensorFlow 9\.9 for this system\.\n/,
    /- Ask for `KERAS_PIPE_LIBRARY=2\.9\.1`, or name a folder with another\.\n/,
  );
  expect(project.calls()).toEqual([]);
});

withMount(
  'a disk of the cache that is too small for a wheel and what is in it, which is seen before the download',
  async () => {
    const project = makeProject();
    project.pip('works');
    expect(smallDisk(project.options.cache, '64k')).toBe(true);
    expectFailure(
      await run(project, {}, wanted),
      /the disk of \S+cache is full: 0\.2 MB are needed, 0\.1 MB are free/,
      /KERAS_PIPE_CACHE/,
    );
    expect(project.calls()).toEqual([]);
    expectUntouched(project);
  },
);

withMount('a disk of the cache that fills up while a wheel is unpacked', async () => {
  const project = makeProject();
  project.pip('works');
  // The wheel has 120 kB, and what is in it as much again.
  expect(smallDisk(project.options.cache, '192k')).toBe(true);
  const wheels = project.options.wheels.map((wheel) => ({ ...wheel, bytes: { packed: 10, unpacked: 10 } }));
  expectFailure(await run(project, { wheels }, wanted), /the disk of \S+cache is full\./, /KERAS_PIPE_CACHE/);
  expect(project.calls()).toHaveLength(1);
  expectUntouched(project);
  expect(readdirSync(project.options.cache)).toEqual([]);
});

withMount('a cache that is read-only', async () => {
  const project = makeProject();
  project.pip('works');
  expect(makeReadOnly(project.options.cache)).toBe(true);
  expectFailure(await run(project, {}, wanted), /cache cannot be written to \(EROFS\)/, /KERAS_PIPE_CACHE/);
  expect(project.calls()).toEqual([]);
  expectUntouched(project);
});
