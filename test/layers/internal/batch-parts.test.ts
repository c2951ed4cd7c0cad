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
import { partsOf, sizesOfParts } from '../../../src/layers/internal/batch-parts';
import { record } from '../../../src/engine/trace/record';
import { distance, waves } from '../support';

test('parts are of 64 rows or more, one for each processor', () => {
  expect([1, 127, 128, 191, 192, 1000].map((rows) => partsOf(rows, 2))).toStrictEqual([1, 1, 2, 2, 2, 2]);
  expect([128, 192, 1000].map((rows) => partsOf(rows, 8))).toStrictEqual([2, 3, 8]);
  expect(partsOf(1000, 1)).toBe(1);
});

test('parts have all rows, and about as many each', () => {
  expect(sizesOfParts(130, 2)).toStrictEqual([65, 65]);
  expect(sizesOfParts(131, 2)).toStrictEqual([65, 66]);
  expect(sizesOfParts(200, 3)).toStrictEqual([66, 67, 67]);
});

const ROWS = 131;

/** Losses and weights of a fit of three steps of 131 rows. */
const trained = async (
  layer: LayerFunction<RecurrentOptions>,
  options: Partial<RecurrentOptions>,
  isMasked: boolean,
  engine: Engine,
) => {
  setRandomSeed(5);
  const model = kerasModelSequential();
  layerMasking({ maskValue: isMasked ? 0 : 9, inputShape: [5, 3] })(model);
  layer({ units: 4, ...options })(model);
  layerDense({ units: 1 })(model);
  pipe(model, compile({ optimizer: optimizerSgd({ learningRate: 0.1 }), loss: 'mse' }));
  const x = tf.reshape(waves([ROWS * 5, 3], 1), [ROWS, 5, 3]);
  // Each row lacks as many steps as its number says.
  const present = tf.tensor(
    Array.from({ length: ROWS }, (_, row) => [0, 1, 2, 3, 4].map((step) => [step >= row % 3 ? 1 : 0])),
  );
  const y = options.returnSequences === true ? waves([ROWS, 5, 1], 2) : waves([ROWS, 1], 2);
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
    expect(distance(compiled.loss, eager.loss)).toBeLessThan(1e-5);
    compiled.weights.forEach((weight, index) => {
      expect(distance(weight, eager.weights[index] as Tensor)).toBeLessThan(1e-5); // the same model's
    });
  });
});

test('recorded, an LSTM over many rows is several operations, unless masks are drawn', () => {
  const blocks = (rows: number, training: boolean): number => {
    const model = kerasModelSequential();
    layerLstm({ units: 4, dropout: 0.5, inputShape: [5, 3] })(model);
    const x = waves([rows, 5, 3], 1);
    const { recording } = record(() => model.tf.apply(x, { training }));
    return recording.ops.filter(({ name }) => name === 'BlockLSTM').length;
  };
  expect(blocks(64, false)).toBe(1);
  expect(blocks(192, false)).toBe(partsOf(192));
  expect(blocks(192, true)).toBe(1);
});
