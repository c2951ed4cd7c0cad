import {
  kerasModelSequential,
  KerasArgumentError,
  layerBatchNormalization,
  layerConv2d,
  layerDense,
  layerEmbedding,
  layerLstm,
  pipe,
  sequence,
  setRandomSeed,
  tf,
  type DenseOptions,
  type Initializer,
  type InitializerName,
  type LayerStep,
  type SequentialModel,
  type Tensor2D,
} from '../../src/index';
import { nextUniform } from '../../src/base/random';
import { initializer, initializers } from '../../src/initializers/registry';
import { tensorCount } from '../support/tensors';
import { statistics } from './support';
import { weightArrays } from '../support/weights';

const place = { function: 'layerDense', argument: 'kernelInitializer' };
const make = (name: unknown): Initializer => initializer(name, place).make();

// A kernel of 150 inputs and 250 outputs, or an image kernel of 3 × 5 pixels, 10 and 20 channels: 150 and 300.
const shapes = { dense: [150, 250], image: [3, 5, 10, 20] } as const;
const fans = { dense: [150, 250], image: [150, 300] } as const;

/** Keras's definitions: the standard deviation, and the largest value there can be. */
const definitions: Readonly<
  Partial<Record<InitializerName, (fanIn: number, fanOut: number) => [number, number]>>
> = {
  glorot_uniform: (fanIn, fanOut) => [Math.sqrt(2 / (fanIn + fanOut)), Math.sqrt(6 / (fanIn + fanOut))],
  he_uniform: (fanIn) => [Math.sqrt(2 / fanIn), Math.sqrt(6 / fanIn)],
  lecun_uniform: (fanIn) => [Math.sqrt(1 / fanIn), Math.sqrt(3 / fanIn)],
  // Cut at two standard deviations of the normal before the cut, which is wider by 1 / 0.87962566.
  glorot_normal: (fanIn, fanOut) => cut(Math.sqrt(2 / (fanIn + fanOut))),
  he_normal: (fanIn) => cut(Math.sqrt(2 / fanIn)),
  lecun_normal: (fanIn) => cut(Math.sqrt(1 / fanIn)),
  variance_scaling: (fanIn) => cut(Math.sqrt(1 / fanIn)),
  random_uniform: () => [0.1 / Math.sqrt(12), 0.05],
  truncated_normal: () => [0.05 * 0.87962566, 0.1],
};

function cut(deviation: number): [number, number] {
  return [deviation, (2 * deviation) / 0.87962566];
}

describe.each(Object.keys(definitions) as (keyof typeof definitions)[])('%s', (name) => {
  test.each(['dense', 'image'] as const)('of a %s kernel: mean, standard deviation and limits', (kind) => {
    setRandomSeed(8);
    const [fanIn, fanOut] = fans[kind];
    const [deviation, limit] = definitions[name]?.(fanIn, fanOut) ?? [NaN, NaN];
    const values = make(name).apply([...shapes[kind]]);
    expect(values.shape).toEqual(shapes[kind]);
    const seen = statistics(values);
    // The standard error of the mean of n draws is σ / √n; that of σ itself is less than σ / √(2n) for these.
    const error = deviation / Math.sqrt(values.size);
    expect(Math.abs(seen.mean)).toBeLessThan(5 * error);
    expect(Math.abs(seen.deviation - deviation)).toBeLessThan(5 * error);
    expect(seen.largest).toBeLessThanOrEqual(limit * (1 + 1e-6));
    expect(seen.largest).toBeGreaterThan(limit * 0.97);
  });
});

test('random_normal has a standard deviation of 0.05 and no limit', () => {
  setRandomSeed(8);
  const { mean, deviation, largest } = statistics(make('random_normal').apply([200, 200]));
  expect(Math.abs(mean)).toBeLessThan((5 * 0.05) / 200);
  expect(Math.abs(deviation - 0.05)).toBeLessThan((5 * 0.05) / 200);
  expect(largest).toBeGreaterThan(3 * 0.05);
});

test('every initializer is among them', () => {
  const others = ['constant', 'identity', 'ones', 'orthogonal', 'random_normal', 'zeros'];
  expect([...Object.keys(definitions), ...others].sort()).toEqual(initializers.names);
});

test('zeros, ones, constant and identity', () => {
  const values = (name: string, shape: number[]): number[] => [...make(name).apply(shape).dataSync()];
  expect(values('zeros', [2])).toEqual([0, 0]);
  expect(values('ones', [2])).toEqual([1, 1]);
  expect(values('constant', [2])).toEqual([0, 0]);
  expect(values('identity', [2, 2])).toEqual([1, 0, 0, 1]);
});

describe('orthogonal', () => {
  test.each([[[6, 6]], [[8, 3]], [[3, 8]], [[2, 2, 3, 4]]])(
    'of shape %p: rows or columns of length 1, at right angles',
    (shape) => {
      const matrix = tf.reshape(make('orthogonal').apply(shape), [-1, shape.at(-1) as number]) as Tensor2D;
      const [rows, columns] = matrix.shape;
      const product = tf.matMul(matrix, matrix, rows > columns, rows <= columns);
      const difference = tf.max(tf.abs(tf.sub(product, tf.eye(Math.min(rows, columns))))).dataSync()[0] ?? 1;
      expect(difference).toBeLessThan(1e-5);
    },
  );

  test('is spread evenly: signs are those of a coin', () => {
    const signs = Array.from({ length: 200 }, () =>
      Math.sign(make('orthogonal').apply([2, 2]).dataSync()[0] ?? 0),
    );
    const positive = signs.filter((sign) => sign > 0).length;
    expect(Math.abs(positive - 100)).toBeLessThan(5 * Math.sqrt(50));
  });
});

describe('seeds', () => {
  const kernels = (): unknown =>
    weightArrays(
      pipe(
        kerasModelSequential(),
        layerDense({ units: 3, inputShape: [4, 3], kernelInitializer: 'he_normal' }),
        layerLstm({ units: 2 }),
        layerDense({ units: 2, kernelInitializer: 'orthogonal', biasInitializer: 'uniform' }),
      ),
    );

  test('the same after the same setRandomSeed, others otherwise', () => {
    setRandomSeed(1);
    const [first, second] = [kernels(), kernels()];
    setRandomSeed(1);
    expect(kernels()).toEqual(first);
    expect(second).not.toEqual(first);
    setRandomSeed(2);
    expect(kernels()).not.toEqual(first);
  });

  const weightsAfterSeed = (build: () => SequentialModel): unknown => {
    setRandomSeed(4);
    return weightArrays(build());
  };
  const stack = (options: Omit<DenseOptions, 'units'>): SequentialModel =>
    pipe(
      kerasModelSequential({ inputShape: [3] }),
      layerDense({ units: 4, ...options }),
      layerDense({ units: 2 }),
    );

  test.each<[string, Omit<DenseOptions, 'units'>]>([
    ['the kernel', { kernelInitializer: 'glorot_uniform' }],
    ['the kernel in another spelling', { kernelInitializer: 'glorotUniform' }],
    ['the bias', { biasInitializer: 'zeros' }],
    ['both, the other way round', { biasInitializer: 'zeros', kernelInitializer: 'glorot_uniform' }],
    ['nothing: undefined', { kernelInitializer: undefined, biasInitializer: undefined }],
  ])('a default and the same by name begin alike: %s', (_what, options) => {
    expect(weightsAfterSeed(() => stack(options))).toEqual(weightsAfterSeed(() => stack({})));
  });

  test('the defaults of recurrent layers, embeddings and normalization, too', () => {
    const after = (...steps: LayerStep[]): unknown =>
      weightsAfterSeed(() =>
        pipe(kerasModelSequential({ inputShape: [3] }), sequence(...steps, layerDense({ units: 1 }))),
      );
    const ids = { inputDim: 5, outputDim: 2 };
    expect(
      after(
        layerEmbedding({ ...ids, embeddingsInitializer: 'random_uniform' }),
        layerBatchNormalization({
          movingMeanInitializer: 'zeros',
          movingVarianceInitializer: 'ones',
          betaInitializer: 'zeros',
          gammaInitializer: 'ones',
        }),
        layerLstm({ units: 2, recurrentInitializer: 'orthogonal', kernelInitializer: 'glorot_uniform' }),
      ),
    ).toEqual(after(layerEmbedding(ids), layerBatchNormalization(), layerLstm({ units: 2 })));
  });

  test('a check draws nothing, however often, nor when it fails', () => {
    setRandomSeed(6);
    const before = [nextUniform(), nextUniform()];
    setRandomSeed(6);
    const held = tensorCount();
    layerDense({ units: 3, kernelInitializer: 'he_normal', biasInitializer: 'uniform', activation: 'tanh' });
    for (let time = 0; time < 3; time++) initializer('orthogonal', place);
    expect(() => layerDense({ units: 0, kernelInitializer: 'he_normal' })).toThrow(KerasArgumentError);
    expect(() => layerLstm({ units: 2, kernelInitializer: 'he_normal', dropout: 5 })).toThrow(
      KerasArgumentError,
    );
    expect([nextUniform(), nextUniform()]).toEqual(before);
    expect(tensorCount()).toBe(held);
  });

  test('one check makes a new initializer for each layer', () => {
    const maker = initializer('he_normal', place);
    const [first, second] = [maker.make(), maker.make()];
    expect(first.apply([3, 3]).dataSync()).not.toEqual(second.apply([3, 3]).dataSync());
  });

  test('layers of one step begin differently', () => {
    const step = layerConv2d({ filters: 2, kernelSize: 2, padding: 'same' });
    const model = pipe(kerasModelSequential({ inputShape: [4, 4, 2] }), step, step);
    const [first, , second] = weightArrays(model);
    expect(second).not.toEqual(first);
  });
});

test.each([
  ['glorotUniform', 'glorot_uniform'],
  ['leCunNormal', 'lecun_normal'],
  ['normal', 'random_normal'],
  ['one', 'ones'],
  ['HeNormal', 'he_normal'],
])('%s is another name of %s', (alias, name) => {
  setRandomSeed(3);
  const [one] = [make(alias).apply([3, 3]).dataSync()];
  setRandomSeed(3);
  expect(make(name).apply([3, 3]).dataSync()).toEqual(one);
});

test('an initializer of tfjs is taken as it is', () => {
  const own = tf.initializers.constant({ value: 3 });
  expect(make(own)).toBe(own);
});

test('drawing leaves nothing behind but the weights', () => {
  const before = tensorCount();
  for (const name of [...Object.keys(definitions), 'orthogonal', 'random_normal', 'identity']) {
    make(name).apply([4, 4]).dispose();
  }
  expect(tensorCount()).toBe(before);
});

test.each([
  ['glorot', "Received: 'glorot'. Did you mean 'glorot_normal' or 'glorot_uniform'?"],
  ['xavier', "Use one of: 'constant', 'glorot_normal'"],
  [
    null,
    "layerDense: `kernelInitializer` must be an initializer's name or a tfjs initializer. Received: null.",
  ],
  [3, 'Received: 3.'],
  [{}, 'Received: {}.'],
])('%p is refused', (wrong, message) => {
  expect(() => make(wrong)).toThrow(KerasArgumentError);
  expect(() => make(wrong)).toThrow(message);
});
