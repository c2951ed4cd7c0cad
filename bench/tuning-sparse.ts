/** What sparse rows save where a dense tensor is nearly all zeros, and what it takes to find them. */
import {
  compile,
  fit,
  kerasModelSequential,
  layerDense,
  pipe,
  tf,
  vectorizeSequences,
  type SparseMatrix,
  type Tensor,
} from '../src/index';
import { nonzeroFraction, sparseInSteps } from '../src/arrays/dense-nonzeros';
import * as tuning from '../src/engine/tuning';

const BATCHES = 4;

/** Milliseconds by the clock, and of processors. */
type Times = readonly [clock: number, processors: number];

const timed = async (run: () => unknown): Promise<Times> => {
  const [clock, { user, system }] = [performance.now(), process.cpuUsage()];
  await run();
  const used = process.cpuUsage({ user, system });
  return [performance.now() - clock, (used.user + used.system) / 1e3];
};

const medianOf = (rounds: readonly Times[]): string =>
  ([0, 1] as const)
    .map((which) => rounds.map((times) => times[which]).sort((a, b) => a - b)[rounds.length >> 1] ?? NaN)
    .map((time) => time.toFixed(2))
    .join(' / ');

/** Rows with so many ones, all columns as often. */
const onesIn = (rows: number, columns: number, ones: number): SparseMatrix =>
  vectorizeSequences(
    Array.from({ length: rows }, () =>
      Array.from({ length: ones }, () => Math.floor(Math.random() * columns)),
    ),
    { dimension: columns, sparse: true },
  );

const trainer = (
  x: Tensor | SparseMatrix,
  batchSize: number,
  units: number,
): ((epochs: number) => Promise<Times>) => {
  const [rows, columns] = x.shape as [number, number]; // of two dimensions
  const model = pipe(
    kerasModelSequential(),
    layerDense({ units, activation: 'relu', inputShape: [columns] }),
    layerDense({ units: 1, activation: 'sigmoid' }),
    compile({ optimizer: 'sgd', loss: 'binary_crossentropy' }),
  );
  const y = tf.zeros([rows, 1]);
  return (epochs) => timed(() => fit(model, x, y, { epochs, batchSize, engine: 'compiled', verbose: 0 }));
};

export const sparse = async (): Promise<void> => {
  console.log(
    `sparse: rows of at most ${tuning.MAX_NONZERO_FRACTION} nonzeros become sparse ones if that saves ${tuning.MIN_SPARSE_GAIN} times what it takes to find them`,
  );
  for (const [batch, columns, ones, units] of [
    [512, 10_000, 130, 16],
    [512, 10_000, 130, 64],
    [512, 10_000, 130, 256],
    [512, 10_000, 20, 16],
    [512, 10_000, 20, 256],
    [512, 1000, 10, 16],
    [512, 1000, 10, 256],
    [128, 10_000, 130, 16],
    [128, 10_000, 20, 64],
    [32, 10_000, 130, 16],
    [32, 10_000, 130, 256],
  ] as const) {
    const matrix = onesIn(BATCHES * batch, columns, ones);
    const dense = matrix.toTensor();
    const [fast, slow] = [trainer(matrix, batch, units), trainer(dense, batch, units)];
    await fast(20);
    await slow(20);
    const rounds: [Times[], Times[]] = [[], []];
    for (let round = 0; round < 5; round++) {
      for (const [index, train] of [fast, slow].entries()) {
        const [clock, processors] = await train(20);
        rounds[index as 0 | 1].push([clock / (20 * BATCHES), processors / (20 * BATCHES)]);
      }
    }
    const looks: Times[] = [];
    for (let round = 0; round < 3; round++)
      looks.push(
        await timed(() => {
          nonzeroFraction(dense, tuning.MAX_NONZERO_FRACTION);
          for (const _ of sparseInSteps(dense, tuning.MAX_NONZERO_FRACTION)) continue;
        }),
      );
    console.log(
      `  batch ${batch} × ${columns}, ${ones} ones, ${units} units: ${medianOf(rounds[1])} ms a step by the clock / of processors, ` +
        `${medianOf(rounds[0])} on sparse rows; ${medianOf(looks)} ms to find these in ${(dense.size / 1e6).toFixed(1)} million numbers`,
    );
    dense.dispose();
  }
};
