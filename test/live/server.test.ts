import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { KerasStateError } from '../../src/index';
import type { Command } from '../../src/live/commands';
import { Feed } from '../../src/live/feed';
import { LiveRecord } from '../../src/live/record';
import { LiveServer } from '../../src/live/server';
import { ask, command, Visitor, type Asked } from './support/visitor';

let server: LiveServer;
let record: LiveRecord;
let commands: Command[] = [];
let reason: string | undefined;
beforeEach(async () => {
  record = new LiveRecord();
  commands = [];
  reason = undefined;
  server = await LiveServer.open(0, {
    feed: new Feed(record),
    obey: (one) => {
      commands.push(one);
      return reason;
    },
  });
});
afterEach(() => server.close());

const port = (): string => new URL(server.address).port;

describe('the page', () => {
  test('is one file that asks for nothing else, and may not', async () => {
    const { status, headers, body } = await ask(server.address);
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(body).toMatch(/^<!doctype html>/);
    expect(body).not.toMatch(/<script[^>]+src=|<link[^>]+stylesheet|@import|url\(/);
    expect(body.match(/https?:\/\/[^\s"'`]+/g) ?? []).toEqual(['http://www.w3.org/2000/svg']);
    const policy = headers['content-security-policy'] ?? '';
    expect(policy).toMatch(
      /^default-src 'none'; script-src 'sha256-[^ ']+'; style-src 'sha256-[^ ']+'; connect-src 'self';/,
    );
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    for (const directive of ["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"])
      expect(policy).toContain(directive);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
  });

  test('is on 127.0.0.1 only, under a token of 128 bits, which is another one each time', async () => {
    expect(server.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[0-9a-f]{32}$/);
    const other = await LiveServer.open(0, { feed: new Feed(new LiveRecord()), obey: () => undefined });
    expect(new URL(other.address).search).not.toBe(new URL(server.address).search);
    other.close();
  });
});

describe('is refused with 403', () => {
  const paths: [string, Asked][] = [
    ['the page', {}],
    ['the events', { path: '/events' }],
    [
      'a command',
      {
        method: 'POST',
        path: '/command',
        headers: { 'content-type': 'application/json' },
        body: '{"command":"stop"}',
      },
    ],
    ['what is not there', { path: '/favicon.ico' }],
  ];
  const withToken = (asked: Asked, query: string): Asked => ({
    ...asked,
    path: `${asked.path ?? '/'}${query}`,
  });

  test.each(paths)('%s without a token, and with a wrong one', async (_, asked) => {
    const token = new URL(server.address).searchParams.get('token') ?? '';
    for (const query of [
      '?',
      '?token=',
      `?token=${token}0`,
      `?token=${token.slice(1)}`,
      `?token=${'0'.repeat(32)}`,
    ]) {
      const { status, body } = await ask(server.address, withToken(asked, query));
      expect([query, status]).toEqual([query, 403]);
      expect(body).not.toContain(token);
      expect(body).toContain(`printed it: http://127.0.0.1:${port()}/?token=…`);
    }
    expect(commands).toEqual([]);
  });

  test.each(paths)('%s under another name, as a page from elsewhere has it', async (_, asked) => {
    for (const host of [
      'evil.example',
      `evil.example:${port()}`,
      `127.0.0.1.evil.example:${port()}`,
      '127.0.0.1',
      `127.0.0.1:1`,
      `[::1]:${port()}`,
    ]) {
      const { status, body } = await ask(server.address, { ...asked, headers: { ...asked.headers, host } });
      expect([host, status]).toEqual([host, 403]);
      expect(body).toContain(`http://127.0.0.1:${port()} or http://localhost:${port()}`);
      expect(body).toContain('Where the port is forwarded');
    }
    expect(commands).toEqual([]);
  });

  test.each(paths)('%s of a page from elsewhere', async (_, asked) => {
    for (const origin of [
      'https://evil.example',
      'null',
      `http://127.0.0.1:1`,
      `https://127.0.0.1:${port()}`,
    ]) {
      const { status } = await ask(server.address, { ...asked, headers: { ...asked.headers, origin } });
      expect([origin, status]).toEqual([origin, 403]);
    }
    expect(commands).toEqual([]);
  });

  test('but not as localhost', async () => {
    const { status } = await ask(server.address, { headers: { host: `localhost:${port()}` } });
    expect(status).toBe(200);
  });
});

describe('a command', () => {
  test('is obeyed', async () => {
    expect((await command(server.address, { command: 'pause' })).status).toBe(204);
    expect((await command(server.address, { command: 'lowerLearningRate', factor: 0.1 })).status).toBe(204);
    expect(commands).toEqual([{ command: 'pause' }, { command: 'lowerLearningRate', factor: 0.1 }]);
  });

  test('that cannot be obeyed is answered with the reason', async () => {
    reason = 'A schedule gives the learning rate.';
    const { status, body } = await command(server.address, { command: 'stop' });
    expect([status, body]).toEqual([409, `${reason}\n`]);
  });

  test('that is malformed is refused', async () => {
    const json = { 'content-type': 'application/json' };
    const post = { method: 'POST', path: '/command' };
    expect((await ask(server.address, { ...post, headers: json, body: '{' })).status).toBe(400);
    expect((await ask(server.address, { ...post, headers: json, body: '{"command":"exit"}' })).status).toBe(
      400,
    );
    expect((await ask(server.address, { ...post, body: '{"command":"stop"}' })).status).toBe(415);
    const form = { 'content-type': 'text/plain' };
    expect((await ask(server.address, { ...post, headers: form, body: '{"command":"stop"}' })).status).toBe(
      415,
    );
    const long = `{"command":"stop"${' '.repeat(2000)}}`;
    expect((await ask(server.address, { ...post, headers: json, body: long })).status).toBe(413);
    expect((await ask(server.address, { path: '/command' })).status).toBe(404);
    expect((await ask(server.address, { path: '/../../etc/passwd' })).status).toBe(404);
    expect((await ask(server.address, { method: 'DELETE' })).status).toBe(404);
    expect(commands).toEqual([]);
  });
});

test('a port that is taken is an error that says so', async () => {
  const taken = createServer();
  taken.listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port: number } = taken.address() as AddressInfo;
  const opening = LiveServer.open(number, { feed: new Feed(new LiveRecord()), obey: () => undefined });
  await expect(opening).rejects.toThrow(KerasStateError);
  await expect(opening).rejects.toThrow(
    `the port ${number} on 127.0.0.1 must be free, for the page to be served from. Received: listen EADDRINUSE`,
  );
  taken.close();
});

test('more pages than anybody looks at are refused', async () => {
  const visitors = Array.from({ length: 32 }, () => new Visitor(server.address));
  await Promise.all(visitors.map((visitor) => visitor.until(() => true)));
  expect((await ask(server.address, { path: '/events' })).status).toBe(503);
  for (const visitor of visitors) visitor.leave();
});

test('its end is told to those who look, and ends their connections', async () => {
  const visitor = new Visitor(server.address);
  await visitor.until(() => true);
  record.set({ phase: 'done' });
  server.close();
  await visitor.untilOver();
  expect(visitor.messages.at(-1)?.phase).toBe('done');
  await expect(ask(server.address)).rejects.toThrow('ECONNREFUSED');
});
