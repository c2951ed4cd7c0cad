import type { DataFunction } from '../base/call-styles';
import { callable, type SubjectKind } from '../base/call-styles';
import { checkOptions, optional, type OptionChecks } from '../base/checks';
import { customObjects, type CustomObjects } from '../base/custom-objects';
import { describe, KerasArgumentError, KerasError } from '../base/errors';
import { messageOf } from '../base/causes';
import { modelFunction, noOptions, type ModelValue } from '../models/call-styles';
import { builtModel, type KerasModel } from '../models/model';
import { formOfVersion, modelJson, objectIn, readModel } from './internal/model-config';
import { metadataEntry, takeMetadata } from './internal/user-metadata';

/**
 * The layers of a model and how they are connected as JSON, as Keras 2.13 writes it. Weights, and how the model is trained, are not in
 * it.
 *
 * @throws KerasStateError if the model's input shape is not known yet.
 * @throws KerasArgumentError if it has a function without a name.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3] }))
 * assert.strictEqual(JSON.parse(modelToJson(model)).class_name, 'Sequential')
 * @see R keras `model_to_json`
 */
export const modelToJson: ModelValue<string> = modelFunction({
  name: 'modelToJson',
  checkOptions: noOptions('modelToJson'),
  run: (model) => JSON.stringify({ ...modelJson(builtModel(model).tf), ...metadataEntry(model) }),
});

/** Options of {@link modelFromJson}. */
export interface ModelFromJsonOptions {
  /** The functions and classes that names in it stand for. */
  customObjects?: CustomObjects | undefined;
}

const text: SubjectKind<string> = {
  argument: 'json',
  is: (value) => typeof value === 'string',
  check: (functionName, value) => {
    if (typeof value === 'string') return value;
    throw new KerasArgumentError({
      function: functionName,
      argument: 'json',
      expected: '`json` must be a text',
      received: describe(value),
      advice: 'Give what modelToJson() gave, or JSON.stringify() of it',
    });
  },
};

const modelIn = (json: string, objects: CustomObjects | undefined): KerasModel => {
  try {
    const object = objectIn(json, 'the text');
    // Keras 3 does not say which it is; it alone calls an input's shape so.
    const version = formOfVersion(object['keras_version']) ?? (json.includes('"batch_shape"') ? 3 : 2);
    const model = readModel(object, objects, version) as KerasModel; // of whatever output
    takeMetadata(model, object);
    return model;
  } catch (error) {
    if (error instanceof KerasError) throw error;
    throw new KerasArgumentError({
      argument: 'json',
      expected: '`json` must be the JSON of a model',
      received: messageOf(error),
      advice: 'Give what modelToJson() gave, or model.to_json() in Python',
      cause: error,
    });
  }
};

/**
 * The model of a JSON text that {@link modelToJson} gave, or Keras's `to_json`, of any version. Its weights are new.
 *
 * What layer functions check is checked here, too; Python's lambdas are never run.
 *
 * @throws KerasArgumentError if it is no JSON of a model, or if it has a class, an option or a value that is not known.
 * @throws KerasShapeError if layers in it do not fit each other.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3] }))
 * const again = modelFromJson(modelToJson(model))
 * assert.deepStrictEqual(outputShape(again), [null, 2])
 * @see R keras `model_from_json`
 */
export const modelFromJson: DataFunction<string, ModelFromJsonOptions, KerasModel> = callable({
  name: 'modelFromJson',
  subject: text,
  optionNames: ['customObjects'],
  checkOptions: (options) =>
    checkOptions('modelFromJson', options, {
      customObjects: optional(customObjects),
    } satisfies OptionChecks<ModelFromJsonOptions>),
  run: (json, _, { customObjects: objects }) => modelIn(json, objects),
}) as unknown as typeof modelFromJson; // the call styles are told apart by the arguments

/**
 * Is refused, as by Keras since 2.6: reading YAML could run code. {@link modelToJson} takes its place.
 *
 * @throws KerasArgumentError always.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3] }))
 * assert.throws(() => modelToYaml(model), /modelToJson/)
 * @see R keras `model_to_yaml`
 */
export const modelToYaml: ModelValue<string> = modelFunction({
  name: 'modelToYaml',
  checkOptions: noOptions('modelToYaml'),
  run: (model) => {
    throw new KerasArgumentError({
      argument: 'model',
      expected:
        'models are saved as JSON: Keras gave up YAML in TensorFlow 2.6, since reading it could run code',
      received: `the model '${model.name}'`,
      advice: 'Write modelToJson(model)',
    });
  },
});
