import { toTensor, type ArrayLike, type NestedArray } from '../arrays/tensors';
import {
  argumentError,
  checkOptions,
  didYouMean,
  integer,
  optional,
  positiveInteger,
  required,
  type Check,
} from '../base/checks';
import { describe, describeShape, KerasArgumentError, KerasShapeError } from '../base/errors';
import { hasLayers, type Layer } from '../layers/internal/target';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { builtModel, KerasModel, usableModel } from './model';
import { SequentialModel } from './sequential';
import { summaryText } from './summary';

/** A shape with its batch axis; unknown sizes are `null`. */
export type BatchShape = (number | null)[];

const single = <T>(list: readonly T[]): T | T[] => (list.length === 1 ? (list[0] as T) : [...list]);

/**
 * The shape of a model's output, batch axis first: `[null, 10]`; a list of shapes for several outputs.
 *
 * @throws KerasStateError if the input's shape is not known yet.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 10, inputShape: [784] }))
 * assert.deepStrictEqual(outputShape(model), [null, 10])
 * @see R keras `model$output_shape`
 */
export const outputShape = (model: KerasModel): BatchShape | BatchShape[] =>
  single(builtModel('outputShape', model).tf.outputs.map(({ shape }) => [...shape]));

/**
 * The shape of a model's input, batch axis first: `[null, 784]`; a list of shapes for several inputs.
 *
 * @throws KerasStateError if the input's shape is not known yet.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 10, inputShape: [784] }))
 * assert.deepStrictEqual(inputShape(model), [null, 784])
 * @see R keras `model$input_shape`
 */
export const inputShape = (model: KerasModel): BatchShape | BatchShape[] =>
  single(builtModel('inputShape', model).tf.inputs.map(({ shape }) => [...shape]));

/** Options of {@link summary}. */
export interface SummaryOptions {
  /** The width of the table in characters. */
  lineLength?: number;
  /** Where the text goes: to `console.log` by default. */
  print?: (text: string) => void;
}

/**
 * Prints Keras's table of a model's layers, their output shapes and numbers of parameters, and returns the model. Graphs
 * get a `Connected to` column, and models with frozen layers a `Trainable` one.
 *
 * @throws KerasArgumentError for an unknown option.
 * @example
 * const lines: string[] = []
 * const model = pipe(kerasModelSequential(), layerDense({ units: 10, inputShape: [784] }))
 * summary(model, { print: (text) => lines.push(...text.split('\n')) })
 * assert.ok(lines.includes('Total params: 7850 (30.66 KB)'))
 * @see R keras `summary.keras.engine.training.Model`
 */
export const summary = <Model extends KerasModel>(model: Model, options?: SummaryOptions): Model => {
  usableModel('summary', model);
  const print: Check<(text: string) => void> = (value, place) => {
    if (typeof value === 'function') return value as (text: string) => void;
    throw argumentError(place, 'a function of a text', value);
  };
  const checked = checkOptions<SummaryOptions>('summary', options, {
    lineLength: optional(positiveInteger),
    print: optional(print),
  }) as SummaryOptions;
  // eslint-disable-next-line no-console -- a program's standard output is where R prints, too
  (checked.print ?? console.log)(summaryText(model, { lineLength: checked.lineLength }));
  return model;
};

type LayerKey = string | { readonly index: number };

const findLayer = (model: KerasModel, key: LayerKey): Layer => {
  usableModel('getLayer', model);
  if (model instanceof SequentialModel && !model.built && model.depth > 0) builtModel('getLayer', model);
  const { layers } = model;
  const names = layers.map(({ name }) => name);
  if (typeof key === 'string') {
    const found = layers.find(({ name }) => name === key);
    if (found !== undefined) return found;
    throw argumentError(
      { function: 'getLayer', argument: 'name' },
      'the name of a layer',
      key,
      didYouMean(key, names),
    );
  }
  if (typeof key === 'number') {
    throw argumentError(
      { function: 'getLayer', argument: 'key' },
      "a layer's name or { index }",
      key,
      `Write getLayer(model, { index: ${String(key)} })`,
    );
  }
  const { index } = checkOptions('getLayer', key, {
    index: required(integer),
  }) as { index: number };
  const found = layers.at(index);
  if (found !== undefined) return found;
  throw argumentError(
    { function: 'getLayer', argument: 'index' },
    `an index of one of ${layers.length} layers, from 0, or from −1 down from the end`,
    index,
    `The layers are: ${names.length === 0 ? 'none' : names.join(', ')}`,
  );
};

/** {@link getLayer}: piped or plain. */
interface GetLayer {
  (model: KerasModel, key: LayerKey): Layer;
  (key: LayerKey): (model: KerasModel) => Layer;
}

/**
 * A layer of a model, by name or by `{ index }`. Positions count from 0 (R: from 1), negative ones from the end.
 *
 * @throws KerasArgumentError if there is no such layer.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3] }), layerDense({ units: 1 }))
 * assert.strictEqual(getLayer(model, 'dense_1'), getLayer(model, { index: -1 }))
 * @see R keras `get_layer`
 */
export const getLayer: GetLayer = ((first: unknown, second?: LayerKey) =>
  second === undefined && !(first instanceof KerasModel)
    ? (model: KerasModel) => findLayer(model, first as LayerKey)
    : findLayer(first as KerasModel, second as LayerKey)) as GetLayer; // checked in findLayer

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
export const popLayer = (model: SequentialModel): SequentialModel => {
  if (!(model instanceof SequentialModel)) {
    throw new KerasArgumentError({
      function: 'popLayer',
      argument: 'model',
      expected: '`model` must be a Sequential model',
      received: describe(model),
      advice:
        'From a graph, make a new model that ends earlier: kerasModel(input, getLayer(model, name).output)',
    });
  }
  model.pop('popLayer');
  return model;
};

/** What has weights: a model, or one of its layers. */
export type Weighted = KerasModel | Layer;

/**
 * The weights of layers, layer by layer, as Keras orders them; tfjs puts all trainable ones first, so that its order
 * changes when a layer is frozen. Those of a shared layer come once.
 */
const inLayerOrder = (layers: readonly Layer[]): Layer['weights'] => [
  ...new Set(layers.flatMap((layer) => (hasLayers(layer) ? inLayerOrder(layer.layers) : layer.weights))),
];

const weightsOf = (verb: string, object: Weighted): Layer['weights'] =>
  inLayerOrder(object instanceof tf.layers.Layer ? [object] : builtModel(verb, object).layers);

/**
 * The weights of a model or layer as nested arrays, copies, in Keras's order. (`model.tf.getWeights()` gives the tensors
 * themselves, the trainable ones first.)
 *
 * @throws KerasStateError if the model has no weights yet.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [2], kernelInitializer: 'ones' }))
 * assert.deepStrictEqual(getWeights(model), [[[1], [1]], [0]])
 * @see R keras `get_weights`
 */
export const getWeights = (object: Weighted): NestedArray[] =>
  weightsOf('getWeights', object).map((weight) => weight.read().arraySync() as NestedArray); // weights are numbers

const setAll = <Object extends Weighted>(
  object: Object,
  weights: readonly (ArrayLike | Tensor)[],
): Object => {
  const own = weightsOf('setWeights', object);
  const expected = own.map(({ shape }) => describeShape(shape)).join(', ');
  if (!Array.isArray(weights) || weights.length !== own.length) {
    throw new KerasShapeError({
      function: 'setWeights',
      argument: 'weights',
      expected: `there are ${own.length} weights, of shapes ${expected}`,
      received: Array.isArray(weights) ? `${weights.length} arrays` : describe(weights),
      advice: 'Give one array for each weight, as getWeights does',
    });
  }
  const converted: ReturnType<typeof toTensor>[] = [];
  try {
    weights.forEach((weight, index) => {
      const place = { function: 'setWeights', argument: `weights[${index}]` };
      const { tensor, made } = toTensor(weight, place, 'float32');
      converted.push({ tensor, made });
      const shape = own[index]?.shape ?? [];
      if (describeShape(tensor.shape) === describeShape(shape)) return;
      throw new KerasShapeError({
        function: 'setWeights',
        argument: 'weights',
        expected: `weight ${index}, '${own[index]?.originalName ?? ''}', has the shape ${describeShape(shape)}`,
        received: `shape ${describeShape(tensor.shape)}`,
        advice: `The weights have the shapes ${expected}`,
      });
    });
    converted.forEach(({ tensor }, index) => {
      const value = own[index]?.read() as ReturnType<typeof tf.variable> | undefined; // tfjs keeps a Variable there
      tf.tidy(() => value?.assign(tensor));
    });
  } finally {
    for (const { tensor, made } of converted) if (made) tensor.dispose();
  }
  return object;
};

/** {@link setWeights}: piped or plain. */
interface SetWeights {
  <Object extends Weighted>(object: Object, weights: readonly (ArrayLike | Tensor)[]): Object;
  (weights: readonly (ArrayLike | Tensor)[]): <Object extends Weighted>(object: Object) => Object;
}

/**
 * Sets the weights of a model or layer **in place** and returns it. `weights` are what {@link getWeights} gave, or
 * tensors of the same shapes, which stay the caller's.
 *
 * @throws KerasShapeError if the number or the shapes of the weights differ. Nothing is changed then.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [2] }), setWeights([[[1], [2]], [3]]))
 * assert.deepStrictEqual(getWeights(model), [[[1], [2]], [3]])
 * @see R keras `set_weights`
 */
export const setWeights: SetWeights = ((first: unknown, second?: readonly ArrayLike[]) =>
  second === undefined && !(first instanceof KerasModel || first instanceof tf.layers.Layer)
    ? <Object extends Weighted>(object: Object) => setAll(object, first as readonly ArrayLike[])
    : setAll(first as Weighted, second as readonly ArrayLike[])) as SetWeights; // checked in setAll

/**
 * The number of parameters of a model or layer, trainable or not.
 *
 * @throws KerasStateError if the model has no weights yet.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 10, inputShape: [784] }))
 * assert.strictEqual(countParams(model), 7850)
 * @see R keras `count_params`
 */
export const countParams = (object: Weighted): number =>
  weightsOf('countParams', object).reduce(
    (sum, { shape }) => sum + shape.reduce((product: number, size) => product * (size ?? 1), 1),
    0,
  );
