/** Recurrent layers over sequences of several lengths, as Keras computes them: see test/reference/sequences.py. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Variable } from '@tensorflow/tfjs';
import {
  compile,
  fit,
  getLayer,
  getWeights,
  kerasModelSequential,
  layerDense,
  layerEmbedding,
  layerGru,
  layerSimpleRnn,
  pipe,
  setRandomSeed,
  tf,
  type LayerStep,
  type RecurrentOptions,
  type SequentialModel,
  type Tensor,
} from '../../src/index';
import { distance } from './support';

/** What test/reference/sequences.py prints. */
interface Reference {
  readonly kind: keyof typeof kinds;
  readonly steps: number;
  readonly goBackwards: boolean;
  readonly returnSequences: boolean;
  readonly x: number[][][];
  readonly first: number[][];
  readonly mask: number[][] | null;
  readonly weights: (number[] | number[][])[];
  readonly factors: number[][] | number[][][];
  readonly output: number[][] | number[][][];
  /** By the input, the first state and the weights. */
  readonly gradients: unknown[];
}

const kinds = {
  rnn: layerSimpleRnn,
  'rnn, elu': (options: RecurrentOptions) => layerSimpleRnn({ ...options, activation: 'elu' }),
  gru: layerGru,
  'gru, hard': (options: RecurrentOptions) =>
    layerGru({ ...options, activation: 'softsign', recurrentActivation: 'hard_sigmoid' }),
  'gru, no bias': (options: RecurrentOptions) => layerGru({ ...options, useBias: false }),
  'gru, reset before': (options: RecurrentOptions) => layerGru({ ...options, resetAfter: false }),
} as const satisfies Record<string, (options: RecurrentOptions) => LayerStep>;

const references = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/sequences.json'), 'utf8'),
) as readonly Reference[]; // as its program prints it

const cases = references.map((one) => {
  const { kind, steps, mask, goBackwards, returnSequences } = one;
  const about = [kind, `${steps} steps`, ...(mask === null ? [] : ['masked']), ...(goBackwards ? ['backwards'] : []), ...(returnSequences ? ['all outputs'] : [])]; // prettier-ignore
  return [about.join(', '), one] as const;
});

test.each(cases)('%s: outputs and gradients are those of Keras', (_, one) => {
  const { kind, goBackwards, returnSequences, steps, mask, factors } = one;
  const step = kinds[kind]({ units: 2, goBackwards, returnSequences, inputShape: [steps, 2] });
  const layer = getLayer(pipe(kerasModelSequential(), step), { index: 0 });
  layer.setWeights(one.weights.map((weight) => tf.tensor(weight)));
  const run = (x: Tensor, initialState: Tensor): Tensor =>
    layer.apply(x, {
      initialState: [initialState],
      ...(mask === null ? {} : { mask: tf.tensor2d(mask, undefined, 'bool') }),
    }) as Tensor; // of a tensor
  const sum = (x: Tensor, first: Tensor) => tf.sum(tf.mul(run(x, first), tf.tensor(factors)));
  const [x, first] = [tf.tensor3d(one.x), tf.tensor2d(one.first)];
  const variables = layer.trainableWeights.map((weight) => weight.read() as Variable); // of a built layer
  const { grads } = tf.variableGrads(() => sum(x, first).asScalar(), variables);
  const results = [
    run(x, first),
    ...tf.grads(sum as (...all: Tensor[]) => Tensor)([x, first]),
    ...variables.map(({ name }) => grads[name] as Tensor),
  ];
  const expected = [one.output, ...one.gradients];
  expect(results).toHaveLength(expected.length);
  results.forEach((result, index) => {
    expect(distance(result, [expected[index]].flat(Infinity) as number[])).toBeLessThan(5e-6);
  });
});

describe('a fit, compiled and eager', () => {
  const WORDS = 7;
  const modelOf = (kind: keyof typeof kinds, maskZero: boolean): SequentialModel => {
    setRandomSeed(3);
    const embedding = layerEmbedding({ inputDim: WORDS, outputDim: 3, maskZero });
    return pipe(
      kerasModelSequential(),
      embedding,
      kinds[kind]({ units: 4, returnSequences: true, goBackwards: true }),
      kinds[kind]({ units: 3 }),
      layerDense({ units: 1 }),
      compile({ loss: 'mse', optimizer: 'adam' }),
    );
  };
  const dataOf = (rows: number, steps: number): [Tensor, Tensor] => {
    const ids = Int32Array.from({ length: rows * steps }, (_, index) => (index * index + index) % WORDS);
    return [tf.tensor2d(ids, [rows, steps], 'int32'), tf.randomNormal([rows, 1], 0, 1, 'float32', 4)];
  };
  const names = ['rnn', 'gru', 'gru, reset before'] as const;

  // 135 rows in batches of 130 are some that run in parts, and some that do not.
  test.each(names.flatMap((kind) => [false, true].map((maskZero) => [kind, maskZero] as const)))(
    '%s, masked: %p, gives the same',
    async (kind, maskZero) => {
      const [x, y] = dataOf(135, 11);
      const run = async (engine: 'eager' | 'compiled') => {
        const model = modelOf(kind, maskZero);
        const { metrics } = await fit(model, x, y, { epochs: 1, batchSize: 130, verbose: 0, engine });
        return { losses: metrics.loss, weights: getWeights(model) };
      };
      const [eager, compiled] = [await run('eager'), await run('compiled')];
      compiled.losses.forEach((loss, index) => expect(loss).toBeCloseTo(eager.losses[index] ?? NaN, 5));
      compiled.weights.forEach((weight, index) =>
        expect(distance(weight, eager.weights[index] as Tensor)).toBeLessThan(2e-5),
      );
    },
  );
});
