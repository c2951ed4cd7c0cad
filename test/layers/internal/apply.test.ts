import {
  kerasModelSequential,
  layerDense,
  layerInput,
  pipe,
  tf,
  type Layer,
  type SymbolicTensor,
} from '../../../src/index';
import { ancestors, automaticBaseName, definedAt, freeName } from '../../../src/layers/internal/apply';

test('names are counted as Keras counts them: dense, dense_1, … but input_1, input_2, …', () => {
  expect(freeName('dense', new Set())).toBe('dense');
  expect(freeName('dense', new Set(['dense']))).toBe('dense_1');
  expect(freeName('dense', new Set(['dense', 'dense_1', 'dense_3']))).toBe('dense_2');
  expect(freeName('dense', new Set(['dense_1']))).toBe('dense');
  expect(freeName('input', new Set())).toBe('input_1');
  expect(freeName('input', new Set(['input_1']))).toBe('input_2');
});

test('the layers that a tensor comes from, each once, however often the paths meet', () => {
  const input = layerInput({ shape: [1] });
  // Ten times two branches that meet again are a thousand paths.
  const top = Array.from({ length: 10 }).reduce<SymbolicTensor>((tensor) => {
    const branches = [layerDense(tensor, { units: 1 }), layerDense(tensor, { units: 1 })];
    return tf.layers.add().apply(branches) as SymbolicTensor;
  }, input);
  expect(ancestors([top]).size).toBe(1 + 10 * 3);
  expect(ancestors([input]).size).toBe(1);
});

test('what is remembered of a layer: its own kind of name, and the line that added it', () => {
  const model = pipe(kerasModelSequential({ inputShape: [2] }), layerDense({ units: 1 }), layerDense({ units: 1, name: 'out' })); // prettier-ignore
  const [dense, out] = model.layers as [Layer, Layer];
  expect(automaticBaseName(dense)).toBe('dense');
  expect(automaticBaseName(out)).toBeUndefined();
  expect(definedAt(dense)).toMatch(/apply\.test\.ts:\d+$/);
  expect(definedAt(tf.layers.flatten())).toBeUndefined();
});
