/** Those who train the models in turns: each a process of its own, with a peak of memory of its own. */
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { benchmarks, kerasPipe, pythonPlan, tfjsNode, type Benchmark, type Name } from './models';

/** What a round of a contender gives. */
export interface Round {
  readonly millisecondsPerStep: number;
  /** How the steps ran. */
  readonly engine: string;
  readonly peakMegabytes: number;
}

/** One who trains. */
export interface Contender {
  readonly title: string;
  /** Prepares a model; `folder` has its data for those that do not make it themselves; `quick` tries no ways to compile. */
  readonly start: (name: Name, folder: string, quick: boolean) => Rival;
}

/** A contender's process for a model. */
export interface Rival {
  readonly title: string;
  /** Builds and compiles; may run while others do. Gives what did not work. */
  prepare(): Promise<Readonly<Record<string, string>>>;
  /** Finds the quickest of the ways to compile. While nothing else runs. */
  choose(): Promise<void>;
  round(): Promise<Round>;
  end(): void;
}

/** How this library trains, or tfjs-node. */
export type Way = 'auto' | 'eager' | 'tfjs-node';

const epochsOf = ({ epochs, slowEpochs = epochs }: Benchmark, way: Way): number =>
  way === 'auto' ? epochs : slowEpochs;

/** The side of a process of Node's: a round for each message. */
export const contend = (name: Name, way: Way): void => {
  const benchmark: Benchmark = benchmarks[name];
  const { rows, batchSize } = benchmark;
  const epochs = epochsOf(benchmark, way);
  const steps = Math.ceil(rows / batchSize) * epochs;
  const train =
    way === 'tfjs-node'
      ? tfjsNode(benchmark, epochs)
      : kerasPipe(benchmark, way === 'auto' ? (benchmark.engine ?? 'auto') : 'eager', epochs);
  process.on('message', () => {
    const begun = performance.now();
    void train().then((engine) => {
      const result: Round = {
        millisecondsPerStep: (performance.now() - begun) / steps,
        engine,
        peakMegabytes: process.resourceUsage().maxRSS / 1024,
      };
      process.send?.(result);
    });
  });
};

/** What a process answers to what it is asked. */
export const answered = <Answer>(
  child: ChildProcess,
  title: string,
  listen: (resolve: (answer: Answer) => void) => () => void,
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const ended = (code: number | null): void => {
      reject(new Error(`${title} ended with ${String(code)}`));
    };
    child.once('exit', ended);
    const stop = listen((result) => {
      child.off('exit', ended);
      stop();
      resolve(result);
    });
  });

/** What a process of Node's answers. */
export const ask = <Answer>(child: ChildProcess, title: string): Promise<Answer> =>
  answered(child, title, (resolve) => {
    const heard = (message: unknown): void => {
      resolve(message as Answer); // what the child sends
    };
    child.on('message', heard);
    child.send('go');
    return () => child.off('message', heard);
  });

const PROGRAM = path.join(__dirname, 'training.ts');

/** This library or tfjs-node, on the library that is installed or another one. */
export const nodeContender = (title: string, way: Way, library?: string): Contender => ({
  title,
  start: (name) => {
    const env = library === undefined ? process.env : { ...process.env, KERAS_PIPE_LIBRARY: library };
    const child = fork(PROGRAM, ['--contend', name, way], { env });
    const round = (): Promise<Round> => ask<Round>(child, title);
    return {
      title,
      prepare: async () => {
        await round();
        return {};
      },
      // The first rounds of a short fit are dearer: compiling may come with the second.
      choose: async () => {
        await round();
      },
      round,
      end: () => child.kill(),
    };
  },
});

const root = path.resolve(__dirname, '..');
const windows = process.platform === 'win32';

/** A peer in Python, with an environment of its own; undefined if it is not installed. */
export const pythonContender = (
  title: string,
  environment: string,
  program: string,
): Contender | undefined => {
  const folder = path.join(root, environment);
  const python = path.join(folder, windows ? 'Scripts/python.exe' : 'bin/python');
  // Written when all is installed.
  if (!existsSync(path.join(folder, 'requirements.txt'))) return undefined;
  return {
    title,
    start: (name, data, quick) => {
      const plan = JSON.stringify({ ...pythonPlan(benchmarks[name]), quick });
      const child = spawn(python, [path.join(__dirname, 'peers', program), plan, data], {
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      const lines = createInterface({ input: child.stdout });
      const send = <Answer>(request: string): Promise<Answer> =>
        answered(child, title, (resolve) => {
          const heard = (text: string): void => {
            resolve(JSON.parse(text) as Answer); // what bench/peers/rounds.py prints
          };
          lines.on('line', heard);
          child.stdin.write(`${JSON.stringify(request)}\n`);
          return () => lines.off('line', heard);
        });
      return {
        title,
        prepare: async () => (await send<{ failures: Record<string, string> }>('prepare')).failures,
        choose: async () => {
          await send('choose');
        },
        round: () => send<Round>('round'),
        end: () => child.kill(),
      };
    },
  };
};
