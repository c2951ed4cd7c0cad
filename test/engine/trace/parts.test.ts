/** A step is traced in parts, between which others run. */
import {
  compile,
  evaluate,
  fit,
  freezeWeights,
  getWeights,
  kerasModelSequential,
  layerBatchNormalization,
  layerDense,
  layerGru,
  pipe,
  predict,
  setWeights,
  tf,
  unfreezeWeights,
  type SequentialModel,
} from 'keras-pipe';
import { StandIns } from '../../../src/engine/trace/stand-ins';
import { EventLoopClock } from '../../../src/step/event-loop';
import { tensorCount } from '../../support/tensors';
import { atEachTurn } from '../../support/turns';

const ROWS = 24;
const rows = Array.from({ length: ROWS }, (_, row) => [
  [row % 7, row % 5],
  [row % 3, 1],
]);
const labels = rows.map(([[first = 0] = []]) => first);
const options = { verbose: 0, batchSize: 4, engine: 'compiled' } as const;

/** Values for weights, which are the same each time. */
const setValues = (model: SequentialModel, from: number): SequentialModel => {
  const before = getWeights(model);
  const values = before.map(({ shape, size }) =>
    tf.tensor(
      Array.from({ length: size }, (_, index) => Math.abs(((index + from) % 5) - 2) / 8),
      shape,
    ),
  );
  setWeights(model, values);
  tf.dispose([before, values]);
  return model;
};

const make = (from = 0): SequentialModel =>
  setValues(
    pipe(
      kerasModelSequential(),
      layerGru({ units: 3, returnSequences: true, inputShape: [2, 2] }),
      layerBatchNormalization(),
      layerGru({ units: 2 }),
      layerDense({ units: 4, activation: 'relu' }),
      layerBatchNormalization(),
      layerDense({ units: 1 }),
      compile({ optimizer: 'adam', loss: 'mse', metrics: ['mae'] }),
    ),
    from,
  );

const valuesOf = (model: SequentialModel): number[][] => {
  const weights = getWeights(model);
  const values = weights.map((weight) => [...weight.dataSync()]);
  tf.dispose(weights);
  return values;
};

const calls: [string, (model: SequentialModel) => Promise<unknown>][] = [
  [
    'fit',
    async (model) => {
      const { metrics } = await fit(model, rows, labels, { ...options, epochs: 2, shuffle: false });
      return [metrics, valuesOf(model)];
    },
  ],
  ['evaluate', (model) => evaluate(model, rows, labels, options)],
  [
    'predict',
    async (model) => {
      // So many batches that they are compiled before the first of them.
      const output = await predict(model, rows, { batchSize: 1 });
      const values = [...output.dataSync()];
      output.dispose();
      return values;
    },
  ],
];

beforeEach(() => {
  // Others run after each part, however short it was.
  jest.spyOn(EventLoopClock.prototype, 'isDue').mockReturnValue(true);
});
afterEach(() => {
  jest.restoreAllMocks();
});

test.each(calls)(
  '%s traces no more than a layer, or an operation on the way back, at once',
  async (_, call) => {
    const model = make();
    // Each operation that is traced is looked for there.
    const look = jest.spyOn(StandIns.prototype, 'outputsOf');
    let [before, most, turns] = [0, 0, 0];
    await atEachTurn(
      () => call(model),
      () => {
        const { length } = look.mock.calls;
        most = Math.max(most, length - before);
        if (length > before) turns++;
        before = length;
      },
    );
    expect(turns).toBeGreaterThanOrEqual(12);
    // It is traced twice; those of a recurrent layer are a part of it.
    expect(most).toBeLessThan(look.mock.calls.length / 4);
    model.dispose();
  },
);

describe.each(calls)('%s, where others do something at turn', (name, call) => {
  // Of a prediction, before the first batch.
  const turns = Array.from({ length: name === 'predict' ? 7 : 12 }, (_, index) => 3 * index + 2);
  let alone: unknown;
  let ofOthers: unknown;
  beforeAll(async () => {
    const [model, other] = [make(), make(1)];
    alone = await call(model);
    ofOthers = await call(other);
    model.dispose();
    other.dispose();
  });

  /** A call in which others do something at a turn, and what they got. */
  const withOthers = async <T>(
    model: SequentialModel,
    at: number,
    act: () => T,
  ): Promise<{ result: unknown; acted: T }> => {
    let acted: T | undefined;
    const result = await atEachTurn(
      () => call(model),
      (turn) => {
        if (turn === at) acted = act();
      },
    );
    expect(acted).toBeDefined();
    return { result, acted: acted as T };
  };

  test.each(turns)('%i: they see the weights as they are', async (at) => {
    const model = make();
    const before = valuesOf(model);
    const { result, acted } = await withOthers(model, at, () => valuesOf(model));
    expect(acted).toEqual(before);
    expect(result).toEqual(alone);
    model.dispose();
  });

  test.each(turns)('%i: weights that they set count', async (at) => {
    const model = make();
    const { result } = await withOthers(model, at, () => setValues(model, 1));
    expect(result).toEqual(ofOthers);
    model.dispose();
  });

  test.each(turns)('%i: what they freeze for the next time', async (at) => {
    const model = make();
    const { result } = await withOthers(model, at, () => freezeWeights(model));
    if (name !== 'predict') expect(result).toEqual(alone);
    expect(model.tf.layers.every(({ trainable }) => !trainable)).toBe(true);
    unfreezeWeights(model);
    model.dispose();
  });

  test.each(turns)('%i: gradients and scopes of their own, and a call of another model', async (at) => {
    const [model, other] = [make(), make(1)];
    const { result, acted } = await withOthers(model, at, () => {
      const gradient = tf.tidy(
        () =>
          tf
            .grad((x) => tf.square(x))(tf.scalar(3))
            .dataSync()[0],
      );
      return { gradient, running: call(other) };
    });
    expect(acted.gradient).toBe(6);
    expect(await acted.running).toEqual(ofOthers);
    expect(result).toEqual(alone);
    for (const each of [model, other]) each.dispose();
  });

  test.each(turns)('%i: the model disposed', async (at) => {
    const count = tensorCount();
    const model = make();
    const running = atEachTurn(
      () => call(model),
      (turn) => {
        if (turn === at) model.dispose();
      },
    );
    await expect(running).rejects.toThrow('disposed');
    expect(tensorCount()).toBe(count);
  });
});
