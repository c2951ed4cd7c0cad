/**
 * Times `fit` against tfjs-node's own and against the peers that `npm run bench:peers` installs: `npm run bench`, or
 * `npm run bench -- boston lstm --rounds 9`. Ends with the tables in Markdown. How to read them: README.md.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { cacheFolder, versionsIn } from '../src/native/locate';
import {
  ask,
  contend,
  nodeContender,
  pythonContender,
  type Contender,
  type Rival,
  type Round,
  type Way,
} from './contenders';
import { writeData } from './data';
import { measureLimits, median, type Limits } from './limits';
import { benchmarks, isInTfjs, leastOf, names, type Benchmark, type Name } from './models';
import { chosen, markdown, roundsOf, spread } from './table';

const OURS = 'keras-pipe';
const EAGER = 'keras-pipe, eager';
const TFJS = 'tfjs-node';

const contenders: readonly Contender[] = [
  nodeContender(OURS, 'auto'),
  nodeContender(EAGER, 'eager'),
  nodeContender(TFJS, 'tfjs-node'),
];
const peers = (): readonly Contender[] =>
  [
    pythonContender('Keras 2.13', '.venv-keras2', 'keras_peer.py'),
    pythonContender('Keras 3 on JAX', '.venv-keras-jax', 'keras_peer.py'),
    pythonContender('PyTorch', '.venv-torch', 'torch_peer.py'),
  ].filter((contender) => contender !== undefined);

/** This library on each of TensorFlow's libraries that setup keeps, and on those that are named besides. */
const onLibraries = (named: readonly string[]): readonly Contender[] => {
  const place = { os: process.platform, arch: process.arch };
  const kept = versionsIn(cacheFolder(process.env), place);
  const libraries = [
    ...kept.map(({ version, folder }) => ({ title: version, library: folder })),
    ...named.map((library) => ({ title: path.basename(library), library })),
  ];
  return libraries.map(({ title, library }) => nodeContender(title, 'auto', library));
};

/** A child of this program that answers once. */
const once = async <Answer>(title: string, parameters: readonly string[]): Promise<Answer> => {
  const child = fork(__filename, parameters);
  try {
    return await ask<Answer>(child, title);
  } finally {
    child.kill();
  }
};

/** Runs tasks, so many at a time as there are processors. */
const sideBySide = async (tasks: readonly (() => Promise<void>)[]): Promise<void> => {
  const waiting = [...tasks];
  const work = async (): Promise<void> => {
    for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) await task();
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
};

const progress = (text: string): void => void process.stderr.write(`${text}\n`);

/** What the rounds of a contender gave for a model. */
interface Result {
  readonly title: string;
  readonly rounds: readonly Round[];
}

/** Milliseconds after which a contender that is not ready is left out of a row. */
const PATIENCE = 240_000;

const within = <T>(milliseconds: number, promise: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not ready after ${milliseconds / 1000} s`)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};

/** Builds side by side, then measures one after the other. Who cannot is left out. */
const race = async (all: readonly Rival[], rounds: number): Promise<Result[]> => {
  const out = new Set<Rival>();
  const attempt = async (rival: Rival, run: () => Promise<void>): Promise<void> => {
    if (out.has(rival)) return;
    try {
      await within(PATIENCE, run());
    } catch (error) {
      progress(`  ${rival.title} is left out: ${String(error)}`);
      out.add(rival);
      rival.end();
    }
  };
  await sideBySide(
    all.map(
      (rival) => () =>
        attempt(rival, async () => {
          for (const [way, reason] of Object.entries(await rival.prepare()))
            progress(`  ${rival.title}, ${way}: ${reason}`);
        }),
    ),
  );
  for (const rival of all) await attempt(rival, () => rival.choose());
  const rivals = all.filter((rival) => !out.has(rival));
  const results = rivals.map(({ title }) => ({ title, rounds: [] as Round[] }));
  for (let turn = 0; turn < rounds; turn++) {
    // Each in turn begins, so that none always follows the same one.
    for (let place = 0; place < rivals.length; place++) {
      const index = (turn + place) % rivals.length;
      const rival = rivals[index] as Rival; // there is one for each
      await attempt(rival, async () => {
        results[index]?.rounds.push(await rival.round());
      });
    }
  }
  return results.filter((_, index) => !out.has(rivals[index] as Rival)); // one for each
};

const compare = async (
  name: Name,
  rivals: readonly Contender[],
  rounds: number,
  quick: boolean,
): Promise<readonly Result[]> => {
  const folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-bench-'));
  const started: Rival[] = [];
  try {
    await once('the data', ['--data', name, folder]);
    const able = rivals.filter(({ title }) => title !== TFJS || isInTfjs(benchmarks[name]));
    for (const rival of able) started.push(rival.start(name, folder, quick));
    const results = await race(started, rounds);
    for (const { title, rounds: its } of results)
      progress(
        `  ${title}: ${spread(
          its.map(({ millisecondsPerStep }) => millisecondsPerStep),
          3,
        )} ms/step`,
      );
    return results;
  } finally {
    for (const rival of started) rival.end();
    rmSync(folder, { recursive: true, force: true });
  }
};

const timesOf = (results: readonly Result[], title: string): number[] | undefined =>
  results
    .find((result) => result.title === title)
    ?.rounds.map(({ millisecondsPerStep }) => millisecondsPerStep);

/** How many times longer one takes than the other, turn by turn. */
const ratios = (longer: readonly number[], shorter: readonly number[]): number[] =>
  longer.map((time, turn) => time / (shorter[turn] ?? NaN));

/** Three significant digits. */
const short = (value: number): string => (Number.isNaN(value) ? '–' : String(Number(value.toPrecision(3))));

const prefixes = [
  ['G', 1e9],
  ['M', 1e6],
  ['k', 1e3],
] as const;
const amount = (value: number, unit: string): string => {
  const [prefix, size] = prefixes.find(([, least]) => value >= least) ?? ['', 1];
  return `${String(Number((value / size).toPrecision(2)))} ${prefix}${unit}`;
};

type Results = ReadonlyMap<Name, readonly Result[]>;

/** A row for each model, a column for each contender. */
const summary = (results: Results, titles: readonly string[], limits: Limits): void => {
  const compared = titles.filter((title) => title !== OURS && title !== EAGER && title !== TFJS);
  const rows = [...results].map(([name, its]) => {
    const own = timesOf(its, OURS) ?? [];
    const tfjs = timesOf(its, TFJS);
    // Those that were left out are no peers in this row.
    const behind = compared.flatMap((title) => {
      const times = timesOf(its, title);
      return times === undefined ? [] : [median(ratios(times, own))];
    });
    const { flops, bytes } = leastOf(benchmarks[name]);
    return [
      benchmarks[name].title,
      ...titles.map((title) => short(median(timesOf(its, title) ?? []))),
      tfjs === undefined ? '' : spread(ratios(tfjs, own), 1),
      behind.length === 0 ? '' : short(Math.min(...behind)),
      short(1000 * Math.max(flops / limits.flops, bytes / limits.bytes)),
    ];
  });
  markdown(['model', ...titles, '× tfjs-node', '× best peer', 'bound'], rows);
};

/** A row for each contender of each model. */
const details = (results: Results): void => {
  const rows = [...results].flatMap(([name, its]) => {
    const tfjs = timesOf(its, TFJS);
    return its.map(({ title, rounds }, index) => {
      const own = rounds.map(({ millisecondsPerStep }) => millisecondsPerStep);
      const last = rounds.at(-1);
      return [
        index === 0 ? benchmarks[name].title : '',
        title,
        last?.engine ?? '',
        spread(own, 3),
        title === TFJS || tfjs === undefined ? '' : spread(ratios(tfjs, own), 1),
        `${(last?.peakMegabytes ?? NaN).toFixed(0)} MB`,
      ];
    });
  });
  markdown(['model', 'contender', 'steps run', 'ms/step', '× tfjs-node', 'peak'], rows);
};

const least = (wanted: readonly Name[], limits: Limits): void => {
  const rows = wanted.map((name) => {
    const { flops, bytes } = leastOf(benchmarks[name]);
    const time = (seconds: number): string => `${short(seconds * 1000)} ms`;
    return [
      benchmarks[name].title,
      amount(flops, 'FLOP'),
      time(flops / limits.flops),
      amount(bytes, 'B'),
      time(bytes / limits.bytes),
    ];
  });
  markdown(['model', 'products', 'take', 'traffic', 'takes'], rows);
};

/** What a child process does, if this is one. */
const runAsChild = (task: 'contend' | 'limits' | 'data', positionals: readonly string[]): void => {
  if (task === 'contend') {
    const [name, way] = positionals as [Name, Way]; // given by `nodeContender`
    contend(name, way);
    return;
  }
  process.on('message', () => {
    if (task === 'limits') {
      process.send?.(measureLimits());
      return;
    }
    const [name, folder] = positionals as [Name, string]; // given by `compare`
    const benchmark: Benchmark = benchmarks[name];
    writeData(benchmark, benchmark.sparse === true, folder);
    process.send?.('done');
  });
};

const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      contend: { type: 'boolean' },
      limits: { type: 'boolean' },
      data: { type: 'boolean' },
      libraries: { type: 'boolean' },
      library: { type: 'string', multiple: true, default: [] },
      quick: { type: 'boolean' },
      rounds: { type: 'string' },
    },
  });
  for (const task of ['contend', 'limits', 'data'] as const)
    if (values[task] === true) {
      runAsChild(task, positionals);
      return;
    }
  const wanted = chosen(positionals, names);
  const rounds = roundsOf(values.rounds ?? (values.quick === true ? '2' : '5'));
  const all =
    values.libraries === true || values.library.length > 0
      ? onLibraries(values.library)
      : [...contenders, ...peers()];
  const limits = await once<Limits>('the limits', ['--limits']); // while no contender runs
  const begun = performance.now();
  const results = new Map<Name, readonly Result[]>();
  for (const name of wanted) {
    progress(`${benchmarks[name].title}, after ${((performance.now() - begun) / 1000).toFixed(0)} s`);
    results.set(name, await compare(name, all, rounds, values.quick === true));
  }
  console.log(
    `${String(availableParallelism())} processors (${cpus()[0]?.model ?? 'unknown'}), ` +
      `${amount(limits.flops, 'FLOP/s')} in matrix products, ${amount(limits.bytes, 'B/s')} of memory; ` +
      `${String(rounds)} rounds, ${((performance.now() - begun) / 60_000).toFixed(1)} minutes; milliseconds a step, medians.\n`,
  );
  summary(
    results,
    all.map(({ title }) => title),
    limits,
  );
  details(results);
  least(wanted, limits);
};

void main();
