/** How tests start programs of theirs, which are in TypeScript. */
import path from 'node:path';
import { Worker } from 'node:worker_threads';

const hook = path.join(__dirname, 'typescript.js');

/** What Node.js is given before a program's name. It takes half the time that tsx takes to start a program with the library in it. */
export const TYPESCRIPT: readonly string[] = ['--require', hook];

/** A thread that runs a program. */
export const startThread = (program: string, data?: unknown): Worker =>
  new Worker(`for (const file of ${JSON.stringify([hook, program])}) require(file);`, {
    eval: true,
    workerData: data,
  });

/** What a thread has said last when it has ended. */
export const lastMessage = (thread: Worker): Promise<unknown> =>
  new Promise((resolve, reject) => {
    let last: unknown;
    thread.on('message', (message) => {
      last = message;
    });
    thread.on('error', reject);
    thread.on('exit', () => resolve(last));
  });
