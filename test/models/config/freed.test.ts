import {
  cloneModel,
  kerasModel,
  kerasModelSequential,
  layerDense,
  layerInput,
  layerModel,
  modelFromJson,
  modelToJson,
  pipe,
  predictOnBatch,
  tf,
  timeDistributed,
  type KerasModel,
} from '../../../src/index';
import { tensorCount } from '../../support/tensors';

const inner = () => pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3] }));
const graph = () => {
  const x = layerInput({ shape: [3] });
  return kerasModel(x, pipe(x, layerModel(inner()), layerDense({ units: 1 })));
};
const models: Readonly<Record<string, () => KerasModel>> = {
  'a stack in a stack': () => pipe(kerasModelSequential(), layerModel(inner()), layerDense({ units: 1 })),
  'a stack in a graph': graph,
  'a graph in a stack': () => pipe(kerasModelSequential(), layerModel(graph()), layerDense({ units: 1 })),
  'a stack in a stack in a graph': () => {
    const x = layerInput({ shape: [3] });
    return kerasModel(x, pipe(x, layerModel(pipe(kerasModelSequential(), layerModel(inner())))));
  },
  'a layer for each time': () =>
    pipe(kerasModelSequential(), timeDistributed({ layer: layerDense({ units: 2 }), inputShape: [4, 3] })),
};

describe.each(Object.entries(models))('%s', (_, make) => {
  test('that was read is freed whole, with the models inside', () => {
    const json = modelToJson(make());
    const before = tensorCount();
    const read = modelFromJson(json);
    expect(tensorCount()).toBeGreaterThan(before);
    read.dispose();
    expect(tensorCount()).toBe(before);
  });

  test('whose last layer is refused leaves nothing', () => {
    const config = JSON.parse(modelToJson(make())) as { config: { layers: { class_name: string }[] } };
    const last = config.config.layers.at(-1);
    if (last !== undefined) last.class_name = 'Dese';
    const before = tensorCount();
    expect(() => modelFromJson(JSON.stringify(config))).toThrow('Dese');
    expect(tensorCount()).toBe(before);
  });
});

test('a model inside, taken by hand, lives as long as the one that it is in', () => {
  const read = modelFromJson(modelToJson(graph()));
  const part = read.layers.find(({ name }) => name.startsWith('sequential'));
  expect(part).toBeDefined();
  const x = tf.ones([1, 3]);
  const before = (predictOnBatch(read, x) as ReturnType<typeof tf.ones>).dataSync()[0];
  const clone = cloneModel(read);
  clone.dispose();
  expect((predictOnBatch(read, x) as ReturnType<typeof tf.ones>).dataSync()[0]).toBe(before);
  read.dispose();
});
