/**
 * A process that reads damaged files: for each case it says its number first and what came of it then, so that who looks on
 * knows which one it was that never came back.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { KerasFileError } from '../../src/base/errors';
import * as datasets from '../../src/datasets';
import { loadIn } from '../../src/datasets/define-dataset';
import { tensorCount } from '../support/tensors';
import { mutation } from './mutations';

const [seed = 0, start = 0, end = 0] = process.argv.slice(2).map(Number);
const home = mkdtempSync(path.join(tmpdir(), 'keras-pipe-campaign-'));
mkdirSync(path.join(home, 'datasets'));
process.on('exit', () => rmSync(home, { recursive: true, force: true }));
const environment = {
  home,
  // Nobody listens there.
  address: 'http://127.0.0.1:9/',
  timeouts: { connect: 1000, idle: 1000 },
  output: { write: () => undefined },
  warn: () => undefined,
};

const isDisposable = (value: unknown): value is { dispose(): void } =>
  typeof value === 'object' && value !== null && 'dispose' in value;

/** What came of a case: `loaded`, `refused`, or what should not have happened. */
const outcomeOf = async (index: number): Promise<string> => {
  const { dataset, content } = mutation(seed, index);
  writeFileSync(path.join(home, 'datasets', 'file'), content);
  const before = tensorCount();
  let outcome = 'loaded';
  try {
    const data: unknown = await loadIn<unknown>(datasets[dataset], { path: 'file' }, environment);
    if (isDisposable(data)) data.dispose();
  } catch (error) {
    if (error instanceof KerasFileError && error.message.length < 2000) outcome = 'refused';
    else outcome = `PROBLEM ${error instanceof Error ? String(error.stack) : String(error)}`;
  }
  const left = tensorCount() - before;
  return left === 0 ? outcome : `PROBLEM ${left} tensors are left`;
};

const main = async (): Promise<void> => {
  for (let index = start; index < end; index++) {
    process.stdout.write(`case ${index}\n`);
    process.stdout.write(`${(await outcomeOf(index)).replaceAll('\n', ' ')}\n`);
  }
};
void main();
