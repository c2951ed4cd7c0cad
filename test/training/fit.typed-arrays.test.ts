/** Arrays of the user's are taken as they are when a call begins, but for very large ones: who changes them meanwhile changes nothing. */
import {
  arrayReshape,
  compile,
  evaluate,
  fit,
  getWeights,
  kerasModelSequential,
  layerDense,
  layerEmbedding,
  layerFlatten,
  pipe,
  predict,
  setRandomSeed,
  SparseMatrix,
  type Callback,
  type FitOptions,
  type SequentialModel,
} from '../../src/index';
import { tensorCount } from '../support/tensors';

const ROWS = 24;
const numbers = (columns: number): Float32Array =>
  Float32Array.from({ length: ROWS * columns }, (_, index) => Math.sin(index));
const rowsOf = (values: Float32Array, columns: number): number[][] =>
  Array.from({ length: ROWS }, (_, row) => [...values.subarray(row * columns, (row + 1) * columns)]);

/** Data of one kind, and how the user spoils them. */
interface Kind {
  readonly data: unknown;
  readonly spoil: () => void;
}

const typed = (values: Float32Array | Float64Array): Kind => ({
  data: values,
  spoil: () => void values.fill(NaN),
});

const inputs: Readonly<Record<string, () => Kind>> = {
  'a Float32Array in its shape': () => {
    const { data, spoil } = typed(numbers(3));
    return { data: { data, shape: [ROWS, 3] }, spoil };
  },
  'a Float64Array in its shape': () => {
    const { data, spoil } = typed(Float64Array.from(numbers(3)));
    return { data: { data, shape: [ROWS, 3] }, spoil };
  },
  'an Int32Array in its shape': () => {
    const data = Int32Array.from(numbers(3), (value) => Math.round(value * 2));
    return { data: { data, shape: [ROWS, 3] }, spoil: () => void data.fill(1e6) };
  },
  'a Uint8Array in its shape': () => {
    const data = Uint8Array.from(numbers(3), (value) => Math.round(Math.abs(value * 2)));
    return { data: { data, shape: [ROWS, 3] }, spoil: () => void data.fill(255) };
  },
  'memory shared with a worker': () => {
    const data = new Float32Array(new SharedArrayBuffer(ROWS * 3 * 4));
    data.set(numbers(3));
    return { data: { data, shape: [ROWS, 3] }, spoil: () => void data.fill(NaN) };
  },
  'typed rows': () => {
    const rows = rowsOf(numbers(3), 3).map((row) => Float32Array.from(row));
    return { data: rows, spoil: () => rows.forEach((row) => row.fill(NaN)) };
  },
  'nested arrays': () => {
    const rows = rowsOf(numbers(3), 3);
    return { data: rows, spoil: () => rows.forEach((row) => row.fill(NaN)) };
  },
  'a sparse matrix': () => {
    const splits = Int32Array.from({ length: ROWS + 1 }, (_, row) => row);
    const columns = Int32Array.from({ length: ROWS }, (_, row) => row % 3);
    const matrix = new SparseMatrix(splits, columns, 3);
    return {
      data: matrix,
      spoil: () => {
        splits.fill(0);
        columns.fill(0);
      },
    };
  },
};

const labels = (): Kind => typed(numbers(1));

const dense = (): SequentialModel => {
  setRandomSeed(11);
  return pipe(
    kerasModelSequential(),
    layerDense({ units: 2, inputShape: [3] }),
    layerDense({ units: 1 }),
    compile({ optimizer: 'sgd', loss: 'mse' }),
  );
};

const weightsOf = (model: SequentialModel): number[] =>
  getWeights(model).flatMap((weight) => [...weight.dataSync()]);

const spoilers = (spoil: () => void): Callback => ({
  onTrainBegin: spoil,
  onEpochBegin: spoil,
  onTrainBatchBegin: spoil,
  onTestBegin: spoil,
});

const plain: FitOptions = { epochs: 2, batchSize: 5, verbose: 0 };

describe.each(['eager', 'compiled'] as const)('%s', (engine) => {
  /** The weights and the history of a fit in which the data are spoilt, or not. */
  const result = async (
    isSpoilt: boolean,
    make: () => SequentialModel,
    given: () => { x: Kind; y: Kind; options?: FitOptions; others?: Kind[] },
  ): Promise<unknown> => {
    const model = make();
    const { x, y, options = {}, others = [] } = given();
    const spoil = (): void => {
      if (isSpoilt) for (const kind of [x, y, ...others]) kind.spoil();
    };
    const before = tensorCount();
    const history = await fit(model, x.data as number[][], y.data as number[], {
      ...plain,
      ...options,
      engine,
      callbacks: spoilers(spoil),
    });
    expect(tensorCount()).toBe(before);
    const weights = weightsOf(model);
    model.dispose();
    expect(weights.every(Number.isFinite)).toBe(true);
    return { weights, metrics: history.metrics };
  };

  test.each(Object.entries(inputs))('inputs: %s', async (_, kind) => {
    const given = () => ({ x: kind(), y: labels() });
    expect(await result(true, dense, given)).toEqual(await result(false, dense, given));
  });

  test('flat inputs and weights of rows', async () => {
    const make = (): SequentialModel => {
      setRandomSeed(12);
      return pipe(
        kerasModelSequential(),
        layerDense({ units: 1, inputShape: [1] }),
        compile({ loss: 'mse' }),
      );
    };
    const given = () => {
      const sampleWeight = typed(numbers(1).map(Math.abs));
      return {
        x: typed(numbers(1)),
        y: labels(),
        others: [sampleWeight],
        options: { sampleWeight: sampleWeight.data as Float32Array },
      };
    };
    expect(await result(true, make, given)).toEqual(await result(false, make, given));
  });

  test('validation data', async () => {
    const given = () => {
      const others = [
        inputs['a Float32Array in its shape']?.() as Kind,
        labels(),
        typed(numbers(1).map(Math.abs)),
      ];
      const [x, y, weights] = others.map(({ data }) => data) as [number[][], number[], number[]];
      return {
        x: inputs['nested arrays']?.() as Kind,
        y: labels(),
        others,
        options: { validationData: [x, y, weights] as const },
      };
    };
    expect(await result(true, dense, given)).toEqual(await result(false, dense, given));
  });

  test('ids, and class numbers', async () => {
    const make = (): SequentialModel => {
      setRandomSeed(13);
      return pipe(
        kerasModelSequential(),
        layerEmbedding({ inputDim: 4, outputDim: 2, inputLength: 3 }),
        layerFlatten(),
        layerDense({ units: 4, activation: 'softmax' }),
        compile({ loss: 'sparse_categorical_crossentropy' }),
      );
    };
    const given = () => {
      const ids = Int32Array.from({ length: ROWS * 3 }, (_, index) => index % 4);
      const classes = Int32Array.from({ length: ROWS }, (_, row) => row % 4);
      return {
        x: { data: { data: ids, shape: [ROWS, 3] }, spoil: () => void ids.fill(77) },
        y: { data: classes, spoil: () => void classes.fill(77) },
      };
    };
    expect(await result(true, make, given)).toEqual(await result(false, make, given));
  });

  test('of evaluate', async () => {
    const model = dense();
    const losses: number[] = [];
    for (const isSpoilt of [false, true]) {
      const [x, y] = [typed(numbers(3)), labels()];
      const spoil = (): void => {
        if (isSpoilt) [x, y].forEach((kind) => kind.spoil());
      };
      const callbacks = { onTestBegin: spoil, onTestBatchBegin: spoil };
      const data = { data: x.data as Float32Array, shape: [ROWS, 3] };
      const { loss } = await evaluate(model, data, y.data as Float32Array, {
        batchSize: 5,
        verbose: 0,
        engine,
        callbacks,
      });
      losses.push(loss);
    }
    expect(losses[1]).toBe(losses[0]);
    model.dispose();
  });
});

test('of predict', async () => {
  const model = dense();
  const outputs: number[][] = [];
  for (const isSpoilt of [false, true]) {
    const x = typed(numbers(3));
    const spoil = (): void => {
      if (isSpoilt) x.spoil();
    };
    const callbacks = { onPredictBegin: spoil, onPredictBatchBegin: spoil };
    const output = await predict(
      model,
      { data: x.data as Float32Array, shape: [ROWS, 3] },
      { batchSize: 5, callbacks },
    );
    outputs.push([...output.dataSync()]);
  }
  expect(outputs[1]).toEqual(outputs[0]);
  model.dispose();
});

test('of functions that make a tensor of an array', () => {
  const values = numbers(2);
  const reshaped = arrayReshape(values, [2, ROWS]);
  const [before] = values;
  values.fill(NaN);
  expect(reshaped.dataSync()[0]).toBe(before);
});

describe('a typed array whose memory was given away', () => {
  const gone = (): Float32Array => {
    const values = numbers(3);
    structuredClone(values.buffer, { transfer: [values.buffer as ArrayBuffer] }); // not a shared one
    return values;
  };
  const message =
    /must be a typed array whose memory is still there\. Received: Float32Array of length 0\. Its memory was transferred, to a worker for example: transfer a copy, values\.slice\(\)\.$/;

  test.each<[string, () => unknown]>([
    ['alone', gone],
    ['in its shape', () => ({ data: gone(), shape: [ROWS, 3] })],
    ['with an empty shape', () => ({ data: gone(), shape: [0, 3] })],
    ['as a row', () => [Float32Array.of(1, 2, 3), gone()]],
    ['as the first row', () => [gone(), Float32Array.of(1, 2, 3)]],
  ])('%s', async (_, data) => {
    const model = dense();
    await expect(fit(model, data() as number[][], numbers(1))).rejects.toThrow(message);
    await expect(fit(model, rowsOf(numbers(3), 3), data() as number[][])).rejects.toThrow(message);
    await expect(predict(model, data() as number[][])).rejects.toThrow(message);
  });

  test('an empty one is no such array', async () => {
    await expect(predict(dense(), { data: new Float32Array(), shape: [0, 3] })).rejects.toThrow(
      'at least one row',
    );
  });
});
