import {
  compile,
  fit,
  getLayer,
  kerasModel,
  kerasModelSequential,
  layerConcatenate,
  layerConv1d,
  layerDense,
  layerEmbedding,
  layerGru,
  layerInput,
  layerLstm,
  layerSimpleRnn,
  optimizerSgd,
  pipe,
  predictOnBatch,
  setRandomSeed,
  setWeights,
  tf,
  trainOnBatch,
  type KerasModel,
  type Layer,
  type LayerFunction,
  type RecurrentOptions,
  type SequentialModel,
  type Tensor,
} from '../../src/index';
import { tensorCount } from '../support/tensors';
import { references } from './recurrent-reference';
import { apply, distance, outcome, waves } from './support';

type Kind = 'lstm' | 'gru' | 'rnn';
const kinds: Readonly<Record<Kind, LayerFunction<RecurrentOptions>>> = {
  lstm: layerLstm,
  gru: layerGru,
  rnn: layerSimpleRnn,
};
const names = Object.keys(kinds) as Kind[];
const GATES = { lstm: 4, gru: 3, rnn: 1 } as const;

const [BATCH, STEPS, FEATURES, UNITS] = [2, 4, 3, 2];

const layerOf = (kind: Kind, options: Partial<RecurrentOptions> = {}): Layer => {
  const step = kinds[kind]({ units: UNITS, inputShape: [STEPS, FEATURES], ...options });
  return getLayer(pipe(kerasModelSequential(), step), { index: 0 });
};

/** The weights that the reference has. */
const weightsOf = (kind: Kind): Tensor[] => {
  const size = GATES[kind] * UNITS;
  const bias = kind === 'gru' ? tf.stack([waves([size], 3), waves([size], 4)]) : waves([size], 3);
  return [waves([FEATURES, size], 1), waves([UNITS, size], 2), bias];
};

describe('values and gradients as PyTorch computes them', () => {
  test.each(Object.keys(references))('%s', (about) => {
    const kind = about.split(' ')[0] as Kind;
    const layer = layerOf(kind, {
      returnSequences: about.includes('sequences'),
      goBackwards: about.includes('backwards'),
    });
    layer.setWeights(weightsOf(kind));
    const results = outcome(layer, waves([BATCH, STEPS, FEATURES], 0.3), { training: true });
    const expected = references[about] ?? [];
    expect(results).toHaveLength(expected.length);
    results.forEach((result, index) => expect(distance(result, expected[index] ?? [])).toBeLessThan(3e-6));
  });
});

describe('the same as tfjs computes step by step', () => {
  const mask = tf.keep(
    tf.tensor2d(
      [
        [1, 1, 0, 1],
        [0, 1, 1, 0],
      ],
      [BATCH, STEPS],
      'bool',
    ),
  );

  interface Case {
    readonly about: string;
    readonly kind: Kind;
    readonly options: Partial<RecurrentOptions> & {
      resetAfter?: boolean;
      recurrentActivation?: 'hard_sigmoid';
    };
    readonly masked?: boolean;
  }
  const cases: Case[] = [
    { about: 'LSTM as one op', kind: 'lstm', options: {} },
    {
      about: 'LSTM as one op, backwards',
      kind: 'lstm',
      options: { goBackwards: true, returnSequences: true },
    },
    { about: 'LSTM without a bias', kind: 'lstm', options: { useBias: false } },
    {
      about: 'LSTM with other activations',
      kind: 'lstm',
      options: { activation: 'softsign', recurrentActivation: 'hard_sigmoid' },
    },
    { about: 'LSTM with a mask', kind: 'lstm', options: {}, masked: true },
    { about: 'LSTM with a mask, backwards', kind: 'lstm', options: { goBackwards: true }, masked: true },
    { about: 'GRU whose reset gate works before', kind: 'gru', options: { resetAfter: false } },
    { about: 'GRU with a mask', kind: 'gru', options: { resetAfter: false }, masked: true },
    { about: 'simple', kind: 'rnn', options: { activation: 'relu' } },
    { about: 'simple with a mask', kind: 'rnn', options: { goBackwards: true }, masked: true },
  ];

  test.each(cases.map((one) => [one.about, one] as const))('%s', (_about, { kind, options, masked }) => {
    const layer = layerOf(kind, options);
    const { activation, recurrentActivation, resetAfter: _, ...rest } = options;
    const theirs = {
      ...rest,
      units: UNITS,
      activation: (activation ?? 'tanh') as 'tanh',
      ...(kind === 'rnn'
        ? {}
        : { recurrentActivation: recurrentActivation === undefined ? 'sigmoid' : 'hardSigmoid' }),
    };
    const factories = { lstm: tf.layers.lstm, gru: tf.layers.gru, rnn: tf.layers.simpleRNN } as const;
    const other = factories[kind](theirs as never);
    other.apply(tf.input({ shape: [STEPS, FEATURES] }));
    const weights = layer.weights.map(({ shape }, index) => waves(shape as number[], index + 1));
    layer.setWeights(weights);
    other.setWeights(weights);
    const x = waves([BATCH, STEPS, FEATURES], 0.3);
    const call = masked === true ? { mask, training: true } : { training: true };
    const [ours, tfjs] = [layer, other].map((one) => outcome(one, x, call));
    (ours ?? []).forEach((result, index) =>
      expect(distance(result, tfjs?.[index] as Tensor)).toBeLessThan(2e-6),
    );
  });
});

describe('steps that are masked', () => {
  const model = (kind: Kind, returnSequences: boolean): SequentialModel => {
    setRandomSeed(5);
    return pipe(
      kerasModelSequential(),
      layerEmbedding({ inputDim: 5, outputDim: 3, maskZero: true, embeddingsInitializer: 'random_normal' }),
      kinds[kind]({ units: UNITS, returnSequences }),
    );
  };

  test.each(names)('%s: leave the state as it is, wherever they are', (kind) => {
    const masked = model(kind, false);
    const short = predictOnBatch(masked, [[3, 1, 4]]);
    for (const ids of [
      [3, 1, 4, 0, 0],
      [0, 0, 3, 1, 4],
      [3, 0, 1, 0, 4],
    ]) {
      expect(distance(predictOnBatch(masked, [ids]), short)).toBeLessThan(1e-6);
    }
    expect(distance(predictOnBatch(masked, [[0, 0, 0]]), [0, 0])).toBe(0);
  });

  test.each(names)('%s: put out what the step before put out', (kind) => {
    const masked = model(kind, true);
    const [short, long] = [[[3, 1]], [[3, 0, 1]]].map((ids) => predictOnBatch(masked, ids));
    const [first, second] = tf.unstack(tf.squeeze(short as Tensor, [0]));
    expect(distance(long as Tensor, tf.stack([first, first, second] as Tensor[]))).toBeLessThan(1e-6);
  });

  test.each(names)('%s: a second recurrent layer skips them, too', (kind) => {
    const stacked = kinds[kind](model(kind, true), { units: 3 });
    const [short, long] = [[[3, 1]], [[0, 3, 0, 1, 0]]].map((ids) => predictOnBatch(stacked, ids));
    expect(distance(long as Tensor, short as Tensor)).toBeLessThan(1e-6);
  });

  test('are the business of the layer that the mask comes to, and of no other', () => {
    setRandomSeed(6);
    const ids = layerInput({ shape: [3], dtype: 'int32' });
    const plain = layerInput({ shape: [3, 2] });
    const vectors = layerEmbedding(ids, { inputDim: 5, outputDim: 3, maskZero: true });
    const embedded = layerLstm(vectors, { units: 2 });
    const other = layerLstm(plain, { units: 2 });
    const x = tf.randomNormal([1, 3, 2]);
    const expected = predictOnBatch(kerasModel(plain, other), x);
    // Whichever of the two runs first.
    for (const branches of [
      [embedded, other],
      [other, embedded],
    ]) {
      const both = kerasModel([ids, plain], layerConcatenate(branches));
      const output = predictOnBatch(both, [tf.tensor2d([[0, 0, 3]]), x]);
      expect(distance(tf.slice(output, [0, branches[0] === other ? 0 : 2], [1, 2]), expected)).toBe(0);
    }
  });

  test('end at a layer that lets no mask pass', () => {
    // The convolution joins steps, so that their mask says nothing of its own.
    const outputs = [true, false].map((maskZero) => {
      setRandomSeed(7);
      const convolved = pipe(
        kerasModelSequential(),
        layerEmbedding({ inputDim: 5, outputDim: 3, maskZero, inputLength: 4 }),
        layerConv1d({ filters: 2, kernelSize: 2 }),
        layerGru({ units: 2 }),
      );
      return predictOnBatch(convolved, [[1, 0, 0, 2]]);
    });
    expect(distance(outputs[0] as Tensor, outputs[1] as Tensor)).toBe(0);
  });

  test('are learned around: gradients are finite, and no tensor is left', () => {
    for (const kind of names) {
      const whole = pipe(model(kind, true), kinds[kind]({ units: 2 }), layerDense({ units: 1 }));
      compile(whole, { loss: 'mse', optimizer: 'sgd' });
      const [x, y] = [tf.tensor2d([[1, 2, 0], [0, 3, 4]]), tf.ones([2, 1])]; // prettier-ignore
      trainOnBatch(whole, x, y);
      const before = tensorCount();
      expect(Number.isFinite(trainOnBatch(whole, x, y).loss)).toBe(true);
      expect(tensorCount()).toBe(before);
    }
  });
});

describe('dropout in recurrent layers', () => {
  const ones = (rows: number, steps: number): Tensor => tf.ones([rows, steps, 50]);

  /** A layer that puts out the sum of its inputs so far. */
  const summing = (kind: 'rnn', options: Partial<RecurrentOptions>): Layer => {
    const layer = layerOf(kind, { ...options, units: 1, inputShape: [3, 50], activation: 'linear' });
    layer.setWeights([tf.ones([50, 1]), tf.ones([1, 1]), tf.zeros([1])]);
    return layer;
  };

  test('drops the same inputs in all steps, others in each row and each call', () => {
    const layer = summing('rnn', { dropout: 0.4, returnSequences: true });
    const [first, second] = [0, 1].map(() => tf.squeeze(apply(layer, ones(200, 3), { training: true }), [2]));
    const [one, two, three] = tf.unstack(first as Tensor, 1) as [Tensor, Tensor, Tensor];
    // After n steps the sum is n times what one step adds.
    expect(distance(tf.div(two, 2), one)).toBeLessThan(1e-3);
    expect(distance(tf.div(three, 3), one)).toBeLessThan(1e-3);
    // 50 inputs kept with probability 0.6 and divided by it: mean 50, standard deviation √(50·0.4/0.6) ≈ 5.8.
    const values = [...one.dataSync()];
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(Math.abs(mean - 50)).toBeLessThan((5 * 5.8) / Math.sqrt(200));
    expect(new Set(values).size).toBeGreaterThan(5);
    expect((second as Tensor).dataSync()).not.toEqual((first as Tensor).dataSync());
    expect(distance(apply(layer, ones(1, 3)), [50, 100, 150])).toBe(0); // none when not training
  });

  test('drops of the state: the same units in all steps, none when not training', () => {
    const layer = summing('rnn', { recurrentDropout: 0.5, returnSequences: true });
    const [one, two, three] = tf.unstack(
      tf.squeeze(apply(layer, ones(200, 3), { training: true }), [2]),
      1,
    ) as [Tensor, Tensor, Tensor];
    expect(distance(one, Array<number>(200).fill(50))).toBe(0);
    // The unit's state is either dropped, or doubled: 50, or 50 + 2·50.
    const twos = [...two.dataSync()];
    const threes = [...three.dataSync()];
    expect(new Set(twos)).toEqual(new Set([50, 150]));
    twos.forEach((value, row) => expect(threes[row]).toBe(value === 50 ? 50 : 350));
    expect(Math.abs(twos.filter((value) => value === 50).length - 100)).toBeLessThan(5 * Math.sqrt(50));
    expect(distance(apply(layer, ones(1, 3)), [50, 100, 150])).toBe(0);
  });

  test.each(names)('%s: a step learns, and the same seed gives the same step', (kind) => {
    const losses = [1, 1, 2].map((seed) => {
      setRandomSeed(seed);
      const model = pipe(
        kerasModelSequential(),
        kinds[kind]({ units: 3, dropout: 0.3, recurrentDropout: 0.3, inputShape: [4, 2] }),
      );
      compile(model, { loss: 'mse', optimizer: 'sgd' });
      return [0, 1].map(() => trainOnBatch(model, tf.ones([2, 4, 2]), tf.ones([2, 3])).loss);
    });
    expect(losses[0]).toEqual(losses[1]);
    expect(losses[0]).not.toEqual(losses[2]);
    expect(losses.flat().every(Number.isFinite)).toBe(true);
  });
});

describe('stateful layers', () => {
  test.each(names)('%s: a batch goes on from the state in which the one before ended', (kind) => {
    const long = layerOf(kind, { inputShape: [6, FEATURES] });
    const stateful = layerOf(kind, {
      stateful: true,
      batchInputShape: [BATCH, 3, FEATURES],
      inputShape: undefined,
    } as never);
    stateful.setWeights(long.getWeights());
    const x = waves([BATCH, 6, FEATURES], 0.3);
    const [first, second] = tf.split(x, 2, 1) as [Tensor, Tensor];
    apply(stateful, first);
    expect(distance(apply(stateful, second), apply(long, x))).toBeLessThan(1e-6);
  });

  test.each(names)('%s: training and prediction keep one state only', (kind) => {
    const model = pipe(
      kerasModelSequential(),
      kinds[kind]({ units: 2, stateful: true, batchInputShape: [BATCH, 3, FEATURES] }),
    );
    compile(model, { loss: 'mse', optimizer: 'sgd' });
    const [x, y] = [tf.ones([BATCH, 3, FEATURES]), tf.ones([BATCH, 2])];
    const first = trainOnBatch(model, x, y).loss;
    const before = tensorCount();
    const second = trainOnBatch(model, x, y).loss;
    predictOnBatch(model, x).dispose();
    expect(tensorCount()).toBe(before);
    expect([first, second].every(Number.isFinite)).toBe(true);
  });
});

test('an LSTM begins with a forget gate of bias 1, and without it if asked', () => {
  const bias = (unitForgetBias: boolean): number[] => {
    const model: KerasModel = pipe(
      kerasModelSequential(),
      layerLstm({ units: 2, unitForgetBias, inputShape: [3, 1] }),
    );
    return [...(model.tf.weights[2]?.read().dataSync() ?? [])];
  };
  expect(bias(true)).toEqual([0, 0, 1, 1, 0, 0, 0, 0]);
  expect(bias(false)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
});

test('weights given in Keras’s form fit: a GRU’s two biases', () => {
  const model = pipe(kerasModelSequential(), layerGru({ units: UNITS, inputShape: [STEPS, FEATURES] }));
  setWeights(model, weightsOf('gru'));
  expect(model.tf.weights.map(({ shape }) => shape)).toEqual([[3, 6], [2, 6], [2, 6]]); // prettier-ignore
});

describe('stateful layers in fit', () => {
  const make = (kind: Kind) => {
    setRandomSeed(4);
    return pipe(
      kerasModelSequential(),
      kinds[kind]({
        units: 3,
        stateful: true,
        returnSequences: true,
        batchInputShape: [BATCH, STEPS, FEATURES],
      }),
      kinds[kind]({ units: 1, stateful: true }),
      compile({ loss: 'mse', optimizer: optimizerSgd({ learningRate: 0.1 }) }),
    );
  };
  const batches = 3;
  const x = waves([BATCH * batches, STEPS, FEATURES], 0.3);
  const y = waves([BATCH * batches, 1], 0.8);

  test.each(names)('%s: each batch goes on where the one before ended, in both engines', async (kind) => {
    const run = async (engine: 'eager' | 'compiled') => {
      const model = make(kind);
      const options = { epochs: 2, batchSize: BATCH, shuffle: false, verbose: 0, engine } as const;
      const history = await fit(model, x, y, { ...options, validationData: [x, y] });
      expect(history.params.engine).toBe(engine);
      const states = model.layers.flatMap((layer) => (layer as unknown as { states: Tensor[] }).states);
      return [
        ...history.metrics.loss,
        ...(history.metrics['val_loss'] ?? []),
        ...states.flatMap((state) => [...state.dataSync()]),
      ];
    };
    const [eager, compiled] = [await run('eager'), await run('compiled')];
    expect(eager.length).toBeGreaterThan(4);
    eager.forEach((value, index) => expect(compiled[index]).toBeCloseTo(value, 5));
    // The states count: without them, the losses are others.
    const model = make(kind);
    const losses: number[] = [];
    for (let batch = 0; batch < batches; batch++) {
      for (const layer of model.layers) layer.resetStates();
      const rows = [BATCH * batch, BATCH] as const;
      losses.push(trainOnBatch(model, tf.slice(x, ...rows), tf.slice(y, ...rows)).loss);
    }
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / batches;
    expect(Math.abs(mean - (eager[0] ?? NaN))).toBeGreaterThan(1e-4);
  });
});
