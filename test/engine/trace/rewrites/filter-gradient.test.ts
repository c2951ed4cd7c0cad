/** The gradient of a filter as a convolution, against TensorFlow's own operation. */
import { binding, idOf } from '../../../../src/tfjs/binding';
import { rewrite } from '../../../../src/engine/trace/rewrite';
import { record } from '../../../../src/engine/trace/record';
import { tf, type Tensor4D } from '../../../../src/tfjs/tensorflow';
import { replay } from '../../support';

interface Convolution {
  readonly input: [number, number, number, number];
  readonly kernel: [number, number];
  readonly filters?: number;
  readonly strides?: number;
  readonly padding?: 'valid' | 'same';
}

/** Simplifies the gradient of a convolution's filter, checks that it is the same, and gives the names of its operations. */
const rewritten = ({ input, kernel, filters = 5, strides = 1, padding = 'valid' }: Convolution): string[] =>
  tf.tidy(() => {
    const x = tf.randomNormal(input, 0, 1, 'float32', 1) as Tensor4D;
    const filter = tf.randomNormal([...kernel, input[3], filters], 0, 1, 'float32', 2) as Tensor4D;
    const convolve = (of: Tensor4D): Tensor4D => tf.conv2d(x, of, strides, padding);
    const factors = tf.randomNormal(convolve(filter).shape, 0, 1, 'float32', 3);
    const given = [x, filter, factors];
    given.forEach(idOf);
    const { result, recording } = record(() => tf.grad((of) => convolve(of as Tensor4D))(filter, factors));
    const made = rewrite(recording, new Map(given.map((tensor) => [idOf(tensor), tensor.shape])));
    const expected = result.dataSync();
    const [values = []] = replay(made.recording, given, [made.resolve(idOf(result))]);
    expect(values).toHaveLength(expected.length);
    values.forEach((value, index) => {
      expect(value).toBeCloseTo(expected[index] ?? NaN, 4);
    });
    return made.recording.ops.map(({ name }) => name);
  });

const OWN = 'Conv2DBackpropFilter';

/** Where oneDNN does it, its own way is the quickest. */
const stays = binding().hasKernel('_MklNativeConv2DBackpropFilter');

test.each<[string, Convolution]>([
  ['a square filter', { input: [8, 9, 9, 16], kernel: [3, 3] }],
  ['an oblong one', { input: [8, 7, 11, 17], kernel: [2, 4] }],
  ['of a sequence', { input: [9, 1, 20, 16], kernel: [1, 5] }],
  ['padded', { input: [8, 9, 7, 16], kernel: [3, 5], padding: 'same' }],
  ['padded on one side more', { input: [8, 6, 6, 16], kernel: [2, 4], padding: 'same' }],
  ['as large as the input', { input: [8, 3, 4, 16], kernel: [3, 4] }],
])('%s is a convolution', (_, convolution) => {
  const names = rewritten(convolution);
  expect(names.includes(OWN)).toBe(stays);
  const isPadded = convolution.padding === 'same' && !stays;
  expect(names.filter((name) => name === 'Pad')).toHaveLength(isPadded ? 1 : 0);
});

test.each<[string, Convolution]>([
  ['strides', { input: [8, 9, 9, 16], kernel: [3, 3], strides: 2 }],
  ['few channels', { input: [8, 9, 9, 3], kernel: [3, 3] }],
  ['few rows', { input: [2, 9, 9, 16], kernel: [3, 3] }],
  ['a filter of one number', { input: [8, 9, 9, 16], kernel: [1, 1] }],
])('with %s it stays', (_, convolution) => {
  const names = rewritten(convolution);
  expect(names.some((name) => name === OWN || name === 'MatMul')).toBe(true);
});
