/** Has ONNX Runtime compute files, in a process of its own. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Computed, Job } from '../onnx-child';
import { TYPESCRIPT } from '../../support/programs';

export const compute = (folder: string, models: Job['models']): Computed[] => {
  const [job, answer] = [path.join(folder, 'job.json'), path.join(folder, 'answer.json')];
  writeFileSync(job, JSON.stringify({ models } satisfies Job));
  const program = path.join(__dirname, '../onnx-child.ts');
  const child = spawnSync(process.execPath, [...TYPESCRIPT, program, job, answer], {
    encoding: 'utf8',
    timeout: 200_000,
  });
  if (child.status !== 0) throw new Error(child.stderr);
  return JSON.parse(readFileSync(answer, 'utf8')) as Computed[];
};
