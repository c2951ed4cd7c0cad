import { callable } from '../../base/call-styles';
import {
  argumentError,
  checkOptions,
  checkThat,
  optional,
  type Check,
  type OptionChecks,
} from '../../base/checks';
import { withCustomObjects } from '../../base/custom-objects';
import { describe, describeShape, KerasShapeError } from '../../base/errors';
import { layerInput } from '../../layers/core';
import { layerTf } from '../../layers/custom';
import {
  isLayer,
  isSymbolicTensor,
  type Layer,
  type LayerStep,
  type NewLayer,
} from '../../layers/internal/target';
import type { SymbolicTensor } from '../../tfjs/tensorflow';
import { modelSubject, type ModelStep } from '../call-styles';
import { getLayer } from '../inspect';
import { builtModel, type KerasModel } from '../model';
import { modelFrom } from './read-model';
import { buildConfigOf, classNameOf, layerConfig } from './write-model';
import { writeLive } from './write-objects';

/** What a layer of a copy is made of: a layer that is in no model yet, or a step that adds one. */
export type CloneFunction = (layer: Layer) => Layer | LayerStep;

/** Options of {@link cloneModel}. */
export interface CloneModelOptions {
  /** The inputs of the copy, outputs of `layerInput`, or tensors of whose shapes they are to be; new ones like the model's by default. */
  inputTensors?: SymbolicTensor | readonly SymbolicTensor[] | undefined;
  /** Makes the layer that takes the place of each of the model's layers; one of the same configuration by default. */
  cloneFunction?: CloneFunction | undefined;
}

const tensors: Check<readonly SymbolicTensor[]> = (value, place) => {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (list.every(isSymbolicTensor)) return list;
  throw argumentError(place, 'an output of layerInput, or an array of them', value);
};

const cloneFunction = checkThat(
  'a function of a layer',
  (value): value is CloneFunction => typeof value === 'function',
);

const checks = {
  inputTensors: optional(tensors),
  cloneFunction: optional(cloneFunction),
} satisfies OptionChecks<CloneModelOptions>;

const inputFor = (tensor: SymbolicTensor): SymbolicTensor =>
  tensor.sourceLayer.getClassName() === 'InputLayer'
    ? tensor
    : // A model begins with an input.
      layerInput({ batchShape: tensor.shape, dtype: tensor.dtype as 'float32' }); // of one of the types of inputs

const checkInputs = (model: KerasModel, inputs: readonly SymbolicTensor[]): void => {
  const own = model.tf.inputs.map(({ shape }) => shape);
  const fits =
    own.length === inputs.length && own.every((shape, index) => shape.length === inputs[index]?.shape.length);
  if (fits) return;
  throw new KerasShapeError({
    function: 'cloneModel',
    argument: 'inputTensors',
    expected: `the model takes ${own.map(describeShape).join(', ')}`,
    received: inputs.map(({ shape }) => describeShape(shape)).join(', '),
    advice: 'Give a tensor for each input, with as many axes',
  });
};

/** A model of a class of the user's own is made by the class: it cannot have other layers or inputs. */
const checkWhole = (model: KerasModel, other: unknown): void => {
  if (other === undefined) return;
  throw argumentError(
    { function: 'cloneModel', argument: 'options' },
    `left out for the model '${model.name}', which is of a class of your own`,
    other,
    'Make another one of the class',
  );
};

const newLayerOf = (made: unknown, like: Layer): NewLayer => {
  const step = isLayer(made) ? layerTf(made) : made;
  if (typeof step === 'function' && 'newLayer' in step) {
    const newLayer = (step as LayerStep).newLayer(); // it has the builder
    return { ...newLayer, name: newLayer.name ?? like.name };
  }
  throw argumentError(
    { function: 'cloneModel', argument: 'cloneFunction' },
    'a function that gives a layer or a layer step',
    made,
    `Received for '${like.name}': ${describe(made)}. Write (layer) => fromConfig(getConfig(layer)), for example`,
  );
};

/** The layers that a function makes, each when it is asked for first. */
const replacementsOf = (model: KerasModel, clone: CloneFunction) => {
  const made = new Map<string, NewLayer>();
  return (name: string): NewLayer => {
    const layer = getLayer(model, name);
    const newLayer = made.get(name) ?? newLayerOf(clone(layer), layer);
    made.set(name, newLayer);
    return newLayer;
  };
};

/**
 * A copy of a model: the same layers, connected in the same way, with weights of their own that are new. For the same weights
 * write `setWeights(copy, getWeights(model))`. The copy is not compiled.
 *
 * With `cloneFunction`, layers can be others than the model's: each but the inputs is given to it.
 *
 * @throws KerasStateError if the model's input shape is not known yet.
 * @throws KerasShapeError if `inputTensors` are not what the model takes.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3] }), layerDropout({ rate: 0.5 }))
 * const copy = cloneModel(model)
 * assert.strictEqual(countParams(copy), 8)
 * assert.notStrictEqual(getLayer(copy, 'dense'), getLayer(model, 'dense'))
 * @see R keras `clone_model`
 */
export const cloneModel: ModelStep<CloneModelOptions> = callable({
  name: 'cloneModel',
  subject: modelSubject,
  optionNames: Object.keys(checks),
  checkOptions: (options) => checkOptions('cloneModel', options, checks),
  run: (model, _, { inputTensors, cloneFunction: clone }) => {
    const { tf } = builtModel(model);
    if (model.ownClass !== undefined) checkWhole(model, inputTensors ?? clone);
    if (inputTensors !== undefined) checkInputs(model, inputTensors);
    const { config, objects } = writeLive(() => layerConfig(tf));
    return withCustomObjects(objects, () =>
      modelFrom({ class_name: classNameOf(tf), config, ...buildConfigOf(tf) }, 0, {
        inputs: inputTensors?.map(inputFor),
        layer: clone === undefined ? undefined : replacementsOf(model, clone),
      }),
    );
  },
}) as unknown as ModelStep<CloneModelOptions>; // the call styles are told apart by the arguments
