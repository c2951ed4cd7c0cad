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
import { raisedInLayer } from '../../src/base/errors';
import { reasonOf, withTfjsErrors, wrapTfjsError } from '../../src/tfjs/errors';

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
    expect(reasonOf(new Error('Invalid TF_Status: 3\nMessage: no kernel\nwhatever'))).toBe('no kernel');
    for (const other of [ofUser, 'a text', undefined, null, 5, Object.create(null)]) {
      expect(reasonOf(other)).toBeUndefined();
    }
  });
});

describe('wrapTfjsError', () => {
  test('puts what tfjs says into the form of this library', () => {
    const error = wrapTfjsError('predict', ofTfjs);
    expect(error).toBeInstanceOf(KerasNativeError);
    expect((error as Error).message).toMatch(
      /^predict: all operations must run; TensorFlow refused\. Received: Pass at least one .*\. Check the data that goes into it/,
    );
    expect((error as Error).cause).toBe(ofTfjs);
  });

  test('leaves the errors of functions of the user alone', () => {
    expect(wrapTfjsError('predict', ofUser)).toBe(ofUser);
    expect(wrapTfjsError('predict', 'a text')).toBe('a text');
  });

  test('puts the function that was called into an error of a layer, once', () => {
    const details = { function: 'layerDense', expected: 'a', received: 'b', advice: 'c $& d' };
    const plain = new KerasArgumentError(details);
    expect(wrapTfjsError('fit', plain)).toBe(plain);
    expect(plain.message).toBe('layerDense: a. Received: b. c $& d.');
    const raised = raisedInLayer(new KerasArgumentError(details));
    expect(wrapTfjsError('fit', raised)).toBe(raised);
    expect(wrapTfjsError('outer', raised)).toBe(raised);
    expect(raised.message).toBe('fit: a. Received: b. c $& d.');
    expect(raised.function).toBe('fit');
    expect(raised.stack?.split('\n')[0]).toMatch(/Error: fit: a\. Received: b\. c \$& d\.$/);
  });
});

describe('withTfjsErrors', () => {
  test('gives back results and promises', async () => {
    expect(withTfjsErrors('f', () => 5)).toBe(5);
    await expect(withTfjsErrors('f', () => Promise.resolve(5))).resolves.toBe(5);
    expect(() => withTfjsErrors('f', () => tf.reshape(tf.ones([2]), [3]))).toThrow(/^f: /);
    await expect(withTfjsErrors('f', () => Promise.reject(ofTfjs as Error))).rejects.toThrow(/^f: /);
    await expect(withTfjsErrors('f', () => Promise.reject(ofUser))).rejects.toBe(ofUser);
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
    const before = tf.memory().numTensors;
    const error = await errorOf(() => call(model));
    expect(error).toBeInstanceOf(KerasNativeError);
    expect((error as Error).message).toMatch(
      new RegExp(`^${name}: .*the layer 'mine'.*tensor with 4 values`),
    );
    expect(error).toMatchObject({ layer: 'mine', function: name });
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
  });
});
