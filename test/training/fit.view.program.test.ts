import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { command, Visitor } from '../live/support/visitor';
import { TYPESCRIPT } from '../support/programs';

describe('a program that is watched', () => {
  let folder = '';
  beforeEach(() => void (folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-view-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs the child; gives what it printed, how it ended, and lets it be watched meanwhile. */
  const run = (mode: string, environment: Record<string, string | undefined> = {}) => {
    const child = spawn(
      process.execPath,
      [...TYPESCRIPT, path.join(__dirname, 'support/view-child.ts'), mode],
      {
        env: {
          ...process.env,
          CI: undefined,
          NODE_ENV: undefined,
          JEST_WORKER_ID: undefined,
          ...environment,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    const texts = { out: '', error: '' };
    child.stdout.on('data', (part: Buffer) => (texts.out += part.toString()));
    child.stderr.on('data', (part: Buffer) => (texts.error += part.toString()));
    const ended = once(child, 'exit').then(([code]) => code as number | null);
    const address = async (): Promise<string> => {
      for (;;) {
        const found = /watched at (\S+)/.exec(texts.error)?.[1];
        if (found !== undefined) return found;
        if (child.exitCode !== null) throw new Error(texts.error);
        await wait(20);
      }
    };
    return { texts, ended, address };
  };

  /** A program of a name that writes its parameters to a file. */
  const browser = (exit: number): string => {
    const program = path.join(folder, 'xdg-open');
    writeFileSync(program, `#!/bin/sh\necho "$@" > ${folder}/asked\nexit ${exit}\n`);
    chmodSync(program, 0o755);
    return folder;
  };

  test('prints the address on standard error, and ends with its training though pages are open', async () => {
    const { texts, ended, address } = run('short');
    const visitor = new Visitor(await address());
    await visitor.until(() => true);
    expect(await ended).toBe(0);
    expect(texts.out.trim()).toBe('5 epochs');
    await visitor.untilOver();
    expect(visitor.messages.at(-1)?.phase).toBe('done');
  });

  test('is held by a pause, and goes on', async () => {
    const { texts, ended, address } = run('long');
    const url = await address();
    const visitor = new Visitor(url);
    await command(url, { command: 'pause' });
    await visitor.until(({ phase }) => phase === 'paused');
    await wait(300);
    await command(url, { command: 'stop' });
    expect(await ended).toBe(0);
    expect(texts.out).toMatch(/^\d+ epochs\n$/);
  });

  test('has the system open the page where there is a screen', async () => {
    const { texts, ended, address } = run('short', {
      PATH: `${browser(0)}:${process.env['PATH'] ?? ''}`,
      DISPLAY: ':99',
    });
    const url = await address();
    const visitor = new Visitor(url);
    expect(await ended).toBe(0);
    expect(readFileSync(path.join(folder, 'asked'), 'utf8').trim()).toBe(url);
    expect(texts.out.trim()).toBe('5 epochs');
    visitor.leave();
  });

  test('waits a little for a browser that was opened and has not come yet', async () => {
    const { ended, address } = run('at once', {
      PATH: `${browser(0)}:${process.env['PATH'] ?? ''}`,
      DISPLAY: ':99',
    });
    const url = await address();
    await wait(1500);
    const late = await command(url, { command: 'pause' });
    expect([late.status, late.body]).toEqual([409, 'The training is over.\n']);
    const visitor = new Visitor(url);
    expect((await visitor.until(() => true)).phase).toBe('done');
    expect(await ended).toBe(0);
  });

  test.each([
    ['no program to open it', undefined],
    ['a program that fails', 3],
  ])('does not mind %s', async (_, exit) => {
    const { texts, ended } = run('short', {
      PATH: exit === undefined ? folder : `${browser(exit)}:${process.env['PATH'] ?? ''}`,
      DISPLAY: ':99',
    });
    expect(await ended).toBe(0);
    expect(texts.out.trim()).toBe('5 epochs');
    expect(texts.error).toMatch(/watched at http:\/\/127\.0\.0\.1:\d+\/\?token=/);
  });

  test('opens nothing without a screen, on a build server, or if it is told so', async () => {
    const PATH = `${browser(0)}:${process.env['PATH'] ?? ''}`;
    const runs = [
      run('short', { PATH, DISPLAY: undefined, WAYLAND_DISPLAY: undefined }),
      run('short', { PATH, DISPLAY: ':99', CI: '1' }),
      run('not opened', { PATH, DISPLAY: ':99' }),
    ];
    expect(await Promise.all(runs.map(({ ended }) => ended))).toEqual([0, 0, 0]);
    expect(existsSync(path.join(folder, 'asked'))).toBe(false);
  });
});
