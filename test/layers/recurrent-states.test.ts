/** States of recurrent layers that come in and out: an encoder hands on to a decoder. */
import {
  compile,
  fit,
  kerasModel,
  kerasModelSequential,
  layerConvLstm1d,
  layerDense,
  layerGru,
  layerInput,
  layerLstm,
  layerSimpleRnn,
  pipe,
  predict,
  predictOnBatch,
  setRandomSeed,
  shared,
  tf,
  trainOnBatch,
  type SymbolicTensor,
  type Tensor,
} from '../../src/index';
import { tensorCount } from '../support/tensors';
import { waves } from './support';

const [BATCH, STEPS, FEATURES, UNITS] = [2, 4, 3, 2];
const values = (tensor: Tensor): number[] => [...tensor.dataSync()];

const expectClose = (actual: readonly number[], expected: readonly number[]): void => {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, index) => expect(value).toBeCloseTo(expected[index] ?? NaN, 5));
};

describe('an encoder and a decoder', () => {
  const models = () => {
    setRandomSeed(3);
    const source = layerInput({ shape: [null, FEATURES] });
    const target = layerInput({ shape: [null, FEATURES] });
    const [, h, c] = pipe(source, layerLstm({ units: UNITS, returnState: true }));
    const decoder = shared(layerLstm({ units: UNITS, returnSequences: true, returnState: true }));
    const [decoded] = decoder(target, { initialState: [h, c] });
    const training = kerasModel([source, target], layerDense(decoded, { units: FEATURES }));
    const encoder = kerasModel(source, [h, c]);
    const [first, second] = [layerInput({ shape: [UNITS] }), layerInput({ shape: [UNITS] })];
    const decoding = kerasModel([target, first, second], decoder(target, { initialState: [first, second] }));
    return { training, encoder, decoding };
  };

  test('give step by step what they give at once', async () => {
    const { training, encoder, decoding } = models();
    const [x, y] = [waves([BATCH, 5, FEATURES], 0.3), waves([BATCH, STEPS, FEATURES], 0.7)];
    compile(training, { optimizer: 'adam', loss: 'mse' });
    await fit(training, [x, y], y, { epochs: 1, batchSize: BATCH, verbose: 0, engine: 'compiled' });
    let states = (await predict(encoder, x)) as Tensor[];
    const steps: Tensor[] = [];
    for (const step of tf.split(y, STEPS, 1)) {
      const [output, ...after] = (await predict(decoding, [step, ...states])) as [Tensor, ...Tensor[]];
      steps.push(output);
      states = after;
    }
    const [whole, ...ends] = (await predict(decoding, [y, ...((await predict(encoder, x)) as Tensor[])])) as [
      Tensor,
      ...Tensor[],
    ];
    expectClose(values(tf.concat(steps, 1)), values(whole));
    states.forEach((state, index) => expectClose(values(state), values(ends[index] as Tensor)));
  });

  test('learn alike in both engines', async () => {
    const losses = async (engine: 'eager' | 'compiled'): Promise<number[]> => {
      const { training } = models();
      const [x, y] = [waves([6, 5, FEATURES], 0.3), waves([6, STEPS, FEATURES], 0.7)];
      compile(training, { optimizer: 'sgd', loss: 'mse' });
      const history = await fit(training, [x, y], y, {
        epochs: 3,
        batchSize: 4,
        shuffle: false,
        verbose: 0,
        engine,
      });
      expect(history.params.engine).toBe(engine);
      return history.metrics.loss;
    };
    const [eager, compiled] = [await losses('eager'), await losses('compiled')];
    expectClose(compiled, eager);
    expect(eager[2]).toBeLessThan(eager[0] ?? NaN);
  });
});

test('a stateful layer begins with the states that come in as long as it has kept none', () => {
  const input = layerInput({ batchShape: [BATCH, STEPS, FEATURES] });
  const state = layerInput({ batchShape: [BATCH, UNITS] });
  const once = shared(layerGru({ units: UNITS, stateful: true, returnState: true }));
  const model = kerasModel([input, state], once(input, { initialState: state }));
  const [x, h] = [waves([BATCH, STEPS, FEATURES], 0.3), waves([BATCH, UNITS], 0.5)];
  const plainInput = layerInput({ shape: [null, FEATURES] });
  const plainState = layerInput({ shape: [UNITS] });
  const plain = kerasModel([plainInput, plainState], layerGru(plainInput, { units: UNITS, initialState: plainState })); // prettier-ignore
  plain.layers.at(-1)?.setWeights(model.layers.at(-1)?.getWeights() ?? []);
  const [first, kept] = predictOnBatch(model, [x, h]) as [Tensor, Tensor];
  expectClose(values(first), values(predictOnBatch(plain, [x, h])));
  // From now on it goes on with its own, whatever comes in.
  const [second] = predictOnBatch(model, [x, tf.zeros([BATCH, UNITS])]) as [Tensor, Tensor];
  expectClose(values(second), values(predictOnBatch(plain, [x, kept])));
  model.layers.at(-1)?.resetStates();
  const [third] = predictOnBatch(model, [x, h]) as [Tensor, Tensor];
  expectClose(values(third), values(first));
});

test('with the steps first, the states are those of each sequence', () => {
  const input = layerInput({ batchShape: [STEPS, null, FEATURES] });
  const [output, h, c] = layerLstm(input, { units: UNITS, timeMajor: true, returnState: true });
  expect([output, h, c].map(({ shape }) => shape)).toEqual([
    [null, UNITS],
    [null, UNITS],
    [null, UNITS],
  ]);
  const layer = output.sourceLayer;
  const other = layerInput({ shape: [STEPS, FEATURES] });
  const [plain] = layerLstm(other, { units: UNITS, returnState: true });
  plain.sourceLayer.setWeights(layer.getWeights());
  const x = waves([BATCH, STEPS, FEATURES], 0.3);
  const ours = layer.apply(tf.transpose(x, [1, 0, 2])) as Tensor[];
  const theirs = plain.sourceLayer.apply(x) as Tensor[];
  ours.forEach((tensor, index) => expectClose(values(tensor), values(theirs[index] as Tensor)));
});

test('a step with states leaves no tensor behind', () => {
  const input = layerInput({ shape: [STEPS, FEATURES] });
  const states = [layerInput({ shape: [UNITS] }), layerInput({ shape: [UNITS] })];
  const outputs = layerLstm(input, { units: UNITS, returnState: true, initialState: states });
  const model = kerasModel([input, ...states], outputs);
  compile(model, { optimizer: 'sgd', loss: 'mse' });
  const x = [waves([BATCH, STEPS, FEATURES], 0), waves([BATCH, UNITS], 1), waves([BATCH, UNITS], 2)];
  const y = [1, 2, 3].map((shift) => waves([BATCH, UNITS], shift));
  trainOnBatch(model, x, y);
  const before = tensorCount();
  trainOnBatch(model, x, y);
  expect(tensorCount()).toBe(before);
});

describe('mistakes', () => {
  const input = (): SymbolicTensor => layerInput({ shape: [STEPS, FEATURES] });
  const state = (units = UNITS): SymbolicTensor => layerInput({ shape: [units] });

  test.each<[string, () => unknown, string]>([
    [
      'states out of a Sequential model',
      () => pipe(kerasModelSequential(), layerLstm({ units: 2, returnState: true, inputShape: [3, 1] }) as never), // prettier-ignore
      'layerLstm: `returnState` must be left out in a Sequential model, whose layers have one output each.',
    ],
    [
      'states into a Sequential model',
      () => pipe(kerasModelSequential(), layerGru({ units: 2, initialState: state(), inputShape: [3, 1] })),
      'layerGru: `initialState` must be left out in a Sequential model, whose layers have one input each.',
    ],
    [
      'values as initial states',
      () => layerGru(input(), { units: 2, initialState: tf.zeros([1, 2]) as never }),
      'layerGru: `initialState` must be an output of a layer, or an array of them, one for each state.',
    ],
    [
      'one state of two',
      () => layerLstm(input(), { units: 2, initialState: [state()] }),
      "layerLstm: layer 'lstm' needs initial states of shape [null, 2] and [null, 2]. Received: [null, 2].",
    ],
    [
      'a state of another size',
      () => layerSimpleRnn(input(), { units: 3, initialState: state(2) }),
      "layerSimpleRnn: layer 'simple_rnn' needs initial states of shape [null, 3]. Received: [null, 2].",
    ],
    [
      'states of another shape',
      () => layerConvLstm1d(layerInput({ shape: [3, 4, 1] }), { filters: 2, kernelSize: 2, initialState: [state(), state()] }), // prettier-ignore
      "layerConvLstm1d: layer 'conv_lstm1d' needs initial states of shape [null, 3, 2] and [null, 3, 2]. Received: [null, 2] and [null, 2].",
    ],
    [
      'steps that are not known, unrolled',
      () => layerLstm(layerInput({ shape: [null, FEATURES] }), { units: 2, unroll: true }),
      'needs to know the number of steps, since it is unrolled.',
    ],
    [
      'an unknown option at the call of a shared layer',
      () => shared(layerGru({ units: 2 }))(input(), { initalState: state() } as never),
      "shared: the options must be known ones. Received: the unknown option `initalState`. Did you mean 'initialState'?",
    ],
    [
      'states for a layer that has none',
      () => shared(layerDense({ units: 2 }))(state(), { initialState: state() }),
      'shared: `initialState` must be left out, since the layer of layerDense has no states.',
    ],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
