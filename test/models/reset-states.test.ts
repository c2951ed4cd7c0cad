import {
  bidirectional,
  kerasModelSequential,
  layerConvLstm1d,
  layerDense,
  layerGru,
  layerModel,
  layerRnn,
  layerSimpleRnnCell,
  pipe,
  predictOnBatch,
  resetStates,
  tf,
  type SequentialModel,
  type Tensor,
} from '../../src/index';

const values = (tensor: Tensor): number[] => [...tensor.dataSync()];
const sequence = { stateful: true, batchInputShape: [1, 3, 2] } as const;

const inModel = (step: (model: SequentialModel) => SequentialModel): SequentialModel =>
  pipe(kerasModelSequential(), step);

test.each<[string, () => SequentialModel, number[]]>([
  ['a recurrent layer', () => inModel(layerGru({ units: 2, ...sequence })), [1, 3, 2]],
  ['a cell', () => inModel(layerRnn({ cell: layerSimpleRnnCell({ units: 2 }), ...sequence })), [1, 3, 2]],
  [
    'a convolutional one',
    () =>
      inModel(layerConvLstm1d({ filters: 1, kernelSize: 2, stateful: true, batchInputShape: [1, 3, 4, 1] })),
    [1, 3, 4, 1],
  ],
  ['both directions', () => inModel(bidirectional(layerGru({ units: 2, ...sequence }))), [1, 3, 2]],
  ['an inner model', () => inModel(layerModel(inModel(layerGru({ units: 2, ...sequence })))), [1, 3, 2]],
])('the states of %s begin anew', (_, make, shape) => {
  const model = make();
  const x = tf.ones(shape);
  const first = values(predictOnBatch(model, x));
  expect(values(predictOnBatch(model, x))).not.toEqual(first);
  expect(resetStates(model)).toBe(model);
  expect(values(predictOnBatch(model, x))).toEqual(first);
  expect(pipe(model, resetStates)).toBe(model);
  predictOnBatch(model, x);
  const [layer] = model.layers;
  if (layer !== undefined) expect(resetStates(layer)).toBe(layer);
  expect(values(predictOnBatch(model, x))).toEqual(first);
});

test('a model without states stays as it is, and something else is an error', () => {
  const model = inModel(layerDense({ units: 1, inputShape: [2] }));
  expect(resetStates(model)).toBe(model);
  expect(() => resetStates(3 as never)).toThrow('resetStates: `model` must be a model');
});
