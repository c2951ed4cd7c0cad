/**
 * Loops by hand against `fit`: milliseconds of processors that a step takes, where each step is a call, and where one call has all of them,
 * and their ratios to those of `fit`: `npm run bench:steps`, or `npm run bench:steps -- mnist --rounds 5`. The rounds alternate.
 */
import { parseArgs } from 'node:util';
import {
  callModel,
  compile,
  compiledStep,
  fit,
  gradientsOf,
  lossMeanSquaredError,
  optimizerRmsprop,
  pipe,
  SparseMatrix,
  tf,
  type Tensor,
} from '../src/index';
import { knownLoss } from '../src/losses/registry';
import { inputsOf, labelsOf } from './data';
import { median } from './limits';
import { benchmarks, kerasPipeModel, type Benchmark, type Name } from './models';
import { chosen, roundsOf, tableOf } from './table';

const NAMES = ['boston', 'mnist', 'convnet', 'lstm'] as const satisfies readonly Name[];

/** Milliseconds of processors that something takes. */
const processors = async (run: () => unknown): Promise<number> => {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e3;
};

const line = tableOf([35, 9, 9, 7, 9, 7], 1);

const measure = async (name: Name, rounds: number): Promise<void> => {
  const benchmark: Benchmark = benchmarks[name];
  const { batchSize, loss, title } = benchmark;
  const x = inputsOf(benchmark, false);
  if (x instanceof SparseMatrix) throw new Error('bench: no sparse inputs are asked for');
  const y = labelsOf(benchmark);
  const lossOf = knownLoss(loss[0])?.call ?? lossMeanSquaredError().call;
  const fitted = pipe(kerasPipeModel(benchmark), compile({ optimizer: 'rmsprop', loss: loss[0] }));
  const byHand = kerasPipeModel(benchmark);
  const optimizer = optimizerRmsprop();
  const step = compiledStep(
    (batch: Tensor, labels: Tensor) => {
      const gradients = gradientsOf(
        () => tf.mean(lossOf(labels, callModel(byHand, batch, { training: true }))),
        byHand,
      );
      optimizer.apply(gradients);
      return gradients.loss;
    },
    { engine: 'compiled' },
  );
  const [count = 0] = x.shape;
  const steps = Math.floor(count / batchSize);
  const rows = (tensor: Tensor, from: number): Tensor =>
    tensor.slice([from, ...Array<number>(tensor.rank - 1).fill(0)], [batchSize, ...tensor.shape.slice(1)]);
  const inSteps = (tensor: Tensor): Tensor => tensor.reshape([steps, batchSize, ...tensor.shape.slice(1)]);
  const whole = steps * batchSize;
  const [xs, ys] = [x.slice(0, whole), y.slice(0, whole)];
  const runs = [
    () => fit(fitted, xs, ys, { batchSize, epochs: 1, verbose: 0, engine: 'compiled' }),
    () => {
      for (let from = 0; from < whole; from += batchSize) {
        tf.tidy(() => void step(rows(xs, from), rows(ys, from)).dataSync());
      }
    },
    () => tf.tidy(() => void step.each(inSteps(xs), inSteps(ys)).dataSync()),
  ];
  const times: number[][] = runs.map(() => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [index, run] of runs.entries()) {
      const time = await processors(run);
      // The first round compiles.
      if (round > 0) times[index]?.push(time / steps);
    }
  }
  const [ofFit, ...byHands] = times.map((list) => median(list)) as [number, number, number]; // of each
  const cells = byHands.flatMap((time) => [time.toFixed(3), (time / ofFit).toFixed(2)]);
  line([title, ofFit.toFixed(3), ...cells]);
};

const main = async (): Promise<void> => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { rounds: { type: 'string', default: '5' } },
  });
  const rounds = roundsOf(values.rounds);
  line(['milliseconds of processors a step', 'fit', 'a call', 'ratio', 'one call', 'ratio']);
  for (const name of chosen(positionals, [...NAMES])) await measure(name, rounds);
};

void main();
