import { readFileSync } from 'node:fs';
import path from 'node:path';
import { hostOf } from '../../src/setup/c-archive';

const script = readFileSync(
  path.join(path.dirname(require.resolve('@tensorflow/tfjs-node/package.json')), 'scripts', 'install.js'),
  'utf8',
);

test("the host that is asked is the one that tfjs-node's own script loads from, and not that of its license", () => {
  const [, address = ''] = /BASE_HOST = CDN_STORAGE \|\| '([^']+)'/.exec(script) ?? [];
  expect(`${hostOf(script, {})}/`).toBe(address);
});

test('a mirror is asked that the script would ask', () => {
  const program = "const HOST = 'https://one.test/x';";
  const mirrors = {
    CDN_STORAGE: 'https://two.test/x',
    TFJS_NODE_CDN_STORAGE: 'https://three.test/x',
    npm_config_TFJS_NODE_BASE_URI: 'https://four.test:8080/x',
  };
  expect(hostOf(program, {})).toBe('https://one.test');
  expect(hostOf(program, { CDN_STORAGE: mirrors.CDN_STORAGE })).toBe('https://two.test');
  expect(hostOf(program, { ...mirrors, npm_config_TFJS_NODE_BASE_URI: '' })).toBe('https://three.test');
  expect(hostOf(program, mirrors)).toBe('https://four.test:8080');
});

test('what names no address is told', () => {
  expect(() => hostOf('exit', {})).toThrow('its install script names no address');
  expect(() => hostOf('exit', { CDN_STORAGE: 'mirror' })).toThrow('CDN_STORAGE is no address: mirror');
});
