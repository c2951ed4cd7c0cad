import {
  compile,
  fit,
  getWeights,
  kerasModel,
  layerDense,
  layerEmbedding,
  layerGlobalAveragePooling1d,
  layerGroupQueryAttention,
  layerInput,
  layerMultiHeadAttention,
  optimizerSgd,
  pipe,
  setRandomSeed,
  tf,
  type Engine,
  type SymbolicTensor,
  type Tensor,
} from '../../../src/index';
import { record } from '../../../src/engine/trace/record';
import { attentionParts } from '../../../src/layers/internal/attention-parts';
import { distance } from '../support';

test('parts are of half a million weights or more, of a row at least, and eight at most', () => {
  expect(attentionParts(32, 2 ** 20 - 1)).toBe(1);
  expect(attentionParts(32, 2 ** 20)).toBe(2);
  expect(attentionParts(3, 2 ** 23)).toBe(3);
  expect(attentionParts(32, 2 ** 30)).toBe(8);
});

const [ROWS, STEPS, WORDS] = [5, 400, 20];

const layers = {
  'several heads': (x: SymbolicTensor, useCausalMask: boolean) =>
    layerMultiHeadAttention([x, x], { numHeads: 2, keyDim: 4, useCausalMask }),
  'groups of heads': (x: SymbolicTensor, useCausalMask: boolean) =>
    layerGroupQueryAttention([x, x], { headDim: 4, numQueryHeads: 2, numKeyValueHeads: 1, useCausalMask }),
} as const;

const modelOf = (kind: keyof typeof layers, maskZero: boolean, useCausalMask: boolean) => {
  setRandomSeed(3);
  const ids = layerInput({ shape: [STEPS] });
  const words = layerEmbedding(ids, { inputDim: WORDS, outputDim: 8, maskZero });
  const output = pipe(
    layers[kind](words, useCausalMask),
    layerGlobalAveragePooling1d(),
    layerDense({ units: 1 }),
  );
  return pipe(
    kerasModel(ids, output),
    compile({ optimizer: optimizerSgd({ learningRate: 0.1 }), loss: 'mse' }),
  );
};

/** Texts of other lengths, the shortest of two words. */
const texts = (): Tensor =>
  tf.tensor(
    Array.from({ length: ROWS }, (_, row) =>
      Array.from({ length: STEPS }, (__, step) =>
        step < row * 90 + 2 ? ((row * step) % (WORDS - 1)) + 1 : 0,
      ),
    ),
  );

describe.each(Object.keys(layers) as (keyof typeof layers)[])(
  'attention of %s over long sequences',
  (kind) => {
    test.each([
      ['all is seen', false, false],
      ['texts of other lengths', true, false],
      ['what came before', false, true],
      ['of texts of other lengths, what came before', true, true],
    ])('compiled as eager: %s', async (_, maskZero, useCausalMask) => {
      const trained = async (engine: Engine): Promise<Tensor[]> => {
        const model = modelOf(kind, maskZero, useCausalMask);
        const y = tf.linspace(-1, 1, ROWS);
        const options = { engine, epochs: 3, batchSize: ROWS, shuffle: false, verbose: 0 } as const;
        const { metrics } = await fit(model, texts(), y, options);
        return [tf.tensor(metrics.loss), ...getWeights(model)];
      };
      const eager = await trained('eager');
      (await trained('compiled')).forEach((one, index) => {
        expect(distance(one, eager[index] as Tensor)).toBeLessThan(1e-5);
      });
    });

    test('recorded, it is several operations', () => {
      const model = modelOf(kind, true, true);
      const { recording } = record(() => model.tf.apply(texts(), { training: true }));
      const parts = recording.ops.filter(({ name }) => name === 'Softmax').length;
      expect(parts).toBe(attentionParts(ROWS, ROWS * 2 * STEPS ** 2));
      expect(parts).toBeGreaterThan(1);
    });
  },
);
