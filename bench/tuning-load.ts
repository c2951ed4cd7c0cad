/** What it takes to load the graphs of training steps into TensorFlow. See tuning.ts. */
import { compile, fit, pipe } from '../src/index';
import type { GraphSource, RuntimeConfig } from '../src/native/index';
import { binding, bound, enterBinding } from '../src/tfjs/binding';
import { inputsOf, labelsOf } from './data';
import { median } from './limits';
import { benchmarks, kerasPipeModel, type Benchmark, type Name } from './models';

const LOADS = 60;

/** The models of the lecture, with few rows. */
const MODELS = [
  'boston',
  'mnist',
  'imdb-sparse',
  'imdb-dense',
  'convnet',
  'words-lstm',
] as const satisfies Name[];
const BATCHES = 2;

interface Graph {
  readonly source: GraphSource;
  readonly config: RuntimeConfig | undefined;
}

/** The graphs that a fit loads. */
const graphsOf = async (benchmark: Benchmark): Promise<Graph[]> => {
  const { loss, batchSize, optimizer = 'rmsprop', sparse } = benchmark;
  const plan = { ...benchmark, rows: BATCHES * batchSize };
  const model = pipe(kerasPipeModel(benchmark), compile({ optimizer, loss: loss[0], metrics: ['accuracy'] }));
  const graphs: Graph[] = [];
  const real = binding();
  const leave = enterBinding({
    ...bound(real),
    createSessionOnThread: (source, config) => {
      graphs.push({ source, config });
      return real.createSessionOnThread(source, config);
    },
  });
  await fit(model, inputsOf(plan, sparse === true), labelsOf(plan), {
    batchSize,
    epochs: 1,
    verbose: 0,
    engine: 'compiled',
  });
  leave();
  return graphs;
};

const bytesOf = ({ source }: Graph): number =>
  source instanceof Uint8Array ? source.length : 'definition' in source ? source.definition.length : 0;

export const loading = async (): Promise<void> => {
  console.log('load: milliseconds to load a graph, by the clock and of processors, medians and the least');
  for (const name of MODELS) {
    for (const graph of await graphsOf(benchmarks[name])) {
      const times = Array.from({ length: LOADS }, () => {
        const [begun, before] = [performance.now(), process.cpuUsage()];
        const session = binding().createSession(graph.source, graph.config);
        const elapsed = performance.now() - begun;
        const { user, system } = process.cpuUsage(before);
        session.close();
        return [elapsed, (user + system) / 1e3] as const;
      });
      const shown = (kind: 0 | 1): string => {
        const values = times.map((time) => time[kind]);
        return `${median(values).toFixed(1)} (${Math.min(...values).toFixed(1)})`;
      };
      console.log(
        `  ${benchmarks[name].title}, ${(bytesOf(graph) / 1e3).toFixed(0)} kB: ${shown(0)}, of processors ${shown(1)}`,
      );
    }
  }
};
