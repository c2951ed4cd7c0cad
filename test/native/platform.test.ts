import path from 'node:path';
import { cacheFolder } from '../../src/native/locate';
import { currentPlatform, describePlatform } from '../../src/native/platform';

it.each([
  [{}, 'linux', '/home/me/.cache/keras-pipe'],
  [{ XDG_CACHE_HOME: '/var/cache/me' }, 'linux', '/var/cache/me/keras-pipe'],
  [{ XDG_CACHE_HOME: 'relative' }, 'linux', '/home/me/.cache/keras-pipe'],
  [{ XDG_CACHE_HOME: '' }, 'linux', '/home/me/.cache/keras-pipe'],
  [{}, 'darwin', '/home/me/Library/Caches/keras-pipe'],
  [{ LOCALAPPDATA: '/local' }, 'win32', '/local/keras-pipe'],
  [{}, 'win32', '/home/me/AppData/Local/keras-pipe'],
  [{ KERAS_PIPE_CACHE: '/here', XDG_CACHE_HOME: '/var/cache/me' }, 'linux', '/here'],
  [{ KERAS_PIPE_CACHE: 'here' }, 'linux', path.resolve('here')],
  [{ KERAS_PIPE_CACHE: '' }, 'darwin', '/home/me/Library/Caches/keras-pipe'],
])('the cache with %j on %s is %s', (env, os, folder) => {
  expect(cacheFolder(env, os, '/home/me')).toBe(folder);
});

it('knows this machine', () => {
  const { os, arch, libc } = currentPlatform();
  expect([os, arch]).toEqual([process.platform, process.arch]);
  expect(['glibc', 'musl']).toContain(os === 'linux' ? libc : 'glibc');
});

it('takes a Node.js that reports no glibc for one on musl', () => {
  if (process.platform !== 'linux') return;
  const report = jest.spyOn(process.report, 'getReport').mockReturnValue({ header: {} });
  expect(currentPlatform().libc).toBe('musl');
  report.mockReturnValue({ header: { glibcVersionRuntime: '2.36' } });
  expect(currentPlatform().libc).toBe('glibc');
  report.mockRestore();
});

it('names a platform', () => {
  expect(describePlatform({ os: 'linux', arch: 'x64', libc: 'musl' })).toBe('linux x64 with musl');
  expect(describePlatform({ os: 'darwin', arch: 'arm64', libc: '' })).toBe('darwin arm64');
});
