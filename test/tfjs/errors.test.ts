import {
  compile,
  evaluate,
  fit,
  kerasModelSequential,
  KerasArgumentError,
  KerasNativeError,
  layerActivation,
  layerDense,
  pipe,
  predict,
  predictOnBatch,
  tf,
  trainOnBatch,
  type KerasModel,
  type Tensor,
} from '../../src/index';
import { asFunction } from '../../src/base/function-name';
import { reasonOf, wrapTfjsError } from '../../src/tfjs/errors';
import { tensorCount } from '../support/tensors';

const thrownBy = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
};

const ofTfjs = thrownBy(() => tf.stack([]));
const ofTensorFlow = thrownBy(() =>
  tf.conv2d(tf.tensor4d([[[[1]]]]), tf.tensor4d([[[[1]], [[1]], [[1]]]]), 1, 'valid'),
);
const ofUser = new Error('the disk is full');

describe('reasonOf', () => {
  test('knows the errors of tfjs and of TensorFlow, and no others', () => {
    expect(reasonOf(ofTfjs)).toMatch(/^Pass at least one tensor to tf\.stack/);
    expect(reasonOf(ofTensorFlow)).toBeTruthy();
    // Made by JavaScript itself, on behalf of tfjs.
    expect(reasonOf(thrownBy(() => tf.zeros([2 ** 40])))).toBe(`Invalid typed array length: ${2 ** 40}`);
    expect(reasonOf(thrownBy(() => new Float32Array(2 ** 40)))).toBeUndefined();
    expect(reasonOf(new Error('Invalid TF_Status: 3\nMessage: no kernel\nwhatever'))).toBe('no kernel');
    for (const other of [ofUser, 'a text', undefined, null, 5, Object.create(null)]) {
      expect(reasonOf(other)).toBeUndefined();
    }
  });
});

describe('wrapTfjsError', () => {
  test('puts what tfjs says into the form of this library', () => {
    const error = wrapTfjsError(ofTfjs);
    expect(error).toBeInstanceOf(KerasNativeError);
    expect((error as Error).message).toMatch(
      /: all operations must run; TensorFlow refused\. Received: Pass at least one .*\. Check the data that goes into it/,
    );
    expect((error as Error).cause).toBe(ofTfjs);
  });

  test('leaves all other errors alone', () => {
    const own = new KerasArgumentError({ function: 'f', expected: 'a', received: 'b', advice: 'c' });
    for (const other of [ofUser, 'a text', own]) expect(wrapTfjsError(other)).toBe(other);
  });

  test('is what happens to errors that leave a function of this library', async () => {
    expect(() => asFunction('f', () => tf.stack([]))).toThrow(
      /^f: all operations must run; .*Received: Pass at least/,
    );
    await expect(asFunction('f', () => Promise.reject(ofTfjs as Error))).rejects.toThrow(
      /^f: all operations/,
    );
    await expect(asFunction('f', () => Promise.reject(ofUser))).rejects.toBe(ofUser);
  });
});

describe('errors of functions that the user gave', () => {
  const x = tf.ones([4, 3]);
  const y = tf.ones([4, 1]);
  const calls: readonly [string, (model: KerasModel) => unknown][] = [
    ['predict', (model) => predict(model, x)],
    ['predictOnBatch', (model) => predictOnBatch(model, x)],
    ['evaluate', (model) => evaluate(model, x, y, { verbose: 0 })],
    ['fit', (model) => fit(model, x, y, { epochs: 1, verbose: 0, engine: 'eager' })],
    ['fit', (model) => fit(model, x, y, { epochs: 1, verbose: 0, engine: 'compiled' })],
    ['trainOnBatch', (model) => trainOnBatch(model, x, y)],
  ];
  const modelWith = (activation: (x: Tensor) => Tensor): KerasModel =>
    pipe(
      kerasModelSequential(),
      layerDense({ units: 1, inputShape: [3] }),
      layerActivation({ activation, name: 'mine' }),
      compile({ loss: 'mse' }),
    );
  const errorOf = async (run: () => unknown): Promise<unknown> => {
    try {
      await run();
    } catch (error) {
      return error;
    }
    throw new Error('nothing was thrown');
  };

  test.each(calls)('%s lets what they throw pass', async (_name, call) => {
    const model = modelWith(() => {
      throw ofUser;
    });
    expect(await errorOf(() => call(model))).toBe(ofUser);
    model.dispose();
  });

  test.each(calls)('%s names their layer where they misuse tfjs', async (name, call) => {
    const model = modelWith((input) => tf.reshape(input, [7, 7]));
    const before = tensorCount();
    const error = await errorOf(() => call(model));
    expect(error).toBeInstanceOf(KerasNativeError);
    expect((error as Error).message).toMatch(
      new RegExp(`^${name}: .*the layer 'mine'.*tensor with 4 values`),
    );
    expect(error).toMatchObject({ layer: 'mine', function: name });
    expect(tensorCount()).toBe(before);
    model.dispose();
  });
});
