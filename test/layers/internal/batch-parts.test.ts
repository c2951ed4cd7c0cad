import {
  compile,
  fit,
  getWeights,
  kerasModelSequential,
  layerDense,
  layerGru,
  layerLstm,
  layerMasking,
  layerSimpleRnn,
  optimizerSgd,
  pipe,
  setRandomSeed,
  tf,
  type Engine,
  type LayerFunction,
  type RecurrentOptions,
  type Tensor,
} from '../../../src/index';
import { MAX_SEQUENTIAL_ELEMENTS } from '../../../src/engine/tuning';
import { MIN_ELEMENTS_PER_PART, partsOf, sizesOfParts } from '../../../src/layers/internal/batch-parts';
import { record } from '../../../src/engine/trace/record';
import { distance, waves } from '../support';

const parts = (rows: readonly number[], steps: number, units: number, processors: number): number[] =>
  rows.map((count) => partsOf(count, steps, { units, gates: 4 }, processors));

test('parts are of 8 rows or more, one for each processor', () => {
  expect(parts([1, 15, 16, 31, 32, 1000], 50, 32, 2)).toStrictEqual([1, 1, 2, 2, 2, 2]);
  expect(parts([16, 24, 32, 1000], 500, 32, 8)).toStrictEqual([2, 3, 4, 8]);
  expect(parts([1000], 50, 32, 1)).toStrictEqual([1]);
});

test('where TensorFlow cuts the products itself, of 64 rows or more', () => {
  expect(parts([32, 127, 128, 192], 50, 128, 8)).toStrictEqual([1, 1, 2, 3]);
});

test('of more than runs in sequence', () => {
  expect(MIN_ELEMENTS_PER_PART).toBe(MAX_SEQUENTIAL_ELEMENTS + 1);
  expect(parts([32, 2 * 103], 10, 8, 2)).toStrictEqual([1, 2]);
  expect(parts([32, 64, 128], 10, 32, 8)).toStrictEqual([1, 2, 4]);
});

test('parts have all rows, and about as many each', () => {
  expect(sizesOfParts(130, 2)).toStrictEqual([65, 65]);
  expect(sizesOfParts(131, 2)).toStrictEqual([65, 66]);
  expect(sizesOfParts(200, 3)).toStrictEqual([66, 67, 67]);
});

const [ROWS, STEPS, UNITS] = [31, 50, 12];

/** Two, unless there is one processor only. */
const PARTS = partsOf(ROWS, STEPS, { units: UNITS, gates: 4 });

/** Losses and weights of a fit of three steps, each of all rows. */
const trained = async (
  layer: LayerFunction<RecurrentOptions>,
  options: Partial<RecurrentOptions>,
  isMasked: boolean,
  engine: Engine,
) => {
  setRandomSeed(5);
  const model = kerasModelSequential();
  layerMasking({ maskValue: isMasked ? 0 : 9, inputShape: [STEPS, 3] })(model);
  layer({ units: UNITS, ...options })(model);
  layerDense({ units: 1 })(model);
  pipe(model, compile({ optimizer: optimizerSgd({ learningRate: 0.1 }), loss: 'mse' }));
  const x = tf.reshape(waves([ROWS * STEPS, 3], 1), [ROWS, STEPS, 3]);
  // Each row lacks as many steps as its number says.
  const present = tf.tensor(
    Array.from({ length: ROWS }, (_, row) =>
      Array.from({ length: STEPS }, (__, step) => [step >= row % 3 ? 1 : 0]),
    ),
  );
  const y = options.returnSequences === true ? waves([ROWS, STEPS, 1], 2) : waves([ROWS, 1], 2);
  const { metrics } = await fit(model, isMasked ? tf.mul(x, present) : x, y, {
    engine,
    epochs: 3,
    batchSize: ROWS,
    shuffle: false,
    verbose: 0,
  });
  return { loss: tf.tensor(metrics.loss), weights: getWeights(model) };
};

const layers = { lstm: layerLstm, gru: layerGru, rnn: layerSimpleRnn } as const;
const variants: readonly (readonly [string, Partial<RecurrentOptions>, boolean])[] = [
  ['last output', {}, false],
  ['all outputs, backwards', { returnSequences: true, goBackwards: true }, false],
  ['masked', {}, true],
  // Masks are those of the whole batch.
  ['dropout', { dropout: 0.3, recurrentDropout: 0.2 }, false],
];

describe.each(Object.keys(layers) as (keyof typeof layers)[])('%s over many rows', (kind) => {
  test.each(variants)('compiled as eager: %s', async (_, options, isMasked) => {
    const eager = await trained(layers[kind], options, isMasked, 'eager');
    const compiled = await trained(layers[kind], options, isMasked, 'compiled');
    expect(distance(compiled.loss, eager.loss)).toBeLessThan(3e-5);
    compiled.weights.forEach((weight, index) => {
      expect(distance(weight, eager.weights[index] as Tensor)).toBeLessThan(3e-5); // the same model's
    });
  });
});

test('recorded, an LSTM over many rows is several operations, unless masks are drawn', () => {
  const blocks = (rows: number, training: boolean): number => {
    const model = kerasModelSequential();
    layerLstm({ units: UNITS, dropout: 0.5, inputShape: [STEPS, 3] })(model);
    const x = tf.reshape(waves([rows * STEPS, 3], 1), [rows, STEPS, 3]);
    const { recording } = record(() => model.tf.apply(x, { training }));
    return recording.ops.filter(({ name }) => name === 'BlockLSTM').length;
  };
  expect(blocks(7, false)).toBe(1);
  expect(blocks(ROWS, false)).toBe(PARTS);
  expect(blocks(ROWS, true)).toBe(1);
});
