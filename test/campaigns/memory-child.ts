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
  /** Megabytes that a case keeps for good: from the first quarter on, when all that was forgotten is freed. */
  readonly kept: number;
  /** Before the first, and after the last once V8 has found all that was forgotten. */
  readonly before: Counts;
  readonly after: Counts;
}

/** Bytes that `malloc` has given and not got back, where it can be asked. */
const findAllocated = (): (() => number) | undefined => {
  if (process.platform !== 'linux') return undefined;
  const koffi = loadKoffi();
  // struct mallinfo2: ten counts
  const names = ['arena', 'ordblks', 'smblks', 'hblks', 'hblkhd', 'usmblks', 'fsmblks', 'uordblks'];
  const fields = [...names, 'fordblks', 'keepcost'].map((name) => [name, 'size_t']);
  try {
    const type = koffi.struct(Object.fromEntries(fields) as Record<string, string>);
    const ask = koffi.load(null).func('mallinfo2', type, []) as () => Record<'hblkhd' | 'uordblks', number>; // by its declaration
    return () => {
      const { hblkhd, uordblks } = ask();
      return hblkhd + uordblks;
    };
  } catch {
    return undefined;
  }
};

let allocated: (() => number) | undefined;

/** What is in use when all that was forgotten is freed: resident memory has much else in it, which was free before and will be taken again. */
const keptMegabytes = async (): Promise<number> => {
  await collectAll();
  const { heapUsed, rss } = process.memoryUsage();
  return (allocated === undefined ? rss : allocated() + heapUsed) / 1e6;
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
  allocated = findAllocated();
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
