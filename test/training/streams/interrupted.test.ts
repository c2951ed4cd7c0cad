/** Ctrl-C closes the source before the program ends. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import type { Engine } from 'keras-pipe';
import { TYPESCRIPT } from '../../support/programs';

const interrupted = (kind: string, engine: Engine): Promise<{ code: number | null; text: string }> =>
  new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [...TYPESCRIPT, path.join(__dirname, 'interrupted-child.ts'), kind, engine],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let text = '';
    let isSent = false;
    child.stdout.on('data', (chunk: Buffer) => {
      text += String(chunk);
      if (isSent || !text.includes('training\n')) return;
      isSent = true;
      setTimeout(() => child.kill('SIGINT'), 300);
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, text }));
  });

test.each([
  ['sync', 'eager'],
  ['sync', 'compiled'],
  ['async', 'compiled'],
  ['rows', 'eager'],
] as const)('%s, %s', async (kind, engine) => {
  expect(await interrupted(kind, engine)).toEqual({ code: 130, text: 'training\nclosed\n' });
});
