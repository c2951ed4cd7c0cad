/**
 * Does one thing many times, and says what that does to memory. Arguments: a scenario, how often, how many times before anything is
 * looked at, and `forget` or `dispose`: whether what comes of it is left to be found or freed by hand. Writes a line of JSON.
 */
import { setImmediate as rest } from 'node:timers/promises';
import { loadKoffi } from '../../src/native/koffi';
import { tf } from '../../src/index';
import { SCENARIOS, type Style } from './memory-scenarios';

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
  /** Milliseconds for one: that passed, and that processors worked. */
  readonly milliseconds: number;
  readonly worked: number;
  /** Megabytes that a case keeps for good: from the first quarter on, when all that was forgotten is given back. */
  readonly kept: number;
  /** Before the first, and after the last once V8 has found all that was forgotten. */
  readonly before: Counts;
  readonly after: Counts;
}

const collect = (globalThis as { gc?: () => void }).gc;

/** Has V8 find everything, which takes it several rounds: what is freed may hold on to more. */
const collectAll = async (): Promise<void> => {
  for (let round = 0; round < 6; round++) {
    collect?.();
    await rest();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

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
  const [name = '', count = '', unseen = '', style = 'forget'] = process.argv.slice(2);
  const scenario = SCENARIOS[name];
  if (scenario === undefined) throw new Error(`no scenario ${name}`);
  const work = scenario.prepare(style as Style); // as the campaign gives it
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
  let [milliseconds, worked, done] = [0, 0, 0];
  let quarter: Sample | undefined;
  for (let look = 1; look <= LOOKS; look++) {
    const next = Math.round((look * Number(count)) / LOOKS);
    const [begun, processors] = [performance.now(), process.cpuUsage()];
    await repeat(Number(unseen) + done, Number(unseen) + next);
    milliseconds += performance.now() - begun;
    const { user, system } = process.cpuUsage(processors);
    worked += (user + system) / 1000;
    done = next;
    samples.push({ done, megabytes: process.memoryUsage.rss() / 1e6 });
    if (look === LOOKS / 4) quarter = { done, megabytes: await keptMegabytes() };
  }
  const kept = (await keptMegabytes()) - (quarter?.megabytes ?? 0);
  const report: MemoryReport = {
    samples,
    milliseconds: milliseconds / done,
    worked: worked / done,
    kept: kept / (done - (quarter?.done ?? 0)),
    before,
    after: counts(),
  };
  process.stdout.write(`${JSON.stringify(report)}\n`);
};
void main();
