/**
 * Does one thing many times, and says what that does to memory. Arguments: a scenario, how often, and how many times before anything
 * is looked at. Writes a line of JSON.
 */
import { loadKoffi } from '../../src/native/koffi';
import { tf } from '../../src/index';
import { collectAll } from './memory-common';
import { SCENARIOS } from './memory-scenarios';

/** How many times memory is looked at. */
const LOOKS = 200;

/** Resident memory, and how many of the scenario were done by then. */
export interface Sample {
  readonly done: number;
  readonly megabytes: number;
}

/** What tfjs says that there is, and what TensorFlow has. */
interface Counts {
  readonly tensors: number;
  readonly bytes: number;
  readonly native: number;
}

export interface MemoryReport {
  readonly samples: readonly Sample[];
  /** Milliseconds that passed for one. */
  readonly milliseconds: number;
  /** Megabytes that a case keeps for good: from the first quarter on, when all that was forgotten is given back. */
  readonly kept: number;
  /** Before the first, and after the last once V8 has found all that was forgotten. */
  readonly before: Counts;
  readonly after: Counts;
}

/** Has the allocator give back what is free, where it can be told to: else the most that there ever was stays the program's. */
const giveBack = (): void => {
  if (process.platform !== 'linux') return;
  loadKoffi().load(null).func('malloc_trim', 'int', ['size_t'])(0);
};

const keptMegabytes = async (): Promise<number> => {
  await collectAll();
  giveBack();
  return process.memoryUsage.rss() / 1e6;
};

const counts = (): Counts => {
  const { numTensors, numBytes } = tf.memory();
  return {
    tensors: numTensors,
    bytes: numBytes,
    native: (tf.backend() as unknown as { binding: { getNumOfTensors(): number } }).binding.getNumOfTensors(),
  };
};

const main = async (): Promise<void> => {
  const [name = '', count = '', unseen = ''] = process.argv.slice(2);
  const scenario = SCENARIOS[name];
  if (scenario === undefined) throw new Error(`no scenario ${name}`);
  const work = scenario.prepare('forget');
  const repeat = async (from: number, to: number): Promise<void> => {
    for (let index = from; index < to; index++) {
      const pending = work(index);
      if (pending !== undefined) await pending;
    }
  };
  await repeat(0, Number(unseen));
  await collectAll();
  const before = counts();
  const samples: Sample[] = [];
  let [milliseconds, done] = [0, 0];
  let quarter: Sample | undefined;
  for (let look = 1; look <= LOOKS; look++) {
    const next = Math.round((look * Number(count)) / LOOKS);
    const begun = performance.now();
    await repeat(Number(unseen) + done, Number(unseen) + next);
    milliseconds += performance.now() - begun;
    done = next;
    samples.push({ done, megabytes: process.memoryUsage.rss() / 1e6 });
    if (look === LOOKS / 4) quarter = { done, megabytes: await keptMegabytes() };
  }
  const kept = (await keptMegabytes()) - (quarter?.megabytes ?? 0);
  const report: MemoryReport = {
    samples,
    milliseconds: milliseconds / done,
    kept: kept / (done - (quarter?.done ?? 0)),
    before,
    after: counts(),
  };
  process.stdout.write(`${JSON.stringify(report)}\n`);
};
void main();
