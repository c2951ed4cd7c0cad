/**
 * Times predictions of small batches in a loop, as servers make them, against tfjs-node's: `npm run bench:predict`, or
 * `npm run bench:predict -- boston --rounds 21`. How to read the table: README.md.
 */
import { parseArgs } from 'node:util';
import { binding, bound, withBinding, type Binding } from '../src/tfjs/binding';
import { predictOnBatch, tf, type Tensor } from '../src/index';
import { median } from './limits';
import { inputsOf } from './data';
import { benchmarks, kerasPipeModel, tfjsModel, type Benchmark } from './models';
import { chosen, roundsOf, spread, tableOf } from './table';

/** The models, each once, and the rows of a batch. */
const cases = ['boston', 'mnist', 'imdb-dense', 'convnet', 'lstm'] as const;
const batches = [1, 8] as const;

/** Milliseconds that a round takes at least. */
const ROUND = 50;

/** Microseconds of a call, on average over a round. */
const time = (call: () => Tensor, calls: number): number => {
  const begun = performance.now();
  for (let index = 0; index < calls; index++) call().dispose();
  return ((performance.now() - begun) * 1000) / calls;
};

const callsFor = (call: () => Tensor): number => {
  time(call, 30); // compiled after 20
  return Math.ceil((ROUND * 1000) / time(call, 10));
};

/** Microseconds that TensorFlow's operations take in a call, without what it takes to call any operation at all. */
const operations = (call: () => Tensor): number => {
  const real = binding();
  let spent = 0;
  let count = 0;
  const timed: Binding = {
    ...bound(real),
    executeOp: (...parameters) => {
      const begun = performance.now();
      const outputs = real.executeOp(...parameters);
      spent += performance.now() - begun;
      count++;
      return outputs;
    },
  };
  const one = tf.scalar(1);
  const least = (): number => {
    spent = 0;
    tf.neg(one).dispose();
    return spent;
  };
  return withBinding(timed, () => {
    const trivial = median(Array.from({ length: 200 }, least));
    const sums = Array.from({ length: 200 }, () => {
      [spent, count] = [0, 0];
      call().dispose();
      return spent - count * trivial;
    });
    one.dispose();
    return 1000 * median(sums);
  });
};

const line = tableOf([31, 7, 24, 24, 22, 12], 1);

const compare = (benchmark: Benchmark, rows: number, rounds: number): void => {
  const x = inputsOf({ ...benchmark, rows }, false) as Tensor; // not sparse
  const [own, other] = [kerasPipeModel(benchmark), tfjsModel(benchmark)];
  const ours = (): Tensor => predictOnBatch(own, x);
  const theirs = (): Tensor => other.predict(x) as Tensor; // of one output
  const [ourCalls, theirCalls] = [callsFor(ours), callsFor(theirs)];
  const turns = Array.from({ length: rounds }, (_, turn) => {
    // Each in turn begins.
    const first = turn % 2 === 0 ? time(ours, ourCalls) : undefined;
    const their = time(theirs, theirCalls);
    return { our: first ?? time(ours, ourCalls), their };
  });
  line([
    benchmark.title.replace(/, batch \d+/, ''),
    String(rows),
    spread(
      turns.map(({ our }) => our),
      0,
    ),
    spread(
      turns.map(({ their }) => their),
      0,
    ),
    spread(
      turns.map(({ our, their }) => their / our),
      1,
    ),
    operations(theirs).toFixed(0),
  ]);
};

const main = (): void => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { rounds: { type: 'string', default: '11' } },
  });
  const wanted = chosen(positionals, cases);
  const rounds = roundsOf(values.rounds);
  line(['model', 'rows', 'keras-pipe µs', 'tfjs-node µs', '× tfjs-node', 'operations']);
  for (const name of wanted) for (const rows of batches) compare(benchmarks[name], rows, rounds);
};

main();
