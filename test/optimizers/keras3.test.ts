/** Twenty steps of optimizers that only Keras 3 has, and of gradients that are summed: test/reference/keras3/optimizers.py. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  compile,
  fit,
  kerasModelSequential,
  KerasArgumentError,
  layerDense,
  layerEmbedding,
  layerFlatten,
  optimizerAdafactor,
  optimizerAdam,
  optimizerLamb,
  optimizerMuon,
  optimizerSgd,
  setRandomSeed,
  tf,
  type Optimizer,
  type Tensor,
} from '../../src/index';
import { tensorCount } from '../support/tensors';
import { weightArrays } from '../support/weights';
import { distance, optimizerNamed, type Options, type Shaped } from './reference';

interface Reference {
  readonly start: (Shaped & { readonly name: string })[];
  readonly gradients: number[][][];
  readonly steps: number[];
  readonly updates: { name: string; options: Options; snapshots: number[][][] }[];
}

const reference = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/keras3/optimizers.json'), 'utf8'),
) as Reference; // as optimizers.py prints it

test.each(
  reference.updates.map((one, index) => [one.name, JSON.stringify(one.options), index, one] as const),
)('%s %s', (name, _options, index, { options, snapshots }) => {
  const optimizer = optimizerNamed(name, options);
  const variables = tf.tidy(() =>
    reference.start.map(({ shape, values, name: own }) =>
      tf.variable(tf.tensor(values, shape), true, `${own}/${index}`),
    ),
  );
  const held = tensorCount();
  reference.gradients.forEach((gradients, step) => {
    tf.tidy(() => {
      const shaped = gradients.map((values, one) => tf.tensor(values, reference.start[one]?.shape));
      optimizer.apply(shaped, variables);
    });
    const snapshot = reference.steps.indexOf(step + 1);
    variables.forEach((variable, one) => {
      const expected = snapshots[snapshot]?.[one];
      if (expected !== undefined) expect(distance([...variable.dataSync()], expected)).toBeLessThan(1e-5);
    });
  });
  expect(tensorCount()).toBe(held);
  optimizer.dispose();
  tf.dispose(variables);
});

describe('in fit both engines do the same', () => {
  const x = tf.keep(tf.tensor2d([[0, 1], [2, 3], [1, 0], [3, 2], [0, 3], [2, 1], [1, 1]], [7, 2])); // prettier-ignore
  const y = tf.keep(tf.tensor2d([[1], [0], [0.5], [-1], [2], [0], [1]]));
  const weightsBy = async (make: () => Optimizer, engine: 'eager' | 'compiled'): Promise<number[]> => {
    setRandomSeed(5);
    const model = kerasModelSequential();
    layerEmbedding(model, { inputDim: 4, outputDim: 3, inputLength: 2 });
    layerFlatten(model);
    layerDense(model, { units: 4, activation: 'tanh', kernelConstraint: 'max_norm' });
    layerDense(model, { units: 1 });
    compile(model, { optimizer: make(), loss: 'mse' });
    await fit(model, x, y, { epochs: 3, batchSize: 2, shuffle: false, verbose: 0, engine });
    return (weightArrays(model) as number[][]).flat(3);
  };

  test.each<[string, () => Optimizer]>([
    ['LAMB', () => optimizerLamb({ learningRate: 0.05 })],
    ['Adafactor', () => optimizerAdafactor({ learningRate: 0.05 })],
    ['Muon', () => optimizerMuon({ learningRate: 0.05 })],
    [
      'summed gradients',
      () =>
        optimizerAdam({
          learningRate: 0.05,
          gradientAccumulationSteps: 3,
          clipnorm: 1,
          useEma: true,
          emaOverwriteFrequency: 2,
          weightDecay: 0.01,
        }),
    ],
  ])('%s', async (_name, make) => {
    const [eager, compiled] = [await weightsBy(make, 'eager'), await weightsBy(make, 'compiled')];
    expect(distance(compiled, eager)).toBeLessThan(1e-5);
    expect(eager.every(Number.isFinite)).toBe(true);
  });

  test('gradients of batches that are summed are those of one large batch', async () => {
    const weightsAfter = async (batchSize: number, gradientAccumulationSteps?: number): Promise<unknown> => {
      const model = layerDense(kerasModelSequential({ inputShape: [2] }), {
        units: 1,
        kernelInitializer: 'ones',
      });
      compile(model, {
        optimizer: optimizerSgd({ learningRate: 0.1, gradientAccumulationSteps }),
        loss: 'mse',
      });
      await fit(model, tf.slice(x, 0, 6), tf.slice(y, 0, 6), {
        epochs: 2,
        batchSize,
        shuffle: false,
        verbose: 0,
      });
      return (weightArrays(model) as number[][]).flat(3).map((value) => value.toFixed(5));
    };
    expect(await weightsAfter(2, 3)).toEqual(await weightsAfter(6));
  });
});

test('a schedule counts all steps, as in Keras', () => {
  const rates: number[] = [];
  const optimizer = optimizerSgd({
    learningRate: (step) => {
      rates.push(step);
      return 0.1;
    },
    gradientAccumulationSteps: 2,
  });
  const variable: tf.Variable = tf.variable(tf.zeros([1]));
  const gradient: Tensor = tf.ones([1]);
  for (let step = 0; step < 4; step++) optimizer.apply([gradient], [variable]);
  expect(rates).toEqual([0, 1, 2, 3]);
  expect(variable.dataSync()[0]).toBeCloseTo(-0.2, 6);
});

test.each<[() => unknown, string]>([
  [
    () => optimizerSgd({ gradientAccumulationSteps: 1 }),
    '`gradientAccumulationSteps` must be an integer of 2 or more',
  ],
  [
    () => optimizerAdam({ gradientAccumulationSteps: 2, globalClipnorm: 1 }),
    '`globalClipnorm` does not go with `gradientAccumulationSteps`',
  ],
  [() => optimizerLamb({ beta1: 1 }), '`beta1` must be a number of 0 or more and below 1'],
  [() => optimizerAdafactor({ clipThreshold: 0 }), '`clipThreshold` must be a positive number'],
  [() => optimizerMuon({ nsSteps: 0 }), '`nsSteps` must be a positive integer'],
  [() => optimizerMuon({ excludeLayers: ['('] }), '`excludeLayers` must be an array of regular expressions'],
  [() => optimizerMuon({ beta1: 0.5 } as never), 'the unknown option `beta1`'],
])('%#: options out of range are refused', (make, message) => {
  expect(make).toThrow(KerasArgumentError);
  expect(make).toThrow(message);
});
