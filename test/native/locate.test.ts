import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  choiceFile,
  compareVersions,
  isVersion,
  locateLibrary,
  matchesVersion,
  versionsIn,
  type Place,
} from '../../src/native/locate';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const put = (file: string, content = ''): void => {
  const whole = path.join(folder, file);
  mkdirSync(path.dirname(whole), { recursive: true });
  writeFileSync(whole, content);
};

const place = (env: NodeJS.ProcessEnv = {}, os = 'linux'): Place => ({
  root: path.join(folder, 'app'),
  cwd: folder,
  env: { KERAS_PIPE_CACHE: path.join(folder, 'cache'), ...env },
  os,
  arch: 'x64',
});

const located = (env: NodeJS.ProcessEnv = {}, os?: string): string | undefined => {
  const found = locateLibrary(place(env, os));
  return found === undefined ? undefined : path.relative(folder, found.folder);
};

const TFJS_NODE = 'app/node_modules/@tensorflow/tfjs-node';

const putEverywhere = (): void => {
  put('app/package.json', '{}');
  put(`${TFJS_NODE}/package.json`, '{}');
  put(`${TFJS_NODE}/deps/lib/libtensorflow.so.2`);
  put('app/native/tensorflow-1.15.0-linux-x64/libtensorflow.so.1');
  put('cache/tensorflow-2.9.3-linux-x64/libtensorflow_cc.so.2');
  put('cache/tensorflow-2.21.0-linux-x64/libtensorflow_cc.so.2');
  put('cache/tensorflow-2.22.0-linux-arm64/libtensorflow_cc.so.2');
  put('cache/tensorflow-2.23.0-linux-x64/half of it');
};

test('nothing is found where nothing is', () => {
  put('app/package.json', '{}');
  expect(located()).toBeUndefined();
});

test('what setup has chosen comes before what tfjs-node has brought, unless it is gone', () => {
  putEverywhere();
  expect(located()).toBe(path.join(TFJS_NODE, 'deps', 'lib'));
  const choose = (chosen: string): void =>
    writeFileSync(choiceFile(place().root), JSON.stringify({ folder: chosen, source: 'npm' }));
  choose('tensorflow-1.15.0-linux-x64');
  expect(located()).toBe('app/native/tensorflow-1.15.0-linux-x64');
  expect(locateLibrary(place())?.reason).toBe('setup has put it in place, from npm');
  choose(path.join(folder, 'cache', 'tensorflow-2.21.0-linux-x64'));
  expect(located()).toBe('cache/tensorflow-2.21.0-linux-x64');
  choose('gone');
  expect(located()).toBe(path.join(TFJS_NODE, 'deps', 'lib'));
  for (const damaged of ['{ half', '', 'null', '[]', '{ "folder": 5 }']) {
    writeFileSync(choiceFile(place().root), damaged);
    expect(located()).toBe(path.join(TFJS_NODE, 'deps', 'lib'));
  }
});

test.each([
  ['2.x', 'cache/tensorflow-2.21.0-linux-x64'],
  ['2.9', 'cache/tensorflow-2.9.3-linux-x64'],
  ['2.9.3', 'cache/tensorflow-2.9.3-linux-x64'],
  ['1.15', 'app/native/tensorflow-1.15.0-linux-x64'],
  ['1.x', 'app/native/tensorflow-1.15.0-linux-x64'],
  ['2.2', undefined],
  ['3.x', undefined],
])('the version that is asked for, %s, is the newest of those that fit', (version, expected) => {
  putEverywhere();
  expect(located({ KERAS_PIPE_LIBRARY: version, LIBTENSORFLOW_DIR: '/nowhere' })).toBe(expected);
});

test.each([
  ['itself', 'named/libtensorflow.so.2', 'named', 'linux'],
  ["TensorFlow's archive", 'named/lib/libtensorflow.2.dylib', 'named/lib', 'darwin'],
  ["TensorFlow's archive for Windows", 'named/lib/tensorflow.dll', 'named/lib', 'win32'],
  ['a copy of tfjs-node', 'named/deps/lib/libtensorflow.so.2', 'named/deps/lib', 'linux'],
  ["Python's packages", 'named/tensorflow/libtensorflow_cc.so.2', 'named/tensorflow', 'linux'],
])('a folder that is named is %s', (_, file, expected, os) => {
  putEverywhere();
  put(file);
  expect(located({ LIBTENSORFLOW_DIR: 'named' }, os)).toBe(expected);
  expect(located({ KERAS_PIPE_LIBRARY: path.join(folder, 'named') }, os)).toBe(expected);
});

test('a folder that is named and does not serve is not passed over', () => {
  putEverywhere();
  expect(located({ LIBTENSORFLOW_DIR: 'nowhere' })).toBe('nowhere');
});

test('versions are told from folders, and compared by their numbers', () => {
  expect(['1.15', '2.x', '2', '2.21.0'].every(isVersion)).toBe(true);
  expect(['', 'lib', './2.x', '/opt/2.1', '2.'].some(isVersion)).toBe(false);
  expect(matchesVersion('2.2', '2.21.0')).toBe(false);
  expect(compareVersions('2.9.3', '2.21.0')).toBeLessThan(0);
  expect(compareVersions('2.21', '2.21.0')).toBe(0);
  putEverywhere();
  expect(versionsIn(path.join(folder, 'cache'), place()).map(({ version }) => version)).toEqual([
    '2.21.0',
    '2.9.3',
  ]);
});
