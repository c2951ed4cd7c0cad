import type { LayersModel } from '@tensorflow/tfjs';
import { callSite } from '../base/call-site';
import { callable, callForm, type CallForm } from '../base/call-styles';
import { boolean, checkOptions, isPlainObject, layerName, optional, required } from '../base/checks';
import { KerasArgumentError, KerasShapeError } from '../base/errors';
import { connect, layerTarget, notATarget } from '../layers/internal/apply';
import { isSymbolicTensor, type LayerTarget } from '../layers/internal/target';
import { tf } from '../tfjs/tensorflow';
import { asLayer } from './as-layer';
import { modelOf, modelSubject, type AnyModel } from './call-styles';
import { builtModel, type KerasModel } from './model';
import { SequentialModel } from './sequential';

const checkSingle = (inner: LayersModel, name: string): void => {
  const { inputs, outputs } = inner;
  if (inputs.length === 1 && outputs.length === 1) return;
  throw new KerasArgumentError({
    function: 'layerModel',
    argument: 'model',
    expected: '`model` must have one input and one output to be a layer',
    received: `the model '${name}' of ${inputs.length} inputs and ${outputs.length} outputs`,
    advice: 'Use its layers instead: make them with shared(), and apply them to the tensors in question',
  });
};

/** A model that becomes a layer. */
interface Inner {
  readonly model: KerasModel;
  /** The line of the user's program that adds it. */
  readonly line: string | undefined;
  /** The layer under a name of its own, once it is made, for all applications of a step. */
  readonly named: (tfjs: LayersModel) => LayersModel;
  /** Whether it trains here; undefined for as the model around it does. */
  readonly training: boolean | undefined;
}

/** Gives tfjs models another name: a second model over the same layers and weights, one for each. */
const naming = (name: string | undefined): Inner['named'] => {
  let last: { readonly of: LayersModel; readonly named: LayersModel } | undefined;
  return (tfjs) => {
    if (name === undefined) return tfjs;
    if (last?.of !== tfjs) {
      last = { of: tfjs, named: tf.model({ inputs: tfjs.inputs, outputs: tfjs.outputs, name }) };
    }
    return last.named;
  };
};

const refuseTraining = (training: boolean): never => {
  throw new KerasArgumentError({
    function: 'layerModel',
    argument: 'training',
    expected: '`training` must be left out in a Sequential model, whose layers are called without options',
    received: `training: ${training}`,
    advice:
      'Apply the model to the output of layerInput() or of another layer, and make a kerasModel(inputs, outputs)',
  });
};

const addModel = (object: LayerTarget, { model, line, named, training }: Inner): LayerTarget => {
  const inner = builtModel(model);
  checkSingle(inner.tf, inner.name);
  const copy = named(inner.tf);
  const layer = asLayer(copy, line);
  if (object instanceof SequentialModel) {
    if (object === model) {
      throw new KerasShapeError({
        function: 'layerModel',
        expected: 'a model cannot be a layer of itself',
        received: `the model '${model.name}' twice`,
        advice: 'Pipe it onto another model',
      });
    }
    if (training !== undefined) refuseTraining(training);
    object.addModel('layerModel', layer, copy);
    return object;
  }
  if (!isSymbolicTensor(object)) throw notATarget('layerModel', object);
  return connect(training === undefined ? layer : { ...layer, callArguments: { training } }, copy, [object]);
};

/** Options of {@link layerModel}. */
export interface LayerModelOptions {
  /** The model that becomes a layer. */
  model: AnyModel;
  /** What the layer is called: as the model by default. With a name of its own, a model can be in another several times. */
  name?: string | undefined;
  /**
   * Whether its layers train in this place, whatever the model around it does: false keeps batch normalization and dropout as they are in
   * predictions, for fine-tuning. As that model does by default. Not in a Sequential model.
   */
  training?: boolean | undefined;
}

/** {@link layerModel}: piped, or plain, with what the layer is added to first. */
export interface LayerModelFunction {
  (model: AnyModel | LayerModelOptions): <T extends LayerTarget>(object: T) => T;
  (model: AnyModel, options: Omit<LayerModelOptions, 'model'>): <T extends LayerTarget>(object: T) => T;
  <T extends LayerTarget>(object: T, model: AnyModel | LayerModelOptions): T;
  readonly [callForm]: CallForm<['layer of', AnyModel | LayerModelOptions]>;
}

const bothForms = callable({
  name: 'layerModel',
  subject: layerTarget,
  optionNames: ['model', 'name', 'training'],
  // Alone it is always the model that becomes a layer, a Sequential one, too.
  bare: { name: 'model', is: () => true, isRequired: true },
  checkOptions: (options) => {
    const line = callSite();
    const checked = checkOptions('layerModel', options, {
      model: required((value) => value),
      name: optional(layerName),
      training: optional(boolean),
    });
    const { training } = checked;
    return { model: modelOf(checked.model), line, named: naming(checked.name), training };
  },
  run: (object, _, inner) => addModel(object, inner),
});

/** Whether arguments are the model that becomes a layer and its options: `layerModel(encoder, { name: 'left' })`. */
const isModelWithOptions = (args: readonly unknown[]): boolean =>
  args.length === 2 && modelSubject.is(args[0]) && isPlainObject(args[1]) && !('model' in args[1]);

/**
 * A whole model as one layer: its layers and weights are shared, not copied.
 *
 * The result of each application uses the same weights; freezing or training the one changes the other. `name` names the layer
 * where it is not to have the model's name. With `training: false` the layers inside do what they do in predictions, while the weights
 * that are not frozen train: a network that was trained before is fine-tuned so.
 *
 * @throws KerasStateError if the inner model's input shape is not known yet.
 * @throws KerasArgumentError if the inner model has several inputs or outputs, or is a layer of the same stack already.
 * @throws KerasShapeError if it is applied to what it does not take.
 * @example
 * const encoder = pipe(kerasModelSequential(), layerDense({ units: 4, inputShape: [8] }))
 * const model = pipe(kerasModelSequential(), layerModel(encoder), layerDense({ units: 1 }))
 * assert.deepStrictEqual(outputShape(model), [null, 1])
 * const input = layerInput({ shape: [8] })
 * const tuned = kerasModel(input, pipe(input, layerModel(encoder, { training: false }), layerDense({ units: 1 })))
 * assert.deepStrictEqual(outputShape(tuned), [null, 1])
 * @see R keras: a model is piped onto like a layer, `object %>% model()`
 */
export const layerModel = Object.assign(
  (...args: readonly unknown[]): unknown =>
    isModelWithOptions(args) ? bothForms({ model: args[0], ...(args[1] as object) }) : bothForms(...args), // a plain object
  { [callForm]: bothForms[callForm] },
) as unknown as LayerModelFunction; // the call styles are told apart by the arguments
