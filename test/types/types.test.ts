import { readdirSync } from 'node:fs';
import { compileAll, type Mistake } from './compiler';

const HEADER = `
import * as k from '../../src/index';
import { compile, fit, flow, layerDense, layerFlatten, layerInput, pipe, popLayer, predict, summary } from '../../src/index';
import { arrayReshape, countParams, kerasModel, layerModel, layerTf, outputShape, padSequences, toCategorical } from '../../src/index';
import * as fp from '../../src/fp/index';
declare const model: k.SequentialModel;
declare const graph: k.FunctionalModel;
declare const input: k.SymbolicTensor;
declare const x: number[][];
declare const y: number[];
`;

/** Programs with one mistake each, in a line that says so, and what the compiler marks. */
const MISTAKES: readonly [program: string, marked: string | RegExp][] = [
  [
    `export const a = pipe(
       model,
       layerDense({ units: 4 }),
       layerDense({ unit: 3 }), // mistake
       layerFlatten(),
       summary,
       compile({ loss: 'mse' }),
     );`,
    'unit',
  ],
  [
    `export const a = pipe(
       model,
       layerFlatten({ nam: 'flat' }), // mistake
       layerDense({ units: 1 }),
       compile({ loss: 'mse' }),
     );`,
    'nam',
  ],
  [
    `export const a = pipe(
       model,
       layerDense({ units: 3, activation: 'rellu' }), // mistake
       layerDense({ units: 1 }),
     );`,
    'activation',
  ],
  [
    `export const a = pipe(
       model,
       layerDense({ activation: 'relu' }), // mistake
       layerDense({ units: 1 }),
     );`,
    "{ activation: 'relu' }",
  ],
  [
    `export const a = pipe(
       model,
       layerDense({ units: '3' }), // mistake
       popLayer,
       compile({ loss: 'mse' }),
     );`,
    'units',
  ],
  [
    `export const a = pipe(
       model,
       compile({ loss: 'mse', optimizer: 'adamm' }), // mistake
       summary(),
       countParams,
     );`,
    'optimizer',
  ],
  [
    `export const a = pipe(
       model,
       compile({ optimizer: 'adam' }), // mistake
       summary,
       countParams,
     );`,
    "{ optimizer: 'adam' }",
  ],
  [
    `export const a = pipe(
       model,
       summary({ lineLenth: 50 }), // mistake
       compile({ loss: 'mse' }),
     );`,
    'lineLenth',
  ],
  [
    `export const a = pipe(
       model,
       summary({ lineLength: 50, prnt: 3 }), // mistake
       compile({ loss: 'mse' }),
     );`,
    'prnt',
  ],
  [
    `export const a = async () => {
       const history = await pipe(
         model,
         compile({ loss: 'mse' }),
         fit(x, y, { epoch: 5 }), // mistake
       );
       return history.metrics.loss;
     };`,
    'fit',
  ],
  [
    `export const a = async () => {
       const history = await pipe(
         model,
         fit(x, { epochs: 5 }), // mistake
       );
       return history.metrics.loss;
     };`,
    '{ epochs: 5 }',
  ],
  [
    `export const a = async () => {
       const output = await pipe(
         model,
         predict(x, { batchsize: 5 }), // mistake
       );
       return output.shape;
     };`,
    'predict',
  ],
  [
    `export const a = pipe(
       input,
       layerDense({ units: 3 }),
       compile({ loss: 'mse' }), // mistake
       summary,
     );`,
    "compile({ loss: 'mse' })",
  ],
  [
    `export const a = pipe(
       graph,
       layerDense({ units: 3 }), // mistake
       summary,
     );`,
    'layerDense({ units: 3 })',
  ],
  [
    `export const a = pipe(
       graph,
       popLayer, // mistake
       summary,
     );`,
    'popLayer',
  ],
  [
    `export const a = pipe(
       y,
       toCategorical({ numClass: 3 }), // mistake
       arrayReshape([-1, 3]),
     );`,
    'numClass',
  ],
  [
    `export const a = pipe(
       [[1], [2, 3]],
       padSequences({ maxlen: '5' }), // mistake
       toCategorical(10),
     );`,
    'maxlen',
  ],
  [
    `export const a = pipe(
       y,
       toCategorical(3),
       arrayReshape('wide'), // mistake
       k.normalize(),
     );`,
    "'wide'",
  ],
  [
    `export const a = pipe(
       model,
       layerDense({ units: 3 }),
       toCategorical(3), // mistake
     );`,
    'toCategorical(3)',
  ],
  [
    `export const a = pipe(
       model,
       layerDense({ units: 3 }),
       k.vectorizeSequences(), // mistake
     );`,
    'k.vectorizeSequences()',
  ],
  [
    `export const a = pipe(
       input,
       layerDense({ units: 3 }),
       k.layerConcatenate(), // mistake
       layerDense({ units: 3 }),
     );`,
    'k.layerConcatenate()',
  ],
  [
    `export const a = pipe(
       input,
       layerDense({ units: 3 }),
       countParams(), // mistake
     );`,
    'countParams()',
  ],
  [
    `export const a = pipe(
       input,
       layerDense({ units: 3 }),
       k.getWeights(), // mistake
     );`,
    'k.getWeights()',
  ],
  [
    `export const a = pipe(
       input,
       fp.layerDense({ units: 3 }),
       fp.E.chain(fp.layerConcatenate()), // mistake
     );`,
    'fp.layerConcatenate()',
  ],
  [
    `const block = flow(
       layerDense({ units: 3 }),
       layerDense({ units: 3, activaton: 'relu' }), // mistake
     );
     export const a = pipe(model, block, block, summary);`,
    'activaton',
  ],
  [
    `export const a = pipe(
       model,
       layerTf('dense'), // mistake
       layerModel(graph),
       summary,
     );`,
    "'dense'",
  ],
  [
    `export const a = async () => {
       const output = await predict(kerasModel(input, [input, input]), x);
       return output.shape; // mistake
     };`,
    'shape',
  ],
  [
    `export const a = outputShape(
       input, // mistake
     );`,
    'input',
  ],
];

const name = (index: number): string => `test/types/mistake-${index}.ts`;
const files = readdirSync(__dirname).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));

// One program for all, since each costs seconds.
let all: Mistake[];
beforeAll(() => {
  const texts = new Map(MISTAKES.map(([program], index) => [name(index), `${HEADER}${program}`]));
  all = compileAll(
    files.map((file) => `test/types/${file}`),
    texts,
  );
});

test('what must compile compiles, and what must not does not', () => {
  expect(files).toEqual(expect.arrayContaining(['calls.ts', 'layers.ts']));
  expect(all.filter(({ file }) => !file.includes('mistake-'))).toEqual([]);
});

test.each(
  MISTAKES.map(
    ([program, marked], index) =>
      [
        program
          .split('\n')
          .find((line) => line.includes('// mistake'))
          ?.trim(),
        index,
        program,
        marked,
      ] as const,
  ),
)('one mistake is one error, at its place: %s', (_, index, program, marked) => {
  const found = all.filter(({ file }) => file === name(index));
  const line = `${HEADER}${program}`.split('\n').findIndex((text) => text.includes('// mistake')) + 1;
  expect(found).toEqual([expect.objectContaining({ line, marked })]);
});
