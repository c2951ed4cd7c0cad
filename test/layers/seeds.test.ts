/** What `setRandomSeed` promises of the weights that a layer begins with: the same seed, the same numbers. */
import { layerInput, setRandomSeed, type SymbolicTensor } from 'keras-pipe';
import { layerCases } from '../persistence/support/case-models';
import { applyCase } from './reference/apply';
import type { Case } from './reference/cases';
import { mergeRows, rows } from './table';

const typeOf = ({ ids, bools = [] }: Case, index: number) =>
  bools.includes(index) ? 'bool' : ids === undefined ? 'float32' : 'int32';

/** Layers by what they are called: those of the table, and those whose numbers Keras has computed, with more options. */
const layers: [string, () => SymbolicTensor | SymbolicTensor[]][] = [
  ...rows.map((row): [string, () => SymbolicTensor] => [
    `${row.functionName} ${row.about ?? ''}`,
    () =>
      row.plain(layerInput({ shape: [...row.input], dtype: row.ids === undefined ? 'float32' : 'int32' })),
  ]),
  ...mergeRows.map((row): [string, () => SymbolicTensor] => [
    row.functionName,
    () => row.plain(row.inputs.map((shape) => layerInput({ shape: [...shape] }))),
  ]),
  ...layerCases().map(({ title, one }): [string, () => SymbolicTensor[]] => [
    title,
    () =>
      applyCase(
        one,
        one.inputs.map((shape, index) => layerInput({ shape, dtype: typeOf(one, index) })),
      ),
  ]),
];

const weightsAfterSeed = (layer: () => SymbolicTensor | SymbolicTensor[]): number[][] => {
  setRandomSeed(7);
  const output = [layer()].flat()[0] as SymbolicTensor; // there is one
  return output.sourceLayer.getWeights().map((weight) => [...weight.dataSync()]);
};

test.each(layers)('%s begins with the same weights after the same seed', (_, layer) => {
  const first = weightsAfterSeed(layer);
  expect(weightsAfterSeed(layer)).toEqual(first);
});
