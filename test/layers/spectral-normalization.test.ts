/** Spectral normalization: Keras's numbers over steps of training, see test/reference/spectral_normalization.py; and what does not fit. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as all from '../../src/index';
import {
  compile,
  countParams,
  fit,
  getLayer,
  kerasModelSequential,
  layerDense,
  layerLstm,
  layerMaxPooling1d,
  layerSpectralNormalization,
  optimizerAdam,
  optimizerSgd,
  pipe,
  predict,
  setRandomSeed,
  tf,
  type KerasModel,
  type LayerStep,
  type Tensor,
} from '../../src/index';
import { distance } from './support';
import { gridOf } from '../support/grid';

interface Case {
  readonly layer: 'layerDense' | 'layerConv2d' | 'layerConv1d' | 'layerEmbedding';
  readonly options: object;
  readonly ids: number | null;
  readonly shape: number[];
  readonly powerIterations: number;
  readonly zeros: boolean;
  readonly params: number;
  readonly steps: readonly { readonly output: number[]; readonly weights: number[][] }[];
  readonly predicted: number[];
}

const reference = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/spectral_normalization.json'), 'utf8'),
) as Case[]; // as its program prints it

const grid = (shape: readonly number[], seed: number): Tensor =>
  tf.tensor(gridOf(shape.reduce((product, size) => product * size, 1), seed), [...shape]); // prettier-ignore

const inputOf = ({ shape, ids }: Case): Tensor => {
  const x = grid([2, ...shape], 0);
  return ids === null ? x : tf.cast(tf.floor(tf.mul(tf.div(tf.add(x, 1), 2), ids)), 'int32');
};

const modelOf = ({ layer, options, shape, powerIterations, zeros }: Case): KerasModel => {
  const inner = (all[layer] as (given: object) => LayerStep)(options);
  const model = pipe(
    kerasModelSequential({ inputShape: shape }),
    layerSpectralNormalization({ layer: inner, powerIterations }),
  );
  const { weights } = getLayer(model, { index: 0 });
  getLayer(model, { index: 0 }).setWeights(
    weights.map((weight, index) =>
      zeros && index === 0 ? tf.zeros(weight.shape as number[]) : grid(weight.shape as number[], 100 + index),
    ),
  );
  return model;
};

const title = ({ layer, powerIterations, zeros }: Case): string =>
  `${layer}, ${powerIterations} iterations${zeros ? ', of a kernel of zeros' : ''}`;

/** Values to 1e-5 of the largest. */
const expectClose = (actual: Tensor, expected: readonly number[]): void =>
  expect(distance(actual, expected)).toBeLessThan(1e-5 * Math.max(1, ...expected.map(Math.abs)));

describe.each(reference.map((one) => [title(one), one] as const))('%s', (_, one) => {
  test('is as large as Keras’s, and puts out its numbers', () => {
    const model = modelOf(one);
    expect(countParams(model)).toBe(one.params);
    const layer = getLayer(model, { index: 0 });
    expectClose(layer.apply(inputOf(one), { training: true }) as Tensor, one.steps[0]?.output ?? []);
  });

  test.each(['eager', 'compiled'] as const)('has Keras’s weights after three steps, %s', async (engine) => {
    const model = modelOf(one);
    const layer = getLayer(model, { index: 0 });
    const output = layer.apply(inputOf(one)) as Tensor;
    const weighted = (yTrue: Tensor, yPred: Tensor): Tensor => tf.sum(tf.mul(yTrue, yPred));
    compile(model, { loss: weighted, optimizer: optimizerSgd({ learningRate: 0.1 }) });
    for (const step of one.steps) {
      await fit(model, inputOf(one), grid(output.shape, 500), { epochs: 1, batchSize: 2, shuffle: false, verbose: 0, engine }); // prettier-ignore
      layer.weights.forEach((weight, index) => expectClose(weight.read(), step.weights[index] ?? []));
    }
    expectClose(await predict(model, inputOf(one)), one.predicted);
  });
});

test.each([['SGD', () => optimizerSgd({ momentum: 0.9 })], ['Adam', () => optimizerAdam()], ['Adam, clipped', () => optimizerAdam({ clipnorm: 0.1 })]] as const)(
  'several steps of %s in one run are those of the eager engine',
  async (_, optimizer) => {
    const run = async (engine: 'eager' | 'compiled'): Promise<number[]> => {
      setRandomSeed(4);
      const model = pipe(
        kerasModelSequential({ inputShape: [6] }),
        layerSpectralNormalization({ layer: layerDense({ units: 5, activation: 'relu', kernelConstraint: 'max_norm' }) }),
        layerDense({ units: 1 }),
        compile({ loss: 'mse', optimizer: optimizer() }),
      );
      const [x, y] = [tf.randomNormal([24, 6], 0, 1, 'float32', 1), tf.randomNormal([24, 1], 0, 1, 'float32', 2)];
      const history = await fit(model, x, y, { epochs: 2, batchSize: 8, verbose: 0, engine });
      expect(history.params.engine).toBe(engine);
      return [...history.metrics.loss, ...model.tf.getWeights().flatMap((weight) => [...weight.dataSync()])];
    };
    const [eager, compiled] = [await run('eager'), await run('compiled')];
    compiled.forEach((value, index) => expect(value).toBeCloseTo(eager[index] ?? NaN, 5));
  },
); // prettier-ignore

test('after many steps the largest singular value is 1', () => {
  setRandomSeed(2);
  const model = pipe(
    kerasModelSequential({ inputShape: [6] }),
    layerSpectralNormalization({ layer: layerDense({ units: 4, kernelInitializer: 'random_normal' }) }),
  );
  const layer = getLayer(model, { index: 0 });
  for (let step = 0; step < 60; step++) layer.apply(tf.zeros([1, 6]), { training: true });
  const kernel = layer.weights[0]?.read().arraySync() as number[][];
  // The largest eigenvalue of WᵀW, by many power iterations in double precision.
  let vector = [1, 1, 1, 1];
  let value = 0;
  for (let iteration = 0; iteration < 500; iteration++) {
    const image = kernel.map((row) =>
      row.reduce((sum, weight, index) => sum + weight * (vector[index] ?? 0), 0),
    );
    const back = vector.map((_, index) =>
      kernel.reduce((sum, row, place) => sum + (row[index] ?? 0) * (image[place] ?? 0), 0),
    );
    value = Math.hypot(...back);
    vector = back.map((number) => number / value);
  }
  expect(Math.sqrt(value)).toBeCloseTo(1, 4);
});

test('what does not fit', () => {
  const input = all.layerInput({ shape: [4, 3] });
  expect(() => layerSpectralNormalization({} as never)).toThrow('the option `layer` is required');
  expect(() => layerSpectralNormalization({ layer: 3 as never })).toThrow(
    'layerSpectralNormalization: `layer` must be a layer step or a model. Received: 3.',
  );
  expect(() => layerSpectralNormalization({ layer: layerDense({ units: 1 }), powerIterations: 0 })).toThrow(
    '`powerIterations` must be a positive integer',
  );
  expect(() => layerSpectralNormalization(input, { layer: all.layerConv2d({ filters: 1, kernelSize: 2 }) })).toThrow(
    'needs input of 4 dimensions, the batch axis included',
  );
  for (const layer of [layerMaxPooling1d(), layerLstm({ units: 2 })])
    expect(() => layerSpectralNormalization(input, { layer })).toThrow('the layer inside must have one kernel, or embeddings.');
}); // prettier-ignore
