import type { LayersModel } from '@tensorflow/tfjs';
import { callSite } from '../base/call-site';
import { callable, type callForm, type CallForm } from '../base/call-styles';
import { checkOptions, required } from '../base/checks';
import { describeShape, KerasArgumentError, KerasShapeError } from '../base/errors';
import { connect, notATarget } from '../layers/internal/apply';
import { isSymbolicTensor, layerTarget, type LayerTarget, type NewLayer } from '../layers/internal/target';
import { modelOf, type AnyModel } from './call-styles';
import { builtModel, type KerasModel } from './model';
import { SequentialModel } from './sequential';

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

const addModel = (object: LayerTarget, model: KerasModel, line: string | undefined): LayerTarget => {
  const inner = builtModel('layerModel', model);
  checkSingle(inner.tf, inner.name);
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
  return connect(layer, inner.tf, [object]);
};

/** {@link layerModel}: piped, or plain, with what the layer is added to first. */
export interface LayerModelFunction {
  (model: AnyModel): <T extends LayerTarget>(object: T) => T;
  <T extends LayerTarget>(object: T, model: AnyModel): T;
  readonly [callForm]: CallForm<['layer', AnyModel]>;
}

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
export const layerModel: LayerModelFunction = callable({
  name: 'layerModel',
  subject: layerTarget,
  optionNames: ['model'],
  // Alone it is always the model that becomes a layer, a Sequential one, too.
  bare: { name: 'model', is: () => true, isRequired: true },
  checkOptions: (options) => {
    const line = callSite();
    const { model } = checkOptions('layerModel', options, { model: required((value) => value) });
    return { model: modelOf('layerModel', model), line };
  },
  run: (object, _, { model, line }) => addModel(object, model, line),
}) as unknown as LayerModelFunction; // the call styles are told apart by the arguments
