/** States that come into a layer of several cells: Keras 2.13 has those of a cell with several in a list of their own. */
import {
  kerasModel,
  layerGruCell,
  layerInput,
  layerLstmCell,
  layerRnn,
  layerSimpleRnnCell,
  modelFromJson,
  modelToJson,
  outputShape,
  predict,
  getWeights,
  setWeights,
  tf,
} from '../../../src/index';

const model = () => {
  const x = layerInput({ shape: [4, 3], name: 'x' });
  const states = ['a', 'b', 'c', 'd'].map((name) => layerInput({ shape: [2], name }));
  const cell = [layerLstmCell({ units: 2 }), layerGruCell({ units: 2 }), layerSimpleRnnCell({ units: 2 })];
  return kerasModel([x, ...states], layerRnn(x, { cell, initialState: states, name: 'rnn' }));
};

interface Written {
  readonly config: { readonly layers: readonly { readonly name: string; readonly inbound_nodes: unknown }[] };
}

test('is written as Keras writes it, and read', async () => {
  const made = model();
  const json = modelToJson(made);
  const { layers } = (JSON.parse(json) as Written).config;
  // As K.Model([x, *states], L.RNN(cells)(x, initial_state=[[a, b], c, d])).to_json() has it.
  expect(layers.find(({ name }) => name === 'rnn')?.inbound_nodes).toEqual([
    [['x', 0, 0, {}], [['a', 0, 0, {}], ['b', 0, 0, {}]], ['c', 0, 0, {}], ['d', 0, 0, {}]],
  ]); // prettier-ignore
  const again = modelFromJson(json);
  expect(outputShape(again)).toEqual([null, 2]);
  setWeights(again, getWeights(made));
  const data = [tf.ones([1, 4, 3]), ...[1, 2, 3, 4].map((value) => tf.fill([1, 2], value / 4))];
  expect((await predict(again, data)).arraySync()).toEqual((await predict(made, data)).arraySync());
});
