/**
 * Masks stay with what layers put out: in models and layers of one's own, and from model to model in a loop by hand, the next layer passes
 * over the same steps. A graph of the same layers says what comes out; its numbers are Keras's, by test/layers/masks.test.ts.
 */
import {
  callModel,
  compile,
  createLayerWrapper,
  CustomModel,
  fit,
  getWeights,
  kerasModel,
  KerasLayer,
  layerDense,
  layerEmbedding,
  layerGlobalAveragePooling1d,
  layerGru,
  layerInput,
  layerLstm,
  pipe,
  predictOnBatch,
  setWeights,
  tf,
  timeDistributed,
  type KerasModel,
  type Tensor,
} from '../../src/index';
import { distance } from './support';

const ids = tf.tensor2d([[1, 2, 0, 0], [3, 0, 4, 0], [1, 1, 1, 1], [2, 0, 0, 0]]); // prettier-ignore
const embedding = () => layerEmbedding({ inputDim: 5, outputDim: 3, maskZero: true });

class Reader extends CustomModel {
  embed = this.addLayer(embedding());
  read = this.addLayer(layerLstm({ units: 3, returnSequences: true }));
  mean = this.addLayer(layerGlobalAveragePooling1d());
  override call(x: Tensor) {
    return this.mean(this.read(this.embed(x)));
  }
}

/** What gives a value for each step, of which those count that are there. */
class Tagger extends CustomModel {
  embed = this.addLayer(embedding());
  read = this.addLayer(layerGru({ units: 3, returnSequences: true }));
  out = this.addLayer(timeDistributed(layerDense({ units: 1 })));
  override call(x: Tensor) {
    return this.out(this.read(this.embed(x)));
  }
}

const readerGraph = (): KerasModel => {
  const input = layerInput({ shape: [4] });
  const read = pipe(input, embedding(), layerLstm({ units: 3, returnSequences: true }));
  return kerasModel(input, layerGlobalAveragePooling1d(read));
};

const taggerGraph = (): KerasModel => {
  const input = layerInput({ shape: [4] });
  const read = pipe(input, embedding(), layerGru({ units: 3, returnSequences: true }));
  return kerasModel(input, pipe(read, timeDistributed(layerDense({ units: 1 }))));
};

test.each([
  ['the steps of a sequence', () => new Reader(), readerGraph],
  ['values for each step', () => new Tagger(), taggerGraph],
] as const)('a model of one’s own, of %s, predicts as a graph', (_, make, graph) => {
  const [own, known] = [make(), graph()];
  predictOnBatch(own, ids);
  setWeights(own, getWeights(known));
  expect(distance(predictOnBatch(own, ids), predictOnBatch(known, ids))).toBeLessThan(1e-6);
});

test.each(['eager', 'compiled'] as const)('its loss counts the steps that are there, %s', async (engine) => {
  const [own, known] = [new Tagger(), taggerGraph()];
  predictOnBatch(own, ids);
  setWeights(own, getWeights(known));
  const y = tf.tidy(() => tf.sin(tf.range(0, 16)).reshape([4, 4, 1]));
  const losses: number[][] = [];
  for (const model of [own, known]) {
    compile(model, { optimizer: 'sgd', loss: 'mse', metrics: ['mae'] });
    const history = await fit(model, ids, y, { epochs: 6, batchSize: 2, shuffle: false, verbose: 0, engine });
    expect(history.params.engine).toBe(engine);
    losses.push([...history.metrics.loss, ...(history.metrics.mae ?? [])]);
  }
  losses[1]?.forEach((loss, index) => expect(losses[0]?.[index]).toBeCloseTo(loss, 5));
});

test('a layer of one’s own hands the mask of its input to the layers inside, unless it says otherwise', () => {
  class Inner extends KerasLayer<{ isMasked: boolean }> {
    read = this.addLayer(layerLstm({ units: 2, kernelInitializer: 'ones', recurrentInitializer: 'zeros' }));
    override call(x: Tensor) {
      return this.options.isMasked ? this.read(x) : this.read(x, { mask: null });
    }
  }
  const wrapped = createLayerWrapper(Inner);
  const input = layerInput({ shape: [4] });
  const embedded = pipe(input, layerEmbedding({ inputDim: 5, outputDim: 3, maskZero: true }));
  const known = layerLstm(embedded, { units: 2, kernelInitializer: 'ones', recurrentInitializer: 'zeros' });
  const outputs = [wrapped(embedded, { isMasked: true }), wrapped(embedded, { isMasked: false }), known];
  const [masked, whole, expected] = predictOnBatch(kerasModel(input, outputs), ids) as [
    Tensor,
    Tensor,
    Tensor,
  ];
  expect(distance(masked, expected)).toBeLessThan(1e-6);
  expect(distance(whole, expected)).toBeGreaterThan(1e-4);
});

test('from model to model', () => {
  const input = layerInput({ shape: [4] });
  const embed = kerasModel(input, pipe(input, embedding()));
  const vectors = layerInput({ shape: [4, 3] });
  const read = kerasModel(vectors, layerLstm(vectors, { units: 2 }));
  const whole = kerasModel(input, layerLstm(pipe(input, embedding()), { units: 2 }));
  setWeights(whole, [...getWeights(embed), ...getWeights(read)]);
  const [apart, together] = [callModel(read, callModel(embed, ids)), predictOnBatch(whole, ids)];
  expect(distance(apart, together)).toBeLessThan(1e-6);
  // What operations make of it has none.
  const lost = callModel(read, tf.add(callModel(embed, ids), 0));
  expect(distance(lost, together)).toBeGreaterThan(1e-4);
});
