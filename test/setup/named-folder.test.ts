import { readdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { useNamedFolder } from '../../src/setup/named-folder';
import { removeFolders, temporaryFolder, write } from './support/project';

afterEach(removeFolders);

const linux = { os: 'linux', arch: 'x64', libc: 'glibc' };
const addon = 'lib/napi-v8/tfjs_binding.node';

const listing = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();

const use = async (names: readonly string[], platform = linux): Promise<string[]> => {
  const [folder, destination] = [temporaryFolder(), temporaryFolder()];
  for (const name of names) write(path.join(folder, name), name);
  await useNamedFolder(folder, platform, destination);
  return listing(destination);
};

it.each([
  ["tfjs-node's folder", ['deps/lib/libtensorflow.so.2', 'deps/lib/libtensorflow_framework.so.2', addon]],
  [
    "TensorFlow's archive with the addon",
    ['lib/libtensorflow.so.2', 'lib/libtensorflow_framework.so.2', 'tfjs_binding.node'],
  ],
  [
    'both in one folder',
    ['libtensorflow.so.2', 'libtensorflow_framework.so.2', 'tfjs_binding.node', 'other.so'],
  ],
  [
    'both archives unpacked',
    ['lib/libtensorflow.so.2', 'lib/libtensorflow_framework.so.2', 'napi-v8/tfjs_binding.node'],
  ],
  [
    'an older addon folder',
    ['deps/lib/libtensorflow.so.2', 'deps/lib/libtensorflow_framework.so.2', 'lib/napi-v6/tfjs_binding.node'],
  ],
])('%s', async (_name, names) => {
  expect(await use(names)).toEqual([
    'deps/lib/libtensorflow.so.2',
    'deps/lib/libtensorflow_framework.so.2',
    addon,
  ]);
});

it('macOS and Windows have libraries of other names and places', async () => {
  expect(
    await use(['lib/libtensorflow.2.9.1.dylib', 'tfjs_binding.node'], {
      os: 'darwin',
      arch: 'arm64',
      libc: '',
    }),
  ).toEqual(['deps/lib/libtensorflow.2.9.1.dylib', addon]);
  expect(
    await use(['lib/tensorflow.dll', 'tfjs_binding.node'], { os: 'win32', arch: 'x64', libc: '' }),
  ).toEqual(['lib/napi-v8/tensorflow.dll', addon]);
});

it('links among the libraries stay', async () => {
  const [folder, destination] = [temporaryFolder(), temporaryFolder()];
  write(path.join(folder, 'lib', 'libtensorflow.so.2.9.1'), 'x');
  symlinkSync('libtensorflow.so.2.9.1', path.join(folder, 'lib', 'libtensorflow.so.2'));
  write(path.join(folder, 'tfjs_binding.node'), 'x');
  await useNamedFolder(folder, linux, destination);
  expect(listing(destination)).toEqual([
    'deps/lib/libtensorflow.so.2',
    'deps/lib/libtensorflow.so.2.9.1',
    addon,
  ]);
});

it.each([
  [[], /has no libtensorflow for linux$/],
  [['lib/tensorflow.dll', 'tfjs_binding.node'], /has no libtensorflow for linux$/],
  [['lib/libtensorflow.so.2'], /has libtensorflow, but no tfjs_binding\.node$/],
])('what lacks a part: %j', async (names, message) => {
  await expect(use(names)).rejects.toThrow(message);
});
