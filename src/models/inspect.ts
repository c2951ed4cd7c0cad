import type { Sequential } from '@tensorflow/tfjs';
import type { Always, Itself } from '../base/call-styles';
import {
  argumentError,
  boolean,
  checkOptions,
  integer,
  oneOf,
  optional,
  positiveInteger,
  type Check,
  type OptionChecks,
} from '../base/checks';
import { didYouMean } from '../base/suggestions';
import { describe, KerasArgumentError } from '../base/errors';
import {
  modelFunction,
  noOptions,
  type InputShape,
  type ModelFunction,
  type ModelProperty,
  type ModelStep,
  type OutputShape,
} from './call-styles';
import { builtModel, type BatchShape, type KerasModel, type Layer } from './model';
import { SequentialModel } from './sequential';
import { SUMMARY_STYLES, summaryText, type SummaryForm } from './summary';
import { layerRange } from './layer-range';

const single = <T>(list: readonly T[]): T | T[] => (list.length === 1 ? (list[0] as T) : [...list]);

const shapesOf = (tensors: readonly { readonly shape: readonly (number | null)[] }[]) =>
  single<BatchShape>(tensors.map(({ shape }) => [...shape]));

/**
 * The shape of a model's output, batch axis first: `[null, 10]`; a list of shapes for several outputs.
 *
 * @throws KerasStateError if the input's shape is not known yet.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 10, inputShape: [784] }))
 * assert.deepStrictEqual(outputShape(model), [null, 10])
 * @see R keras `model$output_shape`
 */
export const outputShape: ModelProperty<OutputShape> = modelFunction({
  name: 'outputShape',
  checkOptions: noOptions('outputShape'),
  run: (model) => shapesOf(builtModel(model).tf.outputs),
});

/**
 * The shape of a model's input, batch axis first: `[null, 784]`; a list of shapes for several inputs.
 *
 * @throws KerasStateError if the input's shape is not known yet.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 10, inputShape: [784] }))
 * assert.deepStrictEqual(inputShape(model), [null, 784])
 * @see R keras `model$input_shape`
 */
export const inputShape: ModelProperty<InputShape> = modelFunction({
  name: 'inputShape',
  checkOptions: noOptions('inputShape'),
  run: (model) => shapesOf(builtModel(model).tf.inputs),
});

/** Options of {@link summary}. */
export interface SummaryOptions extends SummaryForm {
  /** Where the text goes: to `console.log` by default. */
  print?: ((text: string) => void) | undefined;
}

const printer: Check<(text: string) => void> = (value, place) => {
  if (typeof value === 'function') return value as (text: string) => void;
  throw argumentError(place, 'a function of a text', value);
};

/** Longer lines than any paper or screen has. */
const MAX_LINE_LENGTH = 10_000;

const lineLength: Check<number> = (value, place) => {
  const length = positiveInteger(value, place);
  if (length <= MAX_LINE_LENGTH) return length;
  throw argumentError(place, `at most ${MAX_LINE_LENGTH} characters`, value);
};

/**
 * Prints Keras's table of a model's layers, their output shapes and numbers of parameters, with sizes in bytes, and returns the model.
 * Graphs get a `Connected to` column, and models with frozen layers a `Trainable` one. It is no wider than the terminal.
 *
 * @throws KerasArgumentError for an unknown option, or if `layerRange` names no layers of the model.
 * @example
 * const lines: string[] = []
 * const model = pipe(kerasModelSequential(), layerDense({ units: 10, inputShape: [784] }))
 * summary(model, { print: (text) => lines.push(...text.split('\n')) })
 * assert.ok(lines.includes('Total params: 7850 (30.66 KB)'))
 * summary(model, { style: 'keras3', boxes: true, print: (text) => assert.ok(text.includes('┃ Layer (type)')) })
 * @see R keras `summary.keras.engine.training.Model`
 */
export const summary: ModelStep<SummaryOptions> = modelFunction({
  name: 'summary',
  optionNames: ['lineLength', 'print', 'style', 'expandNested', 'showTrainable', 'layerRange', 'boxes'],
  checkOptions: (options) =>
    checkOptions('summary', options, {
      lineLength: optional(lineLength),
      print: optional(printer),
      style: optional(oneOf(...SUMMARY_STYLES)),
      expandNested: optional(boolean),
      showTrainable: optional(boolean),
      layerRange: optional(layerRange),
      boxes: optional(boolean),
    } satisfies OptionChecks<SummaryOptions>),
  run: (model, _, { print, ...form }) => {
    // eslint-disable-next-line no-console -- a program's standard output is where R prints, too
    (print ?? console.log)(
      summaryText(model, form, print === undefined ? process.stdout.columns : undefined),
    );
  },
  givesSubject: true,
});

/** Which layer {@link getLayer} gives: by its name, or by its place. */
export type LayerKey = string | { readonly name: string } | { readonly index: number };

interface CheckedKey {
  readonly name?: string;
  readonly index?: number;
}

const checkKey = (options: unknown): CheckedKey => {
  const key = checkOptions('getLayer', options, {
    name: optional((value, place): string => {
      if (typeof value === 'string') return value;
      const advice =
        typeof value === 'number'
          ? `Write getLayer(model, { index: ${value} })`
          : "Write getLayer(model, 'dense')";
      throw argumentError(place, "a layer's name", value, advice);
    }),
    index: optional(integer),
  });
  if ((key.name === undefined) !== (key.index === undefined)) return key;
  throw new KerasArgumentError({
    function: 'getLayer',
    argument: 'name',
    expected: 'a layer is named by its `name`, or by its `index`',
    received: key.name === undefined ? 'neither' : 'both',
    advice: "Write getLayer(model, 'dense'), or getLayer(model, { index: 0 })",
  });
};

const findLayer = (model: KerasModel, { name, index }: CheckedKey): Layer => {
  if (model instanceof SequentialModel && !model.built && model.depth > 0) builtModel(model);
  const { layers } = model;
  const names = layers.map((layer) => layer.name);
  const found = name === undefined ? layers.at(index ?? 0) : layers.find((layer) => layer.name === name);
  if (found !== undefined) return found;
  if (name !== undefined) {
    const place = { function: 'getLayer', argument: 'name' };
    throw argumentError(place, 'the name of a layer', name, didYouMean(name, names));
  }
  throw argumentError(
    { function: 'getLayer', argument: 'index' },
    `an index of one of ${layers.length} layers, from 0, or from −1 down from the end`,
    index,
    `The layers are: ${names.length === 0 ? 'none' : names.join(', ')}`,
  );
};

/**
 * A layer of a model, by its name or by `{ index }`. Positions count from 0 (R: from 1), negative ones from the end.
 *
 * @throws KerasArgumentError if there is no such layer.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3] }), layerDense({ units: 1 }))
 * assert.strictEqual(getLayer(model, 'dense_1'), getLayer(model, { index: -1 }))
 * @see R keras `get_layer`
 */
export const getLayer: ModelFunction<[key: LayerKey], Always<Layer>> = modelFunction({
  name: 'getLayer',
  optionNames: ['name', 'index'],
  bare: {
    name: 'name',
    is: (value) => typeof value === 'string' || typeof value === 'number',
    isRequired: true,
  },
  checkOptions: checkKey,
  run: (model, _, key) => findLayer(model, key),
});

/**
 * Removes the last layer of a Sequential model **in place**, frees its weights, and returns the model.
 *
 * R returns nothing.
 *
 * @throws KerasArgumentError if the model is not Sequential.
 * @throws KerasStateError if it has no layers.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3] }), layerDense({ units: 1 }), popLayer)
 * assert.deepStrictEqual(outputShape(model), [null, 2])
 * @see R keras `pop_layer`
 */
export const popLayer: ModelProperty<Itself, SequentialModel | Sequential> = modelFunction({
  name: 'popLayer',
  checkOptions: noOptions('popLayer'),
  run: (model) => {
    if (model instanceof SequentialModel) {
      model.pop('popLayer');
      return;
    }
    throw new KerasArgumentError({
      function: 'popLayer',
      argument: 'model',
      expected: '`model` must be a Sequential model',
      received: describe(model),
      advice:
        'From a graph, make a new model that ends earlier: kerasModel(input, getLayer(model, name).output)',
    });
  },
  givesSubject: true,
});
