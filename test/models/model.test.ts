import {
  compile,
  countParams,
  getLayer,
  kerasModel,
  kerasModelSequential,
  KerasArgumentError,
  KerasStateError,
  layerDense,
  layerInput,
  layerLstm,
  pipe,
  predictOnBatch,
  setWeights,
  summary,
  tf,
  trainOnBatch,
  type KerasModel,
  type SequentialModel,
} from '../../src/index';
import { tensorCount } from '../support/tensors';

const model = (): SequentialModel =>
  pipe(
    kerasModelSequential({ name: 'mine' }),
    layerDense({ units: 2, inputShape: [3] }),
    layerDense({ units: 1 }),
  );

describe('dispose', () => {
  test('frees the weights, once', () => {
    const before = tensorCount();
    const one = model();
    expect(tensorCount()).toBe(before + 4);
    one.dispose();
    one.dispose();
    expect(tensorCount()).toBe(before);
    expect(one.isDisposed).toBe(true);
  });

  test('of a model without weights, or without layers, does no harm', () => {
    for (const one of [kerasModelSequential(), pipe(kerasModelSequential(), layerDense({ units: 1 }))]) {
      one.dispose();
      expect(one.isDisposed).toBe(true);
    }
  });

  test('frees the states of stateful layers', () => {
    const before = tensorCount();
    const one = pipe(
      kerasModelSequential(),
      layerLstm({ units: 2, stateful: true, batchInputShape: [1, 3, 2] }),
    );
    predictOnBatch(
      one,
      tf.tidy(() => tf.ones([1, 3, 2]).arraySync() as number[][][]),
    ).dispose();
    one.dispose();
    expect(tensorCount()).toBe(before);
  });

  test('leaves the layers that another model uses', () => {
    const input = layerInput({ shape: [2] });
    const hidden = layerDense(input, { units: 3 });
    const [short, long] = [kerasModel(input, hidden), kerasModel(input, layerDense(hidden, { units: 1 }))];
    const before = tensorCount();
    long.dispose();
    expect(tensorCount()).toBe(before - 2);
    const output = predictOnBatch(short, [[1, 2]]);
    expect(output.shape).toEqual([1, 3]);
    output.dispose();
    short.dispose();
    expect(tensorCount()).toBe(before - 4);
  });

  test('afterwards every use is an error that says so', () => {
    const one = compile(model(), { loss: 'mse', optimizer: 'sgd' });
    one.dispose();
    const uses: [string, () => unknown][] = [
      ['countParams', () => countParams(one)],
      ['getLayer', () => getLayer(one, 'dense')],
      ['layerDense', () => layerDense(one, { units: 1 })],
      ['predictOnBatch', () => predictOnBatch(one, [[1, 2, 3]])],
      ['setWeights', () => setWeights(one, [])],
      ['summary', () => summary(one)],
      ['trainOnBatch', () => trainOnBatch(one, [[1, 2, 3]], [[1]])],
    ];
    for (const [functionName, use] of uses) {
      expect(use).toThrow(KerasStateError);
      expect(use).toThrow(
        `${functionName}: the model must not be disposed. Received: the model 'mine', whose weights have been freed by dispose().`,
      );
    }
  });
});

test('a model that comes from elsewhere is none, and the error says what to do', () => {
  const copies = [structuredClone(model()), JSON.parse(JSON.stringify(model()))] as KerasModel[];
  for (const copy of copies) {
    expect(() => countParams(copy)).toThrow(KerasArgumentError);
    expect(() => countParams(copy)).toThrow(
      /^countParams: `model` must be a model, as kerasModelSequential\(\) and kerasModel\(\) make them, or one of tfjs\. Received: \{ stopTraining: false, .{0,80}\. Build one in this process: a model cannot be sent to another process or worker, or copied with JSON or structuredClone; its weights can, with getWeights and setWeights\.$/,
    );
    expect(() => layerDense(copy as never, { units: 1 })).toThrow(KerasArgumentError);
  }
});
