/**
 * Trains in worker threads of a process whose main thread does not load the library, one after the other and several at once, and
 * after a thread that was ended in the middle of a step; prints what each has got.
 */
import path from 'node:path';
import { lastMessage, startThread } from '../support/programs';

const numbersOf = (engine: 'eager' | 'compiled', seed: number): Promise<unknown> =>
  lastMessage(startThread(path.join(__dirname, 'workers-child.ts'), { engine, seed }));

/** Ends a thread while it trains, from outside or by its own `process.exit`; gives its exit code. */
const ended = (how: 'terminate' | 'exit'): Promise<number> =>
  new Promise((resolve, reject) => {
    const worker = startThread(path.join(__dirname, 'workers-endless-child.ts'), { how });
    worker.on('message', () => {
      if (how === 'terminate') void worker.terminate();
    });
    worker.on('error', reject);
    worker.on('exit', resolve);
  });

void (async () => {
  const inTurn = [
    await numbersOf('eager', 1),
    await numbersOf('compiled', 1),
    await numbersOf('compiled', 2),
  ];
  const atOnce = await Promise.all([
    numbersOf('eager', 1),
    numbersOf('compiled', 1),
    numbersOf('compiled', 2),
  ]);
  const codes = [await ended('terminate'), await ended('exit')];
  const [code, beside] = await Promise.all([ended('terminate'), numbersOf('compiled', 1)]);
  const after = [await numbersOf('eager', 1), beside, await numbersOf('compiled', 2)];
  console.log(JSON.stringify({ inTurn, atOnce, after, codes: [...codes, code] }));
})();
