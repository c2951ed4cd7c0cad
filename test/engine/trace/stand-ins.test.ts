/** What stands for operations that are only recorded has the shapes of what they would give. */
import { asStep, atOnce } from '../../../src/base/steps';
import { record, recordInSteps, withoutComputing } from '../../../src/engine/trace/record';
import { StandInRead } from '../../../src/engine/trace/stand-ins';
import { binding, idOf } from '../../../src/tfjs/binding';
import { tf, type Tensor, type Tensor4D } from '../../../src/tfjs/tensorflow';
import { attribute, run as nativeRun } from '../../../src/ops/native';
import { normalizeBatch } from '../../../src/ops/batch-normalization';
import { blockLstm } from '../../../src/ops/block-lstm';
import { normal as normalNumbers, uniform, withStepSeed } from '../../../src/ops/random';
import { nativeCount, tensorCount } from '../../support/tensors';

const normal = (...shape: number[]): Tensor => tf.randomNormal(shape, 0, 1, 'float32', 1);
const gradientsOf = (run: (...tensors: Tensor[]) => Tensor, tensors: Tensor[]): Tensor[] =>
  tf.grads((...all: Tensor[]) => run(...all))(tensors);

const image = (height: number, width: number, channels: number): Tensor4D =>
  normal(2, height, width, channels) as Tensor4D;

const cases: [string, readonly Tensor[], (tensors: Tensor[]) => Tensor[]][] = [
  ['products', [normal(5, 3), normal(3, 4)], ([a, b]) => [tf.matMul(a as Tensor, b as Tensor)]],
  [
    'transposed products and their gradients',
    [normal(3, 5), normal(4, 3)],
    (tensors) => gradientsOf((a, b) => tf.matMul(a as Tensor, b as Tensor, true, true), tensors),
  ],
  [
    'products of batches',
    [normal(6, 5, 3), normal(6, 3, 4)],
    (tensors) => gradientsOf((a, b) => tf.matMul(a as Tensor, b as Tensor), tensors),
  ],
  ...(['same', 'valid'] as const).flatMap((padding) =>
    ([1, 2, [2, 3]] as (number | [number, number])[]).map(
      (strides): [string, readonly Tensor[], (tensors: Tensor[]) => Tensor[]] => [
        `convolution and pooling, ${padding}, strides ${String(strides)}`,
        [image(12, 11, 3), normal(3, 2, 3, 4)],
        (tensors) =>
          gradientsOf((x, filter) => {
            const convolved = tf.conv2d(x as Tensor4D, filter as Tensor4D, strides, padding);
            return tf.concat([
              tf.maxPool(convolved, [2, 3], strides, padding).flatten(),
              tf.avgPool(convolved, [2, 2], strides, padding).flatten(),
            ]);
          }, tensors),
      ],
    ),
  ),
  [
    'a dilated convolution',
    [image(12, 11, 3), normal(3, 2, 3, 4)],
    ([x, filter]) => [tf.conv2d(x as Tensor4D, filter as Tensor4D, 1, 'valid', 'NHWC', 2)],
  ],
  [
    'an LSTM and its gradient',
    [normal(7, 2, 3), normal(2, 5), normal(2, 5), normal(3, 20), normal(5, 20), normal(20)],
    (tensors) =>
      gradientsOf((...all) => {
        const [x, h, c, kernel, recurrentKernel, bias] = all as [
          Tensor,
          Tensor,
          Tensor,
          Tensor,
          Tensor,
          Tensor,
        ]; // six are given
        const weights = { kernel, recurrentKernel, bias };
        return tf.tanh(blockLstm(x, h, c, { weights: weights as never, output: 'hidden' }));
      }, tensors),
  ],
  [
    'large elementwise operations',
    [normal(50, 100), normal(100), normal(50, 1)],
    ([a, b, c]) => {
      const [x, y, z] = [a, b, c] as [Tensor, Tensor, Tensor]; // three are given
      const sum = tf.add(tf.mul(tf.relu(x), y), z);
      return [
        sum,
        tf.softmax(tf.tanh(sum)),
        tf.where(tf.greater(sum, z), sum, tf.neg(sum)),
        tf.square(tf.sub(z, y)),
      ];
    },
  ],
  [
    'operations on few elements, and their gradients',
    [normal(3, 4), normal(4), normal(3, 1), normal(), normal(1)],
    (tensors) => [
      ...gradientsOf((...all) => {
        const [given, row, column, scalar, one] = all as [Tensor, Tensor, Tensor, Tensor, Tensor]; // five are given
        // Of a product, which is left out.
        const x = tf.matMul(given, tf.ones([4, 4]));
        const sum = tf.add(tf.mul(tf.relu(x), row), tf.div(column, tf.add(scalar, one)));
        const chosen = tf.where(tf.greater(sum, 0), tf.tanh(sum), tf.neg(sum));
        return tf.concat([tf.softmax(chosen), tf.square(tf.sub(x, tf.mean(x, 0, true)))], 0);
      }, tensors),
      tf.transpose(tensors[0] as Tensor), // is given
      tf.sum(tensors[1] as Tensor),
      tf.max(tensors[0] as Tensor, 1, true),
      tf.relu(tf.fill([2, 0], 3)),
    ],
  ],
  [
    'rows of a table, and their gradient',
    [normal(200, 30)],
    ([table]) => {
      const ids = tf.tensor2d(
        Int32Array.from({ length: 400 }, (_, index) => (index * 7) % 200),
        [4, 100],
      );
      const take = (rows: Tensor): Tensor => tf.gather(rows, tf.cast(ids, 'int32'));
      return [take(table as Tensor), tf.grad((rows) => tf.mul(take(rows), 2))(table as Tensor)];
    },
  ],
  [
    'joining, turning and summing up',
    [normal(50, 100), normal(50, 3)],
    ([a, b]) => {
      const [x, y] = [a, b] as [Tensor, Tensor]; // two are given
      const cube = tf.reshape(x, [5, 10, 100]);
      return [
        tf.concat([x, y], -1),
        tf.concat([x, x], 0),
        tf.concat([cube, cube, cube], 1),
        tf.transpose(cube, [2, 0, 1]),
        tf.sum(x),
        tf.sum(cube, [0, -1], true),
        tf.mean(cube, 1),
        tf.max(x, -1, true),
        tf.min(x, 0),
      ];
    },
  ],
  [
    'cutting, stacking and padding, and their gradients',
    [normal(50, 100)],
    (tensors) =>
      gradientsOf((given) => {
        // Of a sum, which is left out.
        const x = tf.add(given as Tensor, 1);
        const cube = tf.reshape(x, [5, 10, 100]);
        const [left, right] = tf.split(x, [30, 70], 1) as [Tensor, Tensor];
        const rows = tf.unstack(cube, 1);
        return tf.concat(
          [
            tf.mul(left, 2),
            right,
            tf.slice(x, [10, 20], [20, -1]),
            tf.stack(rows.slice(2), -1),
            tf.pad(x, [
              [1, 2],
              [0, 3],
            ]),
            tf.tile(left, [2, 3]),
            tf.cast(tf.greater(x, 0), 'float32'),
            ...rows,
          ].map((part) => tf.square(part).flatten()),
        );
      }, tensors),
  ],
  [
    'random numbers, and many numbers that JavaScript has made',
    [normal(50, 100)],
    ([x]) => [
      tf.mul(x as Tensor, uniform([50, 100], 3)),
      tf.add(normalNumbers([60, 100], 3), 1),
      tf.mul(x as Tensor, tf.ones([50, 100])),
    ],
  ],
  [
    'choosing and filling',
    [normal(50, 100)],
    ([a]) => {
      const x = a as Tensor; // one is given
      return [tf.step(x), tf.isNaN(x), tf.zerosLike(x), tf.fill([50, 100], 3), tf.prelu(x, tf.scalar(0.1))];
    },
  ],
  [
    'a batch that is normalized, and its gradient',
    [normal(4, 10, 30, 5), normal(5), normal(5)],
    (tensors) =>
      gradientsOf((x, scale, offset) => {
        const parts = { scale: scale as Tensor, offset: offset as Tensor };
        return tf.square(normalizeBatch(x as Tensor, parts, 0.001).value);
      }, tensors),
  ],
];

test.each(cases)('%s', (_name, tensors, run) => {
  tf.tidy(() => {
    const shapes = new Map(tensors.map((tensor) => [idOf(tensor), tensor.shape]));
    const seed = tf.tensor1d([1, 2], 'int32');
    idOf(seed);
    const step = (): Tensor[] => withStepSeed(seed, () => run([...tensors]));
    const real = record(step);
    const stood = record(step, shapes);
    const described = ({ recording }: typeof real): unknown =>
      recording.ops.map(({ name, attributes, outputs }) => [
        name,
        attributes,
        outputs.map(({ dtype, shape }) => [dtype, shape]),
      ]);
    expect(described(stood)).toEqual(described(real));
    expect(stood.result.map(({ shape }) => shape)).toEqual(real.result.map(({ shape }) => shape));
    // Zeros, and not what the operations give.
    expect(stood.result[0]?.dataSync().every((value) => value === 0)).toBe(true);
    expect(real.result[0]?.dataSync().some((value) => value !== 0)).toBe(true);
  });
});

test('values of what there is are computed, since others may give as many of something as they say', () => {
  tf.tidy(() => {
    const counts = tf.fill([5000], 2);
    const run = (): Tensor[] => {
      const ends = tf.mul(counts, 0.5);
      const types = [attribute.type('T', 'float'), attribute.type('Tsplits', 'int32')];
      return nativeRun('RaggedRange', types, [tf.zerosLike(counts), ends, tf.scalar(0.25)], 2);
    };
    const { result } = record(run, new Map([[idOf(counts), counts.shape]]));
    expect(result[1]?.shape).toEqual([5000 * 4]);
  });
});

test('shapes that do not fit are an error, as ever', () => {
  tf.tidy(() => {
    const [a, b] = [normal(5, 3), normal(4, 4)];
    const shapes = new Map([a, b].map((tensor) => [idOf(tensor), tensor.shape]));
    expect(() => record(() => tf.matMul(a, b), shapes)).toThrow(/mismatch|incompatible/i);
    // Past tfjs's own checks: an operation that does not fit runs, and says so.
    const [one, other] = [normal(50, 100), normal(40, 90)];
    const known = new Map([one, other].map((tensor) => [idOf(tensor), tensor.shape]));
    const join = (): Tensor[] =>
      nativeRun(
        'ConcatV2',
        [attribute.int('N', 2), attribute.type('T', 'float'), attribute.type('Tidx', 'int32')],
        [one, other, tf.scalar(1, 'int32')],
        1,
      );
    expect(() => record(join, known)).toThrow(/dimension/i);
  });
});

test('where JavaScript reads values, it is recorded for real', () => {
  tf.tidy(() => {
    const a = normal(5, 5);
    const shapes = new Map([[idOf(a), a.shape]]);
    const read = (): number => tf.matMul(a, a).dataSync()[0] ?? NaN;
    expect(() => record(read, shapes)).toThrow(StandInRead);
    const seen: boolean[] = [];
    const trace = (standIns: boolean) => {
      seen.push(standIns);
      return recordInSteps(asStep(read), standIns ? shapes : undefined);
    };
    const { result, recording } = atOnce(withoutComputing(trace));
    expect(seen).toEqual([true, false]);
    expect(recording.readValues).toBe(true);
    expect(result).toBeCloseTo(tf.matMul(a, a).dataSync()[0] ?? NaN, 5);
    // What nothing stands for may be read, whatever else was left out.
    const readReal = (): number => {
      tf.matMul(a, a);
      return tf.cast(a, 'int32').dataSync().length;
    };
    const { result: length, recording: ofReal } = record(readReal, shapes);
    expect([length, ofReal.readValues]).toEqual([25, true]);
    expect(record(() => tf.sum(a).dataSync()[0], shapes).recording.readValues).toBe(true);
    // What an operation without a rule makes of a stand-in is not.
    const readLeftOut = (): unknown => tf.cast(tf.sum(tf.matMul(a, a)), 'int32').dataSync();
    expect(() => record(readLeftOut, shapes)).toThrow(StandInRead);
  });
});

test('nothing is left behind', async () => {
  const a = normal(64, 64);
  const shapes = new Map([[idOf(a), a.shape]]);
  const [count, native] = [tensorCount(), await nativeCount()];
  tf.tidy(() => void record(() => tf.relu(tf.matMul(a, a)), shapes));
  expect(tensorCount()).toBe(count);
  expect(await nativeCount()).toBeLessThanOrEqual(native);
  a.dispose();
});

test('what stands for something is of another shape without being made, and what is there keeps its values', () => {
  const [a, b] = [normal(60, 50), normal(50, 60)];
  const given = [a, b];
  const shapes = new Map(given.map((tensor) => [idOf(tensor), tensor.shape]));
  const made = jest.spyOn(binding(), 'reserveTensor');
  record(() => {
    const product = tf.reshape(tf.matMul(a, b), [-1, 30, 4]);
    expect(product.shape).toEqual([30, 30, 4]);
    expect([...tf.reshape(a, [3000]).slice(0, 3).dataSync()]).toEqual([...a.dataSync()].slice(0, 3));
    product.dispose();
  }, shapes);
  // Both of what stands for the product, and neither is ever there.
  expect(made.mock.results).toHaveLength(2);
  made.mockRestore();
  tf.dispose(given);
});
