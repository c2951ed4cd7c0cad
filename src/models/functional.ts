import { refuseSurplus } from '../base/function-name';
import type { LayersModel, Sequential, SymbolicTensor } from '@tensorflow/tfjs';
import { makeModel } from '../tfjs/run-graph';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { checkOptions, layerName, optional, type OptionChecks } from '../base/checks';
import { describe, KerasArgumentError } from '../base/errors';
import { ancestors, automaticBaseName, freeName } from '../layers/internal/apply';
import { isUnnamedInput } from '../layers/internal/input-names';
import { isSymbolicTensor, type Layer as TfjsLayer } from '../layers/internal/target';
import { FunctionalModel } from './functional-model';
import type { KerasModel, Prediction } from './model';
import { nextModelName } from './names';
import type { SequentialModel } from './sequential';
import { wrapperOf } from './wrapper';
import { isRetained } from './ref-counts';

/**
 * Gives the layers of a new model their final names. A symbolic tensor does not know its model, so two branches may
 * both have a `dense`; here the second becomes `dense_1`, in the order in which they were made. The names of layers that
 * are in a model already stay.
 */
const settleNames = (layers: ReadonlySet<TfjsLayer>): void => {
  const baseOf = (layer: TfjsLayer): string | undefined =>
    isRetained(layer) ? undefined : isUnnamedInput(layer) ? 'input' : automaticBaseName(layer);
  const inOrder = [...layers].sort((a, b) => a.id - b.id);
  const taken = new Set<string>();
  for (const layer of inOrder.filter((candidate) => baseOf(candidate) === undefined)) {
    if (taken.has(layer.name)) {
      throw new KerasArgumentError({
        function: 'kerasModel',
        argument: 'name',
        expected: "layers' names must differ within a model",
        received: `two layers named '${layer.name}'`,
        advice: 'Give one of them another name',
      });
    }
    taken.add(layer.name);
  }
  for (const layer of inOrder) {
    const base = baseOf(layer);
    if (base === undefined) continue;
    rename(layer, freeName(base, taken));
    taken.add(layer.name);
  }
};

/** Gives a layer another name. tfjs puts it before the names of the weights, by which they are saved. */
const rename = (layer: TfjsLayer, name: string): void => {
  if (layer.name === name) return;
  const before = `${layer.name}/`;
  for (const weight of layer.weights) {
    if (!weight.originalName.startsWith(before)) continue;
    Object.assign(weight, { originalName: `${name}/${weight.originalName.slice(before.length)}` });
  }
  layer.name = name;
};

const listOf = (argument: string, value: unknown): SymbolicTensor[] => {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (list.length > 0 && list.every(isSymbolicTensor)) return list;
  throw new KerasArgumentError({
    function: 'kerasModel',
    argument,
    expected: `\`${argument}\` must be ${argument === 'inputs' ? 'what layerInput() gave' : 'an output of a layer'}, or an array of them`,
    received: describe(value),
    advice: 'Write kerasModel(input, pipe(input, layerDense({ units: 10 })))',
  });
};

/** Options of {@link kerasModel}. */
export interface FunctionalOptions {
  /** `model`, `model_1`, … by default. */
  name?: string | undefined;
}

/** Checks that outputs depend on the inputs and on no others, and gives the layers between them. */
const layersBetween = (
  inputs: readonly SymbolicTensor[],
  outputs: readonly SymbolicTensor[],
): ReadonlySet<TfjsLayer> => {
  const wrongInputs = (expected: string, received: string, advice: string): KerasArgumentError =>
    new KerasArgumentError({ function: 'kerasModel', argument: 'inputs', expected, received, advice });
  const derived = inputs.find((tensor) => tensor.sourceLayer.getClassName() !== 'InputLayer');
  if (derived !== undefined) {
    throw wrongInputs(
      '`inputs` must come from layerInput()',
      `the output of layer '${derived.sourceLayer.name}'`,
      'Start the model with layerInput({ shape: […] })',
    );
  }
  const twice = inputs.find((tensor, index) => inputs.indexOf(tensor) !== index);
  if (twice !== undefined) {
    throw wrongInputs(
      'each of `inputs` must be given once',
      `the input '${twice.sourceLayer.name}' twice`,
      'Leave the second out, or make another with layerInput()',
    );
  }
  const layers = ancestors(outputs);
  const missing = [...layers].find(
    (layer) =>
      layer.getClassName() === 'InputLayer' && !inputs.some((tensor) => tensor.sourceLayer === layer),
  );
  if (missing !== undefined) {
    throw wrongInputs(
      'the outputs must depend on the given inputs alone',
      `an output that also depends on the input '${missing.name}'`,
      'Add that input to `inputs`, in the order in which data will be given',
    );
  }
  const stray = inputs.find((tensor) => !layers.has(tensor.sourceLayer));
  if (stray !== undefined) {
    throw wrongInputs(
      'the outputs must depend on each of the inputs',
      `the input '${stray.sourceLayer.name}', on which no output depends`,
      'Leave it out of `inputs`, or connect it',
    );
  }
  return layers;
};

/** One symbolic tensor, or a list of them. */
type Symbols = SymbolicTensor | readonly SymbolicTensor[];

/** What a model with these inputs or outputs takes or predicts. A list of one stands for the one. */
export type TensorsOf<Symbolic extends Symbols> = Symbolic extends readonly [SymbolicTensor]
  ? Tensor
  : Symbolic extends readonly [SymbolicTensor, SymbolicTensor, ...SymbolicTensor[]]
    ? { -readonly [Index in keyof Symbolic]: Tensor }
    : Symbolic extends SymbolicTensor
      ? Tensor
      : Prediction;

/** {@link kerasModel}: a model of a graph's inputs and outputs, or around a model of tfjs. */
export interface KerasModelFunction {
  (model: Sequential): SequentialModel;
  (model: LayersModel): FunctionalModel<Prediction>;
  <const Inputs extends Symbols, const Outputs extends Symbols>(
    inputs: Inputs,
    outputs: Outputs,
    options?: FunctionalOptions,
  ): FunctionalModel<TensorsOf<Outputs>, TensorsOf<Inputs>>;
}

/**
 * A model of the functional API: the layers between `inputs` and `outputs`, a directed acyclic graph.
 *
 * With a model of tfjs, it gives the model of this library around it, always the same one. It shares everything with
 * tfjs's, which stays as it is; all functions of models take tfjs's own, too.
 *
 * @throws KerasArgumentError if `inputs` are not from `layerInput`, or if an output does not depend on them alone.
 * @example
 * const input = layerInput({ shape: [8] })
 * const hidden = pipe(input, layerDense({ units: 4, activation: 'relu' }))
 * const model = kerasModel(input, [layerDense(hidden, { units: 1 }), layerDense(hidden, { units: 2 })])
 * assert.deepStrictEqual(outputShape(model), [[null, 1], [null, 2]])
 * @see R keras `keras_model`
 */
export const kerasModel: KerasModelFunction = ((
  inputs: unknown,
  outputs: unknown,
  options?: FunctionalOptions,
  ...surplus: []
): KerasModel<Prediction> => {
  refuseSurplus('kerasModel', ['inputs', 'outputs', 'options'], surplus);
  if (inputs instanceof tf.LayersModel && outputs === undefined) return wrapperOf(inputs);
  const { name } = checkOptions('kerasModel', options, {
    name: optional(layerName),
  } satisfies OptionChecks<FunctionalOptions>);
  const inputTensors = listOf('inputs', inputs);
  const outputTensors = listOf('outputs', outputs);
  settleNames(layersBetween(inputTensors, outputTensors));
  const model = makeModel(tf, {
    inputs: inputTensors,
    outputs: outputTensors,
    name: name ?? nextModelName('model'),
  });
  return new FunctionalModel<Prediction>(model);
}) as KerasModelFunction; // how many outputs there are is known to the overloads
