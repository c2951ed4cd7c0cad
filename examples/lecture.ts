/**
 * The whole lecture: all examples, one after the other. `npm run lecture`, or in under a minute
 * `npm run lecture -- --quick`.
 */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import type { DatasetSource } from 'keras-pipe';
import { main as boston } from './boston';
import { main as conv } from './conv';
import { main as dense } from './dense';
import { main as imdb } from './imdb';
import { main as layers } from './layers';
import { main as lstm } from './lstm';
import { main as mnist } from './mnist';
import { main as observations } from './observations';
import { main as pipeExplained } from './pipe';
import { runAsProgram, type ExampleOptions } from './support';

interface Outcome {
  /** What came out, in a few words. */
  readonly figure: string;
  readonly source?: DatasetSource;
}

interface Section {
  readonly title: string;
  /** The file of Keras's that it wants. */
  readonly file?: string;
  /** What it should reach on the real data, with all epochs. */
  readonly goal?: string;
  readonly run: (options: ExampleOptions) => Promise<Outcome>;
}

const accuracyOf = ({ accuracy, source }: { accuracy: number; source: DatasetSource }): Outcome => ({
  figure: `accuracy ${accuracy.toFixed(4)}`,
  source,
});

const sections: readonly Section[] = [
  {
    title: 'Layers',
    run: async (options) => ({ figure: `${(await layers(options)).inferred} weights inferred` }),
  },
  {
    title: 'Digits: MNIST',
    file: 'mnist.npz',
    goal: 'at least 0.975',
    run: async (options) => accuracyOf(await mnist(options)),
  },
  {
    title: 'Two classes: IMDB',
    file: 'imdb.npz',
    goal: 'at least 0.865',
    run: async (options) => accuracyOf(await imdb(options)),
  },
  {
    title: 'Regression: Boston housing',
    file: 'boston_housing.npz',
    goal: 'at most 2.70',
    run: async (options) => {
      const { validationMae, source } = await boston(options);
      return { figure: `validation error ${validationMae.toFixed(2)}`, source };
    },
  },
  {
    title: 'The pipe',
    run: async (options) => ({
      figure: (await pipeExplained(options)).sameObject ? 'changed in place' : 'a copy',
    }),
  },
  {
    title: 'What a dense layer computes',
    run: async (options) => ({
      figure: `off by ${(await dense(options)).largestDifference.toExponential(1)}`,
    }),
  },
  {
    title: 'Why activations',
    run: async (options) => {
      const { linearDistance, reluDistance } = await observations(options);
      return {
        figure: `${linearDistance.toExponential(1)} without, ${reluDistance.toExponential(1)} with relu`,
      };
    },
  },
  {
    title: 'A convnet on MNIST',
    file: 'mnist.npz',
    goal: 'at least 0.985',
    run: async (options) => accuracyOf(await conv(options)),
  },
  {
    title: 'An LSTM on IMDB',
    file: 'imdb.npz',
    goal: 'at least 0.800',
    run: async (options) => accuracyOf(await lstm(options)),
  },
];

const isCached = (file: string): boolean =>
  existsSync(path.join(process.env['KERAS_HOME'] || path.join(homedir(), '.keras'), 'datasets', file));

export const main = async (options: ExampleOptions = {}) => {
  const results: (Outcome & { title: string; goal: string; seconds: number })[] = [];
  // Once a download has failed, the later examples do not wait for the network again.
  let online = true;
  for (const [index, { title, file, goal = '', run }] of sections.entries()) {
    console.log(`\n${index + 1}. ${title}\n`);
    const begun = performance.now();
    const sample = file !== undefined && !online && !isCached(file);
    const outcome = await run({ ...options, ...(sample ? { embedded: true } : {}) });
    if (outcome.source === 'embedded') online = false;
    results.push({ title, goal, ...outcome, seconds: (performance.now() - begun) / 1000 });
  }

  console.log('\nAll sections:\n');
  for (const { title, figure, goal, source = '', seconds } of results) {
    const cells = [
      title.padEnd(28),
      figure.padEnd(38),
      goal.padEnd(15),
      source.padEnd(9),
      `${seconds.toFixed(0)} s`,
    ];
    console.log(`  ${cells.join(' ')}`);
  }
  const sampled = results.some(({ source, title }) => source === 'embedded' && !title.includes('Boston'));
  if (options.quick === true || sampled) {
    const reasons = [
      ...(options.quick === true ? ['fewer epochs and rows'] : []),
      ...(sampled ? ['sample data'] : []),
    ];
    console.log(`\nThis was with ${reasons.join(' and ')}: the goals need the real data and all epochs.`);
  }
  return results;
};

void runAsProgram(module, main);
