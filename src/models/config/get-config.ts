import type { LayersModel, Sequential } from '@tensorflow/tfjs';
import { refuseSurplus, asFunction } from '../../base/function-name';
import { callable, type SubjectKind, type TypeFunction } from '../../base/call-styles';
import { checkOptions, optional, type OptionChecks } from '../../base/checks';
import { customObjects, withCustomObjects, type CustomObjects } from '../../base/custom-objects';
import type { Layer } from '../../layers/internal/target';
import { noOptions, type ModelProperty } from '../call-styles';
import type { FunctionalModel } from '../functional-model';
import { KerasModel, type Prediction } from '../model';
import type { SequentialModel } from '../sequential';
import { weighted } from '../weighted';
import { configuredClass, type Configured, type KerasConfig } from './configured';
import { asObject, objectFrom, tfjsOf } from './objects';
import { classNameOf, layerConfig, withoutLearned } from './write-model';

/** What {@link getConfig} is about. */
const subject: SubjectKind<KerasModel | Layer> = weighted;

/** The result is the configuration of the subject. */
export interface ConfigOf extends TypeFunction {
  readonly result: KerasConfig<this['subject']>;
}

/**
 * The configuration of a layer or a model: what it is made of, without its weights, in Keras's names (`kernel_initializer`) and as
 * Keras's own `get_config` gives it. JSON can hold it; Keras's `from_config` takes it, as {@link fromConfig} does.
 *
 * Seeds are in it that were given, and not those that were drawn. Functions of your own are in it by their names.
 *
 * @throws KerasStateError if the model's input shape is not known yet.
 * @throws KerasArgumentError if a function in it has no name.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 2, activation: 'relu', inputShape: [3] }))
 * const config = getConfig(getLayer(model, 'dense'))
 * assert.strictEqual(config.units, 2)
 * assert.deepStrictEqual(config.batch_input_shape, [null, 3])
 * @see R keras `get_config`
 */
export const getConfig: ModelProperty<ConfigOf, Configured> = callable({
  name: 'getConfig',
  subject,
  checkOptions: noOptions('getConfig'),
  run: (object): KerasConfig => {
    const own = object instanceof KerasModel ? object.ownClass : undefined;
    if (own !== undefined) return Object.assign({ ...own.config }, { [configuredClass]: own.name });
    const layer = tfjsOf(object);
    return Object.assign(
      withoutLearned(() => layerConfig(layer)),
      { [configuredClass]: classNameOf(layer) },
    );
  },
}) as unknown as typeof getConfig; // the call styles are told apart by the arguments

/** What comes of a configuration: a layer, or a model of this library. */
export type MadeOf<Of> = Of extends Sequential
  ? SequentialModel
  : Of extends LayersModel
    ? FunctionalModel<Prediction>
    : Of;

/** Options of {@link fromConfig}. */
export interface FromConfigOptions {
  /** The functions and classes that names in the configuration stand for. */
  customObjects?: CustomObjects | undefined;
}

/**
 * A new layer or model of a configuration that {@link getConfig} gave, or Keras's `get_config`. Its weights are new, too.
 *
 * A configuration that went through JSON has lost its class: give `{ class_name: 'Dense', config }`. A layer is added by
 * {@link layerTf}. What layer functions check is checked here, too; Python's lambdas are never run.
 *
 * @throws KerasArgumentError if it is no configuration, or if it has a class, an option or a value that is not known.
 * @throws KerasShapeError if layers in it do not fit each other.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3] }))
 * const wider = fromConfig({ ...getConfig(getLayer(model, 'dense')), units: 5, name: 'wider' })
 * assert.deepStrictEqual(outputShape(pipe(model, layerTf(wider))), [null, 5])
 * @see R keras `from_config`
 */
export const fromConfig = <Of extends Configured = Configured>(
  config: KerasConfig<Of>,
  options?: FromConfigOptions,
  ...surplus: []
): MadeOf<Of> =>
  asFunction('fromConfig', () => {
    refuseSurplus('fromConfig', ['config', 'options'], surplus);
    const checked = checkOptions('fromConfig', options, {
      customObjects: optional(customObjects),
    } satisfies OptionChecks<FromConfigOptions>);
    // Of the class that the configuration is of.
    return withCustomObjects(checked.customObjects, () => objectFrom(asObject(config))) as MadeOf<Of>;
  });
