/** What stands for operations that are only recorded has the shapes of what they would give. */
import { record, withoutComputing } from '../../../src/engine/trace/record';
import { StandInRead } from '../../../src/engine/trace/stand-ins';
import { idOf } from '../../../src/tfjs/binding';
import { tf, type Tensor, type Tensor4D } from '../../../src/tfjs/tensorflow';
import { blockLstm } from '../../../src/ops/block-lstm';

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
];

test.each(cases)('%s', (_name, tensors, run) => {
  tf.tidy(() => {
    const shapes = new Map(tensors.map((tensor) => [idOf(tensor), tensor.shape]));
    const real = record(() => run([...tensors]));
    const stood = record(() => run([...tensors]), shapes);
    expect(stood.flopsLeftOut).toBeGreaterThan(0);
    expect(real.flopsLeftOut).toBe(0);
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

test('shapes that do not fit are an error, as ever', () => {
  tf.tidy(() => {
    const [a, b] = [normal(5, 3), normal(4, 4)];
    const shapes = new Map([a, b].map((tensor) => [idOf(tensor), tensor.shape]));
    expect(() => record(() => tf.matMul(a, b), shapes)).toThrow(/mismatch|incompatible/i);
  });
});

test('where JavaScript reads values, it is recorded for real', () => {
  tf.tidy(() => {
    const a = normal(5, 5);
    const shapes = new Map([[idOf(a), a.shape]]);
    const read = (): number => tf.matMul(a, a).dataSync()[0] ?? NaN;
    expect(() => record(read, shapes)).toThrow(StandInRead);
    const seen: boolean[] = [];
    const { result, recording } = withoutComputing((standIns) => {
      seen.push(standIns);
      return record(read, standIns ? shapes : undefined);
    });
    expect(seen).toEqual([true, false]);
    expect(recording.readValues).toBe(true);
    expect(result).toBeCloseTo(tf.matMul(a, a).dataSync()[0] ?? NaN, 5);
    // What nothing stands for may be read.
    expect(record(() => tf.sum(a).dataSync()[0], shapes).recording.readValues).toBe(true);
  });
});

test('nothing is left behind', () => {
  const a = normal(64, 64);
  const shapes = new Map([[idOf(a), a.shape]]);
  const native = (): number =>
    (tf.backend() as unknown as { binding: { getNumOfTensors(): number } }).binding.getNumOfTensors();
  const before = [tf.memory().numTensors, native()];
  tf.tidy(() => void record(() => tf.relu(tf.matMul(a, a)), shapes));
  expect([tf.memory().numTensors, native()]).toEqual(before);
  a.dispose();
});
