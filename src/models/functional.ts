import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs';
import { callSite } from '../base/call-site';
import { makeModel } from '../tfjs/run-graph';
import { tf } from '../tfjs/tensorflow';
import { checkOptions, nonEmptyString, optional } from '../base/checks';
import { describe, describeShape, KerasArgumentError, KerasShapeError } from '../base/errors';
import { ancestors, automaticBaseName, connect, freeName, notATarget } from '../layers/internal/apply';
import { isUnnamedInput } from '../layers/core';
import { isSymbolicTensor, type Layer, type LayerTarget, type NewLayer } from '../layers/internal/target';
import { builtModel, KerasModel, usableModel } from './model';
import { nextModelName } from './names';
import { SequentialModel } from './sequential';
import { isRetained, retain } from './ref-counts';

/** A directed acyclic graph of layers. Made by {@link kerasModel}. */
export class FunctionalModel extends KerasModel {
  constructor(readonly tf: LayersModel) {
    super();
    retain(this, tf);
    for (const layer of tf.layers) retain(tf, layer);
  }

  protected get container(): LayersModel {
    return this.tf;
  }

  get name(): string {
    return this.tf.name;
  }

  get layers(): readonly Layer[] {
    return this.tf.layers;
  }

  get built(): boolean {
    return true;
  }
}

/**
 * Gives the layers of a new model their final names. A symbolic tensor does not know its model, so two branches may
 * both have a `dense`; here the second becomes `dense_1`, in the order in which they were made. The names of layers that
 * are in a model already stay.
 */
const settleNames = (layers: ReadonlySet<Layer>): void => {
  const baseOf = (layer: Layer): string | undefined =>
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
const rename = (layer: Layer, name: string): void => {
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
  name?: string;
}

/**
 * A model of the functional API: the layers between `inputs` and `outputs`, a directed acyclic graph.
 *
 * @throws KerasArgumentError if `inputs` are not from `layerInput`, or if an output does not depend on them alone.
 * @example
 * const input = layerInput({ shape: [8] })
 * const hidden = pipe(input, layerDense({ units: 4, activation: 'relu' }))
 * const model = kerasModel(input, [layerDense(hidden, { units: 1 }), layerDense(hidden, { units: 2 })])
 * assert.deepStrictEqual(outputShape(model), [[null, 1], [null, 2]])
 * @see R keras `keras_model`
 */
export const kerasModel = (
  inputs: SymbolicTensor | readonly SymbolicTensor[],
  outputs: SymbolicTensor | readonly SymbolicTensor[],
  options?: FunctionalOptions,
): FunctionalModel => {
  const { name } = checkOptions<FunctionalOptions>('kerasModel', options, {
    name: optional(nonEmptyString),
  }) as FunctionalOptions;
  const given = listOf('inputs', inputs);
  const wanted = listOf('outputs', outputs);
  const wrongInputs = (expected: string, received: string, advice: string): KerasArgumentError =>
    new KerasArgumentError({ function: 'kerasModel', argument: 'inputs', expected, received, advice });
  const derived = given.find((tensor) => tensor.sourceLayer.getClassName() !== 'InputLayer');
  if (derived !== undefined) {
    throw wrongInputs(
      '`inputs` must come from layerInput()',
      `the output of layer '${derived.sourceLayer.name}'`,
      'Start the model with layerInput({ shape: […] })',
    );
  }
  const twice = given.find((tensor, index) => given.indexOf(tensor) !== index);
  if (twice !== undefined) {
    throw wrongInputs(
      'each of `inputs` must be given once',
      `the input '${twice.sourceLayer.name}' twice`,
      'Leave the second out, or make another with layerInput()',
    );
  }
  const layers = ancestors(wanted);
  const missing = [...layers].find(
    (layer) => layer.getClassName() === 'InputLayer' && !given.some((tensor) => tensor.sourceLayer === layer),
  );
  if (missing !== undefined) {
    throw wrongInputs(
      'the outputs must depend on the given inputs alone',
      `an output that also depends on the input '${missing.name}'`,
      'Add that input to `inputs`, in the order in which data will be given',
    );
  }
  const stray = given.find((tensor) => !layers.has(tensor.sourceLayer));
  if (stray !== undefined) {
    throw wrongInputs(
      'the outputs must depend on each of the inputs',
      `the input '${stray.sourceLayer.name}', on which no output depends`,
      'Leave it out of `inputs`, or connect it',
    );
  }
  settleNames(layers);
  const model = makeModel(tf, {
    inputs: given,
    outputs: wanted,
    name: name ?? nextModelName('model'),
  });
  return new FunctionalModel(model);
};

const asLayer = (model: KerasModel, definedAt: string | undefined): NewLayer => ({
  verb: 'layerModel',
  baseName: model.name,
  name: model.name,
  batchInputShape: undefined,
  usualInputShape: undefined,
  rank: undefined,
  misfit: ([shape = []]) => {
    const own = model.tf.inputs[0]?.shape ?? [];
    const fits =
      own.length === shape.length &&
      own.every((size, axis) => size === null || shape[axis] === null || size === shape[axis]);
    if (fits) return undefined;
    return {
      needs: `input of shape ${describeShape(own)}`,
      advice: 'A model as a layer takes what the model takes',
    };
  },
  keepsTypes: true,
  definedAt,
  make: () => model.tf,
});

/**
 * A whole model as one layer: its layers and weights are shared, not copied.
 *
 * The result of each application uses the same weights; freezing or training the one changes the other.
 *
 * @throws KerasStateError if the inner model's input shape is not known yet.
 * @throws KerasArgumentError if the inner model has several inputs or outputs, or is a layer of the same stack already.
 * @throws KerasShapeError if it is applied to what it does not take.
 * @example
 * const encoder = pipe(kerasModelSequential(), layerDense({ units: 4, inputShape: [8] }))
 * const model = pipe(kerasModelSequential(), layerModel(encoder), layerDense({ units: 1 }))
 * assert.deepStrictEqual(outputShape(model), [null, 1])
 * @see R keras: a model is piped onto like a layer, `object %>% model()`
 */
export const layerModel = (model: KerasModel): (<T extends LayerTarget>(object: T) => T) => {
  const line = callSite();
  usableModel('layerModel', model);
  return (object) => {
    const inner = builtModel('layerModel', model);
    const { inputs, outputs } = inner.tf;
    if (inputs.length > 1 || outputs.length > 1) {
      throw new KerasArgumentError({
        function: 'layerModel',
        argument: 'model',
        expected: '`model` must have one input and one output to be a layer',
        received: `the model '${inner.name}' of ${inputs.length} inputs and ${outputs.length} outputs`,
        advice: 'Use its layers instead: make them with shared(), and apply them to the tensors in question',
      });
    }
    const layer = asLayer(inner, line);
    if (object instanceof SequentialModel) {
      if (object === model) {
        throw new KerasShapeError({
          function: 'layerModel',
          expected: 'a model cannot be a layer of itself',
          received: `the model '${model.name}' twice`,
          advice: 'Pipe it onto another model',
        });
      }
      object.addModel('layerModel', layer, inner.tf);
      return object;
    }
    if (!isSymbolicTensor(object)) throw notATarget('layerModel', object);
    // `T` is the symbolic tensor's type here, which narrowing does not tell the compiler.
    return connect(layer, inner.tf, [object]) as typeof object;
  };
};
