/** The layers that go to Keras and come back: of each class all cases that Keras has computed, else the rows of the layers' table. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { layerInput, tf, type SymbolicTensor, type Tensor } from '../../src/index';
import { applyCase } from '../layers/reference/apply';
import { casesOf, inputsOf, weightsOf, type Case } from '../layers/reference/cases';
import { mergeRows, rows } from '../layers/table';
import { wave } from '../persistence/support/case-models';

/** A layer on inputs of its own, and numbers for these. */
export interface AppliedLayer {
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
  readonly x: () => Tensor[];
}

/** What one model is made of. */
export interface LayerModel {
  readonly name: string;
  /** Keras's class. */
  readonly className: string;
  /** Whether its rows are steps, for any number of which some layers have no graph. */
  readonly isTimeFirst: boolean;
  /** The functions whose layers are in it. */
  readonly functionNames: readonly string[];
  readonly make: () => AppliedLayer[];
}

/** Why Keras reads some layers from no file. */
export const NOT_FOR_KERAS: Readonly<Record<string, string>> = {
  layerHashedCrossing: 'it crosses columns, which the tables have not',
  layerLambda: 'its function is a program’s own, which no file holds',
  layerStringLookup: 'it takes texts, which the tables have not',
  layerTextVectorization: 'it takes texts, which the tables have not',
  layerTf: 'it is a layer of a class that TensorFlow.js or a program has, and Keras has not',
};

/** Cases of a class that are a model of their own, which some formats or versions of Keras do not take, by what it is called. */
const VARIANTS: Readonly<Record<string, (one: Case) => boolean>> = {
  'time-first': ({ options }) => options['timeMajor'] === true,
  causal: ({ class: className, options }) =>
    className === 'SeparableConv1D' && options['padding'] === 'causal',
  'hard-sigmoid': ({ config }) => JSON.stringify(config).includes('"hard_sigmoid"'),
  'several-axes': ({ options }) => Array.isArray(options['axis']),
  'other-interpolation': ({ options }) =>
    /^(?:mitchellcubic|gaussian)$/.test(String(options['interpolation'])),
  far: ({ class: className, config }) => className === 'RandomZoom' && JSON.stringify(config).includes('2.9'),
};

const variantOf = (one: Case): string | undefined =>
  Object.keys(VARIANTS).find((name) => VARIANTS[name]?.(one));

const input = (shape: readonly number[], dtype: 'float32' | 'int32' | 'bool' = 'float32'): SymbolicTensor =>
  layerInput({ shape: [...shape], dtype });

const sourceOf = (outputs: readonly SymbolicTensor[]): SymbolicTensor['sourceLayer'] =>
  (outputs[0] as SymbolicTensor).sourceLayer; // there is one

const appliedCase = (one: Case): AppliedLayer => {
  const inputs = one.inputs.map((shape, index) =>
    input(shape, one.bools?.includes(index) === true ? 'bool' : one.ids === undefined ? 'float32' : 'int32'),
  );
  const outputs = applyCase(one, inputs);
  const layer = sourceOf(outputs);
  layer.setWeights(weightsOf(layer.weights));
  return { inputs, outputs, x: () => inputsOf(one) };
};

/** A row applied, with other weights than zeros and ones. */
const appliedRow = (
  inputs: readonly SymbolicTensor[],
  output: SymbolicTensor,
  x: () => Tensor[],
): AppliedLayer => {
  const layer = sourceOf([output]);
  layer.setWeights(
    layer.getWeights().map((weight, index) => tf.add(weight, tf.abs(tf.mul(wave(weight.shape, undefined), 0.1 + 0.05 * index)))), // prettier-ignore
  );
  return { inputs, outputs: [output], x };
};

/** The rows of one function. */
const rowsOf = (functionName: string): (() => AppliedLayer)[] => [
  ...rows
    .filter((row) => row.functionName === functionName && row.isNotSaved !== true)
    .map((row) => () => {
      const x = input(row.input, row.ids === undefined ? 'float32' : 'int32');
      return appliedRow([x], row.plain(x), () => [wave([2, ...row.input], row.ids)]);
    }),
  ...mergeRows
    .filter((row) => row.functionName === functionName)
    .map((row) => () => {
      const all = row.inputs.map((shape) => input(shape));
      return appliedRow(all, row.plain(all), () => row.inputs.map((shape) => wave([2, ...shape], undefined)));
    }),
];

/** All layers, by Keras's classes. */
export const layerModels = (): LayerModel[] => {
  const cases = readdirSync(path.join(__dirname, '../reference/layers'))
    .filter((file) => file.endsWith('.json'))
    .flatMap((file) => casesOf(path.basename(file, '.json')));
  const ofCases = [...new Set(cases.map((one) => one.class))].flatMap((className) =>
    [undefined, ...Object.keys(VARIANTS)].flatMap((variant): LayerModel[] => {
      const ofClass = cases.filter((one) => one.class === className && variantOf(one) === variant);
      if (ofClass.length === 0) return [];
      const name = variant === undefined ? className : `${className}-${variant}`;
      const functionNames = [...new Set(ofClass.map(({ layer }) => layer))];
      const isTimeFirst = variant === 'time-first';
      return [{ name, className, isTimeFirst, functionNames, make: () => ofClass.map(appliedCase) }];
    }),
  );
  const done = new Set([...cases.map(({ layer }) => layer), ...Object.keys(NOT_FOR_KERAS)]);
  const others = new Set([...rows, ...mergeRows].map(({ functionName }) => functionName).filter((name) => !done.has(name))); // prettier-ignore
  const ofRows = [...others].flatMap((functionName): LayerModel[] => {
    const all = rowsOf(functionName);
    const [first] = all;
    if (first === undefined) return [];
    const className = sourceOf(first().outputs).getClassName();
    return [
      {
        name: className,
        className,
        isTimeFirst: false,
        functionNames: [functionName],
        make: () => all.map((one) => one()),
      },
    ];
  });
  return [...ofCases, ...ofRows];
};
