/** What console.log and String show of models, layers, histories and data: as R keras 2.13 prints them (test/reference/r-keras/print.R). */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { inspect } from 'node:util';
import {
  freezeWeights,
  getLayer,
  History,
  kerasModel,
  kerasModelSequential,
  layerDense,
  layerDropout,
  layerInput,
  layerModel,
  optimizerSgd,
  pipe,
  shared,
  summary,
  tf,
  type Tensor,
} from '../../src/index';
import { makeDataset } from '../../src/datasets/dataset';
import { dataText } from '../../src/datasets/print-data';

/** What R prints, by the sections' names. R fills lines with blanks. */
const ofR = new Map(
  readFileSync(path.join(__dirname, '../reference/r-keras/print.txt'), 'utf8')
    .split(/^== /m)
    .slice(1)
    .map((section) => {
      const [name = '', ...lines] = section.trimEnd().split('\n');
      return [name, lines.map((line) => line.trimEnd()).join('\n')] as const;
    }),
);

const trimmed = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');

/** As `String` has it, whatever the types say. */
const stringOf = (value: object): string => (value as { toString(): string }).toString();

const expectLikeR = (value: object, section: string): void => {
  expect(ofR.get(section)).toBeDefined();
  expect(trimmed(inspect(value))).toBe(ofR.get(section));
  expect(trimmed(stringOf(value))).toBe(ofR.get(section));
};

const frozen = () =>
  pipe(
    kerasModelSequential({ name: 'frozen' }),
    layerDense({ units: 4, inputShape: [3], name: 'a' }),
    layerDropout({ rate: 0.5, name: 'd' }),
    layerDense({ units: 1, name: 'b' }),
  );

describe('models', () => {
  test('before they are built', () => {
    expectLikeR(kerasModelSequential(), 'empty');
    const model = pipe(kerasModelSequential(), layerDense({ units: 4 }), layerDense({ units: 1 }));
    expectLikeR(model, 'not built');
    const lines: string[] = [];
    summary(model, { print: (text) => lines.push(text) });
    expect(lines).toEqual([ofR.get('not built, summary')]);
  });

  test('built, frozen in part, one inside another, a graph', () => {
    const model = frozen();
    expectLikeR(model, 'built');
    expectLikeR(freezeWeights(model, { to: 'a' }), 'frozen');
    expectLikeR(
      pipe(kerasModelSequential({ name: 'outer' }), layerModel(model), layerDense({ units: 2, name: 'c' })),
      'nested',
    );
    const x = layerInput({ shape: [3], name: 'x' });
    const outputs = [layerDense(x, { units: 2, name: 'left' }), layerDense(x, { units: 1, name: 'right' })];
    expectLikeR(kerasModel(x, outputs, { name: 'two' }), 'graph');
  });
});

describe('symbolic tensors', () => {
  test('are Keras’s in R’s words', () => {
    const x = layerInput({ shape: [3], name: 'x' });
    expectLikeR(x, 'symbolic input');
    const left = layerDense(x, { units: 2, name: 'left' });
    // TensorFlow names the tensor by its last operation.
    expect(inspect(left).replace(left.name, 'left/BiasAdd:0')).toBe(ofR.get('symbolic'));
  });
});

describe('layers', () => {
  test('are a line each: class, name, shapes, parameters', () => {
    const model = frozen();
    const lines = model.layers.map((layer) => inspect(layer));
    expect(lines).toEqual([
      "<Dense 'a', (None, 3) to (None, 4), 16 parameters>",
      "<Dropout 'd', (None, 4) to (None, 4), 0 parameters>",
      "<Dense 'b', (None, 4) to (None, 1), 5 parameters>",
    ]);
    expect(stringOf(getLayer(model, 'a'))).toBe(lines[0]);
    expect(inspect([getLayer(model, 'b')])).toBe(`[ ${lines[2]} ]`);
  });

  test('of several inputs, in several places, not applied, an input, a model', () => {
    const x = layerInput({ shape: [3], name: 'x' });
    expect(inspect(x.sourceLayer)).toBe("<InputLayer 'x', (None, 3)>");
    expect(inspect(tf.layers.dense({ units: 2, name: 'alone' }))).toBe("<Dense 'alone'>");
    const sum = tf.layers.add({ name: 'sum' });
    sum.apply([x, x]);
    expect(inspect(sum)).toBe("<Add 'sum', [(None, 3), (None, 3)] to (None, 3), 0 parameters>");
    const both = shared(layerDense({ units: 1, name: 'both' }));
    const { sourceLayer } = both(layerInput({ shape: [5, 3] }));
    both(layerInput({ shape: [7, 3] }));
    expect(inspect(sourceLayer)).toBe("<Dense 'both', multiple to multiple, 4 parameters>");
    expect(inspect(frozen().tf)).toBe("<Sequential 'frozen', (None, 3) to (None, 1), 21 parameters>");
  });
});

test('a history', () => {
  const params = {
    verbose: 1,
    epochs: 3,
    steps: 375,
    samples: 48_000,
    validationSamples: 12_000,
    batchSize: 128,
  };
  const history = new History(
    { ...params, doValidation: true, metrics: ['loss', 'mae'], engine: 'compiled' },
    {
      loss: [3, 2, 0.34751],
      mae: [3, 2, 1234.56],
      val_loss: [3, 2, 0.000053413],
      val_mae: [3, 2, 0.98],
    },
  );
  expectLikeR(history, 'history');
});

test('an optimizer says the same in both ways', () => {
  const optimizer = optimizerSgd({ momentum: 0.9 });
  expect(stringOf(optimizer)).toBe(inspect(optimizer));
  expect(stringOf(optimizer)).toMatch(/^optimizerSgd \{[^]*momentum: 0\.9[^]*iterations: 0/);
});

describe('data sets', () => {
  const origin = { source: 'embedded', path: 'somewhere' } as const;
  const ones = (count: number) => [1, ...Array.from({ length: 20 * count }, (_, index) => index + 4)];

  test('of arrays', () => {
    const data = makeDataset<Tensor, Tensor>(
      [tf.tensor2d([[1.2325, 0.02177, 4.8982, 0.0396, 3.6931, 1]]), tf.tensor1d([15.2, 42.3, 50, 21.1])],
      [
        tf.tensor3d(
          Array.from({ length: 12 }, (_, index) => index),
          [1, 3, 4],
          'int32',
        ),
        tf.tensor1d([5, 0, 4], 'int32'),
      ],
      origin,
    );
    expectLikeR(data, 'data');
    expect(inspect(data.train)).toBe(
      'List of 2\n $ x: num [1, 1:6] 1.2325 0.0218 4.8982 0.0396 3.6931 ...\n $ y: num [1:4(1d)] 15.2 42.3 50 21.1',
    );
    data.dispose();
    expect(inspect(data)).toContain('$ y: int [1:3(1d)] (disposed)');
  });

  test('of lists', () => {
    const x = Array.from({ length: 8 }, (_, index) => ones(index + 1));
    const labels = tf.tensor1d(
      Array.from({ length: 20 }, (_, index) => index % 2),
      'int32',
    );
    const other = tf.tensor1d([1, 0.5, 123_456]);
    expectLikeR(
      makeDataset<unknown, unknown>([x, labels], [[[5], [1.5, 2], []], other], origin),
      'data of lists',
    );
  });

  test('what they are as arrays does not change', () => {
    const data = makeDataset(
      [tf.tensor1d([1]), tf.tensor1d([2])],
      [tf.tensor1d([3]), tf.tensor1d([4])],
      origin,
    );
    const [[x], test] = data;
    expect(x).toBe(data.train.x);
    expect(Object.keys(data.train)).toEqual(['0', '1', 'x', 'y']);
    expect(test).toBe(data.test);
  });
});

test.each([
  // R: str(x), of the values row by row.
  [[0.000123456, 1], 'num [1:2] 0.000123 1'],
  [[123456.789, 0.5], 'num [1:2] 123456.8 0.5'],
  [[-0.25, 0.125, 3], 'num [1:3] -0.25 0.125 3'],
  [[1 / 3, 2, 3, 4, 5, 6], 'num [1:6] 0.333 2 3 4 5 ...'],
])('numbers: %j', (values, text) => {
  expect(dataText({ x: values })).toBe(`List of 1\n $ x: ${text}`);
});
