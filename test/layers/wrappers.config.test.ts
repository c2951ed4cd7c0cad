/** Layers around layers, and cells, out of their configurations, and in keras-pipe/fp. */
import * as E from 'fp-ts/Either';
import {
  bidirectional,
  countParams,
  fromConfig,
  getConfig,
  getWeights,
  kerasModel,
  kerasModelSequential,
  layerDense,
  layerGru,
  layerGruCell,
  layerInput,
  layerLstm,
  layerLstmCell,
  layerRnn,
  pipe,
  predictOnBatch,
  setWeights,
  shared,
  timeDistributed,
  type SequentialModel,
  type SymbolicTensor,
  type Tensor,
} from '../../src/index';
import fp from '../../src/fp';
import { distance, waves } from './support';

const [STEPS, FEATURES] = [5, 3];

describe('configurations', () => {
  test.each<[string, () => SequentialModel]>([
    [
      'bidirectional',
      () =>
        pipe(
          kerasModelSequential({ inputShape: [STEPS, FEATURES] }),
          bidirectional({ layer: layerLstm({ units: 2 }), mergeMode: 'mul' }),
        ),
    ],
    [
      'with another layer',
      () =>
        pipe(
          kerasModelSequential({ inputShape: [STEPS, FEATURES] }),
          bidirectional({
            layer: layerLstm({ units: 2 }),
            backwardLayer: layerGru({ units: 3, goBackwards: true }),
          }),
        ),
    ],
    [
      'timeDistributed',
      () =>
        pipe(
          kerasModelSequential({ inputShape: [STEPS, FEATURES] }),
          timeDistributed(layerDense({ units: 2 })),
        ),
    ],
    [
      'cells',
      () =>
        pipe(
          kerasModelSequential({ inputShape: [STEPS, FEATURES] }),
          layerRnn({
            cell: [layerLstmCell({ units: 2 }), layerGruCell({ units: 3 })],
            returnSequences: true,
          }),
        ),
    ],
    [
      'a cell',
      () =>
        pipe(
          kerasModelSequential({ inputShape: [STEPS, FEATURES] }),
          layerRnn({ cell: layerGruCell({ units: 3, resetAfter: false }) }),
        ),
    ],
  ])('%s', (_, make) => {
    // prettier-ignore
    const model = make();
    const back = fromConfig(getConfig(model)) as SequentialModel;
    expect(countParams(back)).toBe(countParams(model));
    setWeights(back, getWeights(model));
    const x = waves([2, STEPS, FEATURES], 0.3);
    expect(distance(predictOnBatch(back, x), predictOnBatch(model, x))).toBeLessThan(1e-7);
  });

  test('an encoder and a decoder', () => {
    const [source, target] = [layerInput({ shape: [null, 3] }), layerInput({ shape: [null, 2] })];
    const [, h, c] = layerLstm(source, { units: 4, returnState: true });
    const decoder = shared(layerLstm({ units: 4, returnSequences: true }));
    const once = decoder(target, { initialState: [h, c] });
    const [, ...states] = bidirectional(source, layerGru({ units: 4, returnState: true }));
    const both = bidirectional(target, { layer: layerGru({ units: 4 }), initialState: states });
    const model = kerasModel([source, target], [once, decoder(target), both]);
    const back = fromConfig(getConfig(model)) as typeof model;
    setWeights(back, getWeights(model));
    const x = [waves([2, 5, 3], 0.3), waves([2, 3, 2], 0.6)];
    const [ours, again] = [model, back].map((one) => predictOnBatch(one, x) as unknown as Tensor[]);
    expect(ours).toHaveLength(3);
    ours?.forEach((output, index) => expect(distance(again?.[index] as Tensor, output)).toBeLessThan(1e-7));
  });

  test('two outputs stay two', () => {
    const input: SymbolicTensor = layerInput({ shape: [STEPS, FEATURES] });
    const model = kerasModel(input, bidirectional(input, { layer: layerGru({ units: 2 }), mergeMode: null }));
    const back = fromConfig(getConfig(model)) as typeof model;
    expect(back.tf.outputs).toHaveLength(2);
  });
});

test('in keras-pipe/fp a mistake of the layer inside is a Left', () => {
  const right = pipe(
    fp.kerasModelSequential({ inputShape: [3, 1] }),
    E.chain(fp.bidirectional(fp.layerLstm({ units: 2 }))),
  );
  expect(E.isRight(right)).toBe(true);
  const left = pipe(
    fp.kerasModelSequential({ inputShape: [3, 1] }),
    E.chain(fp.bidirectional(fp.layerLstm({ units: -2 }))),
  );
  expect(E.isLeft(left)).toBe(true);
});
