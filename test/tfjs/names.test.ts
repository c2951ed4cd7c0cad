import {
  compile,
  fit,
  kerasModel,
  kerasModelSequential,
  layerBatchNormalization,
  layerDense,
  layerInput,
  layerLstm,
  pipe,
  popLayer,
} from '../../src/index';
import { tf } from '../../src/tfjs/tensorflow';
import { nameCounts } from '../../src/tfjs/names';
import { collectForgotten } from '../support/tensors';

const counts = nameCounts() as ReadonlyMap<string, number>;
const variables = (): string[] => Object.keys(tf.engine().registeredVariables);

test('the map of the names of weights is found, and what found it leaves nothing', () => {
  expect(counts).toBeInstanceOf(Map);
  expect([...counts.keys()].filter((name) => name.includes('probe'))).toEqual([]);
  // The probe was a method of all maps for a moment.
  expect(String(Object.getOwnPropertyDescriptor(Map.prototype, 'has')?.value)).toContain('[native code]');
});

test('another weight gets another name, by number, and the map takes no room for it', () => {
  const weights = ['two', 'two', 'two', 'two_1', 'two_7', 'two'].map(
    (name) => new tf.LayerVariable(tf.scalar(0), 'float32', name),
  );
  expect(weights.map(({ name }) => name)).toEqual(['two', 'two_1', 'two_2', 'two_1_1', 'two_7', 'two_3']);
  expect([...counts.keys()].filter((name) => name.startsWith('two'))).toEqual(['two', 'two_1', 'two_7']);
  for (const weight of weights) weight.dispose();
});

test('the map has the names of weights that are there', () => {
  const model = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [2], name: 'seen' }));
  expect(counts.get('seen/kernel')).toBe(1);
  model.dispose();
  expect(counts.has('seen/kernel')).toBe(false);
});

let count = 1;

describe('names of weights and outputs go with the model', () => {
  const makers: [string, () => unknown][] = [
    [
      'of a stack',
      () =>
        pipe(
          kerasModelSequential(),
          layerDense({ units: 2, inputShape: [3, 1] }),
          layerBatchNormalization(),
          layerLstm({ units: 2 }),
          layerDense({ units: 1 }),
        ).dispose(),
    ],
    [
      'of a graph, whose layers are renamed',
      () => {
        const input = layerInput({ shape: [2] });
        kerasModel(input, [layerDense(input, { units: 1 }), layerDense(input, { units: 1 })]).dispose();
      },
    ],
    [
      'of a layer that is taken off',
      () => {
        const model = pipe(
          kerasModelSequential(),
          layerDense({ units: 2, inputShape: [3] }),
          layerDense({ units: 1 }),
        );
        popLayer(model);
        model.dispose();
      },
    ],
    [
      'of a trained model',
      async () => {
        const model = pipe(
          kerasModelSequential(),
          layerDense({ units: 1, inputShape: [1] }),
          compile({ optimizer: 'adam', loss: 'mse' }),
        );
        await fit(model, [1, 2, 3], [1, 2, 3], { verbose: 0, epochs: 2, engine: 'compiled' });
        model.dispose();
      },
    ],
    [
      'of a layer that could not be connected',
      () => {
        const model = pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3] }));
        expect(() => layerLstm(model, { units: 2 })).toThrow();
        model.dispose();
      },
    ],
    [
      'of a model of tfjs',
      () =>
        tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2], name: 'own' })] }).dispose(),
    ],
    [
      'of layers that the user named, each differently',
      () =>
        pipe(
          kerasModelSequential(),
          layerDense({ units: 1, inputShape: [2], name: `named_${count++}` }),
          layerDense({ units: 1, name: `other${count++}` }),
        ).dispose(),
    ],
  ];

  test.each(makers)('%s', async (_, make) => {
    // The first of a kind brings the counts of its names.
    for (let time = 0; time < 2; time++) await make();
    await collectForgotten();
    const [names, before] = [new Set(counts.keys()), variables().length];
    for (let time = 0; time < 5; time++) await make();
    expect([...counts.keys()].filter((name) => !names.has(name))).toEqual([]);
    expect(variables()).toHaveLength(before);
  });

  test('weights that are there keep names that differ', () => {
    const make = () => pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [2], name: 'twin' }));
    const models = [make(), make(), make()];
    models[1]?.dispose();
    models.push(make(), make());
    models[0]?.dispose();
    models.push(make(), make());
    const names = models
      .filter(({ isDisposed }) => !isDisposed)
      .flatMap((model) => model.tf.weights.map(({ name }) => name));
    expect(new Set(names).size).toBe(names.length);
    expect(names).toHaveLength(10);
    for (const model of models) model.dispose();
  });
});
