import { spawn } from 'node:child_process';
import path from 'node:path';
import type { Campaign } from './campaign';
import type { MemoryReport, Sample } from './memory-child';
import { SCENARIOS, type Scenario } from './memory-scenarios';
import { TYPESCRIPT } from '../support/programs';

/**
 * What the second half of the cases may add to the memory in use. What was forgotten waits for a collection, which waits longer where
 * it takes long. Megabytes.
 */
const MAX_GROWTH = 130;
/** What all cases may keep for good. Megabytes. */
const MAX_KEPT = 15;
/** How much slower than with `dispose` it may be to forget. */
const MAX_RATIO = 1.1;
/** What is not counted: until all is compiled, and V8 has optimized what it will. */
const UNSEEN = 50;
/** How many turns are timed, each after one with `dispose` or before it, and the part of the cases that each has. */
const TURNS = 7;
const PART = 1 / 25;

/** What a program of this folder says as JSON. */
const run = <T>(file: string, name: string, ...counts: readonly number[]): Promise<T> =>
  new Promise((resolve, reject) => {
    const parameters = [
      '--expose-gc',
      ...TYPESCRIPT,
      path.join(__dirname, file),
      name,
      ...counts.map(String),
    ];
    const program = spawn(process.execPath, parameters, { stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, err] = ['', ''];
    program.stdout.on('data', (chunk: Buffer) => (out += String(chunk)));
    program.stderr.on('data', (chunk: Buffer) => (err = `${err}${String(chunk)}`.slice(-1000)));
    program.on('error', reject);
    program.on('close', (code, signal) => {
      if (code === 0)
        resolve(JSON.parse(out) as T); // as that program writes it
      else reject(new Error(`${name} ends with ${signal ?? String(code)}: ${err}`));
    });
  });

const median = (values: readonly number[]): number =>
  [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? NaN;

/**
 * The slope of the memory over the second half, in megabytes for each case: the median of the slopes between all pairs of
 * samples (Theil and Sen's), which the up and down of collections does not move.
 */
export const slopeOf = (samples: readonly Sample[]): number => {
  const half = samples.slice(Math.floor(samples.length / 2));
  const slopes = half.flatMap((one, index) =>
    half
      .slice(index + 1)
      .map((other) => (other.megabytes - one.megabytes) / Math.max(1, other.done - one.done)),
  );
  return slopes.length === 0 ? 0 : median(slopes);
};

/** What is wrong with what tfjs counts: all that was forgotten must be gone, and nothing else. */
const miscounted = ({ before, after }: MemoryReport): string | undefined => {
  const wrong = (['tensors', 'bytes', 'native'] as const).filter((what) => before[what] !== after[what]);
  if (wrong.length === 0) return undefined;
  return wrong.map((what) => `${what}: ${before[what]} before, ${after[what]} after`).join('; ');
};

const problemsOf = (report: MemoryReport, cases: number, quick: boolean): string[] => {
  const counted = miscounted(report);
  const growth = (slopeOf(report.samples) * cases) / 2;
  const kept = report.kept * cases;
  return [
    // A quick run ends before there was a collection.
    ...(!quick && growth > MAX_GROWTH ? [`the second half adds ${growth.toFixed(0)} MB`] : []),
    ...(kept > MAX_KEPT ? [`${kept.toFixed(0)} MB are kept`] : []),
    ...(counted === undefined ? [] : [counted]),
  ];
};

/** How much more work it is to forget: what else runs is no matter. */
const ratioOf = async (name: string, { cases }: Scenario): Promise<number> =>
  median(await run<number[]>('memory-turns.ts', name, Math.ceil(cases * PART), TURNS));

const perThousand = (slope: number): string => (slope * 1000).toFixed(2);

export const campaign: Campaign = {
  name: 'memory',
  description:
    'predictions, fits, models and batches that nobody frees: memory stays flat, tf.memory() tells the truth, and it costs little time',
  parts: Object.keys(SCENARIOS),
  run: async ({ quick, part, progress }) => {
    const problems: string[] = [];
    let total = 0;
    for (const [name, scenario] of Object.entries(SCENARIOS)) {
      if (part !== undefined && part !== name) continue;
      const cases = quick ? scenario.quick : scenario.cases;
      total += cases;
      try {
        const report = await run<MemoryReport>('memory-child.ts', name, cases, UNSEEN);
        const found = problemsOf(report, cases, quick);
        const last = report.samples.at(-1)?.megabytes ?? 0;
        // Quick runs are too short to be timed.
        const ratio = quick ? undefined : await ratioOf(name, scenario);
        if (ratio !== undefined && ratio > MAX_RATIO)
          found.push(`takes ${ratio.toFixed(2)} times as long as with dispose`);
        progress(
          `${name}: ${cases} ${scenario.unit}, ${last.toFixed(0)} MB, ${perThousand(slopeOf(report.samples))} MB per 1,000 over the second half, ` +
            `${perThousand(report.kept)} kept, ${report.milliseconds.toFixed(2)} ms each${ratio === undefined ? '' : `, ${ratio.toFixed(2)} of the time with dispose`}`,
        );
        problems.push(...found.map((problem) => `${name}: ${problem}`));
      } catch (error) {
        problems.push(`${name}: ${String(error)}`);
      }
    }
    return { cases: total, problems };
  },
};
