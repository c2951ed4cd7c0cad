import { isAttended, openerOf } from '../../src/live/browser';

describe('a browser is opened where somebody is likely to look', () => {
  test.each([
    ['Linux with a screen', { DISPLAY: ':0' }, 'linux', true],
    ['Linux with Wayland', { WAYLAND_DISPLAY: 'wayland-0' }, 'linux', true],
    ['Linux without a screen', {}, 'linux', false],
    ['Linux with an empty DISPLAY', { DISPLAY: '' }, 'linux', false],
    ['macOS', {}, 'darwin', true],
    ['macOS from elsewhere', { SSH_CONNECTION: '10.0.0.1 1 10.0.0.2 22' }, 'darwin', false],
    ['Windows', {}, 'win32', true],
    ['a build server', { DISPLAY: ':0', CI: 'true' }, 'linux', false],
    ['CI=false', { DISPLAY: ':0', CI: 'false' }, 'linux', true],
    ['a test', { NODE_ENV: 'test' }, 'darwin', false],
    ['a test of Jest', { JEST_WORKER_ID: '1' }, 'win32', false],
    ['a test of Vitest', { DISPLAY: ':0', VITEST: 'true' }, 'linux', false],
    ['a test of Node.js', { NODE_TEST_CONTEXT: 'child' }, 'darwin', false],
  ])('%s', (_, environment, platform, expected) => {
    expect(isAttended(environment, platform)).toBe(expected);
  });
});

test('each system has its own way to open an address', () => {
  const address = 'http://127.0.0.1:8080/?token=ab12';
  expect(openerOf(address, 'linux')).toEqual(['xdg-open', [address]]);
  expect(openerOf(address, 'freebsd')).toEqual(['xdg-open', [address]]);
  expect(openerOf(address, 'darwin')).toEqual(['open', [address]]);
  expect(openerOf(address, 'win32')).toEqual(['cmd', ['/c', 'start', '""', address]]);
});
