/** Which layers `npm run test:keras` takes to Keras and back. */
import * as all from '../../src/index';
import { notLayers } from '../layers/table';
import { WRITERS } from './formats';
import { layerModels, NOT_FOR_KERAS } from './layers';
import { KERAS_3_LIMITS } from './limits';
import { TRAINED } from './models';

const exported = Object.keys(all).filter(
  (name) => /^(?:layer[A-Z]|bidirectional$|timeDistributed$)/.test(name) && !notLayers.includes(name),
);
const taken = new Set(layerModels().flatMap(({ functionNames }) => functionNames));

test('every layer goes to Keras, or there is a reason', () => {
  const left = exported.filter((name) => !taken.has(name) && NOT_FOR_KERAS[name] === undefined);
  expect(left).toEqual([]);
});

test('the reasons are of layers that do not go', () => {
  for (const name of Object.keys(NOT_FOR_KERAS)) {
    expect(exported).toContain(name);
    expect(taken).not.toContain(name);
  }
});

test('what Keras 3 does not take are models that go', () => {
  const names = [...layerModels().map(({ name }) => name), ...Object.keys(TRAINED)];
  for (const [name, limits] of Object.entries(KERAS_3_LIMITS)) {
    expect(names).toContain(name);
    const endings = Object.keys(limits).map((key) => key.replace(/^written/, ''));
    expect(Object.keys(WRITERS)).toEqual(expect.arrayContaining(endings));
  }
});

test('the names of models differ', () => {
  const names = layerModels().map(({ name }) => name);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  expect(names.length).toBeGreaterThan(85);
});
