/** saveModelTfjs killed at any moment: the old model or the new one is there, whole, and the next save tidies up. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { getWeights, loadModelTfjs, saveModelTfjs } from '../../src/index';
import { TYPESCRIPT } from '../support/programs';

jest.setTimeout(200_000);

const folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-kill-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Kills a process that saves all the time, so many milliseconds after it has saved twice. */
const killAfter = (milliseconds: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const program = path.join(__dirname, 'tfjs-kill-child.ts');
    const child = spawn(process.execPath, [...TYPESCRIPT, program, folder], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let saves = 0;
    let errors = '';
    child.stderr.on('data', (text) => (errors += String(text)));
    child.stdout.on('data', (text) => {
      const before = saves;
      saves += String(text).split('saved').length - 1;
      if (before < 2 && saves >= 2) setTimeout(() => child.kill('SIGKILL'), milliseconds);
    });
    child.on('close', (_, signal) => (signal === 'SIGKILL' ? resolve() : reject(new Error(errors))));
  });

test('the old model or the new one is there, whole', async () => {
  await killAfter(17);
  const model = await loadModelTfjs(folder);
  const values = new Set(getWeights(model).flatMap((weight) => [...new Set(weight.dataSync())]));
  expect([[1], [2]]).toContainEqual([...values]);
  await saveModelTfjs(model, folder);
  expect(readdirSync(folder).filter((name) => name.endsWith('.bin'))).toHaveLength(2);
  expect(readdirSync(folder)).toHaveLength(3);
  model.dispose();
});
