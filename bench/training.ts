/**
 * Times `fit` against tfjs-node's own and, where Debian's `python3-torch` is installed, against PyTorch: `npm run bench`, or
 * `npm run bench -- boston lstm --rounds 9`. How to read the table: README.md.
 *
 * Each contender runs in a process of its own, so that each has a peak of memory of its own; the processes take turns.
 */
import { spawn, spawnSync, fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { measureLimits, median, type Limits } from './limits';
import { benchmarks, kerasPipe, leastOf, names, tfjsNode, type Benchmark, type Name } from './models';
import { chosen, roundsOf, spread, tableOf } from './table';

const contenders = ['keras-pipe', 'keras-pipe, eager', 'tfjs-node', 'PyTorch'] as const;
type Contender = (typeof contenders)[number];

/** What a round of a contender gives. */
interface Round {
  readonly millisecondsPerStep: number;
  /** How the steps ran. */
  readonly engine: string;
  readonly peakMegabytes: number;
}

const PYTHON = '/usr/bin/python3';
const hasPytorch = (): boolean => spawnSync(PYTHON, ['-c', 'import torch'], { stdio: 'ignore' }).status === 0;

const stepsOf = (name: Name): number => {
  const { rows, batchSize, epochs } = benchmarks[name];
  return Math.ceil(rows / batchSize) * epochs;
};

/** The contender's side: a round for each message. */
const contend = (name: Name, contender: Contender): void => {
  const benchmark: Benchmark = benchmarks[name];
  const train =
    contender === 'tfjs-node'
      ? tfjsNode(benchmark)
      : kerasPipe(benchmark, contender === 'keras-pipe' ? (benchmark.engine ?? 'auto') : 'eager');
  process.on('message', () => {
    const begun = performance.now();
    void train().then((engine) => {
      const result: Round = {
        millisecondsPerStep: (performance.now() - begun) / stepsOf(name),
        engine,
        peakMegabytes: process.resourceUsage().maxRSS / 1024,
      };
      process.send?.(result);
    });
  });
};

/** A contender's process, and how to have a round of it. */
interface Rival {
  readonly contender: Contender;
  readonly child: ChildProcess;
  round(): Promise<Round>;
}

const answered = <Answer>(
  child: ChildProcess,
  listen: (resolve: (answer: Answer) => void) => () => void,
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const ended = (code: number | null): void => {
      reject(new Error(`a contender ended with ${String(code)}`));
    };
    child.once('exit', ended);
    const stop = listen((result) => {
      child.off('exit', ended);
      stop();
      resolve(result);
    });
  });

/** What this program answers as a child process. */
const ask = <Answer>(child: ChildProcess): Promise<Answer> =>
  answered(child, (resolve) => {
    const heard = (message: unknown): void => {
      resolve(message as Answer); // what the child sends
    };
    child.on('message', heard);
    child.send('go');
    return () => child.off('message', heard);
  });

/** In a process of its own: a child's peak of memory begins with what its parent has. */
const askLimits = async (): Promise<Limits> => {
  const child = fork(__filename, ['--limits']);
  try {
    return await ask<Limits>(child);
  } finally {
    child.kill();
  }
};

const nodeRival = (name: Name, contender: Contender): Rival => {
  const child = fork(__filename, ['--contend', name, contender]);
  return { contender, child, round: () => ask<Round>(child) };
};

const pytorchRival = (name: Name): Rival => {
  const { epochs } = benchmarks[name];
  const child = spawn(PYTHON, [path.join(__dirname, 'pytorch.py'), name, String(epochs)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  return {
    contender: 'PyTorch',
    child,
    round: () =>
      answered<Round>(child, (resolve) => {
        const heard = (text: string): void => {
          resolve({ engine: 'torch', ...(JSON.parse(text) as Omit<Round, 'engine'>) }); // what pytorch.py prints
        };
        lines.on('line', heard);
        child.stdin.write('round\n');
        return () => lines.off('line', heard);
      }),
  };
};

const line = tableOf([35, 19, 9, 10, 31, 21, 9], 2);

/** Two significant digits. */
const rounded = (value: number): string => String(Number(value.toPrecision(2)));

const prefixes = [
  ['G', 1e9],
  ['M', 1e6],
  ['k', 1e3],
] as const;
const amount = (value: number, unit: string): string => {
  const [prefix, size] = prefixes.find(([, least]) => value >= least) ?? ['', 1];
  return `${rounded(value / size)} ${prefix}${unit}`;
};

/** What a step must at least do, and how long that takes at the machine's limits. */
const least = (name: Name, limits: Limits): string => {
  const { flops, bytes } = leastOf(benchmarks[name]);
  const [products, memory] = [flops / limits.flops, bytes / limits.bytes].map(
    (seconds) => `${rounded(seconds * 1000)} ms`,
  );
  return `  least: ${amount(flops, 'FLOP')} = ${products}; ${amount(bytes, 'B')} = ${memory} a step`;
};

const compare = async (name: Name, rounds: number, withPytorch: boolean): Promise<void> => {
  const rivals = contenders
    .filter((contender) => contender !== 'PyTorch' || withPytorch)
    .map((contender) => (contender === 'PyTorch' ? pytorchRival(name) : nodeRival(name, contender)));
  try {
    const firsts: Round[] = [];
    for (const rival of rivals) firsts.push(await rival.round());
    const results = rivals.map(() => [] as Round[]);
    for (let turn = 0; turn < rounds; turn++) {
      // Each in turn begins, so that none always follows the same one.
      for (let place = 0; place < rivals.length; place++) {
        const index = (turn + place) % rivals.length;
        results[index]?.push(await (rivals[index] as Rival).round()); // there is one for each
      }
    }
    const times = results.map((list) => list.map(({ millisecondsPerStep }) => millisecondsPerStep));
    const theirs = times[rivals.findIndex(({ contender }) => contender === 'tfjs-node')] ?? [];
    for (const [index, { contender }] of rivals.entries()) {
      const own = times[index] ?? [];
      const last = results[index]?.at(-1);
      const first = firsts[index]?.millisecondsPerStep ?? NaN;
      line([
        index === 0 ? benchmarks[name].title : '',
        contender,
        last?.engine ?? '',
        `${Math.max(0, (first - median(own)) * stepsOf(name)).toFixed(0)} ms`,
        spread(own, 3),
        contender === 'tfjs-node'
          ? ''
          : spread(
              own.map((time, turn) => (theirs[turn] ?? NaN) / time),
              1,
            ),
        `${(last?.peakMegabytes ?? NaN).toFixed(0)} MB`,
      ]);
    }
  } finally {
    for (const { child } of rivals) child.kill();
  }
};

const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      contend: { type: 'boolean' },
      limits: { type: 'boolean' },
      rounds: { type: 'string', default: '7' },
    },
  });
  if (values.contend === true) {
    const [name, contender] = positionals as [Name, Contender]; // given by `nodeRival`
    contend(name, contender);
    return;
  }
  if (values.limits === true) {
    process.on('message', () => process.send?.(measureLimits()));
    return;
  }
  const wanted = chosen(positionals, names);
  const rounds = roundsOf(values.rounds);
  const limits = await askLimits(); // while no contender runs
  console.log(
    `this machine: ${amount(limits.flops, 'FLOP/s')} in matrix products, ${amount(limits.bytes, 'B/s')} of memory`,
  );
  line(['model', 'contender', 'steps run', 'warm-up', 'ms/step', '× tfjs-node', 'peak']);
  const withPytorch = hasPytorch();
  for (const name of wanted) {
    await compare(name, rounds, withPytorch);
    console.log(least(name, limits));
  }
};

void main();
