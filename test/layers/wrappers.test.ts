/** Layers around layers: what they make of masks, states, models and options. Their numbers are in reference/wrappers.test.ts. */
import {
  compile,
  fit,
  freezeWeights,
  getWeights,
  kerasModel,
  kerasModelSequential,
  layerConv2d,
  layerDense,
  layerDropout,
  layerEmbedding,
  layerFlatten,
  layerGru,
  layerInput,
  layerLstm,
  layerMasking,
  layerRnn,
  layerSimpleRnn,
  layerLstmCell,
  layerGruCell,
  bidirectional,
  outputShape,
  pipe,
  predictOnBatch,
  setRandomSeed,
  setWeights,
  shared,
  tf,
  timeDistributed,
  testOnBatch,
  trainOnBatch,
  type SequentialModel,
  type Tensor,
} from '../../src/index';
import { tensorCount } from '../support/tensors';
import { distance, waves } from './support';

const [ROWS, STEPS, FEATURES, UNITS] = [4, 5, 3, 2];
const values = (tensor: Tensor): number[] => [...tensor.dataSync()];

describe('bidirectional', () => {
  const sequences = () => layerInput({ shape: [STEPS, FEATURES] });

  test('has both layers’ weights, drawn apart, under names of their own', () => {
    const model = pipe(
      kerasModelSequential({ inputShape: [STEPS, FEATURES] }),
      bidirectional(layerRnn({ cell: [layerLstmCell({ units: 2 }), layerGruCell({ units: 2 })] })),
    );
    const names = model.tf.weights.map(({ originalName }) => originalName);
    expect(names).toHaveLength(12);
    expect(new Set(names).size).toBe(12);
    expect(names[0]).toBe('bidirectional/forward_rnn/lstm_cell/kernel');
    expect(names[6]).toBe('bidirectional/backward_rnn/lstm_cell/kernel');
    const [forward, backward] = [0, 6].map((index) => values(getWeights(model)[index] as Tensor));
    expect(forward).not.toEqual(backward);
  });

  test('the types say what comes out', () => {
    const [output, forward, backward] = bidirectional(
      sequences(),
      layerGru({ units: UNITS, returnState: true }),
    );
    expect([output, forward, backward].map(({ shape }) => shape)).toEqual([[null, 4], [null, 2], [null, 2]]); // prettier-ignore
    const step = bidirectional({ layer: layerLstm({ units: UNITS, returnState: true }), mergeMode: null });
    const [ahead, back, , , h, c] = pipe(sequences(), step);
    expect([ahead, back, h, c].map(({ shape }) => shape)).toEqual(Array(4).fill([null, 2]));
    const [one, other] = bidirectional(sequences(), { layer: layerGru({ units: UNITS }), mergeMode: null });
    expect([one, other].map(({ shape }) => shape)).toEqual([[null, 2], [null, 2]]); // prettier-ignore
  });

  test.each(['eager', 'compiled'] as const)(
    'an encoder in both directions hands its states on, %s',
    async (engine) => {
      setRandomSeed(2);
      const [source, target] = [sequences(), sequences()];
      const [, fh, fc, bh, bc] = pipe(source, bidirectional(layerLstm({ units: UNITS, returnState: true })));
      const decoder = shared(bidirectional(layerLstm({ units: UNITS, returnSequences: true })));
      const decoded = decoder(target, { initialState: [fh, fc, bh, bc] });
      const model = kerasModel([source, target], layerDense(decoded, { units: 1 }));
      compile(model, { optimizer: 'adam', loss: 'mse' });
      const [x, y] = [waves([ROWS, STEPS, FEATURES], 0.3), waves([ROWS, STEPS, 1], 0.6)];
      const history = await fit(model, [x, x], y, { epochs: 3, batchSize: 2, verbose: 0, engine });
      expect(history.params.engine).toBe(engine);
      expect(history.metrics.loss[2]).toBeLessThan(history.metrics.loss[0] ?? NaN);
    },
  );

  test('stateful: both layers go on where the batch before ended, until they are reset', () => {
    const make = (): SequentialModel =>
      pipe(
        kerasModelSequential(),
        bidirectional({
          layer: layerGru({ units: UNITS, stateful: true }),
          batchInputShape: [ROWS, STEPS, FEATURES],
        }),
      );
    const model = make();
    const x = waves([ROWS, STEPS, FEATURES], 0.3);
    const first = values(predictOnBatch(model, x));
    const second = values(predictOnBatch(model, x));
    expect(second).not.toEqual(first);
    model.layers[0]?.resetStates();
    expect(values(predictOnBatch(model, x))).toEqual(first);
    const input = layerInput({ batchShape: [ROWS, STEPS, FEATURES] });
    const states = [layerInput({ shape: [UNITS] }), layerInput({ shape: [UNITS] })];
    const again = bidirectional(input, {
      layer: layerGru({ units: UNITS, returnState: true }),
      initialState: states,
    });
    const explicit = kerasModel([input, ...states], [...again]);
    setWeights(explicit, getWeights(model));
    const zeros = () => tf.zeros([ROWS, UNITS]);
    const [, h, b] = predictOnBatch(explicit, [x, zeros(), zeros()]) as [Tensor, Tensor, Tensor];
    const [expected] = predictOnBatch(explicit, [x, h, b]) as [Tensor, Tensor, Tensor];
    expect(distance(expected, second)).toBeLessThan(1e-6);
  });

  test('stateful in a fit: the same losses in both engines', async () => {
    const run = async (engine: 'eager' | 'compiled'): Promise<number[]> => {
      setRandomSeed(6);
      const model = pipe(
        kerasModelSequential(),
        bidirectional({
          layer: layerSimpleRnn({ units: 1, stateful: true }),
          mergeMode: 'sum',
          batchInputShape: [2, 3, 1],
        }),
      );
      compile(model, { optimizer: 'sgd', loss: 'mse' });
      const [x, y] = [waves([6, 3, 1], 0.1), waves([6, 1], 0.4)];
      const options = { epochs: 2, batchSize: 2, shuffle: false, verbose: 0, engine } as const;
      const history = await fit(model, x, y, options);
      expect(history.params.engine).toBe(engine);
      return history.metrics.loss;
    };
    const [eager, compiled] = [await run('eager'), await run('compiled')];
    eager.forEach((loss, index) => expect(loss).toBeCloseTo(compiled[index] ?? NaN, 5));
  });

  test('its weights can be given, and frozen', () => {
    const model = pipe(
      kerasModelSequential({ inputShape: [STEPS, FEATURES] }),
      bidirectional(layerLstm({ units: UNITS })),
      layerDense({ units: 1 }),
    );
    const again = pipe(
      kerasModelSequential({ inputShape: [STEPS, FEATURES] }),
      bidirectional({
        layer: layerLstm({ units: UNITS }),
        weights: getWeights(model).slice(0, 6),
        name: 'both',
      }),
    );
    expect(again.layers[0]?.name).toBe('both');
    getWeights(again).forEach((weight, index) =>
      expect(values(weight)).toEqual(values(getWeights(model)[index] as Tensor)),
    );
    freezeWeights(model, { to: 0 });
    compile(model, { optimizer: 'sgd', loss: 'mse' });
    const [x, y] = [waves([ROWS, STEPS, FEATURES], 0.3), waves([ROWS, 1], 0.6)];
    const weights = getWeights(model).map(values);
    trainOnBatch(model, x, y);
    const trained = getWeights(model).map(
      (weight, index) => String(values(weight)) !== String(weights[index]),
    );
    expect(trained).toEqual([...Array<boolean>(6).fill(false), true, true]);
  });

  test('a step leaves no tensor behind, and disposing frees weights and states', () => {
    const x = waves([ROWS, STEPS, FEATURES], 0.3);
    const y = waves([ROWS, 2 * UNITS], 0.6);
    const before = tensorCount();
    const model = pipe(
      kerasModelSequential(),
      bidirectional({
        layer: layerLstm({ units: UNITS, stateful: true }),
        batchInputShape: [ROWS, STEPS, FEATURES],
      }),
    );
    compile(model, { optimizer: 'sgd', loss: 'mse' });
    trainOnBatch(model, x, y);
    const between = tensorCount();
    trainOnBatch(model, x, y);
    expect(tensorCount()).toBe(between);
    model.dispose();
    expect(tensorCount()).toBe(before);
  });

  test('a layer with a mask puts nothing out for padding, and hands the mask on', () => {
    const model = pipe(
      kerasModelSequential(),
      layerEmbedding({ inputDim: 5, outputDim: 3, maskZero: true }),
      bidirectional(layerGru({ units: UNITS, returnSequences: true })),
      bidirectional({ layer: layerGru({ units: UNITS }), mergeMode: 'ave' }),
    );
    const padded = predictOnBatch(model, [[3, 1, 4, 0, 0]]);
    expect(distance(predictOnBatch(model, [[3, 1, 4]]), padded)).toBeLessThan(1e-6);
  });

  describe('mistakes', () => {
    const lstm = () => layerLstm({ units: 2, returnSequences: true });
    test.each<[string, () => unknown, string]>([
      ['no layer', () => bidirectional(undefined as never), 'bidirectional: `layer` must be given.'],
      [
        'something else',
        () => bidirectional({ layer: 3 as never }),
        'bidirectional: `layer` must be a layer step or a model. Received: 3.',
      ],
      // Which has a method `step`, as steps of keras-pipe/fp have a field.
      [
        'a tensor',
        () => bidirectional({ layer: tf.ones([2, 2]) as never }),
        'bidirectional: `layer` must be a layer step or a model. Received: a float32 tensor of shape [2, 2].',
      ],
      [
        'a layer that is not recurrent',
        () => bidirectional(sequences(), layerDense({ units: 2 })),
        'bidirectional: `layer` must be a recurrent layer of this library',
      ],
      [
        'a mode that there is not',
        () => bidirectional({ layer: lstm(), mergeMode: 'max' as never }),
        "bidirectional: `mergeMode` must be 'sum', 'mul', 'concat', 'ave', or null for both outputs. Received: 'max'.",
      ],
      [
        'two layers forwards',
        () => bidirectional(sequences(), { layer: lstm(), backwardLayer: lstm() }),
        'bidirectional: `backwardLayer` must have the other `goBackwards` than `layer`. Received: false.',
      ],
      [
        'layers that put out different things',
        () =>
          bidirectional(sequences(), {
            layer: lstm(),
            backwardLayer: layerLstm({ units: 2, goBackwards: true }),
          }),
        'bidirectional: `backwardLayer` must have the same `returnSequences` as `layer`. Received: false.',
      ],
      [
        'two outputs in a Sequential model',
        () =>
          pipe(
            kerasModelSequential({ inputShape: [3, 1] }),
            bidirectional({ layer: lstm(), mergeMode: null }) as never,
          ),
        'bidirectional: `mergeMode` must be left out in a Sequential model',
      ],
      [
        'states in a Sequential model',
        () =>
          pipe(
            kerasModelSequential({ inputShape: [3, 1] }),
            bidirectional(layerLstm({ units: 2, returnState: true })) as never,
          ),
        'bidirectional: `returnState` must be left out in a Sequential model',
      ],
      [
        'outputs of unequal size, summed up',
        () =>
          bidirectional(sequences(), {
            layer: lstm(),
            backwardLayer: layerGru({ units: 3, returnSequences: true, goBackwards: true }),
            mergeMode: 'sum',
          }),
        "bidirectional: `mergeMode` must be 'concat' or null for layers whose outputs have different shapes",
      ],
      [
        'an input of the wrong rank',
        () => bidirectional(layerInput({ shape: [3] }), lstm()),
        'needs input of 3 dimensions',
      ],
      [
        'a step with a mistake in it',
        () => bidirectional({ layer: lstm(), initialStates: 3 } as never),
        'bidirectional: the options must be known ones',
      ],
    ])('%s', (_, call, message) => {
      // prettier-ignore
      expect(call).toThrow(message);
    });
  });
});

describe('timeDistributed', () => {
  test('of a model: its weights are shared, and its dropout and penalties count', () => {
    setRandomSeed(1);
    const inner = pipe(
      kerasModelSequential({ inputShape: [4, 4, 1] }),
      layerConv2d({ filters: 2, kernelSize: 3, kernelRegularizer: 'l2' }),
      layerFlatten(),
      layerDropout({ rate: 0.5 }),
    );
    const model = pipe(
      kerasModelSequential({ inputShape: [3, 4, 4, 1] }),
      timeDistributed(inner),
      layerLstm({ units: 1 }),
    );
    expect(outputShape(model)).toEqual([null, 1]);
    const x = waves([2, 3, 4, 4, 1], 0.3);
    const each = tf.split(x, 3, 1).map((step) => predictOnBatch(inner, tf.squeeze(step, [1])));
    const distributed = model.layers[0]?.apply(x) as Tensor;
    expect(distance(distributed, [...tf.stack(each, 1).dataSync()])).toBeLessThan(1e-6);
    compile(model, { optimizer: 'sgd', loss: 'mse' });
    const { loss } = testOnBatch(model, x, tf.zeros([2, 1]));
    const squares = tf.mean(tf.square(predictOnBatch(model, x))).dataSync()[0] ?? NaN;
    const penalty = tf.sum(tf.square(getWeights(inner)[0] as Tensor)).dataSync()[0] ?? NaN;
    expect(loss).toBeCloseTo(squares + 0.01 * penalty, 5);
    const before = values(getWeights(inner)[0] as Tensor);
    trainOnBatch(model, x, tf.ones([2, 1]));
    expect(values(getWeights(inner)[0] as Tensor)).not.toEqual(before);
  });

  test('of a recurrent layer gives its states for each step, too', () => {
    const input = layerInput({ shape: [3, STEPS, FEATURES] });
    const [output, h, c] = timeDistributed(
      input,
      layerLstm({ units: UNITS, returnState: true, returnSequences: true }),
    );
    expect([output, h, c].map(({ shape }) => shape)).toEqual([
      [null, 3, STEPS, UNITS],
      [null, 3, UNITS],
      [null, 3, UNITS],
    ]);
    const model = kerasModel(input, [output, h]);
    const x = waves([2, 3, STEPS, FEATURES], 0.3);
    const [all, last] = predictOnBatch(model, x) as [Tensor, Tensor];
    expect(distance(last, [...tf.slice(all, [0, 0, STEPS - 1], [-1, -1, 1]).dataSync()])).toBeLessThan(1e-7);
  });

  test('sentences of words: masks of words inside, and of sentences outside, in both engines', async () => {
    const make = (): SequentialModel => {
      setRandomSeed(8);
      return pipe(
        kerasModelSequential(),
        timeDistributed({
          layer: layerEmbedding({ inputDim: 6, outputDim: 2, maskZero: true }),
          inputShape: [null, 4],
        }),
        timeDistributed(layerGru({ units: 3 })),
        layerLstm({ units: 2 }),
      );
    };
    const model = make();
    const whole = predictOnBatch(model, [[[1, 2, 0, 0], [3, 0, 0, 0], [0, 0, 0, 0]]]); // prettier-ignore
    const short = predictOnBatch(model, [[[1, 2, 0, 0], [3, 0, 0, 0]]]); // prettier-ignore
    expect(distance(short, whole)).toBeLessThan(1e-6);
    const losses = async (engine: 'eager' | 'compiled') => {
      const one = make();
      compile(one, { optimizer: 'sgd', loss: 'mse' });
      const x = [[[1, 2, 0, 0], [3, 0, 0, 0], [0, 0, 0, 0]], [[4, 5, 1, 2], [0, 0, 0, 0], [1, 1, 0, 0]]]; // prettier-ignore
      return (await fit(one, x, [[1, 2], [3, 4]], { epochs: 2, batchSize: 2, verbose: 0, engine })).metrics.loss; // prettier-ignore
    };
    const [eager, compiled] = [await losses('eager'), await losses('compiled')];
    eager.forEach((loss, index) => expect(loss).toBeCloseTo(compiled[index] ?? NaN, 5));
  });

  test('a mask of steps goes on', () => {
    const model = pipe(
      kerasModelSequential({ inputShape: [null, FEATURES] }),
      layerMasking(),
      timeDistributed(layerDense({ units: 2 })),
      layerSimpleRnn({ units: 2 }),
    );
    const x = waves([1, 3, FEATURES], 0.3);
    const padded = predictOnBatch(model, tf.concat([x, tf.zeros([1, 2, FEATURES])], 1));
    expect(distance(predictOnBatch(model, x), padded)).toBeLessThan(1e-6);
  });

  describe('mistakes', () => {
    test.each<[string, () => unknown, string]>([
      [
        'no steps',
        () => timeDistributed(layerInput({ shape: [4] }), layerDense({ units: 2 })),
        'needs input of at least 3 dimensions',
      ],
      [
        'steps that the layer does not take',
        () => timeDistributed(layerInput({ shape: [3, 4, 4] }), layerConv2d({ filters: 2, kernelSize: 2 })),
        'needs input of 5 dimensions',
      ],
      [
        'states',
        () => timeDistributed(layerGru({ units: 2, initialState: layerInput({ shape: [2] }) })),
        'timeDistributed: `layer` must be a layer without `initialState`',
      ],
      [
        'no layer',
        () => timeDistributed('dense' as never),
        'timeDistributed: `layer` must be a layer step or a model.',
      ],
    ])('%s', (_, call, message) => {
      // prettier-ignore
      expect(call).toThrow(message);
    });
  });
});
